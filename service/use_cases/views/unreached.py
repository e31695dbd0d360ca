"""Why leads reached no queue, where today's cut-off stands, and how leads changed lanes."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.domain.lanes import TRANSITIONS, UNREACHED
from service.runtime import Parts
from service.store.leads import lane_changes, leads


def unreached_view(connection: sa.Connection, parts: Parts, now: datetime) -> dict[str, Any]:
    """The answer of `GET /v1/unreached`."""
    room, _ = parts.board.look(connection, now)
    changes = lane_changes.counted(connection)
    return {
        "reasons": [
            {"reason": reason, "meaning": UNREACHED.get(reason, ""), "leads": count}
            for reason, count in leads.unreached(connection)
        ],
        "cut_off": {
            "minor_per_minute": None if room.cut_off is None else round(math.exp(room.cut_off)),
            "currency": parts.policy.currency,
            "minutes": room.minutes,
            "reps": room.reps,
            "leads": room.leads,
        },
        "transitions": [
            {"transition": name, "meaning": meaning, "leads": changes[name]}
            for name, meaning in TRANSITIONS.items()
            if name in changes
        ],
    }
