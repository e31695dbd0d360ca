"""What an offer holds back of the limits, from its issue to its end; under `offers.lock_issuing`.

An offer reserves its highest possible cost when it is issued, costs what it settled at once it
is redeemed, and nothing when it ends otherwise. The database refuses what goes above a limit.
"""

from __future__ import annotations

from math import ceil
from typing import Literal

import sqlalchemy as sa

from offers.terms import Terms
from service.db.tables.leads import OPEN_STATES
from service.store.offers import limits
from service.store.offers.offers import ENDED_FREE, StoredOffer
from service.use_cases.tx import Tx

SYSTEM = "system"


def reserve(tx: Tx, terms: Terms, *, by: str, role: Literal["system", "rep", "manager"]) -> bool:
    """Hold back what an offer could cost; whether every limit had room for it."""
    caps = tx.runtime.policy.guardrails
    share = caps.audience_share
    crowd = (
        None if share is None else ceil(share * tx.runtime.board.live_trials(tx.connection, tx.now))
    )
    wanted: list[tuple[str, str, int, int | None]] = [
        (limits.OPEN_OFFERS, limits.ALWAYS, 1, crowd),
        (limits.BUDGET, limits.month_of(tx.now), terms.reserve_minor, caps.budget_minor_per_month),
    ]
    if by != SYSTEM:
        most = caps.rep_minor_per_month if role == "rep" else None
        person = (limits.of_person(by), limits.month_of(tx.now), terms.reserve_minor, most)
        wanted.append(person)
    for number, (name, period, amount, most) in enumerate(wanted):
        if not limits.take(tx.connection, name, period, amount, most=most):
            for taken, since, used, _ in wanted[:number]:
                limits.give_back(tx.connection, taken, since, used)
            return False
    return True


def reserve_anew(tx: Tx, before: StoredOffer, reserve_minor: int) -> bool:
    """Hold back another amount for an open offer; whether the limits had room for it."""
    caps, month = tx.runtime.policy.guardrails, limits.month_of(before.issued_at)
    more = reserve_minor - before.reserve_minor
    budget = caps.budget_minor_per_month if more > 0 else None
    if not limits.take(tx.connection, limits.BUDGET, month, more, most=budget):
        return False
    if before.by != SYSTEM:
        limits.take(tx.connection, limits.of_person(before.by), month, more, most=None)
    return True


def change(
    connection: sa.Connection, before: StoredOffer, *, state: str, settled_minor: int | None
) -> None:
    """Give back what an offer holds no longer, after a step in its life."""
    closed = (before.state in OPEN_STATES) - (state in OPEN_STATES)
    limits.give_back(connection, limits.OPEN_OFFERS, limits.ALWAYS, closed)
    less = _cost_minor(before, before.state, before.settled_minor)
    less -= _cost_minor(before, state, settled_minor)
    month = limits.month_of(before.issued_at)
    limits.give_back(connection, limits.BUDGET, month, less)
    if before.by != SYSTEM:
        limits.give_back(connection, limits.of_person(before.by), month, less)


def _cost_minor(offer: StoredOffer, state: str, settled_minor: int | None) -> int:
    if state in ENDED_FREE:
        return 0
    return offer.reserve_minor if settled_minor is None else settled_minor
