"""A folder of Parquet files, put in the place of the one before by one exchange of names."""

from __future__ import annotations

import ctypes
import os
import shutil
import tempfile
from pathlib import Path

import polars as pl

from scoring.errors import DataError
from scoring.files.parquet import parquet_files
from service.warehouse.delivery import Delivery, sql_types
from service.warehouse.places import Place
from service.warehouse.refusals import check_columns, not_ours

_ROWS_A_FILE = 1_000_000
_MARK = "giveget"
_AT_CWD, _EXCHANGE = -100, 2
"""`AT_FDCWD` and `RENAME_EXCHANGE` of Linux's renameat2."""


class ParquetFolders:
    """Folders that hold one table of ours; keeps `Tables`."""

    def fetch(self, place: Place, to: Path) -> None:
        """A folder is read where it is."""
        raise NotImplementedError

    def check(self, place: Place, delivery: Delivery) -> None:
        """Refuse a folder that holds anything but Parquet files, and files that are not ours."""
        _recover(place.path)
        if not place.path.exists():
            if not place.path.parent.is_dir():
                raise DataError(f"{place.path.parent} is no folder; make it, or name another")
            return
        if not place.path.is_dir():
            raise DataError(f"{place.path} is a file, not a folder; name another place")
        files = parquet_files(place.path)
        strange = [
            path.name
            for path in place.path.rglob("*")
            if path.is_file() and path not in files and path.name != "_SUCCESS"
        ]
        if strange:
            raise DataError(
                f"{place} holds other files too ({min(strange)}), and a folder is replaced whole; "
                "name one of its own"
            )
        marks = {_mark(file) for file in files}
        if marks - {delivery.mark} and delivery.if_there != "replace":
            raise not_ours(place, delivery, f"a table, but none of giveget's {delivery.what}")

    def write(self, place: Place, rows: Path, delivery: Delivery) -> None:
        """Write a new folder beside, and exchange the two."""
        self.check(place, delivery)
        old = parquet_files(place.path) if place.path.is_dir() else []
        table = pl.scan_parquet(rows)
        if old and delivery.if_there == "append":
            kept = pl.scan_parquet(old, hive_partitioning=False)
            types = sql_types(rows)
            check_columns(place, types, kept.collect_schema().names())
            kept = kept.select(list(types)).join(table, on=delivery.key, how="anti")
            table = pl.concat([kept, table])
        try:
            new = Path(tempfile.mkdtemp(prefix=f".{place.path.name}-new-", dir=place.path.parent))
            try:
                _fill(new, table, delivery)
                _put(new, place.path)
            finally:
                shutil.rmtree(new, ignore_errors=True)
        except OSError as error:
            raise DataError(
                f"{place} cannot be written ({error.strerror or error}); name another"
            ) from None


def _fill(folder: Path, table: pl.LazyFrame, delivery: Delivery) -> None:
    whole = folder / "all"
    table.sink_parquet(whole, metadata={_MARK: delivery.mark})
    height = int(pl.scan_parquet(whole).select(pl.len()).collect().item())
    if height <= _ROWS_A_FILE:
        whole.rename(folder / "part-00000.parquet")
        return
    for number, first in enumerate(range(0, height, _ROWS_A_FILE)):
        part = pl.scan_parquet(whole).slice(first, _ROWS_A_FILE)
        part.sink_parquet(folder / f"part-{number:05}.parquet", metadata={_MARK: delivery.mark})
    whole.unlink()


def _mark(file: Path) -> str | None:
    try:
        return pl.read_parquet_metadata(file).get(_MARK)
    except (pl.exceptions.PolarsError, OSError):
        return None


def _put(new: Path, place: Path) -> None:
    """Give the new folder its name; what was there before is at `new` afterwards."""
    if not place.exists():
        new.rename(place)
        return
    if _exchange(new, place):
        return
    old = place.with_name(f".{place.name}.before")
    shutil.rmtree(old, ignore_errors=True)
    place.rename(old)  # killed here, the next run puts it back
    new.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def _recover(place: Path) -> None:
    """Put back what a run set aside that was killed between two renames."""
    old = place.with_name(f".{place.name}.before")
    if old.is_dir() and not place.exists():
        old.rename(place)


def _exchange(one: Path, other: Path) -> bool:
    """Whether two names were exchanged in one step, which Linux can on most file systems.

    Python has no call for it, and no kept package has.
    """
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    paths = (os.fsencode(one), os.fsencode(other))
    return bool(call(_AT_CWD, paths[0], _AT_CWD, paths[1], _EXCHANGE) == 0)
