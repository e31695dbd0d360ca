"""Spark: the same aggregation and the same tables, on its executors.

Needs the extra `spark` and Java 17 or newer. The session is the one `spark-submit` or the
environment sets up, whose executors must see the folder of the output file and have this package;
without it, this machine's cores.
"""

from __future__ import annotations

import os
import shutil
import sys
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
class SparkEngine:
    """`session` is a `pyspark.sql.SparkSession`."""

    session: Any  # pyspark is an extra and not always there to be checked
    bucket_bytes: int | None = None

    def roll_up(self, staged: Staged, seen: Seen) -> None:
        """Aggregated by the session's executors."""
        files = (staged.events(), staged.moments, str(staged.kinds))
        events, moments, kinds = (
            nw.from_native(self.session.read.parquet(pattern)) for pattern in files
        )
        counted = roll_up(events, moments.drop("bucket"), kinds, keep=_kept).to_native()
        counted.orderBy("row").write.parquet(str(staged.counters))
        if staged.with_members:
            members = nw.from_native(self.session.read.parquet(staged.members))
            active = active_colleagues(active_days(events, keep=_kept), members).to_native()
            active.orderBy("row").write.parquet(str(staged.colleagues))
        seen(1.0)

    def score(self, score_part: PartScorer, parts: int, seen: Seen) -> None:
        """One task a part."""
        numbers = self.session.sparkContext.parallelize(range(parts), parts)
        numbers.foreach(score_part)
        seen(1.0)


def _kept(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    kept: nw.LazyFrame[Any] = nw.from_native(frame.to_native().cache())
    return kept


def why_not() -> str | None:
    """Why Spark cannot be used here, with what to do about it; `None` when it can."""
    java_home = os.environ.get("JAVA_HOME")
    has_java = shutil.which("java") or (java_home and (Path(java_home) / "bin" / "java").exists())
    if not has_java:
        return "Spark needs Java 17 or newer and none was found; install it or set JAVA_HOME"
    try:
        import pyspark  # noqa: F401
    except ImportError:
        return "--engine spark needs the extra: pip install 'giveget[spark]'"
    return None


@contextmanager
def spark_engine() -> Iterator[SparkEngine]:
    """An engine on a Spark session; raises `DataError` when there is no Spark or no Java."""
    if reason := why_not():
        raise DataError(reason)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else executors take any python3
    with warnings.catch_warnings():
        # pandas is what it means, and nothing here goes through pandas
        warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
        session = _session()
        try:
            yield SparkEngine(session)
        finally:
            session.stop()


def _session() -> Any:
    from pyspark.sql import SparkSession

    settings: dict[str, Any] = {
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    session: Any = SparkSession.builder.appName("giveget").config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    if session.sparkContext.master.startswith("local"):
        # the default of 200 is for clusters and takes most of a minute here
        session.conf.set("spark.sql.shuffle.partitions", str(2 * (os.cpu_count() or 1)))
    return session
