"""What a report counts: equal to a plain count of the events, in any order, and of few nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.report_kinds import read_report_kinds
from service.domain.usage_report import (
    LEAST,
    TOGETHER,
    after,
    before,
    count,
    newest_due,
    period_named,
    period_of,
)
from service.errors import ConfigurationError
from tests.support.service import World
from tests.support.teams import Team

NAMES = ("Report exported", "Invited a colleague", "Deal created", "viewed pricing", "login")
KINDS = {
    "Report exported": "export",
    "Invited a colleague": "invite",
    "Deal created": "rest",
    "viewed pricing": None,
    "login": "sign_in",
}
DOINGS = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(NAMES), st.integers(1, 50)), max_size=60
)


@given(DOINGS, st.randoms(use_true_random=False))
def test_figures_equal_a_plain_count_and_none_is_about_fewer_than_five(
    doings: list[tuple[str, str, int]], chance: Random
) -> None:
    counted = count(doings, read_report_kinds().kind_of)
    mixed = doings[:]
    chance.shuffle(mixed)
    assert count(mixed, read_report_kinds().kind_of) == counted

    sums: Counter[str] = Counter()
    who: dict[str, set[str]] = {}
    for person, name, times in doings:
        if (kind := KINDS[name]) is not None:
            sums[kind] += times
            who.setdefault(kind, set()).add(person)
    active = set().union(*who.values()) if who else set()
    if len(active) < LEAST:
        assert counted is None
        return
    assert counted is not None
    assert counted.people == len(active)
    shown = dict(counted.actions)
    together = shown.pop(TOGETHER, None)
    assert shown == {kind: sums[kind] for kind in sums if len(who[kind]) >= LEAST}
    hidden = [kind for kind in sums if kind not in shown]
    if together is not None:
        assert together == sum(sums[kind] for kind in hidden)
        assert len(hidden) > 1
        assert len(set().union(*(who[kind] for kind in hidden))) >= LEAST
    assert counted.left_out is (together is None and bool(hidden))
    assert all(times > 0 for times in counted.actions.values())  # no line of zeros, ever
    assert counted.total <= sum(sums.values())


@given(
    st.integers(0, 12 * 365 * 24 * 60),
    st.sampled_from(["month", "week"]),
    st.sampled_from(["UTC", "America/Sao_Paulo", "Pacific/Auckland", "Africa/Cairo"]),
)
def test_periods_follow_each_other_without_gap_or_overlap(
    minutes: int, every: str, zone: str
) -> None:
    now = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    period = newest_due(every, now, zone)  # type: ignore[arg-type]  # one of two words

    assert period.due_at <= now < after(period, zone).due_at
    assert before(after(period, zone), zone) == period
    assert period.ends_at == after(period, zone).starts_at
    assert period_named(period.name, zone) == period
    assert period_of(period.last_day, period.every, zone) == period


def test_a_year_end_belongs_to_one_week_and_one_month() -> None:
    assert period_of(date(2026, 12, 31), "week", "UTC").name == "2026-W53"
    assert period_of(date(2027, 1, 1), "week", "UTC").name == "2026-W53"
    assert period_of(date(2027, 1, 1), "month", "UTC").name == "2027-01"


def test_stored_events_in_any_order_and_told_twice_come_to_the_same_report(
    make_world: Callable[..., World],
) -> None:
    world = make_world(usage_report=True)
    texts = []
    for round, seed in enumerate((1, 2)):
        team = Team(world, domain=f"team{round}.example")
        team.order(readers=[1])
        chance = Random(7)  # the same events in both rounds
        starts = datetime(2026, 10, 28, tzinfo=UTC)
        events = [
            {
                "id": f"{round}-{number}",
                "lead_id": chance.choice(team.people),
                "name": chance.choice(NAMES),
                "at": (starts + timedelta(minutes=chance.randrange(0, 7_000))).isoformat(),
            }
            for number in range(600)
        ]
        Random(seed).shuffle(events)
        for first in (0, 200, 100, 400, 300, 500, 300):  # some are told twice
            body = {"events": events[first : first + 100]}
            assert world.send("/v1/events", body).status_code == 200
        november = [each for each in events if each["at"] >= "2026-11-01"]
        expected = Counter(KINDS[each["name"]] for each in november)
        del expected[None]
        assert len(expected) == 4  # each kind of many people, so that none is left out
        people = {each["lead_id"] for each in november if KINDS[each["name"]]}
        texts.append((team, dict(expected), len(people)))
    texts[0][0].turn(2026, 12, 2)

    for team, expected, people in texts:
        report = team.state()["reports"][0]
        assert (report["actions"], report["people"]) == (expected, people)


def test_own_kinds_take_the_place_of_the_shipped_and_a_wrong_file_is_refused(
    make_world: Callable[..., World], tmp_path: Path
) -> None:
    table = tmp_path / "kinds.toml"
    table.write_text(
        'left_out = ["ping"]\n[[kind]]\nkind = "deal"\nphrases = ["deal created"]\n'
        'caption = { en = "Deals" }\n[rest]\ncaption = { en = "All else" }\n',
        encoding="utf-8",
    )
    team = Team(make_world(usage_report=True, report_kinds=table))
    team.order(readers=[1])
    for person in team.people:
        team.world.did(person, "DealCreated", "Ping", "Export", at=team.world.clock.now())
    team.turn(2026, 12, 2)
    (mail,) = team.got(1)
    assert "Deals: 6" in mail["text"]
    assert "All else: 6" in mail["text"]

    for wrong in ("[rest]\n", "[[kind]]\n", "kind = 1\n", "x", '[rest]\ncaption = { de = "x" }\n'):
        bad = table.with_name(f"wrong{len(wrong)}.toml")
        bad.write_text(wrong, encoding="utf-8")
        with pytest.raises(ConfigurationError, match="report_kinds"):
            read_report_kinds(bad)
