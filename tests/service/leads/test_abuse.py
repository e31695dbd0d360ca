"""The same people under another name get no second offer, and nobody's browser talks one up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from offers.policy import parse_policy
from tests.support.service import World
from tests.support.service_offers import POLICY, a_lead_due_an_offer, the_policy

HEAD = POLICY[: POLICY.index("[[rule]]")]
GEO = (
    HEAD
    + """
[[rule]]
id = "for-brazil"
why = "Their currency fell."
when = 'country == "BR" and trial_day >= 1'
get = { seats = 10, term_months = 12 }
give = { extra_months = 1 }
valid_days = 14
"""
)
CREDIT = (
    HEAD
    + """
[cost.payment_days]
percent_per_year = 9

[[rule]]
id = "defer"
why = "The credit limit covers it."
when = 'credit_limit_minor >= 1000 and trial_day >= 1'
get = { seats = 10, term_months = 12 }
give = { payment_days = 60 }
valid_days = 14
"""
)


def tried(world: World, lead: str) -> dict[str, Any]:
    answer: dict[str, Any] = world.post(
        "manager", f"/v1/leads/{lead}/offer", {"dry_run": True}
    ).json()
    return answer


def broken(answer: dict[str, Any]) -> list[str]:
    return [each["name"] for each in answer["guardrails"] if not each["held"]]


def signs_up_again(world: World, **fields: Any) -> str:
    """Another sign-up of a trial that would be due an offer."""
    return a_lead_due_an_offer(world, **fields)


@pytest.mark.parametrize(
    ("first", "second", "refused_by"),
    [
        ({"email": "jo@mail-house.example"}, {"email": "jo+2@mail-house.example"}, "alias_mailbox"),
        ({"email": "j.o@gmail.com"}, {"email": "jo+x@googlemail.com"}, "alias_mailbox"),
        ({"email": "jo+1@gmail.com"}, {"email": "jo@gmail.com"}, "alias_mailbox"),
        (
            {"attributes": {"payment_reference": "card_1"}},
            {"attributes": {"payment_reference": "card_1"}},
            "shared_payment_reference",
        ),
    ],
    ids=["tag", "dots", "plain after tag", "card"],
)
def test_a_second_identity_gets_no_offer(
    world: World, first: dict[str, Any], second: dict[str, Any], refused_by: str
) -> None:
    the_policy(world)
    one = signs_up_again(world, **first)
    world.wait(minutes=1)
    other = signs_up_again(world, **second)

    assert broken(tried(world, one)) == []
    assert refused_by in broken(tried(world, other))


def test_a_second_identity_with_the_same_stripe_customer_is_the_same_lead(world: World) -> None:
    the_policy(world)
    one = signs_up_again(world, id="a", external_ids={"stripe": "cus_1"})
    world.wait(minutes=1)

    assert signs_up_again(world, id="b", external_ids={"stripe": "cus_1"}) == one


def test_strangers_who_share_nothing_each_get_theirs(world: World) -> None:
    the_policy(world)
    signs_up_again(world, email="jo@gmail.com", attributes={"payment_reference": "card_1"})
    other = signs_up_again(world, email="flo@gmail.com", attributes={"payment_reference": "card_2"})

    assert broken(tried(world, other)) == []


def test_a_second_account_of_a_domain_that_had_an_offer_gets_none(world: World) -> None:
    the_policy(world)
    first = signs_up_again(world, id="A", email="a@acme-foods.example")
    world.wait(minutes=1)
    second = signs_up_again(
        world, id="B", email="b@acme-foods.example", external_ids={"company": "another-9"}
    )
    assert broken(tried(world, second)) == []

    world.did(first, "project created")

    assert broken(tried(world, second)) == ["offer_at_domain"]


@pytest.mark.parametrize("again", ["colleague", "same person"])
def test_a_trial_after_one_that_ended_is_a_second_trial(world: World, again: str) -> None:
    the_policy(world)
    now = world.clock.now()
    ends = (now + timedelta(days=3)).isoformat()
    signs_up_again(world, email="a@acme-foods.example", trial_ends_at=ends)
    colleague = signs_up_again(world, email="b@acme-foods.example")
    assert broken(tried(world, colleague)) == []

    world.wait(days=4)
    started = world.clock.now().isoformat()
    who = {"colleague": "c@acme-foods.example", "same person": "a@acme-foods.example"}[again]
    later = signs_up_again(world, email=who, trial_started_at=started, trial_ends_at=None)
    world.wait(days=6)
    world.did(later, "project created")

    (found,) = [g for g in tried(world, later)["guardrails"] if g["name"] == "second_trial"]
    assert (found["held"], found["actual"]) == (False, 1)


@pytest.mark.parametrize(
    ("phone", "attributes", "held"),
    [
        ("+55 11 91234 5678", {}, True),
        ("(11) 91234-5678", {}, False),
        (None, {}, False),
        (None, {"ip_country": {"value": "BR", "source": "gateway"}}, True),
        (None, {"ip_country": "BR"}, False),
        (None, {"ip_country": {"value": "BR", "source": "browser"}}, False),
        ("+1 202 555 0123", {"ip_country": {"value": "US", "source": "gateway"}}, False),
    ],
    ids=[
        "its own code",
        "national form",
        "none",
        "network",
        "no source",
        "a browser's word",
        "others",
    ],
)
def test_an_offer_by_country_needs_a_second_fact_that_is_not_the_first_again(
    world: World, phone: str | None, attributes: dict[str, Any], held: bool
) -> None:
    world.runtime.policy = parse_policy(GEO)
    lead = world.sign_up(country="BR", phone=phone, attributes=attributes)["lead_id"]

    answer = tried(world, lead)

    (found,) = [g for g in answer["guardrails"] if g["name"] == "geo_agreement"]
    assert (found["held"], answer["offer"] is not None) == (held, held)


@pytest.mark.parametrize(
    ("card", "redeemed"), [("BR", True), ("PT", False), (None, False)], ids=str
)
def test_an_offer_by_country_is_redeemed_by_a_card_of_it_only(
    world: World, card: str | None, redeemed: bool
) -> None:
    world.runtime.policy = parse_policy(GEO)
    lead = world.sign_up(country="BR", phone="+55 11 91234 5678", seats=10)["lead_id"]
    offer = world.post("manager", f"/v1/leads/{lead}/offer").json()["offer_id"]
    order = {
        "plan": "business",
        "seats": 10,
        "term_months": 12,
        "invoice": "in_1",
        "paid_at": world.clock.now().isoformat(),
        "billing_country": card,
    }

    told = world.send(f"/v1/offers/{offer}/redeem", {"order": order}).json()

    assert told["redeemed"] is redeemed
    assert [missed["get"] for missed in told["missed"]] == (["billing_country"] * (not redeemed))


@pytest.mark.parametrize("source", ["erp", "Form", "cookie"])
def test_what_a_browser_can_write_decides_no_offer(world: World, source: str) -> None:
    world.runtime.policy = parse_policy(CREDIT)
    given = {
        "credit_limit_minor": {"value": 10**9, "source": source},
        "legal_form": {"value": "llc", "source": "enrichment"},
    }
    lead = world.sign_up(seats=10, attributes=given)["lead_id"]

    assert (tried(world, lead)["offer"] is not None) == (source == "erp")


def test_the_accounts_concessions_of_a_year_add_up(make_world: Callable[..., World]) -> None:
    world = make_world()
    limited = POLICY.replace("[guardrails]", "[guardrails]\naccount_minor_per_year = 1000000")
    limited = limited.replace("days_between_offers = 180", "days_between_offers = 1")
    limited = limited.replace('lane == "offer" and ', "")  # it has bought, and asks again
    world.runtime.policy = parse_policy(limited)
    lead = signs_up_again(world, seats=100)
    world.did(lead, "project created")
    (offer,) = world.get("manager", "/v1/offers").json()["offers"]
    assert offer["terms"]["reserve_minor"] == 100 * 3 * 2480
    world.send(
        f"/v1/offers/{offer['id']}/redeem",
        {
            "order": {
                "plan": "business",
                "seats": 100,
                "term_months": 12,
                "invoice": "in_1",
                "paid_at": world.clock.now().isoformat(),
            }
        },
    )
    world.wait(days=3)

    (found,) = [
        g for g in tried(world, lead)["guardrails"] if g["name"] == "account_minor_per_year"
    ]

    assert (found["held"], found["actual"]) == (False, 2 * 100 * 3 * 2480)
