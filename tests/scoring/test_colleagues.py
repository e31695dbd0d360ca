"""Colleagues active as of a moment: one by one and as an aggregation, by what was known then."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.contact import read_contact
from scoring.leads.colleagues import FEATURE, Colleagues, account_of, active_colleagues, active_days
from scoring.leads.counters_frame import microseconds
from scoring.leads.lead import Event, Lead

NOW = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def an_event(lead: str, at: datetime, known_at: datetime | None = None, id: str = "e") -> Event:
    return Event(id=f"{lead}{id}", lead_id=lead, name="login", at=at, known_at=known_at or at)


def active(
    events: Sequence[Event],
    *,
    members: Sequence[tuple[Lead, str | None]] | None = None,
    now: datetime = NOW,
) -> int | None:
    """The active colleagues of lead `a`; `a`, `b` and `c` are of one account if nothing is said."""
    members = members or [(Lead(id=name), "acme.com") for name in "abc"]
    by_lead: dict[str, list[Event]] = {}
    for event in events:
        by_lead.setdefault(event.lead_id, []).append(event)
    accounts = {lead.id: account for lead, account in members}
    return Colleagues.of(members, by_lead).active("a", accounts["a"], now)


def test_others_of_the_account_count_and_oneself_does_not() -> None:
    assert active([an_event("a", NOW), an_event("b", NOW), an_event("b", NOW - DAY, id="f")]) == 1
    assert active([an_event("b", NOW), an_event("c", NOW - 6 * DAY)]) == 2
    assert active([]) == 0


def test_what_is_older_than_seven_days_or_still_to_come_does_not_count() -> None:
    assert active([an_event("b", NOW - 7 * DAY), an_event("c", NOW + timedelta(hours=1))]) == 0


def test_what_was_not_known_yet_does_not_count() -> None:
    late = an_event("b", NOW - DAY, known_at=NOW + timedelta(minutes=1))
    assert active([late]) == 0
    assert active([late], now=NOW + timedelta(minutes=1)) == 1


def test_a_colleague_who_signed_up_later_was_not_known_to_be_one() -> None:
    members = [(Lead(id="a"), "acme.com"), (Lead(id="b", signed_up_at=NOW + DAY), "acme.com")]
    assert active([an_event("b", NOW - DAY)], members=members) == 0
    assert active([an_event("b", NOW - DAY)], members=members, now=NOW + DAY) == 1


def test_free_mail_makes_no_colleagues() -> None:
    members: list[tuple[Lead, str | None]] = [(Lead(id="a"), None), (Lead(id="b"), None)]
    assert active([an_event("b", NOW)], members=members) is None


@pytest.mark.parametrize(
    ("email", "given", "account"),
    [
        ("jo@acme.com", None, "acme.com"),
        ("info@sales.acme.com", None, "acme.com"),
        ("jo@gmail.com", None, None),
        ("jo@gmail.com", "77", "77"),
        (None, None, None),
    ],
)
def test_an_account_is_a_given_id_or_a_companys_domain(
    email: str | None, given: str | None, account: str | None
) -> None:
    contact = read_contact(email=email, phone=None, title=None, country=None)
    assert account_of(Lead(id="x", account=given), contact) == account


offsets = st.sampled_from([0, 1, -1, 54_000_000_000]) | st.integers(-10 * 86_400_000_000, 10**11)
times = offsets.map(lambda micros: NOW + timedelta(microseconds=micros))
leads = st.sampled_from(["a", "b", "c", "d"])
events = st.lists(
    st.builds(
        Event,
        id=st.sampled_from(["e0", "e1", "e2"]),
        lead_id=leads,
        name=st.just("login"),
        at=times,
        known_at=times,
    ),
    max_size=20,
)
accounts = st.dictionaries(leads, st.tuples(st.sampled_from(["acme", "nord"]), st.none() | times))


def aggregated(native: Any, rows: Sequence[Event], members: dict[str, Any]) -> dict[int, int]:
    """`row` → colleagues by the aggregation, on the engine that `native` makes frames of."""
    happened = {
        "lead_id": [e.lead_id for e in rows],
        "id": [e.id for e in rows],
        "at_us": [microseconds(e.at) for e in rows],
        "known_us": [microseconds(e.known_at) for e in rows],
    }
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Dask support is moving out")
        days, who = (nw.from_native(native(table)) for table in (happened, members))
        found = nw.to_native(active_colleagues(active_days(days), who))
    found = found.compute() if hasattr(found, "compute") else found.collect()
    return dict(zip(found["row"].to_list(), found[FEATURE].to_list(), strict=True))


def polars_frame(table: dict[str, list[Any]]) -> pl.LazyFrame:
    whole = {"row", "at_us", "known_us", "since_us", "as_of_us"}
    types = {name: pl.Int64 if name in whole else pl.String for name in table}
    return pl.LazyFrame(table, schema=types)


def dask_frame(table: dict[str, list[Any]]) -> Any:
    import dask.dataframe as dd

    return dd.from_pandas(polars_frame(table).collect().to_pandas(), npartitions=2)


def check(native: Any, rows: Sequence[Event], joined: dict[str, tuple[str, Any]], now: Any) -> None:
    by_lead: dict[str, list[Event]] = {}
    for event in rows:
        by_lead.setdefault(event.lead_id, []).append(event)
    people = [
        (Lead(id=name, signed_up_at=since), account) for name, (account, since) in joined.items()
    ]
    one_by_one = Colleagues.of(people, by_lead)
    members = {
        "row": list(range(len(people))),
        "lead_id": [lead.id for lead, _ in people],
        "account": [account for _, account in people],
        "since_us": [lead.signed_up_at and microseconds(lead.signed_up_at) for lead, _ in people],
        "as_of_us": [microseconds(now)] * len(people),
    }
    expected = {i: one_by_one.active(p.id, account, now) for i, (p, account) in enumerate(people)}
    assert aggregated(native, rows, members) == expected


@given(events, accounts, times)
def test_the_aggregation_counts_what_is_counted_one_by_one(
    rows: list[Event], joined: dict[str, tuple[str, datetime | None]], now: datetime
) -> None:
    check(polars_frame, rows, joined, now)


@pytest.mark.filterwarnings("ignore:The inplace keyword")
@given(st.lists(events.filter(len), min_size=1, max_size=1), accounts.filter(len), times)
@settings(max_examples=5)
def test_dask_counts_the_same(
    rows: list[list[Event]], joined: dict[str, tuple[str, datetime | None]], now: datetime
) -> None:
    check(dask_frame, rows[0], joined, now)
