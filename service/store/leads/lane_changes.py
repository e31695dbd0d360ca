"""How leads changed lanes, and which were drawn below the cut-off."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from service.db.prepared import Statement
from service.db.tables.leads import explorations, lane_changes

_KEEP_CHANGE = Statement(lane_changes.insert(), ("lead", "transition", "lane", "at"))
_DRAWN = Statement(
    sa.select(explorations.c.lead).where(explorations.c.lead == sa.bindparam("drawn"))
)
_KEEP_DRAW = Statement(explorations.insert(), ("lead", "explored", "propensity", "at"))


def insert_change(
    connection: sa.Connection, *, lead: str, transition: str, lane: str, at: datetime
) -> None:
    """A lead went into another lane."""
    _KEEP_CHANGE.defer(connection, lead=lead, transition=transition, lane=lane, at=at)


def changes_of(connection: sa.Connection, lead: str) -> list[tuple[datetime, str, str]]:
    """A lead's changes of lane: when, by which name, into which lane; oldest first."""
    rows = connection.execute(
        sa.select(lane_changes.c.at, lane_changes.c.transition, lane_changes.c.lane)
        .where(lane_changes.c.lead == lead)
        .order_by(lane_changes.c.id)
    )
    return [(row.at, row.transition, row.lane) for row in rows]


def counted(connection: sa.Connection) -> dict[str, int]:
    """How many changes there were of each name."""
    rows = connection.execute(
        sa.select(lane_changes.c.transition, sa.func.count()).group_by(lane_changes.c.transition)
    )
    return {row[0]: row[1] for row in rows}


def insert_draw(
    connection: sa.Connection,
    *,
    lead: str,
    explored: bool,
    propensity: float,
    at: datetime,
    is_new: bool,
) -> None:
    """What the draw gave a lead (by its pseudonym) with which chance; the first one stands.

    Who is new was never drawn.
    """
    if is_new or _DRAWN.first(connection, drawn=lead) is None:
        _KEEP_DRAW.defer(
            connection, lead=lead, explored=explored, propensity=repr(propensity), at=at
        )


def draws(connection: sa.Connection) -> list[tuple[str, bool, float]]:
    """Every lead that was drawn or could have been: pseudonym, whether it was, and its chance."""
    rows = connection.execute(
        sa.select(explorations.c.lead, explorations.c.explored, explorations.c.propensity).order_by(
            explorations.c.at, explorations.c.lead
        )
    )
    return [(row.lead, bool(row.explored), float(row.propensity)) for row in rows]
