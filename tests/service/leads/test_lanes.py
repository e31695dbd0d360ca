from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offers.policy import parse_policy
from service.domain.lane_reasons import NO_MAIL, NO_REP, Because, in_words, why_from, why_json
from service.domain.lanes import (
    TRANSITIONS,
    UNREACHED,
    LaneInputs,
    TeamCapacity,
    came_after_trial,
    choose_lane,
    value_per_minute,
)
from service.domain.priority import priority
from service.domain.routing import Clock, Needs, RepDesk, find_rep
from service.domain.working_hours import read_hours
from tests.support.service import World
from tests.support.service_offers import POLICY, a_lead_due_an_offer

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ROOM = TeamCapacity(cut_off=value_per_minute(10_000, 10), minutes=480, reps=2, leads=300)


def a_standing(**given: object) -> LaneInputs:
    gain = given.get("gain_minor", 5_000)
    assert isinstance(gain, int)
    standing = LaneInputs(
        now=NOW,
        gain_minor=gain,
        currency="USD",
        minutes=10,
        value_per_minute=value_per_minute(gain, 10),
        hides_price=False,
        plan="business",
        is_waiting=False,
        is_interested=True,
        has_lawful_basis=True,
        do_not_email=False,
        mail_reaches=True,
        touched_at=None,
        asked_for_rep_at=None,
        rests_until=None,
        open_deal=False,
        paying_colleague=False,
        outcome=None,
        outcome_at=None,
        trial_ends_at=None,
    )
    return replace(standing, **given)  # type: ignore[arg-type]  # names are Standing's own


def lane(
    standing: LaneInputs, room: TeamCapacity = ROOM, no_rep: str | None = None
) -> tuple[str, str | None]:
    choice = choose_lane(standing, room, no_rep_because=no_rep, touch_days=30, look_again_days=30)
    assert choice.why
    assert choice.unreached is None or choice.unreached in UNREACHED
    return choice.lane, choice.unreached


YESTERDAY, TOMORROW = NOW - timedelta(days=1), NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"gain_minor": 20_000}, ("rep", None)),
        ({"gain_minor": 10_000}, ("offer", "below_cut_off")),
        ({"gain_minor": 10_000, "is_waiting": True}, ("rep", None)),
        ({"hides_price": True}, ("rep", None)),
        ({"gain_minor": 20_000, "is_past": True}, ("offer", "past_trial")),
        (
            {"is_past": True, "is_explored": True, "is_interested": False},
            ("self_serve", "past_trial"),
        ),
        ({"gain_minor": 20_000, "is_past": True, "is_waiting": True}, ("rep", None)),
        ({"asked_for_rep_at": YESTERDAY, "is_past": True}, ("rep", None)),
        ({"asked_for_rep_at": YESTERDAY}, ("rep", None)),
        ({}, ("offer", "below_cut_off")),
        ({"is_interested": False}, ("self_serve", "below_cut_off")),
        ({"has_lawful_basis": False}, ("self_serve", "below_cut_off")),
        ({"do_not_email": True}, ("self_serve", "below_cut_off")),
        ({"mail_reaches": False}, ("self_serve", "below_cut_off")),
        ({"open_deal": True}, ("self_serve", "below_cut_off")),
        ({"is_plan_unknown": True}, ("offer", "below_cut_off")),
        ({"is_price_needed": True}, ("offer", "below_cut_off")),
        ({"is_plan_unknown": True, "is_price_needed": True}, ("self_serve", "below_cut_off")),
        ({"paying_colleague": True}, ("self_serve", "below_cut_off")),
        ({"touched_at": YESTERDAY}, ("self_serve", "in_conversation")),
        ({"touched_at": NOW - timedelta(days=31)}, ("offer", "below_cut_off")),
        ({"rests_until": TOMORROW, "gain_minor": 20_000}, ("self_serve", "resting")),
        ({"rests_until": YESTERDAY, "gain_minor": 20_000}, ("rep", None)),
        ({"outcome": "converted", "outcome_at": NOW}, ("self_serve", "converted")),
        ({"outcome": "lost", "outcome_at": NOW, "hides_price": True}, ("self_serve", "lost")),
    ],
)
def test_the_lane_follows_the_order_of_the_design(
    given: dict[str, object], expected: tuple[str, str | None]
) -> None:
    assert lane(a_standing(**given)) == expected


FOR_ANY_PLAN = """
[[rule]]
id = "more-days"
why = "Who shows the product around needs time."
when = 'lane == "offer" and trial_day >= 5'
get = { invite_teammates = 2 }
give = { trial_days = 14 }
email = "extra-months"
valid_days = 20
"""


@pytest.mark.parametrize("plan", ["platinum", "Business"])
@pytest.mark.parametrize("text", [POLICY, POLICY + FOR_ANY_PLAN])
def test_a_plan_without_a_price_goes_by_the_rules_that_need_none(
    world: World, text: str, plan: str
) -> None:
    world.runtime.policy = parse_policy(text)
    lead = a_lead_due_an_offer(world, plan=plan)
    world.work()

    shown = world.get("manager", f"/v1/leads/{lead}").json()["lead"]
    made = [offer["rule"] for offer in world.get("manager", "/v1/offers").json()["offers"]]

    why = shown["lane_why"]
    is_known, is_only_priced = plan == "Business", text == POLICY
    assert ("the plan platinum is in no price book" in why) is not is_known
    if is_known:
        assert (shown["lane"], made) == ("offer", ["three-more-months"])
    elif is_only_priced:
        assert (shown["lane"], made) == ("self_serve", [])
        assert why.endswith("no mail: every rule that mails offers needs the plan's price")
    else:
        assert (shown["lane"], made) == ("offer", ["more-days"])


def test_a_good_lead_without_an_eligible_rep_says_so() -> None:
    assert lane(a_standing(gain_minor=20_000), no_rep="none_covers") == ("offer", "no_eligible_rep")


def test_a_lead_only_a_person_can_serve_waits_in_the_pool() -> None:
    assert lane(a_standing(hides_price=True), no_rep="none_available") == ("rep", None)


def test_while_everything_fits_everything_goes_to_a_rep() -> None:
    assert lane(a_standing(gain_minor=1), replace(ROOM, cut_off=None)) == ("rep", None)


def test_without_rep_minutes_nothing_does() -> None:
    assert lane(a_standing(), TeamCapacity(cut_off=None, minutes=0, reps=0, leads=0))[0] == "offer"


@given(
    gains=st.lists(st.integers(1, 10**9), min_size=2, max_size=8, unique=True),
    ages=st.lists(st.floats(0, 2000), min_size=8, max_size=8),
    later=st.floats(0, 5000),
)
def test_the_static_key_orders_as_decayed_gain_does_at_any_time(
    gains: list[int], ages: list[float], later: float
) -> None:
    half_life = 72.0
    pairs = [(gain, NOW - timedelta(hours=age)) for gain, age in zip(gains, ages, strict=False)]

    def decayed(pair: tuple[int, datetime]) -> float:
        hours = (NOW - pair[1]) / timedelta(hours=1) + later
        return value_per_minute(pair[0], 10) - math.log(2) * hours / half_life

    keys = [priority(value_per_minute(gain, 10), hot, half_life) for gain, hot in pairs]
    for one, a in zip(keys, pairs, strict=True):
        for two, b in zip(keys, pairs, strict=True):
            if abs(decayed(a) - decayed(b)) > 1e-6:
                assert (one > two) == (decayed(a) > decayed(b))


def a_desk(rep: str, **given: object) -> RepDesk:
    return replace(RepDesk(id=rep, capacity=10, available=True), **given)  # type: ignore[arg-type]  # names are RepDesk's own


ANY = Needs(language=None, country=None, segment=None, account_rep=None)


@pytest.mark.parametrize(
    ("desks", "needs", "rep"),
    [
        ([a_desk("a", load_minor=9), a_desk("b", load_minor=5)], ANY, "b"),
        ([a_desk("a", load_minor=9), a_desk("b")], replace(ANY, account_rep="a"), "a"),
        ([a_desk("a", available=False), a_desk("b")], replace(ANY, account_rep="a"), "b"),
        ([a_desk("a", claimed_today=10), a_desk("b", load_minor=5)], ANY, "b"),
        ([a_desk("a", countries=("DE",)), a_desk("b")], replace(ANY, country="FR"), "b"),
        ([a_desk("a", languages=("de",))], replace(ANY, language="fr"), None),
        ([a_desk("a", languages=("de",))], ANY, "a"),
        ([a_desk("a", available=False)], ANY, None),
        ([a_desk("a", capacity=0)], ANY, None),
        ([], ANY, None),
    ],
)
def test_routing_finds_the_accounts_rep_or_the_freest_who_covers_it(
    desks: list[RepDesk], needs: Needs, rep: str | None
) -> None:
    route = find_rep(needs, desks, tie="x")

    assert route.rep == rep
    assert (route.no_rep_because is None) == (rep is not None)


def test_ties_do_not_all_go_to_one_rep() -> None:
    desks = [a_desk(rep) for rep in "abcd"]

    assert {find_rep(ANY, desks, tie=str(n)).rep for n in range(40)} == set("abcd")


OFFICE = {
    zone: read_hours(f"{zone} 1-5 09:00-17:00")
    for zone in ("Europe/Lisbon", "Asia/Tokyo", "America/Denver")
}


@pytest.mark.parametrize(
    ("now", "answer_in", "reps"),
    [
        ("2026-11-18T12:00:00+00:00", 60, {"lisbon"}),
        ("2026-11-18T12:00:00+00:00", 6000, {"lisbon"}),
        ("2026-11-18T00:30:00+00:00", 60, {"tokyo"}),
        ("2026-11-18T16:30:00+00:00", 60, {"lisbon", "denver"}),
        ("2026-11-18T08:30:00+00:00", 60, {"lisbon"}),
        ("2026-11-21T12:00:00+00:00", 60, {"lisbon", "tokyo", "denver"}),
        ("2026-11-22T20:00:00+00:00", 300, {"tokyo"}),
    ],
)
def test_who_is_at_work_gets_the_lead_then_who_begins_before_it_is_due(
    now: str, answer_in: int, reps: set[str]
) -> None:
    desks = [a_desk(zone.partition("/")[2].lower(), hours=hours) for zone, hours in OFFICE.items()]
    at = datetime.fromisoformat(now)
    clock = Clock(now=at, answer_by=at + timedelta(minutes=answer_in))
    chosen = {find_rep(ANY, desks, tie=str(n), clock=clock).rep for n in range(60)}
    assert chosen == reps


def test_the_teams_week_is_that_of_reps_without_one() -> None:
    at = datetime.fromisoformat("2026-11-18T03:00:00+00:00")
    clock = Clock(now=at, answer_by=at, team_hours=OFFICE["Europe/Lisbon"])
    desks = [a_desk("team"), a_desk("tokyo", hours=OFFICE["Asia/Tokyo"])]
    assert {find_rep(ANY, desks, tie=str(n), clock=clock).rep for n in range(40)} == {"tokyo"}


def test_every_reason_reads_as_a_sentence() -> None:
    why = (
        Because("gain", {"each": 374.016, "currency": "USD"}),
        Because("below_cut_off", {"cut_off": 1500.5}),
        Because("in_conversation", {"day": "2026-11-01"}),
        Because("no_mail", {"obstacle": "do_not_email"}),
    )
    assert in_words(why) == (
        "a rep's minute on this lead should bring about 374.02 USD, less than the 1,500.50 "
        "from which a rep calls today; "
        "a person was in touch on 1 November 2026; no mail: asked for no mail"
    )
    assert in_words(why_from(why_json(why))) == in_words(why)
    assert in_words(()) == ""


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (
            [Because("resting", {"day": "2026-11-11"})],
            "paused until 11 November 2026, as a rep asked",
        ),
        (
            [
                Because(
                    "resting_by_machine",
                    {"day": "2026-11-11", "result": "not_interested", "on": "2026-10-12"},
                )
            ],
            "paused until 11 November 2026: not interested, as noted in a screening call by a "
            "machine on 12 October 2026",
        ),
        (
            [Because("do_not_call"), Because("in_peace_until", {"day": "2027-05-03"})],
            "asked for no calls; paused until 3 May 2027",
        ),
        ([Because("objects_to_profiling")], "asked not to be scored: neither scored nor routed"),
        (
            [
                Because("asked_for_rep", {"day": "2026-11-01"}),
                Because("waits_in_pool", {"no_rep": "none_available"}),
            ],
            "replied or booked a meeting on 1 November 2026; unassigned: no rep is available",
        ),
        (
            [Because("explored"), Because("unclaimed")],
            "drawn at random to learn what a call changes; missed: nobody replied in time, "
            "neither the assigned reps nor any other",
        ),
    ],
)
def test_a_reason_is_said_in_the_words_of_the_field(why: list[Because], said: str) -> None:
    assert in_words(why) == said


def test_what_reaches_no_queue_is_said_of_no_it() -> None:
    said = [*UNREACHED.values(), *TRANSITIONS.values(), *NO_REP.values(), *NO_MAIL.values()]
    words = {word.strip(":,") for sentence in said for word in sentence.split()}
    assert words.isdisjoint({"it", "its", "pool", "peace", "resting", "objects"})
    assert UNREACHED["resting"] == "paused until a date, as a rep asked or a screening call noted"


@pytest.mark.parametrize(
    ("moment", "ends", "hot", "is_past"),
    [
        (NOW - timedelta(days=400), NOW - timedelta(days=386), NOW - timedelta(days=386), True),
        (NOW - timedelta(days=400), None, NOW - timedelta(days=400), True),
        (NOW - timedelta(days=200), None, NOW - timedelta(days=200), False),
        (NOW - timedelta(days=400), TOMORROW, NOW - timedelta(days=400), False),
        (NOW - timedelta(days=400), NOW - timedelta(days=386), NOW, False),
        (NOW, NOW + timedelta(days=14), NOW, False),
    ],
)
def test_who_came_in_after_the_trial_and_did_nothing_since_is_past(
    moment: datetime, ends: datetime | None, hot: datetime, is_past: bool
) -> None:
    assert came_after_trial(moment, ends, NOW, hot) is is_past
