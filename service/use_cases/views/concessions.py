"""A month's concessions on one page, each with what it cost, who approved it and what it gained."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from offers.deeds import sold_by_order
from offers.money import rounded
from offers.terms import Terms
from service.domain.lead_record import time_text
from service.store.offers import ledger, offers
from service.use_cases.views import measured_effects
from service.use_cases.views.lead_figures import BOOK

COLUMNS = (
    "number",
    "issued_at",
    "rule",
    "policy",
    "state",
    "gives",
    "list_minor",
    "net_minor",
    "currency",
    "net_per_delivered_month_minor",
    "asked_by",
    "approved_by",
    "invoice",
    "reserved_minor",
    "settled_minor",
    "reserve_currency",
    "effect",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The month's rows by number, and where the ledger's chain breaks, if it does."""

    rows: list[dict[str, Any]]
    broken_at: int | None


def page(connection: sa.Connection, month: str, now: datetime, *, most: int | None = None) -> Page:
    """The offers issued in a month (`2026-11`, UTC), by number; or the `most` newest of them, what
    their rules changed said briefly."""
    found = offers.issued_between(connection, *_range(month), most=most)
    due = ((offer.policy_id, offer.rule) for offer in found)
    changed = measured_effects.by_rule(connection, due, now=now, briefly=most is not None)
    rows = [_row(offer, changed[offer.policy_id, offer.rule]) for offer in found]
    return Page(rows=rows, broken_at=ledger.broken_at(connection))


def sums(connection: sa.Connection, month: str) -> list[dict[str, Any]]:
    """What the offers issued in a month come to, a line a currency: as `LeadFigures.books`."""
    found: dict[str, dict[str, Any]] = {}
    for offer in offers.issued_between(connection, *_range(month)):
        terms = Terms.from_json(json.loads(offer.terms))
        currency = terms.reserve_currency
        line = found.setdefault(
            currency, {"month": month, "currency": currency} | dict.fromkeys(BOOK, 0)
        )
        line["offers"] += 1
        line["reserved_minor"] += offer.reserve_minor
        line["settled_minor"] += offer.settled_minor or 0
        if offer.state == "redeemed":
            line["redeemed"] += 1
            sold = sold_by_order(terms)
            if sold is not None and sold.currency == currency:
                line["sold_minor"] += sold.net_minor
    return [found[currency] for currency in sorted(found)]


def _range(month: str) -> tuple[datetime, datetime]:
    start = datetime.fromisoformat(f"{month}-01").replace(tzinfo=UTC)
    return start, start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)


def _row(offer: offers.StoredOffer, changed: str) -> dict[str, Any]:
    terms = Terms.from_json(json.loads(offer.terms))
    quoted = terms.quote
    months = None if quoted is None else quoted.term_months + quoted.extra_months
    values = (
        offer.number,
        time_text(offer.issued_at),
        offer.rule,
        f"{offer.policy_id}@{offer.policy_version}",
        offer.state,
        ", ".join(give.phrase() for give in terms.give_terms()),
        None if quoted is None else quoted.list_minor,
        None if quoted is None else quoted.net_minor,
        None if quoted is None else quoted.currency,
        None if quoted is None or not months else rounded(quoted.net_minor, months),
        offer.by,
        offer.approved_by,
        offer.invoice,
        offer.reserve_minor,
        offer.settled_minor,
        terms.reserve_currency,
        changed,
    )
    return dict(zip(COLUMNS, values, strict=True))
