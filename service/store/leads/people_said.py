"""What reps wrote down of people: each word is kept, the newest of each kind stands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from service.db.tables.leads import people_said
from service.domain.committee import Told


def insert(connection: sa.Connection, lead: str, told: Told, now: datetime) -> None:
    """One more word."""
    row = {"lead": lead, "role": told.role, "stance": told.stance, "by": told.by, "at": now}
    connection.execute(people_said.insert(), row)


def of_leads(connection: sa.Connection, leads: Iterable[str]) -> dict[str, Told]:
    """The newest role and stance of each that somebody wrote of."""
    query = sa.select(people_said).where(people_said.c.lead.in_(list(leads)))
    found: dict[str, Told] = {}
    for row in connection.execute(query.order_by(people_said.c.at, people_said.c.id)):
        before = found.get(row.lead, Told())
        found[row.lead] = Told(
            role=row.role or before.role,
            stance=row.stance or before.stance,
            by=row.by if row.role else before.by,
        )
    return found
