"""Why a step of an offer is not taken, in words: what the offer is, and what can be done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from offers.lifecycle import STEPS, Refusal, State, Step

_STATES: Mapping[State, str] = {
    "awaiting_approval": "waits for approval",
    "issued": "is issued",
    "sent": "was sent",
    "viewed": "was opened",
    "accepted": "is accepted",
    "redeemed": "is redeemed",
    "missed": "was ordered without meeting every condition",
    "expired": "has expired",
    "withdrawn": "was withdrawn",
    "reversed": "was reversed",
}
_DONE: Mapping[Step, str] = {
    "approve": "approved",
    "send": "sent",
    "view": "opened",
    "accept": "accepted",
    "redeem": "redeemed",
    "miss": "missed",
    "expire": "ended",
    "withdraw": "withdrawn",
    "reverse": "reversed",
    "reinstate": "reinstated",
}
_ASKED: tuple[Step, ...] = ("approve", "accept", "redeem", "withdraw", "reverse")
"""Steps that a person or their system may ask for."""
_SENTENCES = {
    "own_concession": "whoever asked for an offer cannot approve it: another person must",
    "needs_manager": "a manager must approve this offer, a rep cannot",
    "already_redeemed": "another invoice redeemed the offer already: a further order needs a new "
    "offer",
    "paid_in_future": "the payment is dated {actual}, which is still to come: correct paid_at or "
    "the clock",
    "on_account": "the order is on account and may be paid until {limit}: wait for the payment, "
    "or write the order off",
    "not_over": "the offer runs until {limit} and cannot be ended before: withdraw the offer "
    "instead",
    "unpaid": "the offer ended on {limit} and the order names no paid_at: only a payment until "
    "then redeems the offer",
    "paid_late": "the offer ended on {limit} and was paid after that, on {actual}: refund the "
    "order, or make a new offer",
}


def in_words(refusal: Refusal) -> str:
    """`the offer is redeemed and cannot be withdrawn, only reversed`."""
    code, limit, actual = refusal
    if code == "offer_expired":
        code = "paid_late" if actual else "unpaid"
    sentence = _SENTENCES.get(code)
    if sentence is not None:
        return sentence.format(limit=limit, actual=actual)
    return _not_taken(cast("State", actual), cast("Step", limit))


def _not_taken(state: State, step: Step) -> str:
    said = f"the offer {_STATES[state]} and cannot be {_DONE[step]}"
    if state == "expired":
        return f"{said}: only a payment from before its end still redeems the offer"
    left = [_DONE[asked] for asked in _ASKED if (state, asked) in STEPS]
    if not left:
        return f"{said}: make a new offer"
    *others, last = left
    return f"{said}, only {', '.join(others)} or {last}" if others else f"{said}, only {last}"
