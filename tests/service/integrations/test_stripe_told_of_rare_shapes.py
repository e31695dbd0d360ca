"""What Stripe is told where a subscription or a customer is not the usual one.

Shapes: docs.stripe.com/api/subscription_schedules/update, /api/customers/delete, /api/events.
"""

from __future__ import annotations

from typing import Any

import pytest

from service.errors import BadInput
from service.integrations.stripe_events import Asked, read_event
from service.jobs.stripe_calls import grant_calls
from service.settings import Settings
from tests.support import stripe_shapes as shapes
from tests.support.connected_service import Town, accepted, an_offer
from tests.support.stripe_shapes import Object

SEATS = 100
YEAR = SEATS * 12 * 2480


def months_granted(items: list[Object], **subscription: Any) -> dict[str, str]:
    """The form of the schedule that hands three months over."""
    held = shapes.a_subscription(items, **subscription)
    return dict(grant_calls("extra_months", 3, "task_1", held, items)[-1].form)


def metered(n: int) -> Object:
    item = shapes.an_item(1, id=f"si_{n}", price=f"price_{n}")
    del item["quantity"]
    return item


def starting(form: dict[str, str], beginning: str) -> dict[str, str]:
    return {n.removeprefix(beginning): v for n, v in form.items() if n.startswith(beginning)}


def test_usage_has_no_quantity_in_a_phase() -> None:
    form = months_granted([shapes.an_item(SEATS), metered(2)])
    for phase in ("phases[0]", "phases[1]"):
        assert starting(form, f"{phase}[items]") == {
            "[0][price]": "price_seat",
            "[0][quantity]": "100",
            "[1][price]": "price_2",
        }


def test_taxes_and_discounts_stay_through_the_free_months_and_after_them() -> None:
    item = shapes.an_item(SEATS) | {"tax_rates": [{"id": "txr_2"}], "discounts": ["di_item"]}
    form = months_granted(
        [item], default_tax_rates=[{"id": "txr_1"}], discounts=["di_1", {"id": "di_2"}]
    )
    for phase in ("phases[0]", "phases[1]"):
        assert starting(form, f"{phase}[default_tax_rates]") == {"[0]": "txr_1"}
        assert starting(form, f"{phase}[discounts]") == {
            "[0][discount]": "di_1",
            "[1][discount]": "di_2",
        }
        assert starting(form, f"{phase}[items][0][tax_rates]") == {"[0]": "txr_2"}
        assert starting(form, f"{phase}[items][0][discounts]") == {"[0][discount]": "di_item"}


def test_free_months_follow_the_longest_of_several_intervals() -> None:
    """docs.stripe.com/billing/subscriptions/mixed-interval: a monthly add-on stands first."""
    month = shapes.an_item(3, id="si_more", price="price_more", months=1, starts=1000, ends=2000)
    form = months_granted([month, shapes.an_item(SEATS, starts=1000, ends=9000)])
    assert form["phases[0][end_date]"] == "9000"


def test_no_item_of_a_subscription_is_lost_to_a_page(town: Town) -> None:
    """docs.stripe.com/api/subscription_items/list: a page shows ten."""
    offer = accepted(town)
    items = [shapes.an_item(SEATS), *(metered(n) for n in range(2, 14))]
    town.stripe.paid(offer["id"], town.world.clock.now(), seats=SEATS, minor=YEAR, items=items[:10])
    town.stripe.objects["/v1/subscriptions/sub_1"]["items"]["has_more"] = True
    town.stripe.pages["/v1/subscription_items"] = items
    town.billed("invoice.paid", {"id": "in_1"})
    (form,) = town.stripe.seen("POST", "/v1/subscription_schedules/sub_sched_1")
    assert form["phases[1][items][12][price]"] == "price_13"


def test_a_deleted_customer_pays_by_their_address(town: Town) -> None:
    _, offer = an_offer(town)
    known = {"hubspot": "501", "stripe": "cus_9"}
    town.world.sign_up(email="buyer@large.example", external_ids=known)
    town.stripe.gone.add("cus_9")
    token = town.world.runtime.links.offer(offer["id"]).rpartition("/")[2]
    for _ in range(2):
        shown = town.world.client.post(f"/o/{token}/accept").text
        town.world.work()
    assert "checkout.stripe.example/cs_1" in shown
    first, second = town.stripe.seen("POST", "/v1/checkout/sessions")
    assert first["customer"] == "cus_9"
    assert (second.get("customer"), second["customer_email"]) == (None, "buyer@large.example")
    assert {n: v for n, v in first.items() if n != "customer"} == {
        n: v for n, v in second.items() if n != "customer_email"
    }


def an_event(kind: str, thing: Object | None, **more: Any) -> Object:
    data = {"data": {"object": thing, "previous_attributes": {"status": "open"}}}
    return {"id": "evt_1", "object": "event", "type": kind, **(data if thing else {}), **more}


def thin(kind: str, id: str, **more: Any) -> Object:
    related = {"id": id, "type": kind.rpartition(".")[0].removeprefix("v1.")}
    return {"object": "v2.core.event", "type": kind, "related_object": related, **more}


ASKED: dict[str, tuple[Object, tuple[str, str] | None]] = {
    "a preview": (an_event("invoice.upcoming", {"id": "upcoming_in_1"}), None),
    "a preview without an id": (an_event("invoice.upcoming", {"object": "invoice"}), None),
    "a thin preview": (thin("v1.invoice.upcoming", "upcoming_in_1"), None),
    "a deleted draft": (an_event("invoice.deleted", {"id": "in_1"}), None),
    "a thin deleted draft": (thin("v1.invoice.deleted", "in_1"), None),
    "a connected account's": (an_event("invoice.paid", {"id": "in_1"}, account="acct_2"), None),
    "an organization's": (
        an_event("invoice.paid", {"id": "in_1"}, context="acct_1"),
        ("invoice", "in_1"),
    ),
    "a refund of a payment intent": (
        an_event("charge.refund.updated", {"id": "re_1", "charge": None, "payment_intent": "pi_1"}),
        ("payment_intent", "pi_1"),
    ),
    "a failed refund": (
        an_event("refund.failed", {"id": "re_1", "charge": {"id": "ch_1", "object": "charge"}}),
        ("charge", "ch_1"),
    ),
    "a dispute whose charge is an object": (
        an_event("charge.dispute.funds_reinstated", {"id": "dp_1", "charge": {"id": "ch_1"}}),
        ("charge", "ch_1"),
    ),
    "a dispute of a payment intent": (
        an_event("charge.dispute.created", {"id": "dp_1", "payment_intent": "pi_1"}),
        ("payment_intent", "pi_1"),
    ),
    "an overpaid invoice": (an_event("invoice.overpaid", {"id": "in_1"}), ("invoice", "in_1")),
    "a detached payment": (
        an_event("invoice_payment.detached", {"id": "inpay_1", "invoice": {"id": "in_1"}}),
        ("invoice", "in_1"),
    ),
    "a session of a payment alone": (
        an_event("checkout.session.completed", {"id": "cs_1", "mode": "payment", "invoice": None}),
        None,
    ),
    "a schedule that was released": (
        an_event("subscription_schedule.released", {"id": "sub_sched_1", "subscription": None}),
        None,
    ),
    "a trial that ends soon": (
        an_event("customer.subscription.trial_will_end", {"id": "sub_1"}),
        ("subscription", "sub_1"),
    ),
    "a balance's": (an_event("cash_balance.funds_available", {"object": "cash_balance"}), None),
    "a credit grant's": (an_event("billing.credit_grant.created", {"id": "credgr_1"}), None),
    "a promotion code's": (an_event("promotion_code.created", {"id": "promo_1"}), None),
    "a thin dispute's": (thin("v1.charge.dispute.closed", "du_1"), ("dispute", "du_1")),
}


@pytest.mark.parametrize("name", list(ASKED))
def test_an_event_makes_us_ask_for_this(name: str) -> None:
    event, asked = ASKED[name]
    expected = None if asked is None else Asked(what=asked[0], subject=asked[1])  # type: ignore[arg-type]  # one of them
    assert read_event(event) == expected


@pytest.mark.parametrize(
    "event", [an_event("invoice.paid", {"id": "in_1"}), thin("v1.x.y", "in_1")]
)
def test_test_mode_and_test_clocks_are_refused_by_a_live_store(event: Object) -> None:
    with pytest.raises(BadInput):
        read_event(event | {"livemode": False}, is_live=True)


@pytest.mark.parametrize(
    ("key", "is_live"), [("rk_live_1", True), ("rk_test_1", False), ("sk_test_1", False)]
)
def test_a_restricted_key_says_whether_money_is_real(key: str, is_live: bool) -> None:
    assert Settings(stripe_key=key, live=False).takes_live_money is is_live
