"""How far leads came and what each lane took: sums over all leads, for the team's page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.db.tables.leads import IS_WAITING, claims, leads, offers, outcomes, queue
from service.store.offers.offers import ENDED_FREE

_OWN = offers.alias("own")
_LANE = sa.case(
    (leads.c.credit.is_not(None), "rep"),
    (sa.select(_OWN.c.id).where(_OWN.c.lead == leads.c.id).correlate(leads).exists(), "offer"),
    else_="self_serve",
)
"""Where a lead was worked: by a rep, else by an offer, else by nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneSum:
    """What one lane took in and brought."""

    lane: str
    leads: int
    reached: int
    converted: int
    minutes: int
    conceded_minor: int


def by_lane(connection: sa.Connection) -> list[LaneSum]:
    """Every lane's leads, how many were reached and converted, and what it cost."""
    lane = _LANE.label("lane")
    counted = connection.execute(
        sa.select(
            lane,
            sa.func.count(),
            sa.func.count(leads.c.touched_at),
            sa.func.count(sa.case((leads.c.outcome == "converted", 1))),
        ).group_by(lane)
    ).all()
    minutes = _sum_by_lane(
        connection, claims, sa.case((claims.c.ended == "done", claims.c.minutes), else_=0)
    )
    cost = sa.case(
        (offers.c.state.in_(ENDED_FREE), 0),
        else_=sa.func.coalesce(offers.c.settled_minor, offers.c.reserve_minor),
    )
    conceded = _sum_by_lane(connection, offers, cost)
    return [
        LaneSum(
            lane=row[0],
            leads=row[1],
            reached=row[2],
            converted=row[3],
            minutes=minutes.get(row[0], 0),
            conceded_minor=conceded.get(row[0], 0),
        )
        for row in sorted(counted, key=lambda row: -row[1])
    ]


def orders(connection: sa.Connection) -> dict[str, list[dict[str, Any]]]:
    """Every lead's orders, oldest first."""
    rows = connection.execute(
        sa.select(outcomes.c.lead, outcomes.c.body)
        .where(outcomes.c.kind == "converted", outcomes.c.lead.is_not(None))
        .order_by(outcomes.c.at, outcomes.c.id)
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row.lead, []).append(json.loads(row.body))
    return found


def late(connection: sa.Connection, now: datetime) -> dict[str | None, int]:
    """Leads past their due time that still wait, by rep; None is the pool."""
    rows = connection.execute(
        sa.select(queue.c.rep, sa.func.count())
        .where(IS_WAITING, queue.c.due_at <= now)
        .group_by(queue.c.rep)
    )
    return {row[0]: row[1] for row in rows}


def ended(connection: sa.Connection, since: datetime) -> dict[str, dict[str, int]]:
    """How claims ended since then, by rep."""
    rows = connection.execute(
        sa.select(claims.c.rep, claims.c.ended, sa.func.count())
        .where(claims.c.claimed_at > since, claims.c.ended.is_not(None))
        .group_by(claims.c.rep, claims.c.ended)
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row[0], {})[row[1]] = row[2]
    return found


def _sum_by_lane(
    connection: sa.Connection, table: sa.Table, value: sa.ColumnElement[Any]
) -> dict[str, int]:
    lane = _LANE.label("lane")
    rows = connection.execute(
        sa.select(lane, sa.func.coalesce(sa.func.sum(value), 0))
        .join_from(table, leads, table.c.lead == leads.c.id)
        .group_by(lane)
    )
    return {row[0]: int(row[1]) for row in rows}
