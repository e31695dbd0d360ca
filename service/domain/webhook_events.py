"""What a webhook's target can be told."""

from __future__ import annotations

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
