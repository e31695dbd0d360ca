"""What is in a store, counted: lanes, offers, mails, queues."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from service.db.tables import leads as tables


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts by name: lanes the leads are in now, offers by rule, mails by state, queue by rep."""

    leads: int
    lanes: dict[str, int]
    unreached: dict[str, int]
    offers: dict[str, int]
    mails: int
    waiting: dict[str, int]


def summarize(connection: sa.Connection) -> Summary:
    """The figures, in one look."""

    def by(column: sa.Column[str]) -> dict[str, int]:
        rows = connection.execute(
            sa.select(column, sa.func.count()).where(column.is_not(None)).group_by(column)
        )
        return dict(sorted(((str(r[0]), int(r[1])) for r in rows), key=lambda p: -p[1]))

    mails = sa.select(sa.func.count()).select_from(tables.captured_mail)
    lanes = by(tables.leads.c.lane)
    return Summary(
        leads=sum(lanes.values()),
        lanes=lanes,
        unreached=by(tables.leads.c.unreached),
        offers=by(tables.offers.c.rule),
        mails=int(connection.execute(mails).scalar_one()),
        waiting=by(tables.queue.c.rep),
    )
