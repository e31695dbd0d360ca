"""What a webhook's target can be told."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Literal, get_args

Event = Literal[
    "give.requested",
    "give.taken_back",
    "lead.scored",
    "lead.assigned",
    "offer.issued",
    "offer.accepted",
    "offer.redeemed",
    "offer.reversed",
    "offer.withdrawn",
    "approval.requested",
    "books.anchored",
]
EVENTS: tuple[Event, ...] = get_args(Event)
USUAL: tuple[Event, ...] = tuple(event for event in EVENTS if event != "books.anchored")
"""What a target is told that names no types of its own."""
_GIVE = "give, kind, lead, account, offer, terms, until"
_OFFER = "offer, number, lead, account, rule, policy, state, by, gives, gets, ends_at"
SAYS: Mapping[Event, tuple[str, str]] = {
    "give.requested": (
        "hand this over; `kind` and `terms` as in the policy (`extra_months`, 3), `until` where it "
        "ends, or null",
        _GIVE,
    ),
    "give.taken_back": ("its order was refunded or shrank; undo the give", f"{_GIVE}, take_back"),
    "lead.scored": (
        "the score changed",
        "lead, account, probability, points, grade, lane, rep, model",
    ),
    "lead.assigned": ("a rep got the lead", "lead, account, rep, grade"),
    "offer.issued": ("an offer was made", _OFFER),
    "offer.accepted": ("the customer, or a rep for them, said yes", _OFFER),
    "offer.redeemed": ("an order met every condition", _OFFER),
    "offer.reversed": ("a redeemed order was refunded, ended early or shrank", _OFFER),
    "offer.withdrawn": ("a person took it back, or the customer declined it", _OFFER),
    "approval.requested": ("an offer waits for another person's yes", _OFFER),
    "books.anchored": (
        "where ledger and audit stood, signed; once on each day on which they went on. Keep `data` "
        "as a line of a file: `giveget doctor` checks the books against those in `GIVEGET_ANCHORS`",
        "at, ledger, audit, signature",
    ),
}
"""What each means, and the names in its `data`."""


def message_id(delivery: str, version: int) -> str:
    """The `webhook-id`: of one asking, the same for each of its tries; no dot is in it."""
    asking = f"{delivery}:{version}".encode()
    return f"msg_{hashlib.blake2b(asking, digest_size=16).hexdigest()}"
