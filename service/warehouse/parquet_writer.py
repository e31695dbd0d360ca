"""One Parquet file, written batch by batch with types that are known beforehand.

Polars writes a frame or a lazy query to a file; batches that come one by one need pyarrow for
that, which the base install has not. So each batch is a file of its own, and polars streams them
into one at the end.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import polars as pl


class ParquetWriter:
    """Writes to `path` at the end of its block; nothing is there before."""

    def __init__(self, path: Path, types: Mapping[str, pl.DataType]) -> None:
        self._path, self._types = path, types
        self._folder = tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent)
        self._parts: list[Path] = []
        self.rows = 0

    def add(self, columns: Sequence[Sequence[Any]]) -> None:
        """The values of each column."""
        series = [
            pl.Series(name, values, dtype=dtype, strict=True)
            for (name, dtype), values in zip(self._types.items(), columns, strict=True)
        ]
        self._parts.append(Path(self._folder.name) / f"{len(self._parts):06}.parquet")
        frame = pl.DataFrame(series)
        frame.write_parquet(self._parts[-1])
        self.rows += frame.height

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        with self._folder:
            if error is not None:
                return
            if self._parts:
                pl.scan_parquet(self._parts).sink_parquet(self._path)
            else:
                pl.DataFrame(schema=self._types).write_parquet(self._path)
