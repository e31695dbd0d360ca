"""What the rollup needs, as frames: events, moments, the kinds of event names."""

from __future__ import annotations

from collections.abc import Iterable

import narwhals as nw
import polars as pl

from scoring.files.event_file import EventRows
from scoring.leads.colleagues import active_colleagues, active_days
from scoring.leads.counters_frame import kind_table, microseconds, roll_up


def event_frame(rows: EventRows) -> pl.DataFrame:
    """Events as `roll_up` wants them."""
    texts = {"lead_id": rows.lead_ids, "id": rows.ids, "name": rows.names}
    times = {"at_us": rows.at, "known_us": rows.known_at}
    return pl.DataFrame(
        {name: pl.Series(values, dtype=pl.String) for name, values in texts.items()}
        | {
            name: pl.Series([microseconds(at) for at in values], dtype=pl.Int64)
            for name, values in times.items()
        }
    )


def moments_of(table: pl.LazyFrame) -> pl.LazyFrame:
    """The moments of a table of leads: those leads that have one."""
    return table.select("row", pl.col("key").alias("lead_id"), "as_of_us").drop_nulls()


def kind_frame(names: Iterable[str]) -> pl.DataFrame:
    """The kinds of all event names, each read once."""
    table = kind_table(names)
    texts = {"name": pl.String}
    return pl.DataFrame(table, schema={name: texts.get(name, pl.Int64) for name in table})


def count(events: pl.LazyFrame, moments: pl.LazyFrame, kinds: pl.LazyFrame) -> pl.DataFrame:
    """The rolled-up rows on polars, in the order of `row`."""
    frames = (nw.from_native(frame) for frame in (events, moments, kinds))
    return _collected(roll_up(*frames, keep=_kept)).sort("row")


def count_colleagues(days: pl.LazyFrame, members: pl.LazyFrame) -> pl.DataFrame:
    """The active colleagues of members, on polars, in the order of `row`."""
    frames = (nw.from_native(frame) for frame in (days, members))
    return _collected(active_colleagues(*frames)).sort("row")


def days_of(events: pl.LazyFrame) -> pl.LazyFrame:
    """The days on which leads were active, on polars."""
    return _collected(active_days(nw.from_native(events), keep=_kept)).lazy()


def members_of(table: pl.LazyFrame) -> pl.LazyFrame:
    """Those leads of a table that have an account."""
    return table.select(
        "row", pl.col("key").alias("lead_id"), "account", "since_us", "as_of_us"
    ).filter(pl.col("account").is_not_null())


def _kept(frame: nw.LazyFrame[pl.LazyFrame]) -> nw.LazyFrame[pl.LazyFrame]:
    return nw.from_native(_collected(frame).lazy())


def _collected(frame: nw.LazyFrame[pl.LazyFrame]) -> pl.DataFrame:
    return frame.to_native().collect(engine="streaming")
