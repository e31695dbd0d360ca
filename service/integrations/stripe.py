"""Fetches from Stripe what an event is about: the invoice, and all that stands around it.

The official `stripe` package is not used: it fixes one version of the API, while what is read
here comes in the account's own; its calls know neither our pace nor our deadline; and its check
of a signature reads the machine's clock. The tests hold our check against the package's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service.integrations.http import ToolRefused
from service.integrations.inbound import text_of
from service.integrations.stripe_client import Stripe
from service.integrations.stripe_facts import InvoiceFacts, Object, id_of, subscription_of, table_of

_INVOICE = "giveget_invoice"
"""Metadata of a subscription that is billed elsewhere: the invoice that it rests on."""
_FIRST = "subscription_create"
_A_PAGE = "100"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What an event leads to; either may be missing."""

    invoice: str | None
    subscription: str | None = None


async def find(stripe: Stripe, what: str, subject: str) -> Subject:
    """The invoice and the subscription behind an object. Raises ToolError."""
    match what:
        case "charge":
            return await _of_charge(stripe, subject)
        case "payment_intent":
            return await _of_intent(stripe, subject)
        case "refund" | "dispute":
            path = "refunds" if what == "refund" else "disputes"
            thing = await stripe.get(f"/v1/{path}/{subject}")
            charge = id_of(thing.get("charge"))
            if charge is not None:
                return await _of_charge(stripe, charge)
            return await _of_intent(stripe, id_of(thing.get("payment_intent")))
        case "credit_note":
            note = await stripe.get(f"/v1/credit_notes/{subject}")
            return Subject(invoice=id_of(note.get("invoice")))
        case "session":
            session = await stripe.get(f"/v1/checkout/sessions/{subject}")
            invoice = id_of(session.get("invoice"))
            return Subject(invoice=invoice, subscription=id_of(session.get("subscription")))
        case "subscription":
            subscription = await stripe.get(f"/v1/subscriptions/{subject}")
            invoice = text_of(subscription, "metadata", _INVOICE)
            invoice = invoice or id_of(subscription.get("latest_invoice"))
            return Subject(invoice=invoice, subscription=subject)
    return Subject(invoice=subject)


async def fetch_invoice(stripe: Stripe, id: str) -> InvoiceFacts:
    """An invoice with all of its lines, its subscription, payments and credit notes.

    Raises ToolError.
    """
    invoice = await stripe.get(f"/v1/invoices/{id}")
    lines = await _all(stripe, table_of(invoice, "lines"), f"/v1/invoices/{id}/lines")
    about = subscription_of(invoice)
    subscription: dict[str, Any] = {}
    items: list[Object] = []
    if about is not None:
        subscription = await stripe.get(f"/v1/subscriptions/{about}")
        items = await items_of(stripe, subscription)
    intents, charges = await _payments(stripe, invoice)
    disputes = {}
    refunds = {}
    for charge in charges:
        of = str(charge["id"])
        if charge.get("disputed") is True:
            disputes[of] = _data(await stripe.get("/v1/disputes", charge=of))
        refunds[of] = await _if_shown(stripe, "/v1/refunds", charge=of)
    notes = await stripe.get("/v1/credit_notes", invoice=id)
    return InvoiceFacts(
        invoice=invoice,
        lines=lines,
        subscription=subscription,
        items=items,
        charges=charges,
        disputes=disputes,
        refunds=refunds,
        intents=intents,
        credit_notes=[
            await _whole_note(stripe, note)
            for note in await _all(stripe, notes, "/v1/credit_notes", invoice=id)
        ],
        earlier=await _earlier(stripe, invoice, about),
        latest=await _latest(stripe, subscription, id),
    )


async def _if_shown(stripe: Stripe, path: str, **query: str) -> list[Object]:
    """A list of all pages; an empty one where the key, or the API's version, does not show it."""
    try:
        return await _all(stripe, await stripe.get(path, **query), path, **query)
    except ToolRefused:
        return []


async def items_of(stripe: Stripe, subscription: Object) -> list[Object]:
    """The items of a subscription, of all pages. Raises ToolError."""
    listed, id = table_of(subscription, "items"), str(subscription.get("id"))
    return await _all(stripe, listed, "/v1/subscription_items", subscription=id)


async def _all(stripe: Stripe, first: Object, path: str, **query: str) -> list[Object]:
    """Every element of a list, of all its pages, each once."""
    elements = _data(first)
    has_more = first.get("has_more") is True
    while has_more:
        last = id_of(elements[-1]) if elements else None
        after = {} if last is None else {"starting_after": last}
        page = await stripe.get(path, limit=_A_PAGE, **query, **after)
        known = {id_of(one) for one in elements} - {None}
        new = [one for one in _data(page) if id_of(one) not in known and one not in elements]
        elements += new
        has_more = page.get("has_more") is True and bool(new) and id_of(elements[-1]) != last
    return elements


async def _whole_note(stripe: Stripe, note: Object) -> Object:
    """A credit note with the lines of all pages."""
    listed = table_of(note, "lines")
    if listed.get("has_more") is not True:
        return note
    lines = await _all(stripe, listed, f"/v1/credit_notes/{note['id']}/lines")
    return {**note, "lines": {"data": lines, "has_more": False}}


async def _payments(stripe: Stripe, invoice: Object) -> tuple[list[Object], list[Object]]:
    """The invoice's payment intents, and the charges that did not fail: of its own charge, or from
    basil on of its payments."""
    if (charge := id_of(invoice.get("charge"))) is not None:
        return [], _not_failed([await stripe.get(f"/v1/charges/{charge}")])
    payments = _data(table_of(invoice, "payments"))
    if not payments:
        payments = await _if_shown(stripe, "/v1/invoice_payments", invoice=str(invoice["id"]))
    intents: list[Object] = []
    charges: list[Object] = []
    for one in payments:
        payment = table_of(one, "payment")
        charge = id_of(payment.get("charge"))
        if (intent := id_of(payment.get("payment_intent"))) is not None:
            intents.append(await stripe.get(f"/v1/payment_intents/{intent}"))
            charge = id_of(intents[-1].get("latest_charge"))
        if charge is not None:
            charges.append(await stripe.get(f"/v1/charges/{charge}"))
    if not payments and (intent := id_of(invoice.get("payment_intent"))) is not None:
        intents.append(await stripe.get(f"/v1/payment_intents/{intent}"))
    return intents, _not_failed(charges)


def _not_failed(charges: list[Object]) -> list[Object]:
    """docs.stripe.com/api/charges/object: a `failed` one moved no money, and began nothing."""
    return [charge for charge in charges if charge.get("status") != "failed"]


async def _earlier(stripe: Stripe, invoice: Object, subscription: str | None) -> Sequence[Object]:
    """The subscription's paid invoices, where this one need not be the first."""
    if subscription is None or invoice.get("billing_reason") == _FIRST:
        return ()
    query = {"subscription": subscription, "status": "paid"}
    first = await stripe.get("/v1/invoices", limit=_A_PAGE, **query)
    return await _all(stripe, first, "/v1/invoices", **query)


async def _latest(stripe: Stripe, subscription: Object, id: str) -> Object:
    """The newest invoice of a subscription, where it is another."""
    latest = id_of(subscription.get("latest_invoice"))
    if latest in (None, id):
        return {}
    try:
        return await stripe.get(f"/v1/invoices/{latest}")
    except ToolRefused:
        return {}


async def _of_charge(stripe: Stripe, id: str) -> Subject:
    charge = await stripe.get(f"/v1/charges/{id}")
    invoice = id_of(charge.get("invoice"))
    if invoice is not None:
        return Subject(invoice=invoice)
    return await _of_intent(stripe, id_of(charge.get("payment_intent")))


async def _of_intent(stripe: Stripe, intent: str | None) -> Subject:
    if intent is None:
        return Subject(invoice=None)
    query = {"payment[type]": "payment_intent", "payment[payment_intent]": intent}
    try:
        payments = await stripe.get("/v1/invoice_payments", **query)
    except ToolRefused:  # before 2025-03-31.basil there is no such list, and the intent names it
        told = await stripe.get(f"/v1/payment_intents/{intent}")
        if (invoice := id_of(told.get("invoice"))) is None:
            raise
        return Subject(invoice=invoice)
    invoices = (id_of(one.get("invoice")) for one in _data(payments))
    return Subject(invoice=next((one for one in invoices if one), None))


def _data(listed: Object) -> list[Object]:
    data = listed.get("data")
    return list(data) if isinstance(data, list) else []
