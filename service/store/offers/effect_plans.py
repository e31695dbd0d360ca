"""The readings of each policy's effect, fixed once and before the accounts that they read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from service.db.tables.leads import effect_plans


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectPlan:
    """So many readings, spread over the planned accounts."""

    policy_id: str
    readings: int
    planned: int
    fixed_at: datetime


_COLUMNS = tuple(EffectPlan.__slots__)


def fix(connection: sa.Connection, plan: EffectPlan) -> None:
    """Keep a policy's plan, unless it has one: what is fixed stays."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = insert(effect_plans).values({name: getattr(plan, name) for name in _COLUMNS})
    connection.execute(row.on_conflict_do_nothing())


def find(connection: sa.Connection, policy_id: str) -> EffectPlan | None:
    """A policy's plan."""
    query = sa.select(*(effect_plans.c[name] for name in _COLUMNS))
    row = connection.execute(query.where(effect_plans.c.policy_id == policy_id)).first()
    return None if row is None else EffectPlan(**row._mapping)
