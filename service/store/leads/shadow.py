"""What a shadow run would have done, a row each time it changed its mind about a lead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.db.tables.leads import shadows


def note(
    connection: sa.Connection,
    *,
    lead: str,
    at: datetime,
    lane: str,
    rep: str | None,
    rule: str | None = None,
    terms: str | None = None,
) -> None:
    """One decision, unless it is the lead's last one of its kind again."""
    is_offer = shadows.c.rule.is_not(None) if rule is not None else shadows.c.rule.is_(None)
    last = connection.execute(
        sa.select(shadows)
        .where(shadows.c.lead == lead, is_offer)
        .order_by(shadows.c.id.desc())
        .limit(1)
    ).first()
    if last is not None and (last.lane, last.rep, last.rule) == (lane, rep, rule):
        return
    connection.execute(
        shadows.insert(),
        {"lead": lead, "at": at, "lane": lane, "rep": rep, "rule": rule, "terms": terms},
    )


def newest(connection: sa.Connection, *, limit: int) -> Sequence[sa.Row[Any]]:
    """Decisions, newest first."""
    return connection.execute(sa.select(shadows).order_by(shadows.c.id.desc()).limit(limit)).all()
