"""What a customer still holds of a paid order: after refunds, credit notes, disputes, changes.

Pure. Money given back is read without its tax: a credit note says its own split; of a refund
without one, an amount equal to the invoice's tax is tax, any other is split pro rata. Shapes:
docs.stripe.com/api/credit_notes/object, /charges/object, /disputes/object, /subscriptions/object.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from math import ceil
from typing import Literal

from service.integrations.inbound import read_unix
from service.integrations.stripe_facts import InvoiceFacts, Object, id_of
from service.integrations.stripe_lines import Line, net_of, read_line, taxes_of, whole
from service.integrations.stripe_own_lines import own_items, own_lines, own_net, seats_of

_LEFT = ("canceled", "unpaid", "incomplete_expired")
_WON = ("won",)
_FAILED = ("failed", "canceled")
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
    months_now: int | None
    """The interval at which our own price is billed; None where that is no shorter than it was."""
    given_back: Fraction
    """The share of its money."""
    lost: Fraction
    """The share of what was charged that lost disputes took; an open one may still be won."""
    is_money_gone: bool
    """All of it was given back, or is disputed and not won."""
    is_restored: bool
    """Some of it was away and came back: a dispute was won, a refund failed, a credit note void."""
    left_at: datetime | None
    """When the subscription ended, if it did; unpaid after every reminder is an end too."""
    has_left: bool
    is_unpaid: bool
    """It has left since it stayed unpaid after every reminder, and may pay after all."""
    is_paid_up: bool
    """It goes on, and its newest invoice is paid."""
    trouble: Literal["past_due", "paused"] | None
    """What somebody should look at, though nothing has ended."""


def read_holding(
    facts: InvoiceFacts, *, seats: int, unit_minor: int | None = None, prorated: bool = False
) -> Holding:
    """What is held of an order of so many seats; of what its prorations billed where asked for."""
    own = own_lines(facts, unit_minor, prorated=prorated)
    share = _given_back(facts, own)
    disputed = _disputed(facts)
    away = min(share + disputed, Fraction(1))
    held = ceil(seats * (1 - away))
    status = facts.subscription.get("status")
    ended = facts.subscription.get("ended_at") or facts.subscription.get("canceled_at")
    is_paused = status == "paused" or bool(facts.subscription.get("pause_collection"))
    return Holding(
        seats_paid=held,
        seats_now=seats_of(facts, own),
        months_now=_shortened(facts, own),
        given_back=min(share, Fraction(1)),
        lost=_lost(facts),
        is_money_gone=away >= 1,
        is_restored=away < 1 and not disputed and _came_back(facts),
        left_at=read_unix(ended) if status in _LEFT else None,
        has_left=status in _LEFT,
        is_unpaid=status == "unpaid",
        is_paid_up=status == "active" and facts.is_newest_paid,
        trouble="past_due" if status == "past_due" else "paused" if is_paused else None,
    )


def _shortened(facts: InvoiceFacts, own: Sequence[Line]) -> int | None:
    """The months of the interval that took the place of a longer one, which the invoice billed."""
    then = max((line.months for line in own), default=0)
    now = max((item.months for item in own_items(facts, own)), default=0)
    return now if 0 < now < then else None


def _lost(facts: InvoiceFacts) -> Fraction:
    return _disputed_share(facts, lambda status: status == "lost")


def _disputed(facts: InvoiceFacts) -> Fraction:
    """The share that disputes took and did not give back; one that nobody lists took its charge."""
    unlisted = [
        charge
        for charge in facts.charges
        if charge.get("disputed") is True and not facts.disputes.get(str(charge.get("id")))
    ]
    if unlisted:
        return Fraction(1)
    return _disputed_share(facts, lambda status: status not in (*_WON, *_WITHDRAWS_NOTHING))


def _disputed_share(facts: InvoiceFacts, counts: Callable[[object], bool]) -> Fraction:
    """docs.stripe.com/api/disputes/object: `amount` is usually the charge's, and may be a part."""
    charged = {str(one.get("id")): whole(one.get("amount")) or 0 for one in facts.charges}
    taken = [
        charged.get(id, 0) if (amount := whole(one.get("amount"))) is None else amount
        for id, of_charge in facts.disputes.items()
        for one in of_charge
        if counts(one.get("status"))
    ]
    total = sum(charged.values())
    if total <= 0:
        return Fraction(1 if taken else 0)
    return min(Fraction(sum(taken), total), Fraction(1))


def _came_back(facts: InvoiceFacts) -> bool:
    disputes = [one for of_charge in facts.disputes.values() for one in of_charge]
    refunds = [one for of_charge in facts.refunds.values() for one in of_charge]
    return (
        any(one.get("status") in _WON for one in disputes)
        or any(one.get("status") in _FAILED for one in refunds)
        or any(note.get("status") == "void" for note in facts.credit_notes)
    )


def _given_back(facts: InvoiceFacts, own: Sequence[Line]) -> Fraction:
    """The share of the own lines' net that was given back."""
    lines = [read_line(line) for line in facts.lines]
    net = own_net(facts.invoice, lines, own)
    refunded = sum(_refunded(charge, facts) for charge in facts.charges)
    is_told = any(facts.refunds.values())
    if any(one.get("refunded") is True for one in facts.charges) and not refunded and not is_told:
        return Fraction(1)
    if net <= 0:
        return Fraction(0)
    whole_net = net_of(facts.invoice, lines)
    whole_net = net if whole_net is None else whole_net
    notes = [note for note in facts.credit_notes if _is_of(note, facts.invoice)]
    back = sum((_note_share(note, facts, own, net, whole_net) for note in notes), Fraction(0))
    explained = sum(_refunded_by_note(note, facts)[0] for note in notes)
    unexplained = _of_this_invoice(refunded, facts) - explained
    return back + _refund_share(facts, lines, unexplained, whole_net)


def _is_of(note: Object, invoice: Object) -> bool:
    """Whether a credit note stands, and is this invoice's."""
    about = id_of(note.get("invoice"))
    return note.get("status") != "void" and about in (None, invoice.get("id"))


def _of_this_invoice(refunded: int, facts: InvoiceFacts) -> Fraction:
    """What of the charges' refunds is of this invoice's money.

    docs.stripe.com/invoicing/partial-payments: what was paid beyond the invoice goes back first,
    and of a payment for several invoices each has its part.
    """
    beyond = whole(facts.invoice.get("amount_overpaid")) or 0
    own = max(refunded - beyond, 0)
    charges = [one for one in facts.charges if one.get("status") != "failed"]
    charged = sum(whole(one.get("amount")) or 0 for one in charges) - beyond
    paid = whole(facts.invoice.get("amount_paid")) or 0
    return Fraction(own * paid, charged) if 0 < paid < charged else Fraction(own)


def _refund_share(
    facts: InvoiceFacts, lines: Sequence[Line], refunded: Fraction, whole_net: int
) -> Fraction:
    """The share of a refund that no credit note explains: of every line and its tax alike."""
    tax = taxes_of(facts.invoice)
    tax = sum(line.tax for line in lines) if tax is None else tax
    if refunded <= 0 or (tax and refunded == tax):
        return Fraction(0)
    paid = whole_net + tax
    return refunded / paid if paid > 0 else Fraction(0)


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
        return Fraction(sum(ours), net) * _kept_share(note, facts)
    back = net_of(note)
    if back is None:
        back = whole(note.get("amount")) or 0
    return Fraction(back, whole_net) * _kept_share(note, facts) if whole_net > 0 else Fraction(0)


def _kept_share(note: Object, facts: InvoiceFacts) -> Fraction:
    """The share of a credit note that reached the customer: a refund of it may have failed."""
    total = whole(note.get("total")) or whole(note.get("amount")) or 0
    failed = _refunded_by_note(note, facts)[1]
    return 1 - min(Fraction(failed, total), Fraction(1)) if total > 0 else Fraction(1)


def _refunded_by_note(note: Object, facts: InvoiceFacts) -> tuple[int, int]:
    """What a credit note explains of the refunds that stand, and of those that failed.

    From 2025-03-31.basil on it lists its refunds; one before names one, whose amount may be less
    than the note's: the rest went to the customer's balance, or was paid back elsewhere.
    """
    known = {id_of(one): one for of_charge in facts.refunds.values() for one in of_charge}
    listed = note.get("refunds")
    parts: list[tuple[str | None, int]] = []
    if isinstance(listed, list):
        told = [one for one in listed if isinstance(one, dict)]
        parts = [(id_of(one.get("refund")), whole(one.get("amount_refunded")) or 0) for one in told]
    elif (named := id_of(note.get("refund"))) is not None:
        given = whole(note.get("post_payment_amount"))
        given = given if given is not None else whole(note.get("total")) or 0
        parts = [(named, whole(known.get(named, {}).get("amount")) or given)]
    parts = [(refund, amount) for refund, amount in parts if refund is not None]
    failed = sum(amount for id, amount in parts if known.get(id, {}).get("status") in _FAILED)
    return sum(amount for _, amount in parts) - failed, failed


def _refunded(charge: Object, facts: InvoiceFacts) -> int:
    """docs.stripe.com/refunds: one that fails, or is canceled, leaves the money where it was."""
    refunds = facts.refunds.get(str(charge.get("id")), ())
    if refunds:
        standing = (one for one in refunds if one.get("status") not in _FAILED)
        return sum(whole(one.get("amount")) or 0 for one in standing)
    refunded = whole(charge.get("amount_refunded")) or 0
    if charge.get("refunded") is True and not refunded:
        return whole(charge.get("amount")) or 0
    return refunded
