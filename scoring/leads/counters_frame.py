"""The rollup as an aggregation over millions of events, on polars, Dask or Spark.

One definition, written once in Narwhals, with the values of `Rollup.of(events, now).counters(now)`.
It uses sums, minima and lengths only: those mean the same on every engine and however the rows
are split, which a count of distinct values does not. Times are integer microseconds since 1970
(UTC), so that no engine's time zone or resolution enters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from scoring.leads.counters import Counters
from scoring.leads.intents import INTENTS, KINDS, kinds_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_US = 86_400_000_000
_NAMES = 1 << 20
"""Room for an event name's number beside its day in one integer."""
_SINGLE = (
    "events_1d",
    "events_3d",
    "events_3d_before",
    "active_days_total",
    "active_days_7d",
    "distinct_names",
    "days_since_last",
)
COUNTERS = (*(f"total:{k}" for k in KINDS), *(f"last_7d:{k}" for k in KINDS), *_SINGLE)
"""The columns of a rolled-up row; `days_since_last` is −1 where nothing happened."""


def microseconds(at: datetime) -> int:
    """An instant as the frames hold it."""
    return (at - EPOCH) // timedelta(microseconds=1)


def kind_table(names: Iterable[str]) -> dict[str, list[Any]]:
    """Columns `name`, `number` and, per kind of intent, 1 or 0: each distinct name read once."""
    ordered = sorted(set(names))
    if len(ordered) > _NAMES:
        raise ValueError(f"{len(ordered):,} different event names; at most {_NAMES:,} are counted")
    kinds = [kinds_of(name) for name in ordered]
    table: dict[str, list[Any]] = {"name": ordered, "number": list(range(len(ordered)))}
    for position, intent in enumerate(INTENTS, start=1):
        table[intent.kind] = [int(position in found) for found in kinds]
    return table


Frame = nw.LazyFrame[Any]
"""A lazy frame of any engine; an eager one is made lazy by `.lazy()`."""


Keep = Callable[[Frame], Frame]
"""Holds a frame that is read more than once, on an engine that would compute it again."""


def roll_up(
    events: Frame, moments: Frame, kinds: Frame, *, keep: Keep = lambda frame: frame
) -> Frame:
    """One row of `COUNTERS` a moment, beside its `row`.

    `events` has `lead_id`, `id`, `name`, `at_us`, `known_us`; `moments` has `row` (unique),
    `lead_id`, `as_of_us`; `kinds` is the `kind_table` of all event names. Of an event id that a
    lead has several times, the copy known first counts, as in `known_events`.
    """
    done = keep(_once(keep(_known(events, moments, kinds)), keep))
    days = (
        done.join(kinds.select("number", *_intents()), on="number", how="inner")
        .group_by("row", "age")
        .agg(nw.len().alias("any"), nw.col(*_intents()).sum())
        .with_columns(nw.col("any").cast(nw.Int64))
    )
    names = done.group_by("row", "number").agg(nw.col("age").min())
    names = names.group_by("row").agg(nw.len().alias("distinct_names"))
    counted = moments.select("row").join(_counted(days), on="row", how="left")
    counted = counted.join(names, on="row", how="left")
    missing = {name: -1 if name == "days_since_last" else 0 for name in COUNTERS}
    return counted.select(
        "row", *(nw.col(name).fill_null(missing[name]).cast(nw.Int32) for name in COUNTERS)
    )


def _intents() -> list[str]:
    return [intent.kind for intent in INTENTS]


def _known(events: Frame, moments: Frame, kinds: Frame) -> Frame:
    """The events known at each moment: `row`, `id`, `known`, and `what`: day and name in one."""
    at, received = nw.col("at_us"), nw.col("known_us")
    known = nw.when(received < at).then(at).otherwise(received)
    # Whole days: exact until the year 2255 even where an engine divides in floats (2^53 µs).
    age = nw.col("as_of_us") // DAY_US - at // DAY_US
    what = age * _NAMES - nw.col("number")
    return (
        events.join(moments, on="lead_id", how="inner")
        .filter((at <= nw.col("as_of_us")) & (received <= nw.col("as_of_us")))
        .join(kinds.select("name", "number"), on="name", how="inner")
        .select("row", "id", known.alias("known"), what.alias("what"), what.alias("other"))
    )


def _once(known: Frame, keep: Keep) -> Frame:
    """Each id once: `row`, `age` in days, name's `number`.

    Copies rarely disagree; where they do, the first known counts, then the earliest day, then
    the first name.
    """
    copies = known.group_by("row", "id").agg(
        nw.col("known").min(), nw.col("what").max(), nw.col("other").min()
    )
    copies = keep(copies)
    agreed = copies.filter(nw.col("what") == nw.col("other")).select("row", "what")
    disputed = copies.filter(nw.col("what") != nw.col("other")).select("row", "id", "known")
    settled = known.join(disputed, on=["row", "id", "known"], how="inner")
    settled = settled.group_by("row", "id").agg(nw.col("what").max())
    number = (_NAMES - nw.col("what") % _NAMES) % _NAMES
    age = (nw.col("what") + number) // _NAMES
    once = nw.concat([agreed, settled.select("row", "what")])
    return once.select("row", age.alias("age"), number.alias("number"))


def _counted(days: Frame) -> Frame:
    """The counters that are sums over days; an age is 0 today, 1 yesterday."""
    age = nw.col("age")

    def within(first: int, last: int) -> nw.Expr:
        return ((age >= first) & (age <= last)).cast(nw.Int64)

    return (
        days.with_columns(
            *((nw.col(kind) * within(0, 6)).alias(f"last_7d:{kind}") for kind in KINDS),
            (nw.col("any") * within(0, 1)).alias("events_1d"),
            (nw.col("any") * within(0, 2)).alias("events_3d"),
            (nw.col("any") * within(3, 5)).alias("events_3d_before"),
            within(0, 6).alias("active_days_7d"),
        )
        .rename({kind: f"total:{kind}" for kind in KINDS})
        .group_by("row")
        .agg(
            *(nw.col(f"total:{kind}").sum() for kind in KINDS),
            *(nw.col(f"last_7d:{kind}").sum() for kind in KINDS),
            nw.col("events_1d", "events_3d", "events_3d_before", "active_days_7d").sum(),
            nw.len().alias("active_days_total"),
            nw.col("age").min().alias("days_since_last"),
        )
    )


def counters_of(columns: Mapping[str, NDArray[np.float64]]) -> Counters:
    """The counters of many moments at once: each number an array, NaN where nothing is counted.

    Active colleagues are NaN where `columns` do not have them.
    What features compute from `Counters` is plain arithmetic and bears arrays.
    """
    single: dict[str, Any] = {name: columns[name] for name in _SINGLE}  # arrays stand for numbers
    since = single["days_since_last"]
    single["days_since_last"] = np.where(since < 0, np.nan, since)
    total: dict[str, Any] = {kind: columns[f"total:{kind}"] for kind in KINDS}
    last_7d: dict[str, Any] = {kind: columns[f"last_7d:{kind}"] for kind in KINDS}
    unknown = np.full(len(since), np.nan)
    single["colleagues_active_7d"] = columns.get("colleagues_active_7d", unknown)
    return Counters(total=total, last_7d=last_7d, **single)
