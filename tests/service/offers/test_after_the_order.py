"""What may follow an order: a deed that is owed by a date, and money on account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from offers.policy import parse_policy
from service.use_cases.intake.erasure import erase
from service.use_cases.tx import transact_now
from tests.support.service import World
from tests.support.service_offers import POLICY

RULE = """
[cost.payment_days]
percent_per_year = 9

[[rule]]
id = "later"
why = "Who promises it with the order does it once they are happy."
when = 'seats_requested >= 10'
get = { seats = 10, term_months = 12, GET }
give = { GIVE }
valid_days = 14
"""
FORM = {"value": "GmbH", "source": "enrichment"}
LIMIT = {"value": 9_000_000, "source": "billing"}
UNIT = 2480 * 12


def an_offer(world: World, get: str, give: str, **fields: Any) -> tuple[str, str]:
    """A lead and the offer a manager asked for, approved where it must be; accepted."""
    head = POLICY[: POLICY.index("[[rule]]")]
    rule = RULE.replace(", GET", f", {get}" if get else "").replace("GIVE", give)
    world.runtime.policy = parse_policy(head + rule)
    world.hire("ada")
    lead = world.sign_up(**({"seats": 20, "plan": "business"} | fields))["lead_id"]
    asked = world.post("ada", f"/v1/leads/{lead}/offer").json()
    assert asked["offer_id"], asked
    offer = f"/v1/offers/{asked['offer_id']}"
    world.post("manager", f"{offer}/approve")
    taken = world.post("ada", f"{offer}/accept")
    assert taken.status_code == 200, taken.text
    return str(lead), offer


def ordered(world: World, offer: str, **changes: Any) -> dict[str, Any]:
    order = {
        "plan": "business",
        "seats": 20,
        "term_months": 12,
        "prepaid": True,
        "amount": {"minor": 20 * UNIT, "currency": "USD"},
        "invoice": "in_later",
    }
    answer = world.send(f"{offer}/redeem", {"order": order | changes})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def tasks_of(world: World, offer: str, kind: str) -> list[dict[str, Any]]:
    return [one for one in seen(world, offer)["tasks"] if one["kind"] == kind]


def seen(world: World, offer: str) -> dict[str, Any]:
    return dict(world.get("manager", offer).json())


@pytest.mark.parametrize(
    ("get", "value"),
    [
        ("case_study = { within_days = 90 }", {"within_days": 90}),
        ("referral = { count = 2, within_days = 90 }", {"count": 2, "within_days": 90}),
    ],
)
def test_a_deed_that_may_follow_is_owed_by_a_date(world: World, get: str, value: object) -> None:
    _, offer = an_offer(world, get, "extra_months = 3")
    assert seen(world, offer)["owes"] == []
    paid = world.clock.now()
    assert ordered(world, offer, paid_at=paid.isoformat())["redeemed"] is True

    (owed,) = seen(world, offer)["owes"]
    assert (owed["value"], owed["state"]) == (value, "open")
    assert owed["due_at"].startswith((paid + timedelta(days=90)).date().isoformat())
    world.wait(days=70)
    world.work()
    assert tasks_of(world, offer, "remind") == []
    world.wait(days=10)
    for _ in range(2):
        world.work()
    (reminder,) = tasks_of(world, offer, "remind")
    assert reminder["state"] == "open"
    world.wait(days=60)
    world.work()
    assert seen(world, offer)["state"] == "redeemed"

    (task,) = tasks_of(world, offer, "owed")
    world.post("manager", f"/v1/tasks/{task['id']}/done")
    assert seen(world, offer)["owes"][0]["state"] == "done"
    assert tasks_of(world, offer, "remind")[0]["state"] == "dropped"


def test_a_call_that_was_owed_is_ticked_off_when_it_is_seen(world: World) -> None:
    lead, offer = an_offer(world, "feedback_call = { within_days = 30 }", "extra_months = 1")
    ordered(world, offer, paid_at=world.clock.now().isoformat())
    assert [one["state"] for one in seen(world, offer)["owes"]] == ["open"]
    world.wait(days=3)
    world.touched(lead, "call")
    assert [one["state"] for one in seen(world, offer)["owes"]] == ["done"]


def test_what_was_done_before_the_order_is_not_owed(world: World) -> None:
    lead, offer = an_offer(world, "feedback_call = { within_days = 30 }", "extra_months = 1")
    world.wait(hours=1)
    world.touched(lead, "meeting")
    assert ordered(world, offer, paid_at=world.clock.now().isoformat())["redeemed"] is True
    assert seen(world, offer)["owes"] == []


def test_the_same_deed_as_a_before_still_comes_before(world: World) -> None:
    _, offer = an_offer(world, "case_study = true", "extra_months = 1")
    answer = ordered(world, offer, paid_at=world.clock.now().isoformat())
    assert [one["get"] for one in answer["missed"]] == ["case_study"]


def test_a_refund_ends_what_was_owed(world: World) -> None:
    _, offer = an_offer(world, "case_study = { within_days = 90 }", "extra_months = 1")
    ordered(world, offer, paid_at=world.clock.now().isoformat())
    assert world.send(f"{offer}/reverse", {"order": None}).json()["reversed"] is True
    assert [one["state"] for one in seen(world, offer)["owes"]] == ["dropped"]


def on_account(world: World, **attributes: Any) -> tuple[str, str]:
    known = {"legal_form": FORM, "credit_limit_minor": LIMIT} | attributes
    return an_offer(world, "", "payment_days = 60", attributes=known)


def test_an_order_on_account_keeps_the_offer_past_its_end(world: World) -> None:
    _, offer = on_account(world)
    assert ordered(world, offer)["outcome"] == "pending"
    after = seen(world, offer)
    due = (world.clock.now() + timedelta(days=60)).date().isoformat()
    assert after["state"] == "accepted"
    assert after["on_account"]["due_at"].startswith(due)
    assert after["on_account"]["minor"] == 20 * UNIT
    assert [one["give"] for one in tasks_of(world, offer, "grant")] == ["payment_days"]
    world.wait(days=55)
    world.work()
    assert seen(world, offer)["state"] == "accepted"

    assert ordered(world, offer, paid_at=world.clock.now().isoformat())["redeemed"] is True
    after = seen(world, offer)
    assert (after["state"], after["late_days"]) == ("redeemed", None)


def test_paid_late_redeems_with_the_days_and_overdue_is_a_task(world: World) -> None:
    lead, offer = on_account(world)
    ordered(world, offer)
    world.wait(days=64)
    for _ in range(2):
        world.work()
    (task,) = tasks_of(world, offer, "overdue")
    assert task["state"] == "open"
    assert "in_later" in task["recipe"]
    asked = world.post("manager", f"/v1/leads/{lead}/offer", {"dry_run": True}).json()
    refused = {one["name"] for one in asked["guardrails"] if not one["held"]}
    assert {"overdue"} <= refused

    assert ordered(world, offer, paid_at=world.clock.now().isoformat())["redeemed"] is True
    after = seen(world, offer)
    assert (after["state"], after["late_days"]) == ("redeemed", 4)
    assert tasks_of(world, offer, "overdue")[0]["state"] == "dropped"


def test_written_off_is_reversed(world: World) -> None:
    _, offer = on_account(world)
    ordered(world, offer)
    world.wait(days=100)
    assert world.send(f"{offer}/reverse", {"order": None}).json()["reversed"] is True
    assert seen(world, offer)["state"] == "reversed"


def test_an_order_on_account_after_the_end_keeps_nothing(world: World) -> None:
    _, offer = on_account(world)
    world.wait(days=20)
    world.work()
    assert seen(world, offer)["state"] == "expired"
    body = {
        "order": {
            "plan": "business",
            "seats": 20,
            "term_months": 12,
            "prepaid": True,
            "invoice": "in_after",
        }
    }
    answer = world.send(f"{offer}/redeem", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "offer_expired")
    assert "the order names no paid_at" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("form", "guardrail"), [(None, "credit_to_companies"), ("Person", "credit_to_companies")]
)
def test_credit_is_for_companies_and_always_approved(
    world: World, form: str | None, guardrail: str
) -> None:
    head = POLICY[: POLICY.index("[[rule]]")]
    rule = RULE.replace(", GET", "").replace("GIVE", "payment_days = 60")
    world.runtime.policy = parse_policy(head + rule)
    world.hire("ada")
    told = {"legal_form": {"value": form, "source": "enrichment"}} if form else {}
    known = {"credit_limit_minor": LIMIT} | told
    lead = world.sign_up(seats=20, plan="business", attributes=known)["lead_id"]
    asked = world.post("ada", f"/v1/leads/{lead}/offer").json()
    assert asked["offer_id"] is None
    assert guardrail in {one["name"] for one in asked["guardrails"] if not one["held"]}

    company = known | {"legal_form": FORM}
    other = world.sign_up(email="b@other.example", seats=20, plan="business", attributes=company)[
        "lead_id"
    ]
    asked = world.post("manager", f"/v1/leads/{other}/offer").json()
    state = seen(world, f"/v1/offers/{asked['offer_id']}")["state"]
    assert state == "awaiting_approval"


def test_what_is_unpaid_uses_the_credit_limit_up(world: World) -> None:
    limit = {"value": 20 * UNIT + 10, "source": "billing"}
    lead, offer = on_account(world, credit_limit_minor=limit)
    ordered(world, offer)
    asked = world.post("manager", f"/v1/leads/{lead}/offer", {"dry_run": True}).json()
    assert "credit_limit" in {one["name"] for one in asked["guardrails"] if not one["held"]}


@pytest.mark.parametrize(
    "other",
    [
        {"invoice": "in_more_seats", "seats": 1, "amount": {"minor": UNIT, "currency": "USD"}},
        {"amount": {"minor": 5 * UNIT, "currency": "USD"}},
    ],
    ids=["another order", "a part of the money"],
)
def test_what_does_not_pay_a_debt_leaves_it_owed(world: World, other: dict[str, Any]) -> None:
    limit = {"value": 20 * UNIT + 10, "source": "billing"}
    lead, offer = on_account(world, credit_limit_minor=limit)
    ordered(world, offer)
    debt = seen(world, offer)["on_account"]

    answer = ordered(world, offer, paid_at=world.clock.now().isoformat(), **other)
    assert answer["outcome"] == "missed"
    after = seen(world, offer)
    assert (after["state"], after["on_account"]) == ("accepted", debt)
    asked = world.post("manager", f"/v1/leads/{lead}/offer", {"dry_run": True}).json()
    assert "credit_limit" in {one["name"] for one in asked["guardrails"] if not one["held"]}

    world.wait(days=70)
    world.work()
    assert [one["state"] for one in tasks_of(world, offer, "overdue")] == ["open"]
    assert ordered(world, offer, paid_at=world.clock.now().isoformat())["redeemed"] is True


def test_a_debt_that_something_else_was_ordered_beside_can_be_written_off(world: World) -> None:
    _, offer = on_account(world)
    ordered(world, offer)
    ordered(world, offer, paid_at=world.clock.now().isoformat(), seats=1, invoice="in_small")
    assert world.send(f"{offer}/reverse", {"order": None}).json()["reversed"] is True


def test_what_is_owed_is_not_withdrawn_but_paid_or_written_off(world: World) -> None:
    lead, offer = on_account(world)
    ordered(world, offer)
    due = seen(world, offer)["on_account"]["due_at"].removesuffix("Z")

    refused = world.post("manager", f"{offer}/withdraw")
    assert (refused.status_code, refused.json()["code"]) == (409, "on_account")
    assert due in refused.json()["detail"]
    assert "write the order off" in refused.json()["detail"]
    page = console(world).get(offer.removeprefix("/v1"))
    assert f"{offer.removeprefix('/v1')}/withdraw" not in page.text
    transact_now(world.runtime, lambda tx: erase(tx, lead))
    assert ordered(world, offer, paid_at=world.clock.now().isoformat())["redeemed"] is True


def console(world: World) -> Any:
    """A browser in which a manager is signed in."""
    secret = world.bearer("manager")["authorization"].removeprefix("Bearer ")
    assert world.client.post("/sign-in", data={"secret": secret}).status_code == 200
    return world.client


def test_of_two_accounts_that_become_one_the_debt_stays(world: World) -> None:
    person = {"user": "u1"}
    _, accepted = an_offer(world, "", "extra_months = 1", external_ids=person, email=None)
    world.wait(minutes=5)
    known = {"legal_form": FORM, "credit_limit_minor": LIMIT}
    crm = {"hubspot": 7}
    _, owed = an_offer(world, "", "payment_days = 60", attributes=known, external_ids=crm)
    ordered(world, owed)
    world.sign_up(email=None, external_ids=person | crm)
    assert [seen(world, one)["state"] for one in (accepted, owed)] == ["withdrawn", "accepted"]
