from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.features import BUILT_IN, Moment
from scoring.leads.counters import Counters, Rollup
from scoring.leads.counters_frame import COUNTERS, counters_of, kind_table, microseconds, roll_up
from scoring.leads.lead import Event

NOW = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)
NAMES = ["login", "pricing_page_viewed", "invite_sent", "API key import", "report"]
LEADS = ["l0", "l1", "l2"]

ids = st.integers(0, 6).map(lambda number: f"e{number}")
# few distinct offsets, so that ties, the very edge of a day and of `now` come up often
offsets = st.sampled_from([0, 1, -1, 86_400_000_000, 54_000_000_000, 53_999_999_999]) | st.integers(
    -30 * 86_400_000_000, 10 * 86_400_000_000
)
times = offsets.map(lambda micros: NOW + timedelta(microseconds=micros))
events = st.lists(
    st.builds(
        Event,
        id=ids,
        lead_id=st.sampled_from(LEADS),
        name=st.sampled_from(NAMES),
        at=times,
        known_at=times,
    ),
    max_size=25,
)
moments = st.lists(st.tuples(st.sampled_from([*LEADS, "silent"]), times), min_size=1, max_size=6)


def tables(
    happened: Sequence[Event], asked: Sequence[tuple[str, datetime]]
) -> tuple[dict[str, list[Any]], dict[str, list[Any]], dict[str, list[Any]]]:
    """The three tables of `roll_up` as columns."""
    return (
        {
            "lead_id": [e.lead_id for e in happened],
            "id": [e.id for e in happened],
            "name": [e.name for e in happened],
            "at_us": [microseconds(e.at) for e in happened],
            "known_us": [microseconds(e.known_at) for e in happened],
        },
        {
            "row": list(range(len(asked))),
            "lead_id": [lead for lead, _ in asked],
            "as_of_us": [microseconds(at) for _, at in asked],
        },
        kind_table(e.name for e in happened),
    )


def as_row(counters: Counters) -> tuple[int, ...]:
    """Counters in the order of `COUNTERS`."""
    since = counters.days_since_last
    flat = {
        **{f"total:{kind}": n for kind, n in counters.total.items()},
        **{f"last_7d:{kind}": n for kind, n in counters.last_7d.items()},
        "days_since_last": -1 if since is None else since,
    }
    return tuple(int(flat[n] if n in flat else getattr(counters, n)) for n in COUNTERS)


def one_by_one(
    happened: Sequence[Event], asked: Sequence[tuple[str, datetime]]
) -> list[tuple[int, ...]]:
    """What the incremental rollup says, the reference for every engine."""
    rows = []
    for lead, now in asked:
        own = [event for event in happened if event.lead_id == lead]
        rows.append(as_row(Rollup.of(own, now).counters(now)))
    return rows


def collected(frame: nw.LazyFrame[Any]) -> list[tuple[int, ...]]:
    """The counters of a rolled-up frame, in the order of its rows."""
    rows = sorted(frame.select("row", *COUNTERS).collect().rows())
    return [tuple(int(value) for value in row[1:]) for row in rows]


def on_polars(columns: dict[str, list[Any]]) -> nw.LazyFrame[Any]:
    texts = {"lead_id": pl.String, "id": pl.String, "name": pl.String}
    schema = {name: texts.get(name, pl.Int64) for name in columns}
    return nw.from_native(pl.LazyFrame(columns, schema=schema))


@given(events, moments)
def test_the_aggregation_counts_what_the_incremental_rollup_counts(
    happened: list[Event], asked: list[tuple[str, datetime]]
) -> None:
    frame = roll_up(*(on_polars(columns) for columns in tables(happened, asked)))
    assert collected(frame) == one_by_one(happened, asked)


@given(events, st.randoms())
def test_copies_of_an_event_count_the_same_in_any_order(happened: list[Event], random: Any) -> None:
    shuffled = list(happened)
    random.shuffle(shuffled)
    for lead in LEADS:
        first, second = (
            Rollup.of([e for e in order if e.lead_id == lead], NOW)
            for order in (happened, shuffled)
        )
        assert first.to_json() == second.to_json()


def drawn(count: int) -> tuple[list[Event], list[tuple[str, datetime]]]:
    """Many events with copies that disagree, and moments among them; the same each time."""
    import random

    rng = random.Random(11)

    def some_time() -> datetime:
        return NOW + timedelta(microseconds=rng.randrange(-20 * 86_400, 3 * 86_400) * 1_000_003)

    happened = []
    for _ in range(count):
        at = some_time()
        known = at + rng.choice([timedelta(0), timedelta(hours=9), timedelta(days=4)])
        number, lead, name = rng.randrange(count * 3 // 4), rng.randrange(40), rng.choice(NAMES)
        happened.append(
            Event(id=f"e{number}", lead_id=f"l{lead}", name=name, at=at, known_at=known)
        )
    return happened, [(f"l{number % 45}", some_time()) for number in range(120)]


def test_dask_counts_the_same_however_its_rows_are_split() -> None:
    import dask
    import dask.dataframe as dd
    import pandas as pd

    happened, asked = drawn(3000)
    with warnings.catch_warnings(), dask.config.set(scheduler="sync"):
        warnings.filterwarnings("ignore", message="Dask support is moving out", append=False)
        frames = [
            nw.from_native(dd.from_pandas(pd.DataFrame(columns), npartitions=parts))
            for columns, parts in zip(tables(happened, asked), (7, 3, 1), strict=True)
        ]
        assert collected(roll_up(*frames)) == one_by_one(happened, asked)


COUNTED = [feature for feature in BUILT_IN if feature.counted is not None]


@pytest.mark.parametrize("feature", COUNTED, ids=lambda feature: feature.name)
def test_a_feature_of_counters_bears_arrays(feature: Any) -> None:
    happened, asked = drawn(400)
    frame = roll_up(*(on_polars(columns) for columns in tables(happened, asked)))
    rows = frame.collect().sort("row")
    arrays = {name: rows[name].to_numpy().astype("float64") for name in COUNTERS}
    many = feature.counted(counters_of(arrays))
    for i, (lead, now) in enumerate(asked):
        own = [event for event in happened if event.lead_id == lead]
        moment: Any = Moment(
            lead=None,  # type: ignore[arg-type]  # such a feature looks at the counters only
            contact=None,  # type: ignore[arg-type]
            counters=Rollup.of(own, now).counters(now),
            now=now,
        )
        one = feature.value(moment)
        assert (one is None and many[i] != many[i]) or one == many[i]


def test_every_feature_of_behaviour_is_read_from_counters() -> None:
    names = {feature.name for feature in COUNTED}
    assert {"events_total", "momentum_3d", "pricing_7d", "days_since_last"} <= names
