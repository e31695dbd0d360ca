"""What was done towards an offer, as the service saw it or somebody confirmed it."""

from __future__ import annotations

import json
from datetime import datetime

from offers.deeds import missing_deeds
from offers.terms import Missed, Terms
from offers.terms.order import Shown
from service.store.leads import facts, leads
from service.store.offers import tasks
from service.store.offers.offers import StoredOffer
from service.use_cases.leads.lead_context import open_lead
from service.use_cases.offers.referrals import friends_on_trial
from service.use_cases.offers.situation import team_of
from service.use_cases.tx import Tx

_TALKS = ("call", "meeting", "chat", "reply")
_CALLS = ("call", "meeting")


def done_towards(
    tx: Tx, stored: StoredOffer, *, until: datetime | None = None, bought_at: datetime | None = None
) -> dict[str, Shown]:
    """What shows the offer's deeds, done by `until` where that is given.

    Who bought at `bought_at` bought by themselves if nobody had been in touch by then.
    """
    as_of = tx.now if until is None else min(until, tx.now)
    return {
        **_seen(tx, stored, as_of, bought_at or as_of),
        **tasks.confirmed(tx.connection, stored.id),
    }


def still_to_do(tx: Tx, stored: StoredOffer) -> tuple[Missed, ...]:
    """The deeds that must come before an offer's concession and were not done yet."""
    return missing_deeds(Terms.from_json(json.loads(stored.terms)), done_towards(tx, stored))


def _seen(tx: Tx, stored: StoredOffer, as_of: datetime, bought_at: datetime) -> dict[str, Shown]:
    """What the service saw of the gets an order's own numbers cannot show."""
    asked = Terms.from_json(json.loads(stored.terms)).gets.keys() & _SEEN
    lead = leads.find(tx.connection, stored.lead) if asked else None
    if lead is None:
        return {}
    case = open_lead(lead)
    touches = [
        touch
        for touch in facts.touches_of(tx.connection, lead.id)
        if stored.issued_at <= touch["at"] <= as_of
    ]
    kinds = {touch["kind"] for touch in touches}
    shown: dict[str, Shown | None] = {
        "campaign_code": case.lead.campaign_code,
        "talk_to_rep": any(kind in _TALKS for kind in kinds),
        "feedback_call": any(kind in _CALLS for kind in kinds),
        "self_serve_purchase": not any(touch["at"] < bought_at for touch in touches),
        "departments": team_of(tx.connection, lead, as_of).departments_active,
        "referral": friends_on_trial(tx, lead, stored, as_of) if "referral" in asked else None,
        "invite_teammates": case.rollup.counters(as_of).total["invite"] if case.rollup else None,
    }
    return {name: value for name, value in shown.items() if name in asked and value}


_SEEN = frozenset(
    (
        "campaign_code",
        "talk_to_rep",
        "feedback_call",
        "self_serve_purchase",
        "departments",
        "invite_teammates",
        "referral",
    )
)
