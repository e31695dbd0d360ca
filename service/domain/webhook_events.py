"""What a webhook's target can be told."""

from __future__ import annotations

import hashlib
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
]
EVENTS: tuple[Event, ...] = get_args(Event)


def message_id(delivery: str, version: int) -> str:
    """The `webhook-id`: of one asking, the same for each of its tries; no dot is in it."""
    asking = f"{delivery}:{version}".encode()
    return f"msg_{hashlib.blake2b(asking, digest_size=16).hexdigest()}"
