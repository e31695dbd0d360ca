"""What became of the demo's leads, counted in the store after the story."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from service.db import Store
from service.db.tables import leads as schema


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts by name: lanes the leads are in now, offers by rule, mails by state, queue by rep."""

    leads: int
    lanes: dict[str, int]
    unreached: dict[str, int]
    offers: dict[str, int]
    mails: int
    waiting: dict[str, int]


def count(store: Store) -> Summary:
    """Read the figures in one look."""

    def look(connection: sa.Connection) -> Summary:
        def by(column: sa.Column[str]) -> dict[str, int]:
            rows = connection.execute(
                sa.select(column, sa.func.count()).where(column.is_not(None)).group_by(column)
            )
            return dict(sorted(((str(r[0]), int(r[1])) for r in rows), key=lambda p: -p[1]))

        lanes = by(schema.leads.c.lane)
        return Summary(
            leads=sum(lanes.values()),
            lanes=lanes,
            unreached=by(schema.leads.c.unreached),
            offers=by(schema.offers.c.rule),
            mails=connection.execute(
                sa.select(sa.func.count()).select_from(schema.captured_mail)
            ).scalar_one(),
            waiting=by(schema.queue.c.rep),
        )

    return store.read_now(look)
