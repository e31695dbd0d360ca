"""Controls are logged with their chance; the effect and the page of concessions are told by it."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from offers.policy import parse_policy
from service.cli import app
from service.db.tables.leads import assignments, ledger, offers, outbox
from tests.support.service import World
from tests.support.service_offers import POLICY, a_lead_due_an_offer

HALF = POLICY.replace("days_between_offers", "holdout = 0.5\ndays_between_offers")
READ_ONCE = HALF + "\n[readings]\nplanned = 60\ncount = 1\n"
READ_TWICE = HALF + "\n[readings]\nplanned = 120\ncount = 2\n"


def giveget(world: World, *arguments: object) -> Result:
    command = ["policy", *(str(argument) for argument in arguments), "--db", world.settings.db]
    return CliRunner().invoke(app, command)


def long_ago(world: World, text: str = HALF) -> None:
    """The commands read the machine's clock, so the story plays before it."""
    world.wait(days=-400)
    world.runtime.policy = parse_policy(text)


def drawn(world: World, count: int, name: str = "same") -> dict[str, list[str]]:
    """Leads of accounts of their own, each due an offer, by the arm it fell into."""
    leads = [a_lead_due_an_offer(world, email=f"p@{name}{n}.example") for n in range(count)]
    for lead in leads:
        world.did(lead, "project created")
    refs = world.rows(sa.select(offers.c.lead))
    offered = {row.lead for row in refs}
    return {
        "offer": [lead for lead in leads if lead in offered],
        "control": [lead for lead in leads if lead not in offered],
    }


def pays(world: World, lead: str, minor: int = 100_000, currency: str = "USD") -> None:
    body = {
        "id": f"out-{lead}",
        "lead_id": lead,
        "kind": "converted",
        "at": world.clock.now().isoformat(),
        "plan": "business",
        "seats": 10,
        "term_months": 12,
        "amount": {"minor": minor, "currency": currency},
    }
    assert world.send("/v1/outcomes", body).status_code == 200


def test_a_control_gets_no_offer_but_its_would_be_offer_is_kept_with_its_chance(
    world: World,
) -> None:
    long_ago(world)

    arms = drawn(world, 16)
    for lead in arms["control"]:
        world.did(lead, "project created")
        world.post("manager", f"/v1/leads/{lead}/offer")

    rows = world.rows(sa.select(assignments))
    assert sorted(row.arm for row in rows) == sorted(
        arm for arm, leads in arms.items() for _ in leads
    )
    assert {row.propensity for row in rows} == {"0.5"}
    assert {json.loads(row.terms)["gives"]["extra_months"] for row in rows} == {3}
    assert arms["control"]
    assert world.count(offers) == world.count(outbox) == len(arms["offer"])


def test_a_dry_run_draws_nothing(world: World) -> None:
    long_ago(world)
    lead = a_lead_due_an_offer(world)

    world.post("manager", f"/v1/leads/{lead}/offer", {"dry_run": True})

    assert world.count(assignments) == 0


def test_the_effect_counts_accounts_as_they_were_assigned(world: World) -> None:
    long_ago(world, READ_ONCE)
    arms = drawn(world, 60)
    for leads, payers in ((arms["offer"], 18), (arms["control"], 2)):
        for lead in leads[:payers]:
            pays(world, lead)

    told = giveget(world, "effect", "--json")
    assert told.exit_code == 0, told.output
    found: dict[str, Any] = json.loads(told.stdout)

    assert (found["offered"], found["controls"]) == tuple(len(leads) for leads in arms.values())
    assert (found["offered_converted"], found["controls_converted"]) == (18, 2)
    assert found["verdict"] == "more"
    assert found["next_reading"] is None
    assert [each["crossed"] for each in found["readings"]] == [True]
    assert found["money_minor_per_account"]["low"] is None
    assert re.fullmatch(
        r"more, since the reading at \d+ accounts; today \d+\.\d points \(\d+\.\d to \d+\.\d\) "
        r"over 60 accounts; no reading is to come",
        found["says"],
    ), found["says"]
    said = giveget(world, "effect").stdout
    assert "money minus cost: undecided: only 2 accounts of one group paid; each needs 10" in said
    assert "offer    18 of" in said


def test_a_conversion_after_the_window_or_an_account_younger_than_it_does_not_count(
    world: World,
) -> None:
    long_ago(world)
    arms = drawn(world, 60)
    world.wait(days=61)
    pays(world, arms["offer"][0])

    found = json.loads(giveget(world, "effect", "--json").stdout)
    young = giveget(world, "effect", "--days", 100_000)

    assert found["offered_converted"] == 0
    assert young.exit_code == 0, young.output
    assert "60 accounts are left out: younger" in young.stdout
    assert "verdict: too early" in young.stdout


def test_before_publishing_the_controls_say_how_many_buy_without_an_offer(
    world: World, tmp_path: Path
) -> None:
    world.clock.advance(datetime.now(UTC) - world.clock.now() - timedelta(days=80))
    world.runtime.policy = parse_policy(HALF)
    arms = drawn(world, 60)
    for lead in arms["control"][:3]:
        pays(world, lead)
    world.wait(days=65)
    drawn(world, 45, "recent")
    file = tmp_path / "p.toml"
    file.write_text(HALF)

    (rule,) = json.loads(giveget(world, "check", file, "--json").stdout)["rules"]

    share = 3 / len(arms["control"])
    assert rule["break_even"]["is_observed"] is True
    assert [row["base"] for row in rule["break_even"]["rises"]] == [pytest.approx(share)]
    assert rule["knowing"]["base"] == pytest.approx(share)
    assert rule["knowing"]["accounts_per_day"] == 1.5
    assert "(observed)" in giveget(world, "check", file).stdout


@pytest.mark.parametrize("by", ["taken", "rule", "before", "moon"])
def test_a_comparison_that_chance_did_not_draw_is_refused(tmp_path: Path, by: str) -> None:
    db = f"sqlite:///{tmp_path}/x.db"

    result = CliRunner().invoke(app, ["policy", "effect", "--by", by, "--db", db])

    assert result.exit_code == 2
    assert "only --by assignment is random" in result.stderr


def test_without_a_holdout_there_is_no_effect_to_tell(world: World) -> None:
    long_ago(world, POLICY)
    drawn(world, 2)

    result = giveget(world, "effect")

    assert result.exit_code == 2
    assert "without a holdout" in result.stderr


def redeemed(world: World, invoice: str) -> str:
    (offer,) = world.get("manager", "/v1/offers").json()["offers"]
    order = {
        "plan": "business",
        "seats": 100,
        "term_months": 12,
        "prepaid": True,
        "paid_at": world.clock.now().isoformat(),
        "invoice": invoice,
    }
    answer = world.send(f"/v1/offers/{offer['id']}/redeem", {"order": order})
    assert answer.json()["redeemed"] is True
    return str(offer["id"])


def test_the_months_page_lists_every_concession_and_a_spreadsheet_runs_none_of_it(
    world: World, tmp_path: Path
) -> None:
    long_ago(world, POLICY)
    drawn(world, 1)
    redeemed(world, "=HYPERLINK(1)")
    file = tmp_path / "page.csv"
    month = f"{world.clock.now():%Y-%m}"

    told = giveget(world, "ledger", "--month", month, "--csv", file)

    assert told.exit_code == 0, told.output
    (row,) = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    assert row["list_minor"] == row["net_minor"] == str(100 * 12 * 2480)
    assert row["net_per_delivered_month_minor"] == str(100 * 12 * 2480 // 15)
    assert row["reserved_minor"] == row["settled_minor"] == str(100 * 3 * 2480)
    assert (row["state"], row["asked_by"]) == ("redeemed", "system")
    assert row["invoice"] == "'=HYPERLINK(1)"
    assert row["effect"] == "undecided"
    assert "1 concessions, reserved 744,000, settled 744,000" in told.stdout
    other = giveget(world, "ledger", "--month", "2020-12", "--json")
    assert json.loads(other.stdout) == {"concessions": [], "broken_at": None}


def test_a_changed_ledger_is_told_and_a_wrong_month_is_a_mistake(world: World) -> None:
    long_ago(world, POLICY)
    drawn(world, 1)
    forged = sa.update(ledger).values(facts="{}")
    world.runtime.store.write_now(lambda c: c.execute(forged) and None)

    told = giveget(world, "ledger", "--month", f"{world.clock.now():%Y-%m}")

    assert (told.exit_code, "changed at entry 1" in told.stderr) == (1, True)
    assert giveget(world, "ledger", "--month", "2026-13").exit_code == 2


def test_a_young_rule_holds_out_more_and_who_is_held_out_stays_so_when_it_is_older(
    world: World,
) -> None:
    long_ago(world)
    today = world.clock.now().date()
    text = HALF.replace("holdout = 0.5", "holdout = 0\nholdout_while_young = 0.5\nyoung_days = 30")
    text = text.replace("give = {", f"from = {today}\ngive = {{")
    world.runtime.policy = parse_policy(text)

    arms = drawn(world, 16)
    assert {row.propensity for row in world.rows(sa.select(assignments))} == {"0.5"}
    assert arms["control"]
    world.wait(days=31)
    older = drawn(world, 4, "older")
    for lead in arms["control"]:
        world.did(lead, "project created")

    assert older["control"] == []
    assert world.count(offers) == len(arms["offer"]) + len(older["offer"])
