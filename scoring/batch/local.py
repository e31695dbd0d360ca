"""One process on polars: a bucket of events, then a part of leads at a time."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from scoring.batch.counting import count, count_colleagues, days_of
from scoring.batch.engine import PartScorer
from scoring.batch.staging import Staged
from scoring.files.csv_strict import Seen


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """Memory: one bucket's aggregation, one part, and four bytes a counter and lead."""

    bucket_bytes: int = 192 << 20
    """Some two million events, which one aggregation counts in about a gigabyte."""

    def roll_up(self, staged: Staged, seen: Seen) -> None:
        """Leads of one bucket after the other."""
        moments, kinds = pl.scan_parquet(staged.moments), pl.scan_parquet(staged.kinds)
        counted, days = [], []
        for bucket in range(staged.buckets):
            here = moments.filter(pl.col("bucket") == bucket).drop("bucket")
            events = pl.scan_parquet(staged.events(str(bucket)))
            counted.append(count(events, here, kinds))
            if staged.with_members:
                days.append(days_of(events))
            seen((bucket + 1) / staged.buckets)
        staged.counters.mkdir()
        pl.concat(counted).sort("row").write_parquet(staged.counters / "all.parquet")
        if staged.with_members:
            staged.colleagues.mkdir()
            active = count_colleagues(pl.concat(days), pl.scan_parquet(staged.members))
            active.write_parquet(staged.colleagues / "all.parquet")

    def score(self, score_part: PartScorer, parts: int, seen: Seen) -> None:
        """In their order."""
        for part in range(parts):
            score_part(part)
            seen((part + 1) / parts)
