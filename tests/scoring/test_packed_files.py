"""A packed file that cannot be read ends in the sentence of a plain one: file, line, remedy."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from scoring.errors import DataError
from scoring.files.csv_lenient import csv_lines
from scoring.files.export import read_export

_ROWS = "nr;ort\r\n" + "".join(f"{i};Köln-Süd {i}\r\n" for i in range(400))
_MIXED = _ROWS.encode().replace("Köln-Süd 317".encode(), "Köln-Süd 317".encode("cp1252"))
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


def zipped(path: Path, content: bytes, method: int) -> Path:
    with zipfile.ZipFile(path, "w", method) as packed:
        packed.writestr("Kunden/Liste 3.CSV", content)
    return path


def packed_in_each_way(folder: Path, content: bytes) -> list[Path]:
    files = [zipped(folder / f"kunden{m}.ZIP", content, m) for m in _METHODS]
    for name in ("kunden.csv.gz", "kunden.csv"):  # its name says nothing
        (folder / name).write_bytes(gzip.compress(content))
        files.append(folder / name)
    return files


def test_a_byte_of_another_encoding_is_named_by_its_line_however_it_is_packed(
    tmp_path: Path,
) -> None:
    for path in packed_in_each_way(tmp_path, _MIXED):
        with pytest.raises(DataError) as refused:
            read_export(path)
        said = str(refused.value)
        assert said.startswith(f"{path.name}, line 319: not utf-8; name its encoding"), said
        assert said.endswith('--encoding cp1252, with which it reads "Köln-Süd 317"'), said
        wrong = [line.number for line in csv_lines(path, "utf-8")[1] if line.wrong]
        assert wrong == [319]


@pytest.mark.parametrize("method", _METHODS)
def test_a_damaged_zip_is_said_to_be(tmp_path: Path, method: int) -> None:
    path = zipped(tmp_path / "kunden.zip", _ROWS.encode(), method)
    content = bytearray(path.read_bytes())
    for place in (len(content) // 3, len(content) // 2):
        content[place] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"^kunden\.zip cannot be read \(.+\); export it again$"):
        read_export(path)
    with pytest.raises(DataError, match=r"^kunden\.zip cannot be read \(.+\); export it again$"):
        list(csv_lines(path, "utf-8")[1])


def test_damaged_utf_16_is_not_called_cp1252(tmp_path: Path) -> None:
    text = _ROWS.encode("utf-16")
    cut = 2 * (_ROWS.index("Süd 41") + 1)
    path = zipped(tmp_path / "kunden.zip", text[:cut] + b"\x00\xdc" + text[cut:], 8)
    with pytest.raises(DataError, match=r"^kunden\.zip, line 43: its utf-16-le text is damaged"):
        read_export(path)
