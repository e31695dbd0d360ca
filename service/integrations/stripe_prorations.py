"""A change in the middle of a period, read from the prorations of a paid invoice.

Pure. docs.stripe.com/billing/subscriptions/prorations: a change credits the unused time of what
was held and bills the remaining time of what is held now, each on a line of its own that begins
with the change. They stand on an invoice of their own (`always_invoice`), or beside the next
period's lines (`create_prorations`, the default). Shapes: docs.stripe.com/api/invoice-line-item.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service.integrations.inbound import read_unix, text_of
from service.integrations.stripe_currency import from_stripe
from service.integrations.stripe_facts import InvoiceFacts, id_of, subscription_of, table_of
from service.integrations.stripe_lines import Line, read_item, read_line
from service.integrations.stripe_own_lines import (
    PLAN,
    credited_net,
    has_amounts,
    own_lines,
    own_net,
    seats_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What is held from one moment on."""

    at: datetime
    seats: int
    plan: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidChange:
    """What a paid invoice bills and credits for changes: prorations of our own price."""

    invoice: str
    is_alone: bool
    """Whether the invoice bills nothing else of our price."""
    subscription: str | None
    customer: str | None
    moves: Sequence[Move]
    """Oldest first."""
    net_minor: int
    """Below 0 where more was credited than billed."""
    currency: str
    paid_at: datetime


def read_change(facts: InvoiceFacts, *, unit_minor: int | None = None) -> PaidChange | None:
    """The changes that a paid invoice bills; None for one without prorations of our price."""
    invoice = facts.invoice
    own = own_lines(facts, unit_minor, prorated=True)
    paid_at = read_unix(table_of(invoice, "status_transitions").get("paid_at"))
    if not own or invoice.get("status") != "paid" or paid_at is None:
        return None
    lines = [read_line(line) for line in facts.lines]
    is_alone = all(line.is_proration for line in lines)
    if is_alone or not has_amounts(own):
        net = own_net(invoice, lines, own)
    else:  # a discount that stands on the invoice only is the period's
        net = sum(line.net for line in own) + credited_net(lines, own)
    currency = (text_of(invoice, "currency") or "").upper()
    minor = from_stripe(abs(net), currency)
    return PaidChange(
        invoice=str(invoice["id"]),
        is_alone=is_alone,
        subscription=subscription_of(invoice),
        customer=id_of(invoice.get("customer")),
        moves=_moves(facts, own, paid_at),
        net_minor=minor if net > 0 else -minor,
        currency=currency,
        paid_at=paid_at,
    )


def _moves(facts: InvoiceFacts, own: Sequence[Line], paid_at: datetime) -> list[Move]:
    """The seats from each change on, by the lines that bill its remaining time.

    Lines without a period say no day: then the seats of today stand from the payment on.
    """
    billed = [line for line in own if (line.amount or 0) > 0 and line.quantity is not None]
    if any(line.period_start is None for line in billed):
        seats = seats_of(facts, own)
        return [] if not seats else [Move(at=paid_at, seats=seats, plan=None)]
    moves = []
    for start in sorted({line.period_start for line in billed if line.period_start is not None}):
        at = read_unix(start)
        then = [line for line in billed if line.period_start == start]
        seats = sum(line.quantity or 0 for line in then)
        if at is not None and seats:
            moves.append(Move(at=at, seats=seats, plan=_plan_of(facts, then)))
    return moves


def _plan_of(facts: InvoiceFacts, lines: Sequence[Line]) -> str | None:
    """The plan that the lines' price says of itself."""
    prices = {line.price for line in lines}
    items = [item for item in map(read_item, facts.items) if item.price in prices]
    marked = [item.marks[PLAN] for item in items if item.marks.get(PLAN)]
    named = [name for line in lines for name in line.plan_names]
    return next(
        iter([*marked, *named, *(name for item in items for name in item.plan_names)]), None
    )
