"""What a customer still holds of a paid order: after refunds, credit notes, disputes, changes.

Pure. Money given back is read without its tax: a credit note says its own split; of a refund
without one, an amount equal to the invoice's tax is tax, any other is split pro rata. Shapes:
docs.stripe.com/api/credit_notes/object, /charges/object, /disputes/object, /subscriptions/object.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from math import ceil
from typing import Literal

from service.integrations.inbound import read_unix
from service.integrations.stripe_facts import InvoiceFacts, Object, id_of
from service.integrations.stripe_lines import Line, net_of, read_line, taxes_of, whole
from service.integrations.stripe_own_lines import own_items, own_lines, own_net

_LEFT = ("canceled", "unpaid", "incomplete_expired")
_WON = ("won",)
_WITHDRAWS_NOTHING = (
    "warning_needs_response",
    "warning_under_review",
    "warning_closed",
    "prevented",
)
"""An inquiry is a question of the bank's: the money stays where it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What is still held of an order."""

    seats_paid: int
    """Of those bought, fewer by what was given back."""
    seats_now: int | None
    """The subscription's, of our own price; None where it does not say."""
    given_back: Fraction
    """The share of its money."""
    lost: Fraction
    """The share of what was charged that lost disputes took; an open one may still be won."""
    is_money_gone: bool
    """All of it was given back, or is disputed and not won."""
    is_won_back: bool
    """It was disputed, and every dispute was won."""
    left_at: datetime | None
    """When the subscription ended, if it did; unpaid after every reminder is an end too."""
    has_left: bool
    trouble: Literal["past_due", "paused"] | None
    """What somebody should look at, though nothing has ended."""


def read_holding(facts: InvoiceFacts, *, seats: int, unit_minor: int | None = None) -> Holding:
    """What is held of an order of so many seats."""
    own = own_lines(facts, unit_minor)
    share = _given_back(facts, own)
    disputes = [one for of_charge in facts.disputes.values() for one in of_charge]
    real = [one for one in disputes if one.get("status") not in _WITHDRAWS_NOTHING]
    is_disputed = any(one.get("status") not in _WON for one in real) or any(
        charge.get("disputed") is True and not facts.disputes.get(str(charge.get("id")))
        for charge in facts.charges
    )
    held = max(ceil(seats * (1 - share)), 0)
    status = facts.subscription.get("status")
    now = [item.quantity for item in own_items(facts, own)] if own and facts.items else []
    seats_now = sum(quantity or 0 for quantity in now) if now and None not in now else None
    ended = facts.subscription.get("ended_at") or facts.subscription.get("canceled_at")
    is_paused = status == "paused" or bool(facts.subscription.get("pause_collection"))
    return Holding(
        seats_paid=held,
        seats_now=seats_now,
        given_back=min(share, Fraction(1)),
        lost=_lost(facts),
        is_money_gone=is_disputed or share >= 1,
        is_won_back=bool(real) and not is_disputed and share < 1,
        left_at=read_unix(ended) if status in _LEFT else None,
        has_left=status in _LEFT,
        trouble="past_due" if status == "past_due" else "paused" if is_paused else None,
    )


def _lost(facts: InvoiceFacts) -> Fraction:
    """docs.stripe.com/api/disputes/object: `amount` is usually the charge's, and may be a part."""
    charged = {str(one.get("id")): whole(one.get("amount")) or 0 for one in facts.charges}
    lost = sum(
        charged.get(id, 0) if (amount := whole(one.get("amount"))) is None else amount
        for id, of_charge in facts.disputes.items()
        for one in of_charge
        if one.get("status") == "lost"
    )
    total = sum(charged.values())
    return min(Fraction(lost, total), Fraction(1)) if total > 0 else Fraction(0)


def _given_back(facts: InvoiceFacts, own: Sequence[Line]) -> Fraction:
    """The share of the own lines' net that was given back."""
    lines = [read_line(line) for line in facts.lines]
    net = own_net(facts.invoice, lines, own)
    refunded = sum(_refunded(charge) for charge in facts.charges)
    if any(charge.get("refunded") is True for charge in facts.charges) and not refunded:
        return Fraction(1)
    if net <= 0:
        return Fraction(0)
    whole_net = net_of(facts.invoice, lines)
    whole_net = net if whole_net is None else whole_net
    notes = [note for note in facts.credit_notes if _is_of(note, facts.invoice)]
    back = sum((_note_share(note, facts, own, net, whole_net) for note in notes), Fraction(0))
    back += _refund_share(facts, lines, refunded - sum(map(_refunded_by_note, notes)), whole_net)
    return back


def _is_of(note: Object, invoice: Object) -> bool:
    """Whether a credit note stands, and is this invoice's."""
    about = id_of(note.get("invoice"))
    return note.get("status") != "void" and about in (None, invoice.get("id"))


def _refund_share(
    facts: InvoiceFacts, lines: Sequence[Line], refunded: int, whole_net: int
) -> Fraction:
    """The share of a refund that no credit note explains: of every line and its tax alike."""
    tax = taxes_of(facts.invoice)
    tax = sum(line.tax for line in lines) if tax is None else tax
    if refunded <= 0 or (tax and refunded == tax):
        return Fraction(0)
    paid = whole_net + tax
    return Fraction(refunded, paid) if paid > 0 else Fraction(0)


def _note_share(
    note: Object, facts: InvoiceFacts, own: Sequence[Line], net: int, whole_net: int
) -> Fraction:
    """The share of the own lines' net that a credit note gives back, by its own split."""
    ids = {line.id for line in own if line.id}
    others = {line.id for line in map(read_line, facts.lines) if line.id} - ids
    listed = note.get("lines")
    data = listed.get("data") if isinstance(listed, dict) else None
    named = [one for one in data if isinstance(one, dict)] if isinstance(data, list) else []
    if ids and named and all(one.get("invoice_line_item") in ids | others for one in named):
        ours = (read_line(one).net for one in named if one.get("invoice_line_item") in ids)
        return Fraction(sum(ours), net)
    back = net_of(note)
    if back is None:
        back = whole(note.get("amount")) or 0
    return Fraction(back, whole_net) if whole_net > 0 else Fraction(0)


def _refunded_by_note(note: Object) -> int:
    """What of the refunds a credit note explains."""
    refunds = note.get("refunds")
    if isinstance(refunds, list):
        return sum(_whole_of(refunds, "amount_refunded"))
    if id_of(note.get("refund")) is None:
        return 0
    given = whole(note.get("post_payment_amount"))
    return given if given is not None else whole(note.get("total")) or 0


def _whole_of(elements: Iterable[object], name: str) -> Iterable[int]:
    return (whole(one.get(name)) or 0 for one in elements if isinstance(one, dict))


def _refunded(charge: Object) -> int:
    refunded = whole(charge.get("amount_refunded")) or 0
    if charge.get("refunded") is True and not refunded:
        return whole(charge.get("amount")) or 0
    return refunded
