"""The offer's life: every allowed step from state to state, as pure values.

    awaiting_approval ─approve─▶ issued ─send─▶ sent ─view─▶ viewed ─accept─▶ accepted
    issued, sent, viewed, accepted, missed ─redeem─▶ redeemed ─reverse─▶ reversed
                                           └ or missed, when the order lacks a get
    reversed ─reinstate─▶ redeemed, when the money that was taken away came back
    expired ─redeem─▶ redeemed, by a payment that was in time and is heard of late
    every state before redeemed ─withdraw─▶ withdrawn, ─expire─▶ expired
    an order on account stays accepted past its end, whatever else is ordered and whoever would
    withdraw it, until it is paid or written off (reversed)

A step that is not listed is a refusal, never an exception; the same step again changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from offers.on_account import OnAccount, days_late, taken_on_account
from offers.order_check import Grant, check_order, grants_of, settled_minor
from offers.terms import Missed, Order, Terms
from offers.terms.windows import is_in_time

State = Literal[
    "awaiting_approval",
    "issued",
    "sent",
    "viewed",
    "accepted",
    "redeemed",
    "missed",
    "expired",
    "withdrawn",
    "reversed",
]
Step = Literal[
    "approve",
    "send",
    "view",
    "accept",
    "redeem",
    "miss",
    "expire",
    "withdraw",
    "reverse",
    "reinstate",
]

STEPS: dict[tuple[State, Step], State] = {
    ("awaiting_approval", "approve"): "issued",
    ("awaiting_approval", "withdraw"): "withdrawn",
    ("awaiting_approval", "expire"): "expired",
    ("issued", "send"): "sent",
    ("issued", "view"): "viewed",
    ("sent", "view"): "viewed",
    ("issued", "accept"): "accepted",
    ("sent", "accept"): "accepted",
    ("viewed", "accept"): "accepted",
    ("redeemed", "reverse"): "reversed",
    ("reversed", "reinstate"): "redeemed",
}
OPEN: tuple[State, ...] = ("issued", "sent", "viewed", "accepted", "missed")
for _state in OPEN:
    STEPS[_state, "redeem"] = "redeemed"
    STEPS[_state, "miss"] = "missed"
    STEPS[_state, "expire"] = "expired"
    STEPS[_state, "withdraw"] = "withdrawn"
STEPS["missed", "accept"] = "accepted"
STEPS["expired", "redeem"] = "redeemed"

CLOCKS_DIFFER = timedelta(minutes=5)
"""How far a payment's time may lie ahead of our clock."""

REPEATS: dict[Step, tuple[State, ...]] = {
    "send": ("sent", "viewed", "accepted", "redeemed", "missed"),
    "view": ("viewed", "accepted", "redeemed", "missed"),
    "accept": ("accepted", "redeemed"),
    "approve": ("issued", "sent", "viewed", "accepted", "redeemed", "missed"),
    "expire": ("expired",),
    "withdraw": ("withdrawn",),
    "reverse": ("reversed",),
    "reinstate": ("redeemed",),
}
"""States in which a step has been taken already: taking it again changes nothing."""


class Refusal(NamedTuple):
    """Why a step is not taken; `refusal_words` says it.

    A step that does not follow the offer's state has the step as its limit, the state as what is.
    """

    code: str
    limit: str
    actual: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One issued offer: its frozen terms and where it stands."""

    id: str
    terms: Terms
    state: State
    requested_by: str | None = None
    """The person who asked for it; nobody approves their own."""
    approved_by: str | None = None
    invoice: str | None = None
    """The invoice that redeemed it."""
    settled_minor: int | None = None
    """What it cost in the end, in the reserve's currency; 0 once reversed."""
    issued_at: datetime | None = None
    """When it was made; no older payment redeems it."""
    on_account: OnAccount | None = None
    """The order that is to be paid later."""
    late_days: int | None = None
    """How long after its due date that order was paid; None while nothing was late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption:
    """The answer to an order: what was granted, or what was missed and by how much."""

    offer: Offer
    outcome: Literal["redeemed", "missed", "pending"]
    missed: tuple[Missed, ...] = ()
    grants: tuple[Grant, ...] = ()
    is_replay: bool = False


def begin(offer_id: str, terms: Terms, requested_by: str | None = None) -> Offer:
    """A new offer: issued, unless somebody must approve it first."""
    state: State = "issued" if terms.approval == "none" else "awaiting_approval"
    return Offer(id=offer_id, terms=terms, state=state, requested_by=requested_by)


def take(offer: Offer, step: Step) -> Offer | Refusal:
    """One step that needs nothing but the state (send, view, accept)."""
    if offer.state in REPEATS.get(step, ()):
        return offer
    after = STEPS.get((offer.state, step))
    if after is None:
        return Refusal(f"cannot_{step}", step, offer.state)
    return replace(offer, state=after)


def approve(offer: Offer, by: str, role: Literal["rep", "manager"]) -> Offer | Refusal:
    """Approval by another person than who asked, of the role the terms need."""
    if offer.state != "awaiting_approval":
        return take(offer, "approve")
    if by == offer.requested_by:
        return Refusal("own_concession", "another person", by)
    if offer.terms.approval == "manager" and role != "manager":
        return Refusal("needs_manager", "manager", role)
    return replace(offer, state="issued", approved_by=by)


def withdraw(offer: Offer) -> Offer | Refusal:
    """The offer taken back. What was ordered on account is owed: it is paid or written off."""
    if offer.on_account is not None and offer.state == "accepted":
        return Refusal("on_account", offer.on_account.due_at.isoformat(), offer.state)
    return take(offer, "withdraw")


def expire(offer: Offer, now: datetime) -> Offer | Refusal:
    """The end of an offer whose time has passed."""
    if offer.on_account is not None and offer.state == "accepted":
        due_at = offer.on_account.due_at.isoformat()
        return Refusal("on_account", due_at, now.isoformat())
    if is_in_time(now, offer.terms.ends_at):
        return Refusal("not_over", offer.terms.ends_at.isoformat(), now.isoformat())
    return take(offer, "expire")


def redeem(
    offer: Offer, order: Order, refused: frozenset[str] = frozenset(), now: datetime | None = None
) -> Redemption | Refusal:
    """Check an order against every get; grant the gives, once.

    An order is judged by when it was paid, whenever it is heard of: an expired offer is redeemed
    by a payment that was in time. An order that only waits for its money is pending and changes
    nothing. The same invoice again gets the same answer; another invoice is refused. Nothing is
    granted to a card of a country in `refused`, whatever was offered.
    """
    if offer.state == "redeemed":
        if order.invoice is not None and order.invoice == offer.invoice:
            grants = grants_of(offer.terms)
            return Redemption(offer=offer, outcome="redeemed", grants=grants, is_replay=True)
        return Refusal("already_redeemed", str(offer.invoice), str(order.invoice))
    if (offer.state, "redeem") not in STEPS:
        return Refusal(f"offer_{offer.state}", "redeem", offer.state)
    if _is_over(offer, order):
        at = order.judged_at or order.begun_at
        paid = "" if at is None else at.isoformat()
        return Refusal("offer_expired", offer.terms.ends_at.isoformat(), paid)
    if now is not None and order.paid_at is not None and order.paid_at > now + CLOCKS_DIFFER:
        limit = (now + CLOCKS_DIFFER).isoformat()
        return Refusal("paid_in_future", limit, order.paid_at.isoformat())
    debt = offer.on_account
    if debt is not None and order.invoice == debt.invoice:  # it was ordered in time
        order = replace(order, begun_at=debt.ordered_at)
    missed, is_paid = check_order(offer.terms, order, refused, offer.issued_at)
    if missed:
        is_kept = offer.state == "expired" or debt is not None  # another order pays no debt
        state: State = offer.state if is_kept else "missed"
        return Redemption(offer=replace(offer, state=state), outcome="missed", missed=missed)
    if not is_paid:
        return Redemption(offer=_on_account(offer, order, now), outcome="pending")
    settled = settled_minor(offer.terms, order)
    late = 0
    if debt is not None and order.paid_at is not None and order.invoice == debt.invoice:
        late = days_late(debt, order.paid_at)
    after = replace(
        offer,
        state="redeemed",
        invoice=order.invoice,
        settled_minor=settled,
        late_days=late or None,
    )
    return Redemption(offer=after, outcome="redeemed", grants=grants_of(offer.terms))


def _on_account(offer: Offer, order: Order, now: datetime | None) -> Offer:
    """The offer with its order on account, where it gives days to pay and is still open."""
    ordered_at = order.begun_at or now
    if offer.on_account is not None or ordered_at is None:
        return offer
    if offer.issued_at is not None and ordered_at < offer.issued_at.replace(microsecond=0):
        return offer
    debt = taken_on_account(offer.terms, order, ordered_at)
    if debt is None or not is_in_time(ordered_at, offer.terms.ends_at):
        return offer
    return replace(offer, state="accepted", on_account=debt)


def _is_over(offer: Offer, order: Order) -> bool:
    """Whether an expired offer's order came too late, or no payment of it is known."""
    if offer.state != "expired":
        return False
    at = order.judged_at or order.begun_at
    return at is None or not is_in_time(at, offer.terms.ends_at)


def change_order(offer: Offer, order: Order | None) -> Offer | Refusal:
    """After redemption: a refund (`None`) or an order shrunk below a get reverses the give."""
    is_owed = offer.state == "accepted" and offer.on_account is not None
    if is_owed and order is None:  # written off
        return replace(offer, state="reversed", settled_minor=0)
    if offer.state != "redeemed":
        return take(offer, "reverse")
    if order is not None and still_holds(offer.terms, order):
        return offer
    return replace(offer, state="reversed", settled_minor=0)


def reinstate(offer: Offer, order: Order) -> Offer | Refusal:
    """The money of a reversed order came back: the offer costs what this order makes it cost."""
    after = take(offer, "reinstate")
    if after == offer or isinstance(after, Refusal):
        return after
    return replace(after, settled_minor=settled_minor(offer.terms, order))


def still_holds(terms: Terms, order: Order) -> bool:
    """Whether what is left of an order meets every get that lasts."""
    lasting = [get for get in terms.get_terms() if get.recurs]
    return all(get.missed_by(order, terms.ends_at) is None for get in lasting)


def billed_anew(offer: Offer, order: Order) -> Offer:
    """The offer with its order on another invoice, which replaces the one that it owed."""
    debt = offer.on_account
    if debt is None or order.invoice is None or order.amount is None:
        return offer
    moved = replace(debt, invoice=order.invoice, minor=order.amount.minor)
    return replace(offer, on_account=moved)
