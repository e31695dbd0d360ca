"""Whether the offers are what the ledger says of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from offers.retold import retold, terms_told
from service.store.offers import ledger, offers
from service.store.offers.offers import StoredOffer


def changed_offers(connection: sa.Connection) -> Iterator[str]:
    """A sentence for each offer whose row says otherwise than the ledger, or is in one only."""
    told = retold(ledger.entries(connection))
    for offer in offers.every(connection):
        said = told.pop(offer.id, None)
        if said is None:
            yield f"offer {offer.number} is not in the ledger"
            continue
        try:
            stands = _as_told(offer)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            yield f"the terms of offer {offer.number} cannot be read"
            continue
        wrong = sorted(name for name, value in said.items() if stands.get(name) != value)
        if wrong:
            yield f"offer {offer.number} is not what the ledger says of its {', '.join(wrong)}"
    for said in told.values():
        yield f"offer {said.get('number')} of the ledger is gone"


def _as_told(offer: StoredOffer) -> dict[str, Any]:
    terms = terms_told(json.loads(offer.terms))
    is_one = terms["reserve_minor"] == offer.reserve_minor  # it stands in the row twice
    return terms | {
        "number": offer.number,
        "rule": offer.rule,
        "policy": f"{offer.policy_id}@{offer.policy_version}",
        "state": offer.state,
        "settled_minor": offer.settled_minor,
        "reserve_minor": offer.reserve_minor if is_one else None,
    }
