"""An invoice that Stripe sends and is paid later: the offer is kept, paid late, or written off."""

from __future__ import annotations

from typing import Any

import pytest

from offers.policy import parse_policy
from tests.support.connected_service import Town
from tests.support.service_offers import POLICY

SEATS, UNIT = 20, 2480
YEAR = SEATS * 12 * UNIT
CREDIT = (
    POLICY[: POLICY.index("[[rule]]")]
    + """
[cost.payment_days]
percent_per_year = 9

[[rule]]
id = "credit"
why = "A budget that opens next quarter is no reason to lose a deal."
when = 'seats_requested >= 10'
get = { seats = 10, term_months = 12 }
give = { payment_days = 30 }
valid_days = 14
"""
)


def an_offer(town: Town) -> str:
    """An offer of thirty days to pay that a manager asked for, another approved and a rep took."""
    town.world.runtime.policy = parse_policy(CREDIT)
    town.world.hire("ada")
    known = {
        "legal_form": {"value": "gmbh", "source": "enrichment"},
        "credit_limit_minor": {"value": 10**8, "source": "billing"},
    }
    lead = town.world.sign_up(email="buyer@large.example", seats=SEATS, attributes=known)
    offer = town.world.post("ada", f"/v1/leads/{lead['lead_id']}/offer").json()["offer_id"]
    town.world.post("manager", f"/v1/offers/{offer}/approve")
    assert town.world.post("ada", f"/v1/offers/{offer}/accept").status_code == 200
    town.world.work()
    return str(offer)


def sent(town: Town, offer: str, status: str = "open") -> None:
    """The invoice as Stripe shows it while nobody has paid."""
    town.stripe.paid(offer, town.world.clock.now(), seats=SEATS, minor=YEAR)
    told(town, status)


def told(town: Town, status: str) -> None:
    invoice = town.stripe.objects["/v1/invoices/in_1"]
    at = int(town.world.clock.now().timestamp())
    moments = invoice.get("status_transitions") or {}
    moments = {"finalized_at": moments.get("finalized_at") or at, "paid_at": None}
    if status == "paid":
        moments["paid_at"] = at
    invoice |= {"status": status, "status_transitions": moments}
    invoice["collection_method"] = "send_invoice"
    town.billed(f"invoice.{status}", {"id": "in_1"})


def shown(town: Town, offer: str) -> dict[str, Any]:
    return dict(town.world.get("manager", f"/v1/offers/{offer}").json())


def test_an_invoice_that_is_sent_keeps_the_offer_until_it_is_paid(town: Town) -> None:
    offer = an_offer(town)
    sent(town, offer)
    after = shown(town, offer)
    assert (after["state"], after["on_account"]["invoice"]) == ("accepted", "in_1")
    assert after["on_account"]["minor"] == YEAR
    town.world.wait(days=25)
    town.world.work()
    assert shown(town, offer)["state"] == "accepted"
    told(town, "paid")
    after = shown(town, offer)
    assert after["state"] == "redeemed"
    assert after["late_days"] is None


def test_one_paid_late_redeems_with_the_days(town: Town) -> None:
    offer = an_offer(town)
    sent(town, offer)
    town.world.wait(days=33)
    town.world.work()
    assert "overdue" in {task["kind"] for task in shown(town, offer)["tasks"]}
    told(town, "paid")
    after = shown(town, offer)
    assert (after["state"], after["late_days"]) == ("redeemed", 3)


@pytest.mark.parametrize("status", ["uncollectible", "void"])
def test_one_that_is_written_off_ends_the_offer(town: Town, status: str) -> None:
    offer = an_offer(town)
    sent(town, offer)
    town.world.wait(days=60)
    told(town, status)
    assert shown(town, offer)["state"] == "reversed"


def test_an_offer_without_days_to_pay_waits_for_the_money(town: Town) -> None:
    plain = CREDIT.replace("payment_days = 30", "extra_months = 2")
    town.world.runtime.policy = parse_policy(plain)
    town.world.hire("ada")
    lead = town.world.sign_up(email="buyer@large.example", seats=SEATS)["lead_id"]
    offer = town.world.post("ada", f"/v1/leads/{lead}/offer").json()["offer_id"]
    town.world.post("manager", f"/v1/offers/{offer}/approve")
    town.world.post("ada", f"/v1/offers/{offer}/accept")
    sent(town, offer)
    assert (shown(town, offer)["state"], shown(town, offer)["on_account"]) == ("accepted", None)


def test_one_that_is_revised_is_owed_on_its_revision(town: Town) -> None:
    """docs.stripe.com/invoicing/invoice-edits: the first becomes void, the second names it."""
    offer = an_offer(town)
    sent(town, offer)
    due_at = shown(town, offer)["on_account"]["due_at"]
    town.world.wait(days=20)
    town.stripe.paid(
        offer, town.world.clock.now(), n="2", sub="sub_1", seats=SEATS, minor=YEAR - 1000
    )
    first, second = (town.stripe.objects[f"/v1/invoices/in_{n}"] for n in "12")
    first |= {"status": "void", "latest_revision": "in_2"}
    town.billed("invoice.voided", {"id": "in_1"})
    moments = {"finalized_at": int(town.world.clock.now().timestamp()), "paid_at": None}
    second |= {
        "status": "open",
        "collection_method": "send_invoice",
        "status_transitions": moments,
        "from_invoice": {"action": "revision", "invoice": "in_1"},
    }
    town.billed("invoice.finalized", {"id": "in_2"})
    owed = shown(town, offer)
    assert (owed["state"], owed["on_account"]["invoice"]) == ("accepted", "in_2")
    assert (owed["on_account"]["minor"], owed["on_account"]["due_at"]) == (YEAR - 1000, due_at)


def test_one_that_is_paid_after_it_was_written_off_is_the_accounts_money(town: Town) -> None:
    """docs.stripe.com/invoicing/overview: an uncollectible invoice may still be paid."""
    offer = an_offer(town)
    sent(town, offer)
    town.world.wait(days=60)
    told(town, "uncollectible")
    town.world.wait(days=9)
    told(town, "paid")
    assert shown(town, offer)["state"] == "reversed"
    account = town.world.get("manager", "/v1/accounts/large.example").json()
    assert account["money"]["sums"][0]["paid_minor"] == YEAR
    assert account["people"][0]["outcome"] == "converted"
