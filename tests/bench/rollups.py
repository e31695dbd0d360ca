"""Events into counters: one, three and ten million, from file to file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
import polars as pl

from scoring.batch.counting import kind_frame
from scoring.batch.local import LocalEngine
from scoring.batch.staging import Staged
from scoring.leads.counters import Rollup
from scoring.leads.counters_frame import microseconds
from scoring.leads.lead import Event
from tests.bench.harness import Figure, in_child

START = datetime(2026, 1, 1, tzinfo=UTC)
END = START + timedelta(days=90)
NAMES = [f"action_{number}" for number in range(42)] + [
    "pricing_page_viewed",
    "invite_sent",
    "integration_connected",
    "report_exported",
]
EVENTS_PER_LEAD = 50
BUCKET_EVENTS = 2_000_000
"""As many as the local engine puts into one bucket."""


def run() -> Iterator[Figure]:
    """Done-when 4 of the scores issue."""
    one_by_one = _one_by_one(100_000)
    for millions in (1, 3, 10):
        events = millions * 1_000_000
        spent, peak = in_child(_counted, events)
        yield Figure(
            f"rollups of {events:,} events, {events // EVENTS_PER_LEAD:,} leads",
            f"{spent:.1f} s ({events / spent:,.0f}/s), peak {peak:.2f} GB",
            "aim ≤ 15 s, ≤ 4 GB" if millions == 10 else f"one by one: {one_by_one:,.0f}/s",
            f"{events / spent / one_by_one:.0f} ×",
        )


def _drawn(events: int) -> dict[str, Any]:
    rng = np.random.default_rng(events)
    at = microseconds(START) + rng.integers(0, 90 * 86_400 * 1_000_000, events)
    return {
        "lead": rng.integers(0, events // EVENTS_PER_LEAD, events),
        "id": np.arange(events),
        "name": rng.integers(0, len(NAMES), events),
        "at_us": at,
        "known_us": at + rng.integers(0, 3_600_000_000, events),
    }


def _counted(events: int) -> float:
    """Seconds to count staged events as `giveget model score --events` does."""
    with TemporaryDirectory() as folder:
        staged = _staged(Path(folder), events)
        started = perf_counter()
        LocalEngine().roll_up(staged, lambda share: None)
        spent = perf_counter() - started
        rows = pl.scan_parquet(staged.counters / "*.parquet").select(pl.len()).collect().item()
        assert rows == events // EVENTS_PER_LEAD
        return spent


def _staged(folder: Path, events: int) -> Staged:
    """Files as staging leaves them."""
    staged = Staged(folder, buckets=-(-events // BUCKET_EVENTS))
    drawn = pl.DataFrame(_drawn(events))
    names = pl.Series(NAMES)
    for bucket in range(staged.buckets):
        (folder / f"events-{bucket}").mkdir()
        here = drawn.filter(pl.col("lead") % staged.buckets == bucket)
        here.select(
            pl.format("lead-{}", "lead").alias("lead_id"),
            pl.format("event-{}", "id").alias("id"),
            names.gather(here["name"]).alias("name"),
            "at_us",
            "known_us",
        ).write_parquet(folder / f"events-{bucket}" / "000000.parquet")
    (folder / "moments").mkdir()
    pl.DataFrame({"row": pl.arange(0, events // EVENTS_PER_LEAD, eager=True)}).select(
        "row",
        pl.format("lead-{}", "row").alias("lead_id"),
        as_of_us=microseconds(END),
        bucket=pl.col("row") % staged.buckets,
    ).write_parquet(folder / "moments" / "000000.parquet")
    kind_frame(NAMES).write_parquet(staged.kinds)
    return staged


def _one_by_one(events: int) -> float:
    """Events a second of the incremental rollup, lead after lead."""
    drawn = {name: values.tolist() for name, values in _drawn(events).items()}
    by_lead: dict[int, list[Event]] = {}
    for lead, number, name, at, known in zip(*drawn.values(), strict=True):
        event = Event(
            id=str(number),
            lead_id=str(lead),
            name=NAMES[name],
            at=START + timedelta(microseconds=at - microseconds(START)),
            known_at=START + timedelta(microseconds=known - microseconds(START)),
        )
        by_lead.setdefault(lead, []).append(event)
    started = perf_counter()
    for found in by_lead.values():
        Rollup.of(found, END).counters(END)
    return events / (perf_counter() - started)
