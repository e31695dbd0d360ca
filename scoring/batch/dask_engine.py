"""Dask: the same aggregation and the same tables, on its workers.

Needs the extra `dask`. The cluster is the one `DASK_SCHEDULER_ADDRESS` names, whose workers must
see the folder of the output file; without it, a process a core of this machine.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals as nw

from scoring.batch.engine import PartScorer
from scoring.batch.staging import Staged
from scoring.errors import DataError
from scoring.files.csv_strict import Seen
from scoring.leads.colleagues import active_colleagues, active_days
from scoring.leads.counters_frame import roll_up


@dataclass(frozen=True, slots=True)
class DaskEngine:
    """`client` is a `distributed.Client`; `None` works in this thread."""

    client: Any = None  # distributed ships no complete types
    bucket_bytes: int | None = None

    def roll_up(self, staged: Staged, seen: Seen) -> None:
        """Aggregated where the client's workers are."""
        import dask.dataframe as dd

        files = (staged.events(), staged.moments, str(staged.kinds))
        frames = [_narwhals(dd.read_parquet(pattern)) for pattern in files]
        events, moments, kinds = frames
        self._write(roll_up(events, moments.drop("bucket"), kinds), staged.counters)
        if staged.with_members:
            members = _narwhals(dd.read_parquet(staged.members))
            self._write(active_colleagues(active_days(events), members), staged.colleagues)
        seen(1.0)

    def score(self, score_part: PartScorer, parts: int, seen: Seen) -> None:
        """One task a part."""
        if self.client is None:
            for part in range(parts):
                score_part(part)
            return
        import distributed

        library: Any = distributed  # it ships no complete types
        futures = self.client.map(score_part, range(parts), pure=False)
        for done, future in enumerate(library.as_completed(futures), start=1):
            future.result()
            seen(done / parts)

    def _write(self, rows: nw.LazyFrame[Any], folder: Path) -> None:
        with self._scheduler():
            # polars reads the files in the order of their names, so their numbers are padded
            rows.to_native().sort_values("row").to_parquet(
                str(folder), write_index=False, name_function="{:06}.parquet".format
            )

    def _scheduler(self) -> Any:
        import dask

        return dask.config.set(scheduler=self.client or "sync")


@contextmanager
def dask_engine() -> Iterator[DaskEngine]:
    """An engine on the cluster that is configured, else on this machine's cores.

    Raises `DataError` when Dask is not installed.
    """
    try:
        import dask
        import distributed
    except ImportError as error:
        raise DataError("--engine dask needs the extra: pip install 'giveget[dask]'") from error
    library: Any = distributed  # it ships no complete types
    if dask.config.get("scheduler-address", None):
        with library.Client() as client:
            yield DaskEngine(client)
        return
    here = {"threads_per_worker": 1, "dashboard_address": None, "host": "127.0.0.1"}
    with library.LocalCluster(**here) as cluster, library.Client(cluster) as client:
        yield DaskEngine(client)


def _narwhals(frame: Any) -> nw.LazyFrame[Any]:
    with warnings.catch_warnings():
        # the package it names does not exist yet
        warnings.filterwarnings("ignore", message="Dask support is moving out")
        lazy: nw.LazyFrame[Any] = nw.from_native(frame)
    return lazy
