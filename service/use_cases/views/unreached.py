"""Why leads reached no queue, where today's cut-off stands, and how leads changed lanes."""

from __future__ import annotations

import math
from typing import Any

from service.domain.lanes import TRANSITIONS, UNREACHED
from service.use_cases.tx import Tx
from service.use_cases.views.lead_figures import LeadFigures


def unreached_view(tx: Tx, figures: LeadFigures | None = None) -> dict[str, Any]:
    """The answer of `GET /v1/unreached`."""
    room = tx.runtime.board.seen(tx.connection, tx.now)
    figures = figures or LeadFigures(tx.connection)
    changes = figures.transitions()
    return {
        "reasons": [
            {"reason": reason, "meaning": UNREACHED.get(reason, ""), "leads": count}
            for reason, count in figures.unreached()
        ],
        "cut_off": {
            "minor_per_minute": None if room.cut_off is None else round(math.exp(room.cut_off)),
            "currency": tx.runtime.policy.currency,
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
