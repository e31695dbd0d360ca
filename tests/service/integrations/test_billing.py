"""Money as it really comes: first months, trials, changes, refunds; both shapes of Stripe's API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from offers.policy import parse_policy
from service.db.tables.leads import deliveries, outcomes, redemptions
from tests.support import signed_calls as tools
from tests.support import stripe_shapes as shapes
from tests.support.connected_service import Town, accepted, an_offer, the_lead
from tests.support.hubspot_server import HubSpotTool
from tests.support.service_offers import POLICY, a_lead_due_an_offer
from tests.support.stripe_server import StripeTool
from tests.support.stripe_shapes import VERSIONS
from tests.support.tool_servers import Tool, running, settings_for

SEATS, UNIT = 100, 2480
YEAR = SEATS * 12 * UNIT
MONTH = SEATS * UNIT
PAY_BY = 'pay_by = { by = "month_end", min_days = 7 }'
BY_MONTH = POLICY.replace(PAY_BY, "self_serve_purchase = true") + "valid_days = 20\n"
MONTHLY_TENTH = BY_MONTH.replace("extra_months = 3", "percent_off = 10")


@pytest.fixture(params=VERSIONS)
def either_town(request: pytest.FixtureRequest, make_world: Callable[..., Any]) -> Iterator[Town]:
    """A running service beside a Stripe of either version."""
    with (
        running(HubSpotTool()) as hubspot,
        running(StripeTool(request.param)) as stripe,
        running(Tool()) as slack,
    ):
        yield Town(make_world(**settings_for(hubspot, stripe, slack)), hubspot, stripe, slack)


def state(town: Town, offer: dict[str, Any]) -> str:
    return str(town.world.get("manager", f"/v1/offers/{offer['id']}").json()["state"])


def open_tasks(town: Town) -> list[tuple[str, str]]:
    listed = town.world.get("manager", "/v1/tasks").json()["tasks"]
    return [(task["kind"], task["give"]) for task in listed]


def paid(town: Town, offer: dict[str, Any] | None, **how: Any) -> None:
    n = how.get("n", "1")
    wanted = {"seats": SEATS, "minor": YEAR} | how
    town.stripe.paid(None if offer is None else offer["id"], town.world.clock.now(), **wanted)
    town.billed("invoice.paid", {"id": f"in_{n}"})


def changed(town: Town, n: str = "1", **how: Any) -> None:
    town.stripe.change(n, **how)
    town.billed("customer.subscription.updated", {"id": f"sub_{n}"})


def unix(at: datetime) -> int:
    return int(at.timestamp())


def test_the_first_month_of_a_committed_year_redeems_and_free_months_follow_the_year(
    either_town: Town,
) -> None:
    town = either_town
    offer = accepted(town, parse_policy(BY_MONTH))
    (session,) = town.stripe.seen("POST", "/v1/checkout/sessions")
    assert session["line_items[0][price_data][unit_amount]"] == str(UNIT)
    assert session["metadata[giveget_term_months]"] == "12"
    assert session["metadata[giveget_period_months]"] == "1"
    assert "12 months" in session["custom_text[submit][message]"]

    now = town.world.clock.now()
    month = [shapes.an_item(SEATS, months=1, starts=unix(now), ends=unix(now) + 30 * 86_400)]
    paid(town, offer, minor=MONTH, items=month)

    shown = town.world.get("manager", f"/v1/offers/{offer['id']}").json()
    assert shown["state"] == "redeemed"
    assert shown["commitment_until"].startswith("2027-11-02T09:00:00")
    (form,) = town.stripe.seen("POST", "/v1/subscription_schedules/sub_sched_1")
    assert form["phases[0][end_date]"] == str(unix(datetime(2027, 11, 2, 9, tzinfo=UTC)))
    assert form["phases[1][end_date]"] == str(unix(datetime(2028, 2, 2, 9, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("days", "change", "ends", "owed"),
    [
        (70, {"status": "canceled"}, "reversed", "USD 744.00"),
        (70, {"status": "unpaid"}, "reversed", "USD 744.00"),
        (70, {"seats": 40}, "reversed", "USD 744.00"),
        (10, {"seats": 99}, "reversed", "USD 248.00"),
        (70, {"seats": 140}, "redeemed", None),
        (370, {"status": "canceled"}, "redeemed", None),
        (370, {"seats": 1}, "redeemed", None),
    ],
)
def test_leaving_or_shrinking_before_the_end_of_a_commitment_takes_the_give_back(
    town: Town, days: int, change: dict[str, Any], ends: str, owed: str | None
) -> None:
    offer = accepted(town, parse_policy(MONTHLY_TENTH))
    (coupon,) = town.stripe.seen("POST", "/v1/coupons")
    assert (coupon["duration"], coupon["duration_in_months"]) == ("repeating", "12")
    paid(town, offer, minor=MONTH * 9 // 10, items=[shapes.an_item(SEATS, months=1)])
    assert state(town, offer) == "redeemed"

    town.world.wait(days=days)
    changed(town, **change)

    assert state(town, offer) == ends
    recipes = [t["recipe"] for t in town.world.get("manager", "/v1/tasks").json()["tasks"]]
    assert recipes == ([] if owed is None else recipes[:1])
    if owed is not None:
        assert owed in recipes[0]


def test_overdue_payments_and_pauses_are_tasks_until_it_goes_on(town: Town) -> None:
    offer = accepted(town, parse_policy(BY_MONTH))
    paid(town, offer, minor=MONTH, items=[shapes.an_item(SEATS, months=1)])
    for change, task in (
        ({"status": "past_due"}, [("follow_up", "past_due")]),
        ({"status": "active"}, []),
        ({"pause_collection": {"behavior": "void"}}, [("follow_up", "paused")]),
    ):
        for _ in range(2):
            changed(town, **change)
        assert (state(town, offer), open_tasks(town)) == ("redeemed", task)
    changed(town, status="unpaid")
    assert (state(town, offer), open_tasks(town)) == ("reversed", [("take_back", "extra_months")])


def renewed(town: Town, offer: dict[str, Any], status: str, *, subscription: str) -> None:
    """The second month, and how the subscription stands by it."""
    items = [shapes.an_item(SEATS, months=1)]
    how: dict[str, Any] = {"seats": SEATS, "minor": MONTH, "items": items, "sub": "sub_1"}
    how |= {"reason": "subscription_cycle", "status": status}
    now = town.world.clock.now()
    town.stripe.paid(offer["id"], now, n="2", subscription={"status": subscription}, **how)


def stays_unpaid(town: Town) -> dict[str, Any]:
    """A year by the month, whose second month stays unpaid after every reminder."""
    offer = accepted(town, parse_policy(BY_MONTH))
    paid(town, offer, minor=MONTH, items=[shapes.an_item(SEATS, months=1)])
    town.world.wait(days=52)
    renewed(town, offer, "open", subscription="unpaid")
    for _ in range(2):
        town.billed("customer.subscription.updated", {"id": "sub_1"})
    assert (state(town, offer), open_tasks(town)) == ("reversed", [("take_back", "extra_months")])
    town.world.wait(days=9)
    return offer


@pytest.mark.parametrize("is_taken_back", [False, True])
@pytest.mark.parametrize(
    ("kind", "thing"),
    [("invoice.paid", {"id": "in_2"}), ("customer.subscription.updated", {"id": "sub_1"})],
)
def test_who_pays_an_unpaid_subscription_after_all_has_the_offer_again(
    town: Town, kind: str, thing: dict[str, Any], is_taken_back: bool
) -> None:
    """docs.stripe.com/billing/subscriptions/overview: paying the newest invoice makes it active."""
    offer = stays_unpaid(town)
    if is_taken_back:
        (task,) = town.world.get("manager", "/v1/tasks").json()["tasks"]
        town.world.post("manager", f"/v1/tasks/{task['id']}/done")
    renewed(town, offer, "paid", subscription="active")
    for _ in range(2):
        town.billed(kind, thing)
    again = [("restore", "extra_months")] if is_taken_back else []
    assert (state(town, offer), open_tasks(town)) == ("redeemed", again)

    town.world.wait(days=9)
    changed(town, status="canceled", ended_at=unix(town.world.clock.now()))
    assert state(town, offer) == "reversed"


@pytest.mark.parametrize(
    ("status", "subscription"),
    [("void", "active"), ("uncollectible", "active"), ("open", "past_due"), ("open", "canceled")],
)
def test_an_unpaid_subscription_that_goes_on_without_its_money_stays_reversed(
    town: Town, status: str, subscription: str
) -> None:
    offer = stays_unpaid(town)
    renewed(town, offer, status, subscription=subscription)
    town.billed("customer.subscription.updated", {"id": "sub_1"})
    assert state(town, offer) == "reversed"


def test_who_had_shrunk_before_and_pays_again_does_not_get_the_offer_back(town: Town) -> None:
    offer = accepted(town, parse_policy(BY_MONTH))
    paid(town, offer, minor=MONTH, items=[shapes.an_item(SEATS, months=1)])
    changed(town, seats=40)
    town.world.wait(days=52)
    for status, subscription in (("open", "unpaid"), ("paid", "active")):
        renewed(town, offer, status, subscription=subscription)
        town.billed("customer.subscription.updated", {"id": "sub_1"})
        assert state(town, offer) == "reversed"


def test_a_trials_invoice_converts_nobody_and_its_first_payment_redeems(either_town: Town) -> None:
    town = either_town
    _, offer = an_offer(town)
    paid(town, offer, n="t", minor=0, subscription={"status": "trialing"})
    assert state(town, offer) == "sent"
    assert the_lead(town)["lead"].get("outcome") is None
    assert town.world.count(outcomes) == 0

    town.world.wait(days=7)
    paid(town, offer, n="u", sub="sub_t", reason="subscription_cycle")
    assert state(town, offer) == "redeemed"
    town.world.wait(days=365)
    paid(town, offer, n="v", sub="sub_t", reason="subscription_cycle")
    kinds = town.world.rows(sa.select(outcomes.c.kind).order_by(outcomes.c.at))
    assert [row.kind for row in kinds] == ["converted", "renewed"]
    (kept,) = town.world.rows(
        sa.select(deliveries.c.told).where(deliveries.c.id == "stripe:invoice:in_v")
    )
    assert '"renewal"' in kept.told


def test_fees_add_ons_prorations_and_the_next_page_are_read_for_what_they_are(
    either_town: Town,
) -> None:
    town = either_town
    version = town.stripe.version
    offer = accepted(town)
    others = [shapes.a_line(version, 7, 700, price=f"price_{n}", item=f"si_{n}") for n in range(11)]
    lines = [
        shapes.a_line(version, 1, 90_000, price="price_setup", is_one_off=True),
        shapes.a_line(version, 3, -4000, is_proration=True, id="il_proration"),
        *others,
        shapes.a_line(version, SEATS, YEAR),
    ]
    items = [
        shapes.an_item(SEATS),
        *(shapes.an_item(7, id=f"si_{n}", price=f"price_{n}") for n in range(11)),
    ]
    paid(town, offer, lines=lines, items=items)

    assert state(town, offer) == "redeemed"
    kept, credited = town.world.rows(sa.select(outcomes).order_by(outcomes.c.kind))
    assert (kept.kind, credited.kind) == ("converted", "refunded")
    assert f'"seats":{SEATS}' in kept.body
    assert f'"minor":{YEAR}' in kept.body
    assert '"minor":4000' in credited.body
    assert len(town.stripe.seen("POST", "/v1/subscription_schedules/sub_sched_1")) == 1


def test_another_invoice_never_hides_the_one_that_redeemed(either_town: Town) -> None:
    town = either_town
    version = town.stripe.version
    offer = accepted(town)
    paid(town, offer)
    assert state(town, offer) == "redeemed"
    cut = [
        shapes.a_line(version, SEATS, -YEAR, is_proration=True),
        shapes.a_line(version, 20, 20 * 12 * UNIT, is_proration=True),
    ]
    town.world.wait(days=3)
    paid(
        town,
        None,
        n="2",
        sub="sub_1",
        lines=cut,
        items=[shapes.an_item(20)],
        reason="subscription_update",
    )
    assert state(town, offer) == "reversed"


@pytest.mark.parametrize(
    ("kind", "thing"),
    [
        ("charge.refunded", {"id": "ch_1"}),
        ("refund.created", {"id": "re_1", "charge": "ch_1"}),
        ("credit_note.created", {"id": "cn_1", "invoice": "in_1"}),
        ("invoice_payment.paid", {"id": "inpay_1", "invoice": "in_1"}),
    ],
)
def test_money_given_back_is_heard_of_by_any_of_its_events(
    either_town: Town, kind: str, thing: dict[str, Any]
) -> None:
    town = either_town
    offer = accepted(town)
    paid(town, offer, tax=YEAR // 5)
    town.stripe.refund(minor=YEAR // 5)  # the tax alone
    town.billed(kind, thing)
    assert state(town, offer) == "redeemed"
    town.stripe.refund(minor=YEAR // 5 + YEAR // 2)
    note = shapes.a_credit_note(town.stripe.version, YEAR // 2, tax=YEAR // 5)
    town.stripe.notes["in_1"] = [note]
    town.billed(kind, thing)
    assert state(town, offer) == "reversed"


@pytest.mark.parametrize(
    "related",
    [
        {"id": "in_1", "type": "invoice", "url": "/v1/invoices/in_1"},
        {"id": "ch_1", "type": "v1.charge"},
        {"id": "pi_1"},
        {"id": "sub_1", "type": "subscription"},
    ],
)
def test_a_thin_event_leads_to_the_same_invoice(town: Town, related: dict[str, str]) -> None:
    offer = accepted(town)
    town.stripe.paid(offer["id"], town.world.clock.now(), seats=SEATS, minor=YEAR)
    signed = tools.stripe_event(
        {"object": "v2.core.event", "id": "evt_2", "type": "v1.x.y", "related_object": related},
        town.world.clock.now(),
    )
    assert town.send(signed).status_code == 200
    town.world.work()
    assert state(town, offer) == "redeemed"


@pytest.mark.parametrize(
    ("kind", "thing"),
    [
        ("payment_intent.succeeded", {"id": "pi_1"}),
        ("charge.dispute.created", {"id": "dp_1", "payment_intent": "pi_1"}),
    ],
)
def test_an_intent_of_an_older_version_names_its_invoice_itself(
    town: Town, kind: str, thing: dict[str, Any]
) -> None:
    """docs.stripe.com/changelog/basil/2025-03-31: no list of payments before it."""
    town.stripe.version = shapes.OLD
    town.stripe.hidden = {"/v1/invoice_payments"}
    offer = accepted(town)
    town.stripe.paid(offer["id"], town.world.clock.now(), seats=SEATS, minor=YEAR)
    town.stripe.objects["/v1/payment_intents/pi_1"] = {"id": "pi_1", "invoice": "in_1"}
    town.billed(kind, thing)
    assert state(town, offer) == "redeemed"


def test_a_thin_event_about_nothing_of_ours_is_taken_and_forgotten(town: Town) -> None:
    event = {"object": "v2.core.event", "type": "v1.billing.meter.no_meter_found"}
    for related in (None, {"id": "mtr_1", "type": "billing.meter"}):
        sent = tools.stripe_event(event | {"related_object": related}, town.world.clock.now())
        assert town.send(sent).status_code == 200
    assert town.world.count(deliveries) == 0


@pytest.mark.parametrize("settings", [{"stripe_key": "sk_live_9999"}, {"live": True}])
def test_a_live_store_refuses_events_of_test_mode(
    make_world: Callable[..., Any], settings: dict[str, Any]
) -> None:
    world = make_world(stripe_webhook_secret=tools.STRIPE_SECRET, **settings)
    for is_live, status in ((False, 422), (True, 200)):
        event = {"type": "invoice.paid", "livemode": is_live, "data": {"object": {"id": "in_9"}}}
        path, raw, headers = tools.stripe_event(event, world.clock.now())
        answer = world.client.post(path, content=raw, headers=headers)
        assert answer.status_code == status, answer.text
        if status == 422:
            assert answer.json()["code"] == "test_mode_event"


@pytest.mark.parametrize("status", ["warning_needs_response", "warning_closed"])
def test_an_inquiry_withdraws_nothing(town: Town, status: str) -> None:
    offer = accepted(town)
    paid(town, offer)
    town.stripe.objects["/v1/charges/ch_1"]["disputed"] = True
    town.stripe.objects["/v1/disputes"] = {"data": [{"id": "dp_1", "status": status}]}
    town.billed("charge.dispute.created", {"id": "dp_1", "charge": "ch_1"})
    assert (state(town, offer), open_tasks(town)) == ("redeemed", [])


END = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("paid_at", "begun_at", "ends"),
    [
        (END - timedelta(minutes=1), None, "redeemed"),
        (END + timedelta(minutes=1), None, "expired"),
        (END + timedelta(days=4), END - timedelta(hours=1), "redeemed"),
        (END + timedelta(days=4), END + timedelta(hours=1), "expired"),
    ],
)
def test_a_payment_told_after_the_end_counts_by_when_it_was_made(
    either_town: Town, paid_at: datetime, begun_at: datetime | None, ends: str
) -> None:
    town = either_town
    offer = accepted(town)
    town.world.wait(days=35)
    town.world.work()
    assert state(town, offer) == "expired"

    town.stripe.paid(offer["id"], paid_at, seats=SEATS, minor=YEAR, begun_at=begun_at)
    for _ in range(2):
        town.billed("invoice.paid", {"id": "in_1"})

    assert state(town, offer) == ends
    asked = [("refund", "invoice")] if ends == "expired" else []
    assert [task for task in open_tasks(town) if task[0] == "refund"] == asked
    assert the_lead(town)["lead"]["outcome"] == "converted"


@pytest.mark.parametrize("is_told", [True, False])
@pytest.mark.parametrize("by_card", [True, False])
def test_a_debit_that_bounced_in_time_is_no_payment_in_time(
    town: Town, is_told: bool, by_card: bool
) -> None:
    """docs.stripe.com/payments/ach-direct-debit: the next attempt is one of its own."""
    offer = accepted(town)
    town.stripe.paid(offer["id"], town.world.clock.now(), seats=SEATS, minor=YEAR, status="open")
    intent = town.stripe.objects["/v1/payment_intents/pi_1"]
    for status in ("processing", "requires_payment_method") if is_told else ("processing",):
        intent["status"] = status
        town.billed("checkout.session.completed", {"id": "cs_1", "invoice": "in_1"})
    town.world.wait(days=40)
    now = town.world.clock.now()
    late = now if by_card else None  # paid elsewhere, which no charge tells
    town.stripe.paid(offer["id"], now, seats=SEATS, minor=YEAR, begun_at=late)
    town.billed("invoice.paid", {"id": "in_1"})
    expected = "expired" if is_told or by_card else "redeemed"  # it may be the debit that arrived
    assert state(town, offer) == expected


def test_an_attempt_that_failed_in_time_is_no_payment_in_time(either_town: Town) -> None:
    """docs.stripe.com/api/charges/object, `status`: paid out of band after the card had failed."""
    town = either_town
    offer = accepted(town)
    began = town.world.clock.now()
    town.world.wait(days=40)
    how: dict[str, Any] = {"seats": SEATS, "minor": YEAR, "begun_at": began}
    town.stripe.paid(offer["id"], town.world.clock.now(), **how)
    town.stripe.objects["/v1/charges/ch_1"]["status"] = "failed"
    town.billed("invoice.paid", {"id": "in_1"})
    assert state(town, offer) == "expired"


def test_a_payment_for_a_withdrawn_offer_is_a_task_to_refund_it(town: Town) -> None:
    offer = accepted(town)
    town.world.post("manager", f"/v1/offers/{offer['id']}/withdraw")
    paid(town, offer)
    assert (state(town, offer), open_tasks(town)) == ("withdrawn", [("refund", "invoice")])
    (task,) = town.world.get("manager", "/v1/tasks").json()["tasks"]
    assert task["value"] == "in_1"
    assert "USD 29,760.00" in task["recipe"]


@pytest.mark.parametrize(
    ("left", "lasts"),
    [
        (timedelta(days=9), timedelta(hours=24)),
        (timedelta(hours=24), timedelta(hours=24)),
        (timedelta(hours=3), timedelta(hours=3)),
        (timedelta(minutes=31), timedelta(minutes=31)),
        (timedelta(minutes=30), timedelta(minutes=30, seconds=1)),
        (timedelta(seconds=20), timedelta(minutes=30, seconds=1)),
    ],
)
def test_a_checkout_ends_with_the_offer_within_what_stripe_allows(
    town: Town, left: timedelta, lasts: timedelta
) -> None:
    _, offer = an_offer(town, parse_policy(POLICY.replace("extra_months = 3", "percent_off = 9")))
    town.world.clock.advance(END - left - town.world.clock.now())
    token = town.world.runtime.links.offer(offer["id"]).rpartition("/")[2]
    assert town.world.client.post(f"/o/{token}/accept").status_code == 200
    (session,) = town.stripe.seen("POST", "/v1/checkout/sessions")
    assert int(session["expires_at"]) == unix(END - left + lasts)
    (coupon,) = town.stripe.seen("POST", "/v1/coupons")
    assert int(coupon["redeem_by"]) == unix(END)


@pytest.mark.parametrize("how", ["withdrawn", "expired", "redeemed"])
def test_the_checkout_of_an_offer_that_is_over_is_closed(town: Town, how: str) -> None:
    offer = accepted(town)
    if how == "withdrawn":
        town.world.post("manager", f"/v1/offers/{offer['id']}/withdraw")
    elif how == "expired":
        town.world.wait(days=35)
    else:
        order = an_order(town, "by-transfer-1")
        assert town.world.send(f"/v1/offers/{offer['id']}/redeem", order).json()["redeemed"]
    town.world.work()
    town.world.work()
    assert state(town, offer) == how
    assert town.stripe.objects["/v1/checkout/sessions/cs_1"]["status"] == "expired"


def test_a_repeat_of_a_checkout_that_failed_is_the_same_call(town: Town) -> None:
    _, offer = an_offer(town)
    token = town.world.runtime.links.offer(offer["id"]).rpartition("/")[2]
    town.stripe.faults = [(500, {})]
    town.world.client.post(f"/o/{token}/accept")
    town.world.wait(minutes=2)
    assert "checkout.stripe.example/cs_1" in town.world.client.get(f"/o/{token}").text
    first, second = town.stripe.seen("POST", "/v1/checkout/sessions")
    assert first == second
    assert list(town.stripe.sessions) == [f"checkout-{offer['id']}"]


def an_order(town: Town, invoice: str) -> dict[str, Any]:
    order = {
        "plan": "business",
        "seats": SEATS,
        "term_months": 12,
        "prepaid": True,
        "paid_at": town.world.clock.now().isoformat(),
        "amount": {"minor": YEAR, "currency": "USD"},
        "invoice": invoice,
    }
    return {"order": order}


@pytest.mark.parametrize("invoice", ["in_1", "R-2026-77"])
def test_one_invoice_redeems_once_whoever_asks_by_whichever_door(town: Town, invoice: str) -> None:
    offer = accepted(town)
    if invoice == "in_1":
        paid(town, offer)
    else:
        town.world.send(f"/v1/offers/{offer['id']}/redeem", an_order(town, invoice))
    assert state(town, offer) == "redeemed"

    other = a_lead_due_an_offer(town.world, seats=SEATS, email="cfo@other.example")
    town.world.did(other, "project created")
    second = town.world.get("manager", "/v1/offers").json()["offers"][0]["id"]
    for written in (invoice, f" {invoice} "):
        body = an_order(town, written)
        refused = town.world.send(f"/v1/offers/{second}/redeem", body)
        assert (refused.status_code, refused.json()["code"]) == (409, "invoice_used")
    body = an_order(town, invoice)["order"]
    outcome = {
        "id": "out-9",
        "lead_id": other,
        "kind": "converted",
        "at": body.pop("paid_at"),
        "offer": second,
        **body,
    }
    told = town.world.send("/v1/outcomes", outcome).json()["offer"]
    assert told["code"] == "invoice_used"
    assert town.world.count(redemptions) == 1


def test_a_transfer_counts_as_of_when_it_was_heard_to_be_under_way(town: Town) -> None:
    offer = accepted(town)
    paid_at = END + timedelta(days=3)
    town.stripe.paid(offer["id"], paid_at, seats=SEATS, minor=YEAR, status="open")
    town.stripe.objects["/v1/payment_intents/pi_1"]["status"] = "processing"
    town.world.clock.advance(END - timedelta(hours=2) - town.world.clock.now())
    town.billed("payment_intent.processing", {"id": "pi_1"})
    town.world.clock.advance(timedelta(days=4))
    town.world.work()
    assert state(town, offer) == "expired"

    town.stripe.paid(offer["id"], paid_at, seats=SEATS, minor=YEAR)
    town.billed("invoice.paid", {"id": "in_1"})
    assert state(town, offer) == "redeemed"


def test_a_renewal_of_a_known_customer_is_no_second_sale_even_if_stripe_lists_none(
    town: Town,
) -> None:
    offer = accepted(town)
    paid(town, offer)
    town.world.wait(days=365)
    town.stripe.objects["/v1/invoices"] = {"data": []}
    paid(town, offer, n="2", sub="sub_1", reason="subscription_cycle")
    kinds = town.world.rows(sa.select(outcomes.c.kind).order_by(outcomes.c.at))
    assert [row.kind for row in kinds] == ["converted", "renewed"]
    assert state(town, offer) == "redeemed"
