"""What became of an offer in words: declined by its customer is not withdrawn by us."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from offers.ledger import Entry
from service.console.words import money, plain

DECLINED = {
    "price": "the price is too high",
    "timing": "not the right time",
    "missing_feature": "a feature is missing",
    "competitor": "they chose another product",
    "no_need": "they do not need it",
    "other": "another reason",
}
"""Why a customer declined, as their page asked it."""


def state_of(state: str, declined: str | None) -> str:
    """The state as the console has it: `declined` where the customer said no."""
    return "declined" if declined is not None and state == "withdrawn" else state


def state_said(state: str, declined: str | None) -> str:
    """`declined: the price is too high`, `awaiting approval`."""
    if declined is None or state != "withdrawn":
        return plain(state)
    return f"declined: {DECLINED.get(declined, plain(declined))}"


def history(entries: Sequence[Entry]) -> Iterator[tuple[Entry, str, str]]:
    """Each entry of an offer's ledger with its step and what was said or changed with it."""
    before: Mapping[str, Any] = {}
    for entry in entries:
        terms = entry.facts.get("terms") or {}
        objection = entry.facts.get("objection")
        if objection is not None:
            said = DECLINED.get(objection, plain(objection))
        else:
            said = "; ".join(_changes(before, terms)) if before and terms else ""
        yield entry, state_of(entry.step, objection), said
        before = terms or before


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """`seats 65 → 80`, `percent off 15 → 10`, `costs at most $10.00 → $12.00`."""
    was, now = (each.get("quote") or {} for each in (before, after))
    if was.get("seats") != now.get("seats"):
        yield f"seats {was.get('seats')} → {now.get('seats')}"
    for give, value in (after.get("gives") or {}).items():
        if (old := (before.get("gives") or {}).get(give)) != value:
            yield f"{plain(give)} {old} → {value}"
    currency = after.get("reserve_currency")
    cost, costs = (each.get("reserve_minor") for each in (before, after))
    if cost is not None and costs is not None and cost != costs:
        yield f"costs at most {money(cost, currency)} → {money(costs, currency)}"
