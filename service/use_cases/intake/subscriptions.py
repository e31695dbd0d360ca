"""How Stripe's customers go on after their sale: renewals, refunds, seats, and the end.

What Stripe says now is held against the account's ledger, and what is new becomes an outcome. So
events may come in any order and any number of times.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from service.domain.account_money import SALES, Entry
from service.domain.lead_record import time_text
from service.integrations.inbound import read_unix
from service.integrations.stripe_facts import InvoiceFacts, id_of
from service.integrations.stripe_holdings import Holding, read_holding
from service.integrations.stripe_orders import PaidOrder
from service.integrations.stripe_prorations import read_change
from service.schemas.facts import Outcome
from service.schemas.parsing import read_model
from service.store.leads import account_ledger, external_ids
from service.use_cases.intake.facts import store_outcome
from service.use_cases.leads.account_books import take_off_refund
from service.use_cases.tx import Tx

BY = "stripe"


def note_refund(tx: Tx, invoice: InvoiceFacts, order: PaidOrder, unit_minor: int | None) -> None:
    """Write down what was given back of an order, or lost to a dispute, since the last look.

    What came back, as of a refund that failed, is taken off by a line of its own. What was credited
    for a change on the same invoice was never paid, so it is not given back.
    """
    change = read_change(invoice, unit_minor=unit_minor)
    credited = 0 if change is None else max(-change.net_minor, 0)
    part = _Part(
        customer=order.customer,
        subscription=order.subscription,
        invoice=order.invoice,
        minor=max(order.net_minor - credited, 0),
        currency=order.currency,
    )
    _note_refund(tx, part, read_holding(invoice, seats=order.seats, unit_minor=unit_minor))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What was paid for one thing on an invoice."""

    customer: str | None
    subscription: str | None
    invoice: str
    minor: int
    currency: str


def _note_refund(tx: Tx, part: _Part, holding: Holding) -> None:
    lead = _lead(tx, part.customer)
    if lead is None:
        return
    back = round(part.minor * min(holding.given_back + holding.lost, Fraction(1)))
    begin = f"{BY}:{part.invoice}:refunded:"
    entries = account_ledger.of_lead(tx.connection, lead)
    lines = [e for e in entries if e.kind == "refunded" and e.id.startswith(begin)]
    known = sum(line.minor or 0 for line in lines)
    id = f"{begin}{back}"
    if id in {line.id for line in lines}:  # so much was given back before, and came back
        id = f"{id}:{len(lines)}"
    if back > known:
        amount = {"minor": back - known, "currency": part.currency}
        told = {"invoice": part.invoice, "amount": amount, "subscription": part.subscription}
        _tell(tx, lead, "refunded", id, tx.now, told)
    elif back < known:
        take_off_refund(tx, replace(lines[-1], id=id, at=tx.now, minor=back - known))


def note_change(tx: Tx, invoice: InvoiceFacts, unit_minor: int | None) -> None:
    """Write down the changes in the middle of a period that an invoice bills.

    Other seats, or another plan, stand from their own day on; the money counts when it was paid,
    and what was credited beyond what was billed as given back.
    """
    change = read_change(invoice, unit_minor=unit_minor)
    if change is None or not change.net_minor:
        return
    lead = _lead(tx, change.customer)
    of: dict[str, object] = {"subscription": change.subscription}
    for move in change.moves:
        told = of | {"seats": move.seats, "plan": move.plan}
        id = f"{BY}:{change.invoice}:seats:{move.at.timestamp():.0f}"
        _tell(tx, lead, "changed", id, move.at, told, change.customer)
    amount = {"minor": abs(change.net_minor), "currency": change.currency}
    own = change.invoice if change.is_alone else f"{change.invoice}:prorated"
    if change.net_minor < 0:  # of what was paid before, not of this invoice's period
        told = of | {"invoice": own, "amount": amount}
        id = f"{BY}:{change.invoice}:credited"
        _tell(tx, lead, "refunded", id, change.paid_at, told, change.customer)
        return
    told = of | {"invoice": own, "amount": amount}
    _tell(tx, lead, "changed", f"{BY}:{own}", change.paid_at, told, change.customer)
    part = _Part(
        customer=change.customer,
        subscription=change.subscription,
        invoice=own,
        minor=change.net_minor,
        currency=change.currency,
    )
    _note_refund(tx, part, read_holding(invoice, seats=1, unit_minor=unit_minor, prorated=True))


def note_subscription(tx: Tx, invoice: InvoiceFacts, unit_minor: int | None = None) -> None:
    """Write down other seats, and the end: access lasts until the period that was paid ends.

    Of one whose newest period was never paid it lasts until the reminders for that period ended.
    """
    subscription = invoice.subscription
    id, lead = id_of(subscription), _lead(tx, id_of(subscription.get("customer")))
    lead = lead or _lead(tx, id_of(invoice.invoice.get("customer")))
    if id is None or lead is None:
        return
    entries = account_ledger.of_lead(tx.connection, lead)
    bought = [entry for entry in entries if _is_sale_of(entry, id)]
    if not bought:
        return
    if subscription.get("status") in ("canceled", "unpaid"):
        _note_end(tx, lead, id, invoice, entries)
        return
    now = read_holding(invoice, seats=1, unit_minor=unit_minor).seats_now
    held = [entry for entry in bought if entry.seats is not None]
    if now is not None and held and max(held, key=lambda entry: (entry.at, entry.id)).seats != now:
        told = {"subscription": id, "seats": now}
        _tell(tx, lead, "changed", f"{BY}:{id}:changed:{tx.now.timestamp():.6f}", tx.now, told)


def _note_end(tx: Tx, lead: str, id: str, invoice: InvoiceFacts, entries: Sequence[Entry]) -> None:
    """Write down that a subscription was canceled, or is unpaid after every reminder.

    Who pays an unpaid one after all is a customer again, and may leave again.
    """
    subscription, told = invoice.subscription, {"subscription": id}
    if subscription.get("status") == "unpaid":
        latest = id_of(subscription.get("latest_invoice")) or id_of(invoice.invoice)
        _tell(tx, lead, "churned", f"{churned_id(id)}:{latest}", tx.now, told)
        return
    sold_at = max(entry.at for entry in entries if _is_sale_of(entry, id))
    unpaid = f"{churned_id(id)}:"
    if any(entry.id.startswith(unpaid) and entry.at >= sold_at for entry in entries):
        return  # it ended when it stayed unpaid
    ends = _ends_at(invoice)
    _tell(tx, lead, "churned", churned_id(id), ends or tx.now, told)


def churned_id(subscription: str) -> str:
    """The id of the outcome that a subscription has ended, by whatever door that is told."""
    return f"{BY}:{subscription}:churned"


def _is_sale_of(entry: Entry, subscription: str) -> bool:
    return entry.kind in SALES and entry.subscription == subscription


def _ends_at(invoice: InvoiceFacts) -> datetime | None:
    """The end of the paid period, or of the subscription where that is later or it was not paid.

    docs.stripe.com/api/subscriptions/object: from 2025-03-31.basil on the period is the items'.
    """
    told = [invoice.subscription.get("ended_at")]
    if not invoice.is_period_unpaid:
        told.append(invoice.subscription.get("current_period_end"))
        told += [item.get("current_period_end") for item in invoice.items]
    return max((at for one in told if (at := read_unix(one)) is not None), default=None)


def _lead(tx: Tx, customer: str | None) -> str | None:
    return None if customer is None else external_ids.owner(tx.connection, BY, customer)


def _tell(
    tx: Tx,
    lead: str | None,
    kind: str,
    id: str,
    at: datetime,
    told: Mapping[str, object],
    customer: str | None = None,
) -> None:
    """Store an outcome of a lead; of a customer whom nobody knows yet, for who signs up as them."""
    fields = {name: value for name, value in told.items() if value is not None}
    fields |= {"id": id, "kind": kind, "at": time_text(at)}
    if lead is not None:
        store_outcome(tx, read_model(Outcome, fields | {"lead_id": lead}), BY)
    elif customer is not None:
        named = {"external_ids": {"stripe": customer}}
        store_outcome(tx, read_model(Outcome, fields | named), BY)
