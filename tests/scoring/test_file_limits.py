"""A hostile file is refused in a sentence, after little of it was read."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from scoring.errors import DataError
from scoring.files import csv_lenient, source
from scoring.files.csv_lenient import csv_lines
from scoring.files.csv_strict import csv_rows

GOOD = b"id,email\n"


class Counted(io.RawIOBase):
    """A stream that counts what is asked of it."""

    def __init__(self, content: bytes) -> None:
        self._inner = io.BytesIO(content)
        self.given = 0

    def read(self, size: int = -1, /) -> bytes:
        block = self._inner.read(size)
        self.given += len(block)
        return block


def zipped(content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("leads.csv", content)
    return made.getvalue()


BOMBS = [
    gzip.compress(GOOD + b"1,a\n" * (4 << 20)),
    gzip.compress(GOOD) + gzip.compress(b"1,a\n" * (1 << 19)) * 40,
    zipped(GOOD + b"1,a\n" * (4 << 20)),
]


@pytest.mark.parametrize("bomb", BOMBS)
def test_of_a_bomb_no_more_than_what_is_free_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bomb: bytes
) -> None:
    file = tmp_path / "leads.csv"
    file.write_bytes(bomb)
    unpacked = []
    read_into = source._Bounded.readinto

    def counted(stream: source._Bounded, buffer: memoryview) -> int:
        unpacked.append(len(buffer))
        return read_into(stream, buffer)

    monkeypatch.setattr(source._Bounded, "readinto", counted)
    for read in (csv_rows, lambda path, encoding: csv_lines(path, encoding)[1]):
        unpacked.clear()
        with pytest.raises(DataError, match="unpacks to more than 100 times its size"):
            list(read(file, "utf-8"))
        assert sum(unpacked) <= (8 << 20) + (2 << 16)


def test_of_a_train_of_empty_pieces_little_is_read() -> None:
    train = Counted(gzip.compress(GOOD) + gzip.compress(b"") * 200_000)
    pieces = source._Members(Path("leads.csv.gz"), train)  # type: ignore[arg-type]  # it reads
    with pytest.raises(DataError, match="pieces that hold next to nothing"):
        list(iter(lambda: pieces.read(1 << 16), b""))
    assert train.given < 200_000


def test_a_file_packed_in_many_pieces_reads_like_any(tmp_path: Path) -> None:
    file = tmp_path / "leads.csv.gz"
    rows = [f"{i},p{i}@firm.example\n".encode() * 3 for i in range(3_000)]
    file.write_bytes(b"".join(map(gzip.compress, [GOOD, *rows])) + bytes(512))
    assert len(list(csv_rows(file, "utf-8"))) == 1 + 3 * 3_000


@pytest.mark.parametrize("cut", [1, 5, 9, 40])
def test_a_packed_file_that_is_cut_off_is_said_to_be(tmp_path: Path, cut: int) -> None:
    file = tmp_path / "leads.csv.gz"
    file.write_bytes(gzip.compress(GOOD + b"1,a@firm.example\n" * 50)[:-cut])
    with pytest.raises(DataError, match="cannot be read"):
        list(csv_rows(file, "utf-8"))


def test_rows_that_never_fit_end_the_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "leads.csv"
    file.write_bytes(GOOD + b'1,"open\n' + b"no row at all\n" * 400_000)
    pulled = counted_lines(monkeypatch)
    seen = []
    with pytest.raises(DataError, match=r"line 2: .* a quote that is never closed"):
        seen += list(csv_lines(file, "utf-8")[1])
    assert pulled[0] < 11_000


def test_a_quote_that_never_closes_costs_each_line_twice_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every 150th line opens one, so that nearly every line is looked at for the one before."""
    file = tmp_path / "leads.csv"
    block = b'x,"open\n' + b"1,a@firm.example\n" * 149
    file.write_bytes(GOOD + block * 40)
    looked_at = []
    record = csv_lenient._record

    def counted(taken: list[str], *rest: object) -> csv_lenient.Line | None:
        looked_at.append(len(taken))
        return record(taken, *rest)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(csv_lenient, "_record", counted)
    lines = list(csv_lines(file, "utf-8")[1])
    assert sum(line.wrong is None for line in lines) == 40 * 149  # after the last one, too
    assert sum(line.wrong == "a quote is never closed" for line in lines) == 40
    assert sum(looked_at) <= 2 * 150 * 40 + 200


def test_of_very_wide_rows_few_are_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wide = b",".join(b"c%d" % i for i in range(100_000)) + b"\n"
    file = tmp_path / "leads.csv"
    file.write_bytes(wide * 60)
    pulled = counted_lines(monkeypatch)
    for read in (csv_rows, lambda path, encoding: csv_lines(path, encoding)[1]):
        pulled[0] = 0
        with pytest.raises(DataError, match="has 100,000 columns"):
            list(read(file, "utf-8"))
        assert pulled[0] <= 3


def counted_lines(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many lines of text were read, counted from now on."""
    pulled = [0]

    class Text(io.TextIOWrapper):
        def __iter__(self) -> Iterator[str]:  # type: ignore[override]  # one line after the other
            while line := self.readline():
                pulled[0] += 1
                yield line

        def __next__(self) -> str:
            line = self.readline()
            if not line:
                raise StopIteration
            pulled[0] += 1
            return line

    monkeypatch.setattr(source.io, "TextIOWrapper", Text)
    return pulled
