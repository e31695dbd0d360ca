"""Which arm of the holdout each account fell into when it first could have got an offer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from service.db.tables.leads import assignments, leads, offers, outcomes
from service.store.offers import merged_accounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """One account's arm, the chance it had of it, and the offer it got or would have got."""

    account: str
    policy_id: str
    arm: str
    propensity: str
    policy_version: str
    rule: str
    terms: str
    lead: str
    at: datetime
    score_hundredths: int | None = None
    """Of the lead then; None where it was not scored, or nobody kept it yet."""
    dose: str | None = None
    """The size that was drawn, as JSON; None where the rule has one only."""


_ALONE = "lead:"
_COLUMNS = tuple(Assigned.__slots__)
_ARMS = sa.select(assignments.c.arm).where(
    assignments.c.account.in_(sa.bindparam("accounts", expanding=True)),
    assignments.c.policy_id == sa.bindparam("of_policy"),
)


def record(connection: sa.Connection, assigned: Assigned) -> bool:
    """Keep an account's first assignment; whether this is it."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = insert(assignments).values({name: getattr(assigned, name) for name in _COLUMNS})
    kept = row.on_conflict_do_nothing().returning(assignments.c.account)
    return connection.execute(kept).first() is not None


def arm_of(connection: sa.Connection, account: str, policy_id: str) -> str | None:
    """The arm an account was assigned to under a policy's salt.

    Of accounts that turned out to be one, the stricter arm: it is held out if any was.
    """
    ones = merged_accounts.ones(connection, account)
    arms = set(connection.execute(_ARMS, {"accounts": ones, "of_policy": policy_id}).scalars())
    return "control" if "control" in arms else next(iter(arms), None)


def newest_policy(connection: sa.Connection) -> str | None:
    """The policy whose arms were drawn last."""
    query = sa.select(assignments.c.policy_id).order_by(assignments.c.at.desc()).limit(1)
    found = connection.execute(query).scalar()
    return None if found is None else str(found)


def of_policy(connection: sa.Connection, policy_id: str) -> list[Assigned]:
    """Every account's assignment under a policy's salt."""
    query = sa.select(*(assignments.c[name] for name in _COLUMNS))
    rows = connection.execute(query.where(assignments.c.policy_id == policy_id))
    return [Assigned(**row._mapping) for row in rows]


def conversions(connection: sa.Connection) -> list[tuple[str, datetime, dict[str, Any]]]:
    """Account (or lead's own reference), moment and body of every conversion, oldest first."""
    rows = connection.execute(
        sa.select(leads.c.account, leads.c.ref, outcomes.c.at, outcomes.c.body)
        .join_from(outcomes, leads, outcomes.c.lead == leads.c.id)
        .where(outcomes.c.kind == "converted")
        .order_by(outcomes.c.at, outcomes.c.id)
    )
    return [(row.account or f"lead:{row.ref}", row.at, json.loads(row.body)) for row in rows]


def joined(connection: sa.Connection) -> dict[str, str]:
    """The account of each lead that was assigned by itself and has one now, by its reference."""
    lone = assignments.c.account
    ref = sa.func.substr(lone, len(_ALONE) + 1)  # by which an index finds the lead
    rows = connection.execute(
        sa.select(lone.label("lone"), leads.c.account)
        .join_from(assignments, leads, leads.c.ref == ref)
        .where(lone.startswith(_ALONE, autoescape=True), leads.c.account.is_not(None))
    )
    return {row.lone: row.account for row in rows}


def redeemed(connection: sa.Connection) -> list[tuple[str, datetime, int, str]]:
    """Account, moment of issue, settled cost and terms of every redeemed offer."""
    rows = connection.execute(
        sa.select(
            offers.c.account, offers.c.issued_at, offers.c.settled_minor, offers.c.terms
        ).where(offers.c.state == "redeemed")
    )
    return [(row.account, row.issued_at, row.settled_minor or 0, row.terms) for row in rows]
