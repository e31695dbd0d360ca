from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest

from scoring.errors import DataError
from scoring.files.export import read_export


def written(tmp_path: Path, content: str | bytes, name: str = "leads.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    text = "a,b;c\n1,2;3\n".replace(",", "X").replace(";", "X").replace("X", delimiter)
    export = read_export(written(tmp_path, text))
    assert export.columns == {"a": ["1"], "b": ["2"], "c": ["3"]}


def test_a_quoted_delimiter_in_the_header_is_part_of_a_name(tmp_path: Path) -> None:
    export = read_export(written(tmp_path, '"a;b;c;d",e\n1,2\n'))
    assert list(export.columns) == ["a;b;c;d", "e"]


def test_gzip_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    packed = gzip.compress("\ufeffa,b\n1,2\n".encode())
    assert list(read_export(written(tmp_path, packed, "leads.csv.gz")).columns) == ["a", "b"]


def test_a_column_without_a_name_is_dropped_with_a_word(tmp_path: Path) -> None:
    export = read_export(written(tmp_path, "a,\n1,2\n"))
    assert list(export.columns) == ["a"]
    assert export.notes == ["column 2 has no name: dropped"]


def test_parquet_keeps_values_and_writes_times_as_text(tmp_path: Path) -> None:
    path = tmp_path / "leads.parquet"
    pl.DataFrame({"n": [1, None], "s": ["x", "y"], "ok": [True, False]}).write_parquet(path)
    assert read_export(path).columns == {"n": [1, None], "s": ["x", "y"], "ok": [True, False]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "leads.csv is empty"),
        ("  \n ", "leads.csv is empty"),
        ("a,b\n", "has a header but no rows"),
        ("a,b\n1,2\n3\n", "leads.csv, line 3: 1 fields where the header has 2"),
        ("a,b,a\n1,2,3\n", 'names the column "a" twice'),
        (b"a,b\n1,\xff\n", "leads.csv, line 2: not utf-8"),
        ('a,b\n1,"2\n3,4\n', "leads.csv, line 2: a quote"),
    ],
)
def test_what_cannot_be_read_whole_is_refused_by_name(
    tmp_path: Path, content: str | bytes, said: str
) -> None:
    with pytest.raises(DataError) as refused:
        read_export(written(tmp_path, content))
    assert said in str(refused.value)


def test_damaged_gzip_and_parquet_are_refused(tmp_path: Path) -> None:
    for name in ("leads.csv.gz", "leads.parquet"):
        with pytest.raises(DataError, match=name):
            read_export(written(tmp_path, b"no such format", name))


def test_an_unknown_column_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r'no column "Target" \(--target\); did you mean "target"'):
        read_export(written(tmp_path, "target\n1\n")).column("Target", "--target")
