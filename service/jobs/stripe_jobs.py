"""What the worker fetches from Stripe and tells it: invoices, checkouts, their ends, gives."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from service.integrations import stripe
from service.integrations.http import ToolRefused
from service.integrations.stripe_client import Stripe
from service.integrations.stripe_events import KINDS
from service.integrations.stripe_facts import InvoiceFacts, subscription_of
from service.jobs.stripe_calls import (
    Call,
    by_email,
    checkout_calls,
    email_of,
    expire_call,
    grant_calls,
)
from service.runtime import Runtime
from service.store.offers import offers, tasks
from service.store.ops import jobs
from service.store.ops.jobs import Delivery
from service.use_cases.intake.billing import anchors_of, settle_invoice
from service.use_cases.offers.gives import answer_done
from service.use_cases.tx import Tx, transact

_log = structlog.get_logger()
_SESSION_SECONDS = 86_400  # how long a Checkout Session lives, unless it says otherwise


async def look_at_invoice(runtime: Runtime, one: Delivery) -> str | None:
    """Settle the invoice behind an object, and the ones that redeemed for its subscription."""
    tool = runtime.tools.stripe
    if tool is None:
        return None
    about = await stripe.find(tool, one.what, one.subject)
    facts = await _facts(tool, about)
    subscription = about.subscription
    if facts is not None:
        subscription = subscription_of(facts.invoice) or subscription
    anchors = await runtime.store.read(lambda c: anchors_of(c, facts, subscription))
    others = [
        await stripe.fetch_invoice(tool, id)
        for id in anchors
        if facts is None or id != facts.invoice.get("id")
    ]
    reasons: list[dict[str, Any]] = []
    for each in [*others, *([] if facts is None else [facts])]:
        reason = await transact(runtime, partial(settle_invoice, invoice=each))
        if reason is not None:
            reasons.append({"invoice": each.invoice.get("id"), "no_order": reason})
            _log.info("stripe.no_order", **reasons[-1])
    return json.dumps(reasons) if reasons else None


async def make_checkout(runtime: Runtime, one: Delivery) -> str | None:
    """A Checkout Session for an accepted offer; its address is kept.

    A fresh one is made only once Stripe says that the one before has expired: two that can be
    paid, or one beside a payment under way, would sell the offer twice.
    """
    tool, now = runtime.tools.stripe, runtime.clock.now()
    offer = await runtime.store.read(lambda c: offers.find(c, one.subject))
    if tool is None or offer is None or offer.state != "accepted" or offer.ends_at <= now:
        return None
    before = {} if one.told is None else json.loads(one.told)
    if before.get("session"):
        session = await tool.get(f"/v1/checkout/sessions/{before['session']}")
        if session.get("status") != "expired":
            is_open = session.get("status") == "open"
            return json.dumps(before | {"ends": _ends(session, now) if is_open else 0})
    email = await runtime.store.read(lambda c: email_of(c, offer.lead))
    calls = await runtime.store.read(
        lambda c: checkout_calls(Tx(c, runtime, now), offer, one.version, one.asked_at)
    )
    answer: Mapping[str, object] = {}
    for call in calls:
        answer = await _post(tool, call, email)
    stands = await runtime.store.read(lambda c: offers.find(c, one.subject))
    if stands is None or stands.state != "accepted":  # it ended while the session was made
        await _expire(tool, answer.get("id"))
        return None
    kept = {"session": answer.get("id"), "url": answer.get("url")}
    asked = next((call.form.get("expires_at") for call in calls if "expires_at" in call.form), None)
    ends = answer.get("expires_at")
    kept["ends"] = ends if isinstance(ends, int) else int(asked or now.timestamp())
    return json.dumps(kept)


async def close_checkout(runtime: Runtime, one: Delivery) -> str | None:
    """End the session of an offer that cannot be accepted any more."""
    checkout = await runtime.store.read(lambda c: jobs.find(c, f"stripe:checkout:{one.subject}"))
    offer = await runtime.store.read(lambda c: offers.find(c, one.subject))
    answer = "{}" if checkout is None or checkout.told is None else checkout.told
    session = json.loads(answer).get("session")
    if runtime.tools.stripe is not None and (offer is None or offer.state != "accepted"):
        await _expire(runtime.tools.stripe, session)
    return None


async def hand_over(runtime: Runtime, one: Delivery) -> str | None:
    """A give that Stripe hands over; then its task is done."""
    task = await runtime.store.read(lambda c: tasks.find(c, one.subject))
    body = json.loads(one.body)
    subscription = body.get("subscription")
    if runtime.tools.stripe is None or task is None or task.state != "open" or not subscription:
        return None
    state = await runtime.tools.stripe.get(f"/v1/subscriptions/{subscription}")
    items = await stripe.items_of(runtime.tools.stripe, state)
    until = body.get("committed_until")
    calls = grant_calls(
        task.give,
        json.loads(task.value),
        task.id,
        state,
        items,
        zone=runtime.policy.timezone,
        committed_until=None if until is None else datetime.fromisoformat(until),
    )
    answer: Mapping[str, object] = {}
    for call in calls:
        path = call.path.replace("{schedule}", str(answer.get("id")))
        answer = await runtime.tools.stripe.post(path, call.form, call.key)
    await transact(runtime, partial(answer_done, id=task.id, by="stripe"))
    return None


HANDLERS: Mapping[str, Callable[[Runtime, Delivery], Awaitable[str | None]]] = {
    **dict.fromkeys(KINDS, look_at_invoice),
    "checkout": make_checkout,
    "close": close_checkout,
    "grant": hand_over,
}
"""What is done, by what a delivery to Stripe is about."""


async def _facts(tool: Stripe, about: stripe.Subject) -> InvoiceFacts | None:
    """The invoice an event is about; a subscription's latest may be gone, and hides none then."""
    if about.invoice is None:
        return None
    try:
        return await stripe.fetch_invoice(tool, about.invoice)
    except ToolRefused:
        if about.subscription is None:
            raise
        return None


async def _post(tool: Stripe, call: Call, email: str | None) -> Mapping[str, object]:
    """What a call answers; one for a customer who was deleted at Stripe goes by their address."""
    try:
        return await tool.post(call.path, call.form, call.key)
    except ToolRefused as error:
        if error.code != "resource_missing" or "customer" not in call.form:
            raise
    again = by_email(call, email)
    return await tool.post(again.path, again.form, again.key)


async def _expire(tool: Stripe, session: object) -> None:
    if not isinstance(session, str):
        return
    call = expire_call(session)
    try:
        await tool.post(call.path, call.form, call.key)
    except ToolRefused:
        return  # it is paid, or has ended by itself


def _ends(session: Mapping[str, object], now: datetime) -> float:
    ends = session.get("expires_at")
    return ends if isinstance(ends, int) else now.timestamp() + _SESSION_SECONDS
