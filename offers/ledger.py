"""The ledger of offers: append-only entries, each sealed with the hash of the one before.

No personal data enters: people and accounts are pseudonymous ids, so that a person can be
erased and the chain still verifies.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

PERSONAL = frozenset(
    {"email", "phone", "first_name", "last_name", "name", "title", "company", "domain", "website"}
)
"""Keys that never enter an entry."""

START = "0" * 64
"""What the first entry names as the hash before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened to one offer."""

    number: int
    at: datetime
    offer: str
    step: str
    facts: Mapping[str, Any]  # JSON values
    before: str
    """The hash of the entry before."""
    hash: str


def append(
    last: Entry | None, *, at: datetime, offer: str, step: str, facts: Mapping[str, Any]
) -> Entry:
    """The next entry after `last`; raises `ValueError` on personal data or a naive time."""
    if at.tzinfo is None:
        raise ValueError(f"naive time {at.isoformat()} in the ledger: give it a zone")
    personal = sorted(_keys(facts) & PERSONAL)
    if personal:
        raise ValueError(f"personal data in the ledger: leave out {', '.join(personal)}")
    number = 1 if last is None else last.number + 1
    before = START if last is None else last.hash
    at = at.astimezone(UTC)
    sealed = _seal(number, at, offer, step, facts, before)
    return Entry(
        number=number, at=at, offer=offer, step=step, facts=facts, before=before, hash=sealed
    )


def first_broken(entries: Iterable[Entry]) -> int | None:
    """The number of the first entry that was changed, removed or put in; `None` when all hold."""
    before = START
    for number, entry in enumerate(entries, start=1):
        sealed = _seal(number, entry.at, entry.offer, entry.step, entry.facts, before)
        if (entry.number, entry.before) != (number, before) or entry.hash != sealed:
            return number
        before = entry.hash
    return None


CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without letters that are mistaken for others."""


def offer_code(offer: str, secret: bytes, length: int = 12) -> str:
    """The single-use code of an offer: not guessable, the same whenever it is asked for."""
    digest = int.from_bytes(hmac.digest(secret, offer.encode(), "sha256"), "big")
    letters = []
    for _ in range(length):
        digest, index = divmod(digest, len(CODE_LETTERS))
        letters.append(CODE_LETTERS[index])
    return "".join(letters)


def _seal(
    number: int, at: datetime, offer: str, step: str, facts: Mapping[str, Any], before: str
) -> str:
    told = [number, at.astimezone(UTC).isoformat(), offer, step, facts, before]
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _keys(facts: object) -> set[str]:
    if isinstance(facts, Mapping):
        inner = [_keys(value) for value in facts.values()]
        return {str(key) for key in facts}.union(*inner)
    if isinstance(facts, list | tuple):
        return set().union(*(_keys(value) for value in facts))
    return set()
