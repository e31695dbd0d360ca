"""Readings fixed at publication, when the next one is, and accounts that turn out to be one."""

from __future__ import annotations

import html
import json
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from offers.holdout import accounts_needed, planned_accounts
from offers.policy import PolicyError, parse_policy
from service.cli import app
from service.db.tables.leads import assignments, effect_plans, effect_readings
from service.domain.days import day_in_words
from service.store.offers import effect_plans as plans
from service.store.offers import holdout, merged_accounts
from service.store.offers.effect_plans import EffectPlan
from service.store.offers.holdout import Assigned
from service.use_cases.views.measured_effects import (
    Measured,
    earliest_verdict,
    estimate,
    measured,
    next_reading,
    verdict_in_words,
)
from service.use_cases.views.verdict_reason import why_in_words
from tests.support.service import World
from tests.support.service_offers import POLICY, a_lead_due_an_offer

HALF = POLICY.replace("days_between_offers", "holdout = 0.5\ndays_between_offers")
PLANNED = HALF + "\n[readings]\nplanned = 200\ncount = 2\n"
TERMS = json.dumps({"reserve_currency": "USD"})


def assign(world: World, account: str, arm: str, at: datetime, **more: Any) -> None:
    row = {
        "account": account,
        "policy_id": "story",
        "arm": arm,
        "propensity": "0.5",
        "policy_version": "v",
        "rule": "three-more-months",
        "terms": TERMS,
        "lead": f"ref-{account}",
        "at": at,
    }
    assigned = Assigned(**(row | more))
    world.runtime.store.write_now(lambda connection: holdout.record(connection, assigned))


def a_plan(world: World, readings: int = 2, planned: int = 200) -> None:
    plan = EffectPlan(
        policy_id="story", readings=readings, planned=planned, fixed_at=world.clock.now()
    )
    world.runtime.store.write_now(lambda connection: plans.fix(connection, plan))


def looked(world: World, **asked: Any) -> Measured:
    now = world.clock.now()
    return world.runtime.store.read_now(
        lambda connection: measured(connection, "story", now=now, **asked)
    )


def merged(world: World, gone: str, kept: str) -> None:
    now = world.clock.now()
    world.runtime.store.write_now(
        lambda connection: merged_accounts.merge(connection, gone, kept, now)
    )


def due(world: World, **fields: Any) -> str:
    """A lead that an offer was due to, so that its account is assigned."""
    lead = a_lead_due_an_offer(world, **fields)
    world.did(lead, "project created")
    return lead


# ------------------------------------------------------------------ fixing


def test_publishing_fixes_the_readings_and_a_later_version_moves_nothing(world: World) -> None:
    for text in (PLANNED, PLANNED.replace("planned = 200", "planned = 20")):
        kept = world.post("manager", "/v1/policies", {"text": text}).json()
        path = f"/v1/policies/{kept['id']}/publish"
        assert world.post("admin", path, {"reason": "to see"}).status_code == 200

    (plan,) = world.rows(sa.select(effect_plans))
    assert (plan.policy_id, plan.readings, plan.planned) == ("story", 2, 200)
    assert plan.fixed_at == world.clock.now()


def test_a_policy_that_nobody_published_has_its_readings_fixed_by_the_first_assignment(
    world: World,
) -> None:
    world.runtime.policy = parse_policy(HALF)
    due(world)

    (plan,) = world.rows(sa.select(effect_plans))
    assert (plan.readings, plan.planned) == (4, accounts_needed(0.05, 0.075, 0.5))
    (row,) = world.rows(sa.select(assignments))
    assert row.score_hundredths is not None


def test_without_a_holdout_there_is_nothing_to_read(world: World) -> None:
    world.runtime.policy = parse_policy(POLICY)
    due(world)

    assert world.count(assignments) == 1
    assert world.count(effect_plans) == 0
    assert planned_accounts(parse_policy(POLICY)) is None


def test_the_plan_follows_the_larger_share_and_what_the_policy_says() -> None:
    young = POLICY.replace("days_between_offers", "holdout_while_young = 0.2\ndays_between_offers")

    assert planned_accounts(parse_policy(young)) == accounts_needed(0.05, 0.075, 0.2)
    assert planned_accounts(parse_policy(PLANNED)) == 200
    assert parse_policy(HALF).guardrails.holdout == Decimal("0.5")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("planned = 3", "`planned` 3 accounts are fewer than 4 readings"),
        ("count = 0", "count"),
        ("count = 51", "count"),
        ("planned = 1.5", "planned"),
        ("accounts = 9", "accounts"),
    ],
)
def test_readings_that_cannot_be_kept_do_not_load(table: str, said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        parse_policy(f"{HALF}\n[readings]\n{table}\n")


def test_policy_check_tells_the_readings_that_publishing_would_fix(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text(PLANNED)

    said = CliRunner().invoke(app, ["policy", "check", str(file)]).stdout

    assert "readings: 2 over 200 accounts" in said


# ------------------------------------------------------------------ dates


def test_before_the_first_reading_it_is_too_early_and_the_day_is_told(world: World) -> None:
    """100 accounts at two a day: the last is assigned on day 50 and old enough 60 days later."""
    a_plan(world)
    begun = world.clock.now()
    for number in range(50):
        arm = "control" if number % 2 else "offer"
        assign(world, f"a{number}", arm, begun + timedelta(days=number / 2, minutes=1))
    world.wait(days=25)

    coming = next_reading(looked(world))
    assert coming is not None
    assert (coming.accounts, coming.still_needed, coming.is_certain) == (100, 100, False)
    assert coming.at is not None
    assert abs(coming.at - (begun + timedelta(days=110))) < timedelta(days=2)
    day = day_in_words(coming.at, world.clock.now())
    young = looked(world)
    assert (len(young.mature), young.young) == (0, 50)
    said = verdict_in_words(estimate(young), young)
    lacks = "100 more accounts, about 50 of them held out; no account has counted yet"
    pace = "at today's pace"
    assert said == f"too early; first reading {day}, {pace}; {lacks}"
    told = world.get("manager", "/v1/effect").json()
    assert (told["verdict"], told["says"], told["offered"]) == ("too early", said, 0)
    assert told["conversion"]["value"] is None
    secret = world.bearer("manager")["authorization"].removeprefix("Bearer ")
    world.client.post("/sign-in", data={"secret": secret})
    page = html.unescape(world.client.get("/effect").text)
    assert 'aria-label="0 of 200 accounts"' in page
    assert said.removeprefix("too early; ") in page

    for number in range(50, 100):
        arm = "control" if number % 2 else "offer"
        assign(world, f"a{number}", arm, begun + timedelta(days=number / 2, minutes=1))
    world.wait(days=40)  # day 65: the accounts of the first five days are old enough
    made = looked(world)
    known = next_reading(made)
    assert known is not None
    assert known.at == begun + timedelta(days=49.5 + 60, minutes=1)
    assert (known.is_certain, known.still_needed) == (True, 90)
    said = verdict_in_words(estimate(made), made)
    day = day_in_words(known.at, made.now)
    lacks = "90 more accounts, 45 of them held out"
    assert said == f"too early; first reading {day}; {lacks}"

    world.wait(days=50)
    after = looked(world)
    assert estimate(after).verdict == "undecided"
    assert verdict_in_words(estimate(after), after) == (
        "undecided; first reading that can decide after 100 more accounts, "
        "about 50 of them held out"
    )


def test_page_call_and_command_tell_the_same(world: World) -> None:
    a_plan(world)
    begun = world.clock.now()
    for number in range(60):
        arm = "control" if number % 2 else "offer"
        assign(world, f"a{number}", arm, begun + timedelta(hours=number))
    world.wait(days=75)

    told = world.get("manager", "/v1/effect").json()

    assert (told["offered"], told["controls"], told["planned"]) == (30, 30, 200)
    assert told["verdict"] == "too early"
    assert told["conversion"]["low"] < 0 < told["conversion"]["high"]
    assert told["next_reading"]["accounts"] == 100
    assert told["next_reading"]["still_needed"] == 40
    assert told["money_minor_per_account"]["value"] == 0
    secret = world.bearer("manager")["authorization"].removeprefix("Bearer ")
    world.client.post("/sign-in", data={"secret": secret})
    page = world.client.get("/effect").text
    assert told["says"] in page
    assert '<svg class="effect"' in page
    assert "+0.0 points, 95% interval" in page
    assert "60 of 200 accounts" in page
    rows = world.client.get("/effects.json").json()["effects"]
    assert [row["rule"] for row in rows] == ["all offers", "three-more-months"]
    readings = world.client.get("/readings.json").json()["readings"]
    assert [row["accounts"] for row in readings] == [100, 200]


def test_where_chance_drew_nothing_page_and_call_say_so(world: World) -> None:
    assign(world, "a", "offer", world.clock.now(), propensity="1")
    world.wait(days=61)

    refused = world.get("manager", "/v1/effect")

    assert (refused.status_code, refused.json()["code"]) == (409, "not_random")
    assert "without a holdout" in refused.text
    secret = world.bearer("manager")["authorization"].removeprefix("Bearer ")
    world.client.post("/sign-in", data={"secret": secret})
    assert "without a holdout" in world.client.get("/effect").text


def test_the_worker_takes_a_reading_on_its_day_and_what_it_said_stays(world: World) -> None:
    a_plan(world)
    begun = world.clock.now()
    for number in range(110):
        arm = "control" if number % 2 else "offer"
        assign(world, f"a{number}", arm, begun + timedelta(hours=number))
    world.wait(days=66)
    world.work()
    taken = world.rows(sa.select(effect_readings).order_by(effect_readings.c.rule))
    assert [(row.rule, row.accounts) for row in taken] == [("", 100), ("three-more-months", 100)]
    assert taken[0].low < 0 < taken[0].high
    before = estimate(looked(world)).readings

    for number in range(30):  # accounts with both arms, all at once
        merged(world, f"a{2 * number}", f"a{2 * number + 1}")
    world.wait(days=2)
    world.work()

    assert len(looked(world).mature) == 50
    assert estimate(looked(world)).readings == before
    assert world.rows(sa.select(effect_readings).order_by(effect_readings.c.rule)) == taken
    coming = next_reading(looked(world))
    assert coming is not None
    assert coming.accounts == 200


# ------------------------------------------------------------------ readings that cannot decide


def a_tenth(world: World, accounts: int, *, controls: int) -> None:
    """So many accounts, one an hour, the controls first, each with a tenth's chance to be one."""
    begun = world.clock.now()
    for number in range(accounts):
        arm, chance = ("control", "0.1") if number < controls else ("offer", "0.9")
        assign(world, f"a{number}", arm, begun + timedelta(hours=number), propensity=chance)


def test_a_reading_that_cannot_hold_twenty_in_each_group_is_not_announced(world: World) -> None:
    """Readings of 30, 60 … accounts at a tenth held out: only the one of 210 holds 20 and more."""
    a_plan(world, readings=10, planned=300)
    a_tenth(world, 40, controls=3)
    world.wait(days=10)

    made = looked(world)
    following, earliest = next_reading(made), earliest_verdict(made)

    assert following is not None
    assert earliest is not None
    assert (following.accounts, following.can_decide, following.is_certain) == (30, False, True)
    assert (earliest.accounts, earliest.still_needed, earliest.held_out) == (210, 210, 20)
    assert earliest.at is not None
    assert earliest.at > world.clock.now() + timedelta(days=60)
    said = verdict_in_words(estimate(made), made)
    day = day_in_words(earliest.at, made.now)
    assert said == (
        f"too early; first reading that can decide {day}, at today's pace; 210 more accounts, "
        "about 20 of them held out; no account has counted yet"
    )
    told = world.get("manager", "/v1/effect").json()
    assert told["earliest_verdict"]["accounts"] == 210
    assert told["next_reading"] | {"at": ""} == {
        "accounts": 30,
        "still_needed": 30,
        "held_out": 3,
        "at": "",
        "is_certain": True,
        "can_decide": False,
    }


@pytest.mark.parametrize(("accounts", "is_told"), [(4, False), (5, True)])
def test_no_day_is_told_by_the_pace_of_a_few(world: World, accounts: int, is_told: bool) -> None:
    a_plan(world, readings=1, planned=60)
    for number in range(accounts):
        arm = "control" if number % 2 else "offer"
        assign(world, f"a{number}", arm, world.clock.now() + timedelta(days=number))
    world.wait(days=5)
    following = next_reading(looked(world))
    assert following is not None
    assert (following.at is not None) is is_told


def test_it_is_taken_as_planned_and_says_what_it_had_beside_the_day_that_follows(
    world: World,
) -> None:
    a_plan(world, readings=10, planned=300)
    a_tenth(world, 40, controls=3)
    world.wait(days=62)
    world.work()

    assert [row.accounts for row in world.rows(sa.select(effect_readings))] == [30, 30]
    made = looked(world)
    reason = why_in_words(estimate(made), made)
    assert "one of the two groups had only 3 accounts; each needs 20" in reason
    said = verdict_in_words(estimate(made), made)
    assert said == (  # none came in 30 days, so no day is told
        "too early; first reading that can decide after 170 more accounts, "
        "about 17 of them held out"
    )
    secret = world.bearer("manager")["authorization"].removeprefix("Bearer ")
    world.client.post("/sign-in", data={"secret": secret})
    page = world.client.get("/effect").text
    assert said.removeprefix("too early; ") in page
    assert reason in page
    states = [row["state"] for row in world.client.get("/readings.json").json()["readings"]]
    assert states[1] == (
        "to come, too early to decide: the smaller group would have about 5 accounts and needs 20"
    )
    assert states[6] == "to come"


def test_where_no_planned_reading_can_decide_it_says_so_and_what_to_do(world: World) -> None:
    a_plan(world, readings=2, planned=100)
    a_tenth(world, 20, controls=2)

    made = looked(world)

    assert earliest_verdict(made) is None
    assert verdict_in_words(estimate(made), made) == (
        "too early; no planned reading can decide: even at the last, of 100 accounts, the smaller "
        "group would have about 10 accounts and needs 20; to know, publish a policy of another id "
        "with more planned"
    )


def test_policy_check_names_what_lets_the_first_reading_decide(tmp_path: Path) -> None:
    def checked(text: str) -> str:
        file = tmp_path / "p.toml"
        file.write_text(text)
        return CliRunner().invoke(app, ["policy", "check", str(file)]).stdout

    tenth = PLANNED.replace("holdout = 0.5", "holdout = 0.1")

    assert (
        "note: the first reading, of 100 accounts, can decide nothing: its smaller group would "
        "have about 10 at a holdout of 10%, each needs 20; set [readings] planned = 400, "
        "[readings] count = 1, or a larger [guardrails] holdout"
    ) in checked(tenth)
    for mended in (tenth.replace("planned = 200", "planned = 400"), PLANNED):
        assert "can decide nothing" not in checked(mended)


# ------------------------------------------------------------------ who is one account


def counts(world: World) -> tuple[int, int, int]:
    found = looked(world).found
    controls = sum(each.is_control for each in found.accounts)
    return len(found.accounts) - controls, controls, found.both_arms


def test_accounts_that_merge_count_once_by_their_earliest_assignment(world: World) -> None:
    now = world.clock.now()
    assign(world, "old", "offer", now, rule="earlier")
    assign(world, "new", "offer", now + timedelta(days=3), rule="later")
    assign(world, "apart", "control", now)
    before = world.rows(sa.select(assignments).order_by(assignments.c.account))

    merged(world, "new", "old")

    assert counts(world) == (1, 1, 0)
    earliest = [each.first.rule for each in looked(world).found.accounts if not each.is_control]
    assert earliest == ["earlier"]
    assert world.rows(sa.select(assignments).order_by(assignments.c.account)) == before


@pytest.mark.parametrize("order", [("ab", "bc", "cd"), ("cd", "bc", "ab"), ("ba", "dc", "ac")])
def test_one_that_had_both_arms_is_left_out_and_counted_in_any_order_of_mergers(
    world: World, order: tuple[str, ...]
) -> None:
    now = world.clock.now()
    for number, (account, arm) in enumerate(
        (("a", "offer"), ("b", "offer"), ("c", "control"), ("d", "offer"), ("e", "control"))
    ):
        assign(world, account, arm, now + timedelta(hours=number))

    for gone, kept in order:
        merged(world, gone, kept)
        merged(world, kept, gone)  # told again, the other way round

    assert counts(world) == (0, 1, 1)
    arms = {
        account: world.runtime.store.read_now(
            lambda connection, of=account: holdout.arm_of(connection, of, "story")
        )
        for account in "abcdef"
    }
    assert arms == dict.fromkeys("abcde", "control") | {"f": None}


def test_people_who_turn_out_to_be_one_keep_what_was_assigned_and_are_held_out(
    world: World,
) -> None:
    """One of a control and one of an account with an offer: nothing more is offered to them."""
    world.runtime.policy = parse_policy(HALF)
    found: dict[str, int] = {}
    for number in range(20):
        ids = {"user": f"u{number}", "hubspot": number}
        due(world, email=f"p@x{number}.example", external_ids=ids)
        arm = world.runtime.store.read_now(
            lambda connection, of=f"x{number}.example": holdout.arm_of(connection, of, "story")
        )
        assert arm is not None
        found.setdefault(arm, number)
    before = sorted(world.rows(sa.select(assignments)))

    ids = {"user": f"u{found['offer']}", "hubspot": found["control"]}
    world.sign_up(email=None, external_ids=ids)

    assert sorted(world.rows(sa.select(assignments))) == before
    assert looked(world).found.both_arms == 1
    assert {
        world.runtime.store.read_now(
            lambda connection, of=f"x{number}.example": holdout.arm_of(connection, of, "story")
        )
        for number in found.values()
    } == {"control"}


def test_a_lone_lead_that_gets_an_account_is_followed_to_it(world: World) -> None:
    world.runtime.policy = parse_policy(HALF)
    lead = due(world, email="someone@gmail.com", company=None)
    (row,) = world.rows(sa.select(assignments))
    assert row.account.startswith("lead:")

    world.sign_up(id=lead, email="someone@gmail.com", external_ids={"account": "acme"})
    body = {"id": "o1", "lead_id": lead, "kind": "converted", "plan": "business", "seats": 10}
    world.send("/v1/outcomes", body | {"at": world.clock.now().isoformat(), "term_months": 12})
    world.wait(days=61)

    (account,) = looked(world).found.accounts
    assert account.converted
    assert account.is_mature
