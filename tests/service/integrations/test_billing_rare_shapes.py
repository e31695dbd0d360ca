"""Rarer things that happen to an offer's money at Stripe, each with the page that documents it.

Each is played against a running service and says what is true in the end: the offer's state, its
open tasks, what the account paid and got back, its seats, and how often months were handed over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from offers.policy import parse_policy
from service.db.tables.leads import deliveries
from tests.support import signed_calls as tools
from tests.support import stripe_shapes as shapes
from tests.support.connected_service import Town, accepted
from tests.support.service_offers import POLICY
from tests.support.stripe_shapes import NEW, OLD, Object

SEATS, UNIT = 100, 2480
YEAR = SEATS * 12 * UNIT
MONTH = SEATS * UNIT
ACCOUNT = "large.example"
PAY_BY = 'pay_by = { by = "month_end", min_days = 7 }'
PREPAID = parse_policy(POLICY.replace(PAY_BY, "prepay = true") + "valid_days = 20\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """What is true in the end; a redeemed year that stands, unless told otherwise."""

    state: str = "redeemed"
    tasks: tuple[tuple[str, str], ...] = ()
    paid: int = YEAR
    refunded: int = 0
    seats: int | None = SEATS
    schedules: int = 1


def bought(town: Town, offer: Object, **how: Any) -> None:
    """The year is paid and told."""
    wanted = {"seats": SEATS, "minor": YEAR} | how
    town.stripe.paid(offer["id"], town.world.clock.now(), **wanted)
    town.billed("invoice.paid", {"id": f"in_{how.get('n', '1')}"})


def invoice(town: Town, n: str = "1") -> Object:
    return town.stripe.objects[f"/v1/invoices/in_{n}"]


def every_event_of_one_purchase(town: Town, offer: Object) -> None:
    """docs.stripe.com/billing/subscriptions/webhooks: all of them, each twice, in no order."""
    town.stripe.paid(offer["id"], town.world.clock.now(), seats=SEATS, minor=YEAR)
    session = {"id": "cs_1", "invoice": "in_1", "subscription": "sub_1", "payment_status": "paid"}
    told: list[tuple[str, Object]] = [
        ("payment_intent.succeeded", {"id": "pi_1"}),
        ("charge.succeeded", {"id": "ch_1"}),
        ("invoice_payment.paid", {"id": "inpay_1", "invoice": "in_1"}),
        ("customer.subscription.created", {"id": "sub_1"}),
        ("checkout.session.completed", session),
        ("invoice.payment_succeeded", {"id": "in_1"}),
        ("invoice.paid", {"id": "in_1"}),
    ]
    for kind, thing in (*told, *reversed(told)):
        town.billed(kind, thing)


def debit_under_way(town: Town, offer: Object) -> None:
    """docs.stripe.com/payments/checkout/fulfill-orders: paid days after the session completed."""
    town.stripe.paid(offer["id"], town.world.clock.now(), seats=SEATS, minor=YEAR, status="open")
    town.stripe.objects["/v1/payment_intents/pi_1"]["status"] = "processing"
    session = {"id": "cs_1", "invoice": "in_1", "payment_status": "unpaid"}
    town.billed("checkout.session.completed", session)


def debit_that_arrives(town: Town, offer: Object) -> None:
    debit_under_way(town, offer)
    town.world.wait(days=5)
    town.stripe.paid(offer["id"], town.world.clock.now(), seats=SEATS, minor=YEAR)
    town.billed("checkout.session.async_payment_succeeded", {"id": "cs_1", "invoice": "in_1"})


def debit_that_bounces(town: Town, offer: Object) -> None:
    debit_under_way(town, offer)
    town.world.wait(days=5)
    town.stripe.objects["/v1/payment_intents/pi_1"]["status"] = "requires_payment_method"
    town.billed("checkout.session.async_payment_failed", {"id": "cs_1", "invoice": "in_1"})


def refunded(town: Town, minor: int, status: str = "succeeded") -> None:
    """docs.stripe.com/refunds#failed-refunds: the charge says what stands."""
    town.stripe.refunds["ch_1"] = [{"id": "re_1", "amount": minor, "status": status}]
    town.stripe.refund(minor=0 if status == "failed" else minor)
    town.billed("refund.updated", {"id": "re_1", "charge": "ch_1"})


def refund_that_fails(town: Town, offer: Object) -> None:
    bought(town, offer)
    refunded(town, YEAR, "pending")
    refunded(town, YEAR, "failed")


def refund_that_fails_and_is_made_again(town: Town, offer: Object) -> None:
    refund_that_fails(town, offer)
    town.stripe.refunds["ch_1"].append({"id": "re_2", "amount": YEAR, "status": "succeeded"})
    town.stripe.refund(minor=YEAR)
    town.billed("charge.refund.updated", {"id": "re_2", "payment_intent": "pi_1"})


def many_small_refunds(town: Town, offer: Object) -> None:
    bought(town, offer)
    for count in (1, 2, 3):
        town.stripe.refunds["ch_1"] = [
            {"id": f"re_{n}", "amount": YEAR // 1000, "status": "succeeded"} for n in range(count)
        ]
        town.stripe.refund(minor=count * (YEAR // 1000))
        town.billed("refund.created", {"id": f"re_{count}", "charge": "ch_1"})


def disputed(town: Town, status: str, amount: int) -> None:
    town.stripe.objects["/v1/charges/ch_1"]["disputed"] = True
    dispute = {"id": "dp_1", "status": status, "amount": amount}
    town.stripe.objects["/v1/disputes"] = {"data": [dispute]}
    town.billed("charge.dispute.updated", {"id": "dp_1", "payment_intent": "pi_1"})


def small_dispute_that_is_lost(town: Town, offer: Object) -> None:
    """docs.stripe.com/disputes/how-disputes-work: a dispute may be of a part."""
    bought(town, offer)
    disputed(town, "needs_response", YEAR // 1000)
    disputed(town, "lost", YEAR // 1000)


def dispute_of_a_tenth_that_is_lost(town: Town, offer: Object) -> None:
    bought(town, offer)
    disputed(town, "lost", YEAR // 10)


def dispute_that_is_won(town: Town, offer: Object) -> None:
    """`charge.dispute.funds_reinstated`."""
    bought(town, offer)
    disputed(town, "needs_response", YEAR)
    for _ in range(3):
        disputed(town, "won", YEAR)


def dispute_that_is_won_after_the_months_were_taken(town: Town, offer: Object) -> None:
    bought(town, offer)
    disputed(town, "needs_response", YEAR)
    (task,) = town.world.get("manager", "/v1/tasks").json()["tasks"]
    town.world.post("manager", f"/v1/tasks/{task['id']}/done")
    for _ in range(3):
        disputed(town, "won", YEAR)


def overpayment_that_goes_back(town: Town, offer: Object) -> None:
    """docs.stripe.com/invoicing/partial-payments: `amount_overpaid`."""
    bought(town, offer)
    invoice(town)["amount_overpaid"] = 50_000
    town.stripe.objects["/v1/charges/ch_1"]["amount"] = YEAR + 50_000
    town.stripe.refunds["ch_1"] = [{"id": "re_1", "amount": 50_000, "status": "succeeded"}]
    town.stripe.refund(minor=50_000)
    town.billed("charge.refunded", {"id": "ch_1"})


def one_payment_for_two_invoices(town: Town, offer: Object) -> None:
    """docs.stripe.com/api/invoices/attach_payment: half of the payment is another invoice's."""
    bought(town, offer)
    town.stripe.objects["/v1/charges/ch_1"]["amount"] = 2 * YEAR
    town.stripe.refund(minor=YEAR // 50)
    town.billed("charge.refunded", {"id": "ch_1"})


def credit_note_that_is_voided(town: Town, offer: Object) -> None:
    """docs.stripe.com/invoicing/credit-notes."""
    bought(town, offer)
    for status in ("issued", "void"):
        note = shapes.a_credit_note(NEW, YEAR // 2, status=status)
        town.stripe.notes["in_1"] = [note]
        town.billed("credit_note.updated", {"id": "cn_1", "invoice": "in_1"})


def credit_note_of_twelve_lines(town: Town, offer: Object) -> None:
    """docs.stripe.com/api/credit_notes/lines: ours is on the second page."""
    fees = [
        shapes.a_line(NEW, 1, 1000, price=f"price_{n}", is_one_off=True, id=f"il_{n}")
        for n in range(11)
    ]
    bought(town, offer, lines=[*fees, shapes.a_line(NEW, SEATS, YEAR, id="il_seats")])
    note = shapes.a_credit_note(NEW, YEAR // 2 + 11 * 1000)
    named = [{"id": f"cnli_{n}", "amount": 1000, "invoice_line_item": f"il_{n}"} for n in range(11)]
    named.append({"id": "cnli_11", "amount": YEAR // 2, "invoice_line_item": "il_seats"})
    note["lines"] = {"data": named[:10], "has_more": True}
    town.stripe.pages["/v1/credit_notes/cn_1/lines"] = named
    town.stripe.notes["in_1"] = [note]
    town.billed("credit_note.created", {"id": "cn_1", "invoice": "in_1"})


def refund_and_credit_by_one_note(town: Town, offer: Object) -> None:
    """Half of it to the balance, half refunded, and as much refunded beside the note."""
    bought(town, offer)
    note = shapes.a_credit_note(OLD, YEAR // 250, refunded=1)
    town.stripe.notes["in_1"] = [note | {"post_payment_amount": None}]
    town.stripe.refunds["ch_1"] = [
        {"id": "re_1", "amount": YEAR // 500, "status": "succeeded"},
        {"id": "re_2", "amount": YEAR // 250, "status": "succeeded"},
    ]
    town.stripe.refund(minor=YEAR // 500 + YEAR // 250)
    town.billed("refund.created", {"id": "re_2", "charge": "ch_1"})


def seats_removed_while_an_add_on_stays(town: Town, offer: Object) -> None:
    """docs.stripe.com/api/subscription_items/delete."""
    now = int(town.world.clock.now().timestamp())
    lines = [
        shapes.a_line(NEW, SEATS, YEAR, starts=now),
        shapes.a_line(NEW, 400, 40_000, price="price_more", item="si_more"),
    ]
    items = [shapes.an_item(SEATS), shapes.an_item(400, id="si_more", price="price_more")]
    bought(town, offer, lines=lines, items=items)
    town.world.wait(days=9)
    del town.stripe.objects["/v1/subscriptions/sub_1"]["items"]["data"][0]
    town.billed("customer.subscription.updated", {"id": "sub_1"})


def price_of_the_plan_replaced(town: Town, offer: Object) -> None:
    """docs.stripe.com/billing/subscriptions/subscription-schedules: a phase with a new price."""
    bought(town, offer)
    town.world.wait(days=9)
    new = shapes.an_item(SEATS, id="si_new", price="price_new")
    town.stripe.objects["/v1/subscriptions/sub_1"]["items"]["data"] = [new]
    town.billed("customer.subscription.updated", {"id": "sub_1"})


def month_turned_into_a_year(town: Town, offer: Object) -> None:
    """docs.stripe.com/billing/subscriptions/prorations: who pays by the month takes the year."""
    now = town.world.clock.now()
    month = shapes.a_line(NEW, SEATS, MONTH, price="price_month", id="il_month")
    town.stripe.paid(None, now, n="0", sub="sub_1", lines=[month], seats=SEATS, minor=MONTH)
    town.billed("invoice.paid", {"id": "in_0"})
    town.world.wait(days=3)
    credit = shapes.a_line(
        NEW, SEATS, -MONTH * 9 // 10, price="price_month", is_proration=True, id="il_credit"
    )
    lines = [credit, shapes.a_line(NEW, SEATS, YEAR)]
    bought(town, offer, lines=lines, reason="subscription_update")


def prepaid_year_turned_into_months(town: Town, offer: Object) -> None:
    """docs.stripe.com/billing/subscriptions/change-price: what was paid up front is credited."""
    bought(town, offer)
    town.world.wait(days=30)
    now = int(town.world.clock.now().timestamp())
    lines = [
        shapes.a_line(NEW, SEATS, -YEAR * 11 // 12, is_proration=True, id="il_a", starts=now),
        shapes.a_line(NEW, SEATS, MONTH, price="price_month", starts=now, months=1),
    ]
    items = [shapes.an_item(SEATS, price="price_month", months=1)]
    bought(town, offer, n="2", sub="sub_1", lines=lines, items=items, reason="subscription_update")


def year_turned_into_months_once_it_is_over(town: Town, offer: Object) -> None:
    bought(town, offer)
    town.world.wait(days=366)
    items = [shapes.an_item(SEATS, price="price_month", months=1)]
    how: Object = {"sub": "sub_1", "minor": MONTH, "items": items}
    bought(town, offer, n="2", reason="subscription_cycle", term="", **how)


def term_of_the_next_contract(town: Town, offer: Object) -> None:
    """The subscription's metadata is written anew; the year that was bought is over."""
    bought(town, offer)
    town.world.wait(days=400)
    subscription = town.stripe.objects["/v1/subscriptions/sub_1"]
    subscription["metadata"]["giveget_term_months"] = "24"
    town.billed("customer.subscription.updated", {"id": "sub_1"})
    ended = int(town.world.clock.now().timestamp())
    town.stripe.change(status="canceled", ended_at=ended)
    town.billed("customer.subscription.deleted", {"id": "sub_1"})


def seats_added_and_paid_at_once(town: Town, offer: Object) -> None:
    """docs.stripe.com/billing/subscriptions/prorations: `always_invoice`."""
    bought(town, offer)
    town.world.wait(days=30)
    lines = [
        shapes.a_line(NEW, SEATS, -YEAR * 11 // 12, is_proration=True, id="il_a"),
        shapes.a_line(NEW, 120, YEAR * 12 // 10 * 11 // 12, is_proration=True, id="il_b"),
    ]
    items = [shapes.an_item(120)]
    bought(town, offer, n="2", sub="sub_1", lines=lines, items=items, reason="subscription_update")
    town.billed("customer.subscription.updated", {"id": "sub_1"})


def month_of_an_add_on(town: Town, offer: Object) -> None:
    """docs.stripe.com/billing/subscriptions/mixed-interval."""
    items = [shapes.an_item(SEATS), shapes.an_item(3, id="si_more", price="price_more", months=1)]
    bought(town, offer, items=items)
    town.world.wait(days=30)
    more = shapes.a_line(NEW, 3, 15_000, price="price_more", item="si_more")
    bought(town, offer, n="2", sub="sub_1", lines=[more], items=items, reason="subscription_cycle")


def coupon_that_pays_all(town: Town, offer: Object) -> None:
    """docs.stripe.com/billing/subscriptions/coupons: 100 percent off is no payment."""
    bought(town, offer, lines=[shapes.a_line(NEW, SEATS, YEAR, discount=YEAR)])


def year_of_months_in_advance(town: Town, offer: Object) -> None:
    """docs.stripe.com/billing/subscriptions/prebilling."""
    lines = [
        shapes.a_line(NEW, SEATS, MONTH, id=f"il_{n}", starts=1 + n * 2_628_000, months=1)
        for n in range(12)
    ]
    bought(town, offer, lines=lines, items=[shapes.an_item(SEATS, months=1)])


def paid_outside_stripe(town: Town, offer: Object) -> None:
    """docs.stripe.com/api/invoices/pay (2024-06-20): `paid_out_of_band`, no list of payments."""
    town.stripe.version = OLD
    town.stripe.paid(offer["id"], town.world.clock.now(), seats=SEATS, minor=YEAR)
    invoice(town).update(charge=None, payment_intent=None, paid_out_of_band=True, amount_paid=0)
    town.stripe.hidden = {"/v1/invoice_payments"}
    town.billed("invoice.paid", {"id": "in_1"})


def refund_that_only_the_charge_shows(town: Town, offer: Object) -> None:
    """docs.stripe.com/keys/restricted-api-keys: one without read for Refunds."""
    town.stripe.hidden = {"/v1/refunds"}
    bought(town, offer)
    town.stripe.refund(minor=YEAR)
    town.billed("charge.refunded", {"id": "ch_1"})


def events_of_nothing(town: Town, offer: Object) -> None:
    """A preview, a deleted draft and a connected account's invoice are asked for by nobody."""
    now = town.world.clock.now()
    town.billed("invoice.upcoming", {"id": "upcoming_in_9", "object": "invoice"})
    town.billed("invoice.deleted", {"id": "in_9"})
    event = {"id": "evt_9", "object": "event", "type": "invoice.paid", "account": "acct_9"}
    sent = tools.stripe_event(event | {"data": {"object": {"id": "in_9"}}}, now)
    assert town.send(sent).status_code == 200
    town.world.work()
    asked = town.world.rows(sa.select(deliveries.c.subject).where(deliveries.c.what == "invoice"))
    assert asked == []


Play = Callable[[Town, Object], None]
AGAIN = (("restore", "extra_months"),)
BACK = (("take_back", "extra_months"),)
NOT_YET = End(state="accepted", paid=0, seats=None, schedules=0)
WHAT: dict[Play, End] = {
    every_event_of_one_purchase: End(),
    debit_under_way: NOT_YET,
    debit_that_arrives: End(),
    debit_that_bounces: NOT_YET,
    refund_that_fails: End(),
    refund_that_fails_and_is_made_again: End(
        state="reversed", tasks=BACK, refunded=YEAR, seats=None
    ),
    many_small_refunds: End(refunded=YEAR // 1000 * 3),
    small_dispute_that_is_lost: End(refunded=YEAR // 1000),
    dispute_of_a_tenth_that_is_lost: End(state="reversed", tasks=BACK, refunded=YEAR // 10),
    dispute_that_is_won: End(),
    dispute_that_is_won_after_the_months_were_taken: End(tasks=AGAIN),
    overpayment_that_goes_back: End(),
    one_payment_for_two_invoices: End(state="reversed", tasks=BACK, refunded=YEAR // 100),
    credit_note_that_is_voided: End(),
    credit_note_of_twelve_lines: End(state="reversed", tasks=BACK, refunded=YEAR // 2),
    refund_and_credit_by_one_note: End(refunded=YEAR // 250 * 2),
    seats_removed_while_an_add_on_stays: End(state="reversed", tasks=BACK, seats=0),
    price_of_the_plan_replaced: End(),
    month_turned_into_a_year: End(paid=YEAR + MONTH, refunded=MONTH * 9 // 10),
    prepaid_year_turned_into_months: End(
        state="reversed", tasks=BACK, paid=YEAR + MONTH, refunded=YEAR * 11 // 12
    ),
    year_turned_into_months_once_it_is_over: End(paid=YEAR + MONTH),
    term_of_the_next_contract: End(seats=0),
    seats_added_and_paid_at_once: End(paid=YEAR + YEAR * 2 // 10 * 11 // 12, seats=120),
    month_of_an_add_on: End(),
    coupon_that_pays_all: NOT_YET,
    year_of_months_in_advance: End(),
    paid_outside_stripe: End(),
    refund_that_only_the_charge_shows: End(state="reversed", tasks=BACK, refunded=YEAR, seats=None),
    events_of_nothing: NOT_YET,
}


@pytest.mark.parametrize("play", list(WHAT), ids=lambda play: play.__name__)
def test_what_happens_at_stripe_ends_like_this(town: Town, play: Play) -> None:
    offer = accepted(town, PREPAID)
    play(town, offer)
    assert the_end(town, offer) == WHAT[play]


def the_end(town: Town, offer: Object) -> End:
    world = town.world
    listed = world.get("manager", "/v1/tasks").json()["tasks"]
    money = world.get("manager", f"/v1/accounts/{ACCOUNT}").json()["money"]
    sums = money["sums"] or [{"paid_minor": 0, "refunded_minor": 0}]
    return End(
        state=world.get("manager", f"/v1/offers/{offer['id']}").json()["state"],
        tasks=tuple((task["kind"], task["give"]) for task in listed),
        paid=sums[0]["paid_minor"],
        refunded=sums[0]["refunded_minor"],
        seats=money["seats"],
        schedules=len(town.stripe.seen("POST", "/v1/subscription_schedules/")),
    )
