from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scoring.leads.counters import Rollup
from scoring.leads.intents import kinds_of
from scoring.leads.lead import Event

NOW = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)


def an_event(
    number: int = 0, *, name: str = "login", days_ago: float = 0, known_ago: float = 0
) -> Event:
    at = NOW - timedelta(days=days_ago)
    known = max(at, NOW - timedelta(days=known_ago)) if known_ago else at
    return Event(id=f"e{number}", lead_id="l1", name=name, at=at, known_at=known)


NAMES = st.sampled_from(["login", "pricing_page_viewed", "invite_sent", "report_exported"])
EVENTS = st.lists(st.tuples(NAMES, st.floats(0, 30)), max_size=30).map(
    lambda drawn: [an_event(i, name=name, days_ago=age) for i, (name, age) in enumerate(drawn)]
)


@given(EVENTS, st.randoms())
def test_order_and_grouping_do_not_change_a_rollup(events: list[Event], random: object) -> None:
    whole = Rollup.of(events, NOW)
    shuffled = list(events)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one_by_one = Rollup()
    for event in shuffled:
        one_by_one.add(event)
    halves = Rollup.of(shuffled[::2], NOW).merge(Rollup.of(shuffled[1::2], NOW))
    assert whole.to_json() == one_by_one.to_json() == halves.to_json()


@given(EVENTS)
def test_repeated_events_count_once(events: list[Event]) -> None:
    assert Rollup.of([*events, *events], NOW).to_json() == Rollup.of(events, NOW).to_json()


@given(EVENTS)
def test_a_rollup_survives_json(events: list[Event]) -> None:
    rollup = Rollup.of(events, NOW)
    stored = json.loads(json.dumps(rollup.to_json()))
    assert Rollup.from_json(stored).counters(NOW) == rollup.counters(NOW)


def test_an_event_known_later_does_not_reach_an_earlier_moment() -> None:
    late = an_event(1, days_ago=5, known_ago=1)
    assert Rollup.of([late], NOW - timedelta(days=3)).counters(NOW).total["any"] == 0
    assert Rollup.of([late], NOW).counters(NOW).total["any"] == 1


def test_counters_name_what_was_done_and_when() -> None:
    counters = Rollup.of(
        [
            an_event(1, days_ago=0),
            an_event(2, days_ago=1, name="PricingPageViewed"),
            an_event(3, days_ago=4),
            an_event(4, days_ago=20, name="invite_sent"),
        ],
        NOW,
    ).counters(NOW)
    assert counters.total["any"] == 4
    assert counters.last_7d == {"any": 3, "pricing": 1, "invite": 0, "integration": 0, "export": 0}
    assert (counters.events_1d, counters.events_3d, counters.events_3d_before) == (2, 2, 1)
    assert (counters.active_days_total, counters.active_days_7d) == (4, 3)
    assert (counters.distinct_names, counters.days_since_last) == (3, 0)


def test_interest_cools_without_new_events() -> None:
    rollup = Rollup.of([an_event(1)], NOW)
    assert rollup.counters(NOW + timedelta(days=9)).days_since_last == 9
    assert rollup.counters(NOW + timedelta(days=9)).last_7d["any"] == 0


def test_a_kind_added_later_starts_at_zero() -> None:
    stored = Rollup.of([an_event(1)], NOW).to_json()
    older = stored | {"kinds": ["any"], "days": {d: c[:1] for d, c in stored["days"].items()}}
    assert Rollup.from_json(older).counters(NOW).total["pricing"] == 0


def test_event_names_are_read_in_any_spelling() -> None:
    for name in ("Pricing Page", "pricing_page_viewed", "pricingPageViewed", "PRICING"):
        assert len(kinds_of(name)) == 2, name
    assert kinds_of("important_login") == (0,)
