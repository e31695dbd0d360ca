"""Takes the readings of the offers' effect on their day, so that what they said stays.

Afterwards people are erased, accounts merge, conversions are told late: the estimate follows, a
verdict does not.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from scoring.experiments.assignment import NotRandom
from service.domain.actor import WORKER
from service.runtime import Runtime
from service.store.offers import effect_plans
from service.store.offers.effect_plans import TakenReading
from service.store.ops import audit
from service.use_cases.tx import Tx, transact
from service.use_cases.views.measured_effects import Measured, estimate, measured

_EVERY = timedelta(hours=24)
READINGS_TAKEN = "readings.taken"


async def take_readings(runtime: Runtime) -> int:
    """Keep what is due, once a day; returns 0, since it processes no queued work."""
    now = runtime.clock.now()
    ran = await runtime.store.read(lambda connection: audit.last(connection, READINGS_TAKEN))
    if audit.lately(ran, now, _EVERY):
        return 0
    if not await runtime.store.read(effect_plans.everything):
        return 0
    due = await runtime.store.read(lambda connection: due_readings(connection, now))

    def keep(tx: Tx) -> None:
        for reading in due:
            effect_plans.take(tx.connection, reading)
        tx.audit(READINGS_TAKEN, audit.STORE, taken=len(due))

    await transact(runtime, keep, actor=WORKER)
    return 0


def due_readings(connection: sa.Connection, now: datetime) -> list[TakenReading]:
    """Every reading that has its accounts and was not taken, of all offers and of each rule's."""
    due = []
    for plan in effect_plans.everything(connection):
        everybody = measured(connection, plan.policy_id, now=now)
        due += _due(everybody)
        for rule in sorted({each.first.rule for each in everybody.found.accounts}):
            due += _due(measured(connection, plan.policy_id, now=now, rule=rule))
    return due


def _due(made: Measured) -> list[TakenReading]:
    try:
        found = estimate(made)
    except NotRandom:
        return []
    return [
        TakenReading(
            policy_id=made.policy,
            rule=made.rule or "",
            accounts=each.accounts,
            low=each.low,
            high=each.high,
            at=made.now,
        )
        for each in found.readings
        if each.reached and each.accounts not in made.taken
    ]
