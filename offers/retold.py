"""What the ledger tells of each offer: its row in the store must say the same.

Entries say the terms at issue, seats, quote and reserve at acceptance and what was settled at
redemption; what an older release did not write down is not compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from offers.ledger import PERSONAL, Entry

_FOLLOWS_SEATS = ("quote", "reserve_minor")
Told = dict[str, Any]  # by the name of a fact; JSON values


def retold(entries: Iterable[Entry]) -> dict[str, Told]:
    """By offer, what its entries say in the end; entries about policies are left out."""
    told: dict[str, Told] = {}
    for entry in entries:
        if entry.offer.startswith("policy:"):
            continue
        about = told.setdefault(entry.offer, {"settled_minor": None})
        facts = entry.facts
        about |= {name: facts[name] for name in ("number", "rule", "policy") if name in facts}
        about |= {name: facts[name] for name in ("settled_minor",) if name in facts}
        about["state"] = entry.step
        if "terms" in facts:
            about |= terms_told(facts["terms"])
        about |= {name: facts[name] for name in _FOLLOWS_SEATS if name in facts}
    return told


def terms_told(terms: Mapping[str, Any]) -> Told:
    """An offer's terms as they are compared: apart what follows from the seats taken."""
    kept = {name: value for name, value in terms.items() if name not in PERSONAL}
    apart = {name: kept.pop(name) for name in _FOLLOWS_SEATS if name in kept}
    return {"terms": kept, **apart}
