"""What a file is, by its first bytes, and its text: plain, .gz, or the one file in a .zip.

A name's ending says little: exports come as "leads.CSV", as a web page named .xls, as UTF-16.
What cannot be read is refused by the name of what it is. Stands in for `file`'s libmagic, which
needs a C library for the dozen kinds people mistake for a table, and for charset-normalizer,
which guesses: an encoding is read from a byte order mark or named by a person.
"""

from __future__ import annotations

import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, cast

from scoring.errors import DataError

Kind = Literal["text", "workbook", "parquet"]
Errors = Literal["strict", "surrogateescape"]

DAMAGED = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
"""What reading a file raises that is cut off, was changed, or lies on a bad disk."""
LONGEST_LINE = 1 << 22
"""Bytes; a longer line is no row of a table but a quote that never ends, or no text."""
_HEAD = 1 << 16
_GZIP = 31
"""zlib's word for a stream with a gzip header."""
_FREE_MEMBERS, _LEAST_MEMBER = 1_000, 64
"""Bytes; tools that pack in pieces put tens of thousands into one."""
_FREE_BYTES, _MOST_TIMES = 8 << 20, 100
"""A packed table is 5 to 50 times as large unpacked; a bomb a thousand times."""
_UTF8 = frozenset({"utf8", "utf-8", "utf_8", "utf-8-sig", "utf_8_sig"})
_LATIN = frozenset({"latin1", "latin-1", "latin_1", "iso-8859-1", "iso8859-1", "iso_8859_1", "l1"})
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
)
_NAMED = (
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "an RTF document"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"Obj\x01", "an Avro file"),
    (b"ARROW1", "an Arrow file"),
    (b"ORC", "an ORC file"),
    (b"MIME-Version:", "a web archive (MHT)"),
    (b"BEGIN:VCARD", "a vCard file"),
    (b"BEGIN:VCALENDAR", "a calendar"),
    (b"PK\x03\x04", "an archive or a spreadsheet inside an archive"),
    (b"\x1f\x8b", "an archive inside an archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
_MOSTLY = 0.9
_CONTROLS = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x19\x1c-\x1f]")
_MARKUP = re.compile(
    rb"\s*(?:<!--.{0,2000}?-->\s*)*<(?:!doctype html|html|table|head|body|meta|div|style|center)\b",
    re.I | re.S,
)
_XML = re.compile(rb"\s*<\?xml|\s*<[a-z]+[ >]", re.I)
_JSON = re.compile(rb"\s*(?:\{\s*[\"}]|\[\s*[\[{\"])")


def kind_of(path: Path) -> Kind:
    """What a file holds; raises `DataError` naming what is no table, and for an empty file.

    A folder is one of Parquet files.
    """
    if path.is_dir():
        return "parquet"
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise DataError(f"{path.name} is empty; export it again with a header and at least one row")
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "workbook"
    if head.startswith(b"PK"):
        return _kind_of_zip(path)
    if path.suffix.lower() == ".parquet":
        raise DataError(f"{path.name} is not a readable Parquet file; export it again")
    if not head.startswith(b"\x1f\x8b"):
        if path.suffix.lower() == ".gz":
            raise DataError(f"{path.name} cannot be read (it is not packed); export it again")
        _refuse_other(path, head)
    return "text"


def _kind_of_zip(path: Path) -> Kind:
    with _zipped(path) as packed:
        names = packed.namelist()
        if any(name.startswith("xl/") for name in names):
            return "workbook"
        if "mimetype" in names and b"spreadsheet" in packed.read("mimetype"):
            return "workbook"
        for start, what in (("word/", "a Word document"), ("ppt/", "a PowerPoint file")):
            if any(name.startswith(start) for name in names):
                raise _no_table(path, what)
        if any(name.endswith(".iwa") for name in names):
            raise _no_table(path, "an Apple Numbers file")
    return "text"


def _no_table(path: Path, what: str) -> DataError:
    return DataError(
        f"{path.name} is {what}, not a table; export it as CSV, Excel (.xlsx) or Parquet"
    )


def _refuse_other(path: Path, head: bytes) -> None:
    for start, what in _NAMED:
        if head.startswith(start):
            raise _no_table(path, what)
    encoding = _encoding_of(head)
    text = head.decode(encoding or "latin-1", "ignore").encode("latin-1", "ignore")
    if encoding is None and b"\0" in head:
        _refuse_zeros(path, head)
    if _MARKUP.match(text):
        raise _no_table(path, "a web page (HTML)")
    if _XML.match(text):
        raise _no_table(path, "an XML file")
    if _JSON.match(text):
        raise _no_table(path, "a JSON file")


def _refuse_zeros(path: Path, head: bytes) -> None:
    """Raises `DataError`: by the line of the first byte 0 where all else is text."""
    text = head.translate(None, b"\0")
    if len(text) < _MOSTLY * len(head) or _CONTROLS.search(text):
        raise _no_table(path, "a binary file of unknown kind")
    line = head[: head.index(b"\0")].count(b"\n") + 1
    raise DataError(
        f"{path.name}, line {line}: holds a byte 0, as no text does; take it out, or export the "
        "file again"
    )


@dataclass(slots=True)
class Source:
    """The text of a file: its lines, the encoding they are in, and how much has been read."""

    lines: Iterator[str]
    encoding: str
    _raw: BinaryIO
    _size: int

    def share(self) -> float:
        """The share of the file that has been read, from 0 to 1."""
        return min(self._raw.tell() / self._size, 1.0)


@contextmanager
def open_text(path: Path, encoding: str, errors: Errors = "strict") -> Iterator[Source]:
    """The text of a file; raises `DataError` for a bomb, a line without end, an unknown encoding.

    A byte order mark decides over `encoding`; latin-1 is read as cp1252, which holds what files
    called latin-1 hold (– “ ” €), as browsers do.
    """
    size = max(path.stat().st_size, 1)
    with path.open("rb") as raw:
        _refuse_bomb(path, raw)
        content = io.BufferedReader(_Bounded(path, _unpacked(path, raw), raw), 1 << 16)
        head = content.peek(_HEAD)[:_HEAD]
        _refuse_other(path, head)
        name = _encoding_of(head) or _codec(encoding)
        try:
            text = io.TextIOWrapper(content, encoding=name, errors=errors, newline="")
        except LookupError as error:
            raise DataError(f'encoding "{encoding}" is not known; try utf-8 or cp1252') from error
        yield Source(_lines(text), name, raw, size)


def _lines(text: Iterable[str]) -> Iterator[str]:
    """The lines without the byte order marks of files put together, and without DOS's last byte."""
    for line in text:
        if line[0] in "\ufeff\x1a":
            line = line.lstrip("\ufeff\x1a")
            if not line:
                continue
        yield line


@contextmanager
def open_bytes(path: Path) -> Iterator[BinaryIO]:
    """What a file holds, unpacked, byte for byte."""
    with path.open("rb") as raw:
        yield _unpacked(path, raw)


def _codec(encoding: str) -> str:
    name = encoding.strip().lower()
    if name in _UTF8:
        return "utf-8-sig"
    return "cp1252" if name in _LATIN else name


def _encoding_of(head: bytes) -> str | None:
    """The encoding that the first bytes show: by their mark, or by every second byte being 0."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    sample = head[:1000]
    zeros = [sample[place::2].count(0) for place in (0, 1)]
    if max(zeros) * 3 > len(sample) and min(zeros) == 0:
        return "utf-16-be" if zeros[0] else "utf-16-le"
    return None


def _unpacked(path: Path, raw: BinaryIO) -> BinaryIO:
    start = raw.read(2)
    raw.seek(0)
    if start == b"\x1f\x8b":
        return cast(BinaryIO, _Members(path, raw))
    if start != b"PK":
        return raw
    packed = _zip_file(path, raw)
    names = [
        entry.filename
        for entry in packed.infolist()
        if not entry.is_dir() and not re.search(r"(?:^|/)(?:\.|__MACOSX/)", entry.filename)
    ]
    if len(names) != 1:
        listed = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
        raise DataError(
            f"{path.name} holds {len(names)} files{f' ({listed})' if names else ''}; unpack it "
            "and name the one to read"
        )
    try:
        return cast(BinaryIO, packed.open(names[0]))
    except (RuntimeError, NotImplementedError) as error:
        raise DataError(f"{path.name} cannot be unpacked ({error}); unpack it yourself") from error


@contextmanager
def _zipped(path: Path) -> Iterator[zipfile.ZipFile]:
    with path.open("rb") as raw, _zip_file(path, raw) as packed:
        yield packed


def _zip_file(path: Path, raw: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(raw)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise DataError(f"{path.name} is a damaged .zip file; export it again") from error


def _refuse_bomb(path: Path, raw: BinaryIO) -> None:
    """Unpack the first bytes of a packed file before anything reads them as a table."""
    inner = _unpacked(path, raw)
    if inner is not raw:
        bounded = _Bounded(path, inner, raw)
        for _ in range(_FREE_BYTES // _HEAD + 1):
            if not bounded.read(_HEAD):
                break
        raw.seek(0)


class _Members(io.RawIOBase):
    """What a .gz file holds, member after member; raises `zlib.error` where it is damaged.

    Stands in for `gzip.GzipFile`, which reads a train of empty members for minutes in one call.
    """

    def __init__(self, path: Path, raw: BinaryIO) -> None:
        self._path, self._raw = path, raw
        self._waiting, self._member = b"", zlib.decompressobj(_GZIP)
        self._members, self._given = 1, 0

    def read(self, size: int = -1, /) -> bytes:
        """Some of the content, at most `size` bytes; none at its end."""
        while True:
            self._waiting = self._waiting or self._raw.read(_HEAD)
            if not self._waiting and self._member.eof:
                return b""
            if not self._waiting:
                raise EOFError("it ends in the middle")
            if self._member.eof:
                self._waiting = self._waiting.lstrip(b"\0")  # what fills a tape's last block
                if not self._waiting:
                    continue
                self._begin()
            content = self._member.decompress(self._waiting, max(size, 1))
            is_over = self._member.eof
            self._waiting = self._member.unused_data if is_over else self._member.unconsumed_tail
            self._given += len(content)
            if content:
                return content

    def _begin(self) -> None:
        self._member = zlib.decompressobj(_GZIP)
        self._members += 1
        if self._members > _FREE_MEMBERS and self._members * _LEAST_MEMBER > self._given:
            raise DataError(
                f"{self._path.name} is packed in more than {_FREE_MEMBERS:,} pieces that hold next "
                "to nothing; unpack it yourself if it is a table"
            )


class _Bounded(io.RawIOBase):
    """A stream that refuses what is no table: a bomb, and a line that does not end."""

    def __init__(self, path: Path, inner: BinaryIO, raw: BinaryIO) -> None:
        self._path, self._inner, self._raw = path, inner, raw
        self._given, self._lines, self._since = 0, 1, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # a buffer is one
        block = self._inner.read(len(buffer))
        self._given += len(block)
        last = block.rfind(b"\n")
        self._since = self._since + len(block) if last < 0 else len(block) - last
        self._lines += block.count(b"\n")
        if self._since > LONGEST_LINE and b"\r" not in block:
            raise DataError(
                f"{self._path.name}, line {self._lines}: longer than {LONGEST_LINE:,} bytes, which "
                "no row of a table is; export it again"
            )
        if self._given > _FREE_BYTES and self._given > _MOST_TIMES * self._raw.tell():
            raise DataError(
                f"{self._path.name} unpacks to more than {_MOST_TIMES} times its size, as no table "
                "does; unpack it yourself if it is one"
            )
        buffer[: len(block)] = block
        return len(block)
