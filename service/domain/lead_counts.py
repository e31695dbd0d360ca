"""What one lead adds to the figures of all leads: by day, by route, by source, by objection. Pure.

The figures of the overview and the team's page are the sums of these over all leads, so that a
change costs its own lead's line and no page counts a million of them. A new figure is a `yield`
here (and `VERSION` one higher, with a migration that marks every lead).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

ALWAYS = -1
"""The day of a figure that is of no day."""
MILLIONTHS = 1_000_000
"""Of a probability: scores have six decimals, and whole numbers add up the same in any order."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Key(NamedTuple):
    """A figure's name, what of it, and its day since 1970 in UTC, or `ALWAYS`."""

    name: str
    detail: str = ""
    day: int = ALWAYS


Counts = Mapping[Key, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a lead's own row says."""

    received_at: datetime
    outcome: str | None
    outcome_at: datetime | None
    is_credited: bool
    """Whether it was ever given to a rep."""
    is_touched: bool
    unreached: str | None
    source: str | None
    """None for an erased one, which no channel counts."""
    probability: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """One claim."""

    at: datetime
    due_at: datetime | None
    is_done: bool
    minutes: int
    objection: str | None
    disposition: str | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """One offer."""

    state: str
    cost_minor: int
    """Settled or reserved; 0 for one that ended free."""
    settled_minor: int | None
    redeemed_at: datetime | None
    """None unless it stands redeemed."""
    declined: str | None
    changed_at: datetime
    issued_at: datetime
    reserve_minor: int
    reserve_currency: str
    sold_minor: int
    """Its net price, where it was redeemed and is in the currency of the reserve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """An objection: where it was heard, and when."""

    objection: str
    where: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFacts:
    """What figures rest on, of one lead; `row` is None where only others' rows name it still."""

    row: Row | None
    claims: Sequence[Claimed] = ()
    offers: Sequence[Offered] = ()
    orders: Sequence[tuple[datetime, int]] = ()
    """When it bought, oldest first, and how many seats (0 where nobody said)."""
    changes: Sequence[tuple[str, datetime]] = ()
    """Changes of route: their names, and when."""
    screened: Sequence[Heard] = ()


def day_of(at: datetime) -> int:
    """The day of a moment, counted from 1970 in UTC."""
    return (at - _EPOCH).days


def counts_of(facts: LeadFacts) -> Counts:
    """What a lead adds to each figure; figures to which it adds nothing are left out."""
    found: Counter[Key] = Counter()
    for key, amount in _all(facts):
        found[key] += amount
    return {key: amount for key, amount in found.items() if amount}


def to_text(counts: Counts) -> str:
    """The counts as they are kept."""
    return json.dumps([[*key, amount] for key, amount in sorted(counts.items())])


def from_text(text: str) -> Counts:
    """The counts that were kept."""
    return {Key(name, detail, day): amount for name, detail, day, amount in json.loads(text)}


def heard_as(objection: str, where: str | None, orders: int) -> str:
    """The detail of `heard`."""
    return json.dumps([objection, where, orders])


def heard_from(detail: str) -> tuple[str, str | None, int]:
    """Objection, where, and orders by then (2 for more)."""
    objection, where, orders = json.loads(detail)
    return objection, where, orders


def _all(facts: LeadFacts) -> Iterator[tuple[Key, int]]:
    yield from _claims(facts)
    for offer in facts.offers:
        if offer.redeemed_at is not None and offer.settled_minor is not None:
            yield Key("conceded", day=day_of(offer.redeemed_at)), offer.settled_minor
        yield from _book(offer)
    for transition, at in facts.changes:
        yield Key("transition", transition), 1
        if transition == "unclaimed":
            yield Key("unclaimed", day=day_of(at)), 1
    yield from _orders(facts)
    yield from _objections(facts)
    if facts.row is not None:
        yield from _row(facts, facts.row)


def _book(offer: Offered) -> Iterator[tuple[Key, int]]:
    """A month of the ledger, by its currency."""
    detail = json.dumps([f"{offer.issued_at.astimezone(UTC):%Y-%m}", offer.reserve_currency])
    yield Key("book_offers", detail), 1
    yield Key("book_redeemed", detail), int(offer.state == "redeemed")
    yield Key("book_reserved_minor", detail), offer.reserve_minor
    yield Key("book_settled_minor", detail), offer.settled_minor or 0
    yield Key("book_sold_minor", detail), offer.sold_minor


def _row(facts: LeadFacts, row: Row) -> Iterator[tuple[Key, int]]:
    yield Key("signed_up", day=day_of(row.received_at)), 1
    is_converted = row.outcome == "converted"
    if is_converted and row.outcome_at is not None:
        yield Key("converted", day=day_of(row.outcome_at)), 1
    if row.unreached is not None:
        yield Key("unreached", row.unreached), 1
    lane = "rep" if row.is_credited else "offer" if facts.offers else "self_serve"
    yield Key("lane_leads", lane), 1
    yield Key("lane_reached", lane), int(row.is_touched)
    yield Key("lane_converted", lane), int(is_converted)
    yield Key("lane_minutes", lane), sum(one.minutes for one in facts.claims if one.is_done)
    yield Key("lane_conceded", lane), sum(offer.cost_minor for offer in facts.offers)
    if row.source is not None:
        yield Key("source_leads", row.source), 1
        if row.probability is not None:
            yield Key("source_scored", row.source), 1
            yield Key("source_millionths", row.source), round(row.probability * MILLIONTHS)


def _claims(facts: LeadFacts) -> Iterator[tuple[Key, int]]:
    for claim in facts.claims:
        if claim.due_at is not None:
            yield Key("claimed", day=day_of(claim.at)), 1
            if claim.at <= claim.due_at:
                yield Key("in_time", day=day_of(claim.at)), 1


def _orders(facts: LeadFacts) -> Iterator[tuple[Key, int]]:
    if len(facts.orders) > 1:
        yield Key("bought_again"), 1
        yield Key("grown"), int(facts.orders[-1][1] > facts.orders[0][1])


def _objections(facts: LeadFacts) -> Iterator[tuple[Key, int]]:
    told = [
        Heard(objection=one.objection, where=one.disposition, at=one.ended_at)
        for one in facts.claims
        if one.objection is not None
    ]
    told += [
        Heard(objection=offer.declined, where="declined", at=offer.changed_at)
        for offer in facts.offers
        if offer.declined is not None
    ]
    for heard in (*told, *facts.screened):
        orders = 0 if heard.at is None else sum(at <= heard.at for at, _ in facts.orders)
        yield Key("heard", heard_as(heard.objection, heard.where, min(orders, 2))), 1
