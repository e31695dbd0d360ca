"""What the webhook's target is told of an offer's steps; no code and no link, which are money."""

from __future__ import annotations

import json
from collections.abc import Mapping

from service.domain.lead_record import time_text
from service.domain.webhook_events import Event
from service.store.offers.offers import StoredOffer
from service.use_cases.tx import Tx

_EVENTS: Mapping[str, Event] = {
    "awaiting_approval": "approval.requested",
    "issued": "offer.issued",
    "accepted": "offer.accepted",
    "redeemed": "offer.redeemed",
    "reversed": "offer.reversed",
    "withdrawn": "offer.withdrawn",
}
_NOBODYS = "lead:"


def tell_step(tx: Tx, offer: StoredOffer, state: str, by: str) -> None:
    """The event of the state an offer has come to, where there is one."""
    event = _EVENTS.get(state)
    if event is None or not tx.tells(event):
        return
    terms = json.loads(offer.terms)
    said = {
        "offer": offer.id,
        "number": offer.number,
        "lead": offer.lead,
        "account": named_account(offer.account),
        "rule": offer.rule,
        "policy": f"{offer.policy_id}@{offer.policy_version}",
        "state": state,
        "by": by,
        "gives": terms["gives"],
        "gets": terms["gets"],
        "ends_at": time_text(offer.ends_at),
    }
    tx.tell(event, offer.id, offer.lead, said)


def named_account(account: str) -> str | None:
    """The account of an offer; None where a lead without one stands for itself."""
    return None if account.startswith(_NOBODYS) else account
