"""Who else of a lead's account was active, as known at a moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from scoring.leads.colleagues import WINDOW_DAYS
from service.db.prepared import Statement
from service.db.tables.leads import events, leads

_ACTIVE = Statement(
    sa.select(sa.func.count()).where(
        leads.c.account == sa.bindparam("account"),
        leads.c.id != sa.bindparam("lead"),
        # one look a colleague, however much each of them did
        sa.exists().where(
            events.c.lead == leads.c.id,
            events.c.at >= sa.bindparam("since", type_=events.c.at.type),
            events.c.at <= sa.bindparam("as_of", type_=events.c.at.type),
            events.c.known_at <= sa.bindparam("as_of", type_=events.c.at.type),
        ),
    )
)


def active(connection: sa.Connection, *, account: str, lead: str, as_of: datetime) -> int:
    """How many other leads of the account did anything in the last seven UTC days."""
    today = as_of.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    since = today - timedelta(days=WINDOW_DAYS - 1)
    return int(_ACTIVE.scalar(connection, account=account, lead=lead, since=since, as_of=as_of))
