"""A draft says what its changes cost before anybody publishes it."""

from __future__ import annotations

import json

import sqlalchemy as sa

from offers.money import in_major_units
from offers.policy import parse_policy
from service.db.tables.leads import offers
from tests.service.console.test_console import sign_in
from tests.service.console.test_earned import words
from tests.support.service import World
from tests.support.service_offers import POLICY, a_lead_due_an_offer

CAPPED = POLICY.replace(
    "days_between_offers",
    "rep_minor_per_month = 4_000_000\naccount_minor_per_year = 900_000\ndays_between_offers",
)
LONGER = CAPPED.replace("extra_months = 3", "extra_months = 4").replace("4_000_000", "5_000_000")


def tried(world: World, text: str) -> str:
    kept = world.post("manager", "/v1/policies", {"text": text}).json()
    sign_in(world, "manager")
    return world.client.get(f"/policy/{kept['id']}?trials=1").text


def said(minor: int) -> str:
    return f"{in_major_units(minor, 'USD')} USD"


def test_a_draft_says_what_its_change_costs_and_that_the_rule_is_being_measured(
    world: World,
) -> None:
    world.runtime.policy = parse_policy(CAPPED)
    lead = a_lead_due_an_offer(world)
    world.did(lead, "project created")
    (offer,) = world.rows(sa.select(offers))
    quote = json.loads(offer.terms)["quote"]
    world.runtime.store.write_now(  # as an order leaves it
        lambda c: c.execute(
            sa.update(offers).values(state="redeemed", settled_minor=offer.reserve_minor)
        )
    )
    a_month = offer.reserve_minor // 3
    assert a_month * 3 == offer.reserve_minor

    shown = words(tried(world, LONGER))

    assert "gives: four extra months instead of three extra months" in shown
    order = f"({quote['seats']} seats, {quote['term_months']} months)"
    before, after = said(3 * a_month), said(4 * a_month)
    cost = f"{order} costs at most {before} now, and would cost {after}."
    assert f"three-more-months: the typical order so far {cost}" in shown
    assert "three-more-months: the smallest order (" in shown
    assert (
        f"its 1 redeemed offer conceded {before}; with the new trade the same orders would "
        f"have cost {after}."
    ) in shown
    assert "changes while it is being measured: so far 1 offer of three extra months." in shown
    assert "One account a year: at most 9,000.00 USD ([guardrails] account_minor_per_year)" in shown
    assert "One rep a month: at most 50,000.00 USD, and so far at most 40,000.00 USD" in shown

    world.runtime.policy = parse_policy(LONGER)
    card = words(world.client.get("/policy").text)
    assert "1 of them gave three extra months." in card


def test_whom_a_changed_rule_fits_is_linked_though_none_gets_another_offer(world: World) -> None:
    world.runtime.policy = parse_policy(CAPPED)
    lead = a_lead_due_an_offer(world)
    world.did(lead, "project created")  # it has its offer, so that none is due

    shown = tried(world, LONGER)

    assert "Nobody would get another offer than now" in words(shown)
    assert f'<a href="/leads/{lead}">' in shown


def test_a_policy_without_caps_says_so(world: World) -> None:
    world.runtime.policy = parse_policy(POLICY)

    shown = words(tried(world, POLICY.replace("extra_months = 3", "extra_months = 2")))

    assert "One rep a month: no limit ([guardrails] rep_minor_per_month)" in shown
