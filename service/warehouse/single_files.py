"""One CSV or Parquet file, put in the place of the one before by one rename."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import polars as pl

from scoring.errors import DataError
from scoring.files.safe_frames import without_formulas
from service.warehouse.delivery import Delivery
from service.warehouse.places import Place
from service.warehouse.refusals import not_ours

_MARK = "giveget"
_TIME = "%Y-%m-%dT%H:%M:%S%.6fZ"


class SingleFiles:
    """Files by their ending; keeps `Tables`."""

    def fetch(self, place: Place, to: Path) -> None:
        """A file is read where it is."""
        raise NotImplementedError

    def check(self, place: Place, delivery: Delivery) -> None:
        """Refuse an ending that is not known, adding to a file, and a file that is not ours."""
        if place.path.suffix.lower() not in (".csv", ".parquet"):
            raise DataError(
                f"{place.path.name}: end the name in .csv or .parquet, or in / for a folder"
            )
        if delivery.if_there == "append":
            raise DataError("--append adds to a table or a folder; a file is written whole")
        if not place.path.parent.is_dir():
            raise DataError(f"{place.path.parent} is no folder; make it, or name another")
        if (
            place.path.is_file()
            and delivery.if_there != "replace"
            and not _is_ours(place, delivery)
        ):
            raise not_ours(place, delivery, "there already")

    def write(self, place: Place, rows: Path, delivery: Delivery) -> None:
        """Write beside, and rename."""
        self.check(place, delivery)
        table = pl.scan_parquet(rows)
        try:
            with tempfile.TemporaryDirectory(
                prefix=f".{place.path.name}-", dir=place.path.parent
            ) as folder:
                unfinished = Path(folder) / "all"
                if place.kind == "parquet":
                    table.sink_parquet(unfinished, metadata={_MARK: delivery.mark})
                else:
                    without_formulas(table).sink_csv(unfinished, datetime_format=_TIME)
                with unfinished.open("rb+") as written:
                    os.fsync(written.fileno())
                unfinished.replace(place.path)
        except OSError as error:
            raise DataError(
                f"{place} cannot be written ({error.strerror or error}); name another"
            ) from None


def _is_ours(place: Place, delivery: Delivery) -> bool:
    """A Parquet file says whose it is; a CSV file cannot."""
    if place.kind != "parquet":
        return False
    try:
        return pl.read_parquet_metadata(place.path).get(_MARK) == delivery.mark
    except (pl.exceptions.PolarsError, OSError):
        return False
