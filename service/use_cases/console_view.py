"""What the console's page shows: queues with scores and reasons, offers, captured mails."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from offers.terms import Terms
from service.letters import offer_words
from service.parts import Parts
from service.security import Caller
from service.store import mail, offers, reps
from service.store.offers import StoredOffer
from service.use_cases.claims import queue_page

_LEADS, _OFFERS, _MAILS = 15, 30, 20


def view(connection: sa.Connection, parts: Parts, caller: Caller, now: datetime) -> dict[str, Any]:
    """A rep's own work, or for a manager everybody's."""
    is_manager = caller.role in ("manager", "admin")
    shown = [r for r in reps.everyone(connection) if is_manager or r.id == caller.rep]
    newest = offers.newest(connection, limit=_OFFERS, rep=None if is_manager else caller.rep)
    return {
        "now": now,
        "is_manager": is_manager,
        "model": parts.model.id,
        "model_kind": parts.model.kind,
        "policy": parts.policy.id,
        "currency": parts.policy.currency,
        "queues": [
            {
                "name": rep.name,
                "items": queue_page(connection, parts, rep.id, limit=_LEADS, now=now)["items"],
            }
            for rep in shown
        ],
        "offers": [
            {
                "number": offer.number,
                "rule": offer.rule,
                "state": offer.state,
                "lead": offer.lead,
                "sentence": words["sentence"],
                "ends_on": words["ends_on"],
            }
            for offer, words in ((o, _words(o)) for o in newest)
        ],
        "mails": mail.captured(connection, limit=_MAILS) if is_manager else [],
    }


def _words(offer: StoredOffer) -> dict[str, str | int]:
    return offer_words(Terms.from_json(json.loads(offer.terms)), offer.number)
