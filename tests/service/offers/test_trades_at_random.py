"""Random deeds, payments, refunds and days: nothing is conceded unmet, and nothing met is owed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.service import World
from tests.support.trade_doors import Door, HttpDoor, UseCaseDoor
from tests.support.trades import CONFIRMED, GETS, GIVES, TALKS, Trade

STEPS = st.one_of(
    st.tuples(st.just("touch"), st.sampled_from([*TALKS, "email"])),
    st.tuples(st.just("invite"), st.integers(1, 3)),
    st.tuples(st.just("confirm"), st.sampled_from(CONFIRMED)),
    st.tuples(st.just("accept"), st.none()),
    st.tuples(
        st.just("pay"),
        st.fixed_dictionaries(
            {
                "seats": st.sampled_from([19, 20, 33]),
                "term_months": st.sampled_from([12, 12, 1]),
                "prepaid": st.sampled_from([True, True, False]),
                "days_ago": st.sampled_from([0, 0, 1, 9]),
            }
        ),
    ),
    st.tuples(st.just("hold"), st.sampled_from([0, 19, 20])),
    st.tuples(st.just("wait"), st.sampled_from([1, 30, 200, 500])),
    st.tuples(st.just("withdraw"), st.none()),
)
TRADES = st.tuples(
    st.lists(st.sampled_from(sorted(GIVES)), min_size=1, max_size=2, unique=True),
    st.lists(st.sampled_from(sorted(GETS)), min_size=1, max_size=3, unique=True),
    st.lists(STEPS, min_size=3, max_size=9),
)


def play(door: Door, trade: tuple[list[str], list[str], list[tuple[str, Any]]]) -> None:
    """One trade, looked at after every step."""
    gives, gets, steps = trade
    one = Trade(door, tuple(gives), tuple(gets))
    one.begin()
    done = []
    for name, value in steps:
        done.append((name, value))
        act = getattr(one, name)
        if isinstance(value, dict):
            act(**value)
        elif value is None:
            act()
        else:
            act(value)
        complaint = one.complaint()
        assert complaint is None, (complaint, gives, gets, done, one.shown()["state"])


CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


def test_no_promise_is_broken_whatever_happens(world: World) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=CHECKS)
    @given(TRADES)
    def holds(trade: tuple[list[str], list[str], list[tuple[str, Any]]]) -> None:
        play(HttpDoor(world), trade)

    holds()


@pytest.mark.long
def test_no_promise_is_broken_in_thousands_of_trades(world: World) -> None:
    @settings(max_examples=1000, deadline=None, suppress_health_check=CHECKS)
    @given(TRADES)
    def holds(trade: tuple[list[str], list[str], list[tuple[str, Any]]]) -> None:
        play(UseCaseDoor(world), trade)

    holds()
