"""The readings of each policy's effect: fixed before the accounts that they read, taken once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from service.db.tables.leads import effect_plans, effect_readings


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectPlan:
    """So many readings, spread over the planned accounts."""

    policy_id: str
    readings: int
    planned: int
    fixed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenReading:
    """One reading as it was taken; no limits where an arm had too few accounts."""

    policy_id: str
    rule: str
    """Empty: of all offers."""
    accounts: int
    low: float | None
    high: float | None
    at: datetime


_COLUMNS = tuple(EffectPlan.__slots__)
_READING = tuple(TakenReading.__slots__)


def fix(connection: sa.Connection, plan: EffectPlan) -> None:
    """Keep a policy's plan, unless it has one: what is fixed stays."""
    _keep(connection, effect_plans, {name: getattr(plan, name) for name in _COLUMNS})


def find(connection: sa.Connection, policy_id: str) -> EffectPlan | None:
    """A policy's plan."""
    query = sa.select(*(effect_plans.c[name] for name in _COLUMNS))
    row = connection.execute(query.where(effect_plans.c.policy_id == policy_id)).first()
    return None if row is None else EffectPlan(**row._mapping)


def everything(connection: sa.Connection) -> list[EffectPlan]:
    """Every policy's plan, oldest first."""
    query = sa.select(*(effect_plans.c[name] for name in _COLUMNS))
    rows = connection.execute(query.order_by(effect_plans.c.fixed_at, effect_plans.c.policy_id))
    return [EffectPlan(**row._mapping) for row in rows]


def take(connection: sa.Connection, reading: TakenReading) -> None:
    """Keep a reading; one that was taken stays as it was."""
    _keep(connection, effect_readings, {name: getattr(reading, name) for name in _READING})


def taken(connection: sa.Connection, policy_id: str, rule: str) -> dict[int, TakenReading]:
    """The readings taken of a policy's offers, or of one rule's, by their accounts."""
    query = sa.select(*(effect_readings.c[name] for name in _READING)).where(
        effect_readings.c.policy_id == policy_id, effect_readings.c.rule == rule
    )
    return {row.accounts: TakenReading(**row._mapping) for row in connection.execute(query)}


def _keep(connection: sa.Connection, table: sa.Table, row: dict[str, Any]) -> None:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(table).values(row).on_conflict_do_nothing())
