"""What the store's own customers still renew, as it was forecast last."""

from __future__ import annotations

import json
from collections.abc import Sequence

import sqlalchemy as sa

from service.db.tables.leads import renewal_forecasts
from service.domain.renewal_cohorts import Forecast


def replace_all(connection: sa.Connection, made: Sequence[Forecast]) -> None:
    """These and no others."""
    connection.execute(sa.delete(renewal_forecasts))
    rows = [
        {
            "months": one.months,
            "due": one.due,
            "told": json.dumps(one.cohorts),
            "fitted_at": one.fitted_at,
        }
        for one in made
    ]
    if rows:
        connection.execute(renewal_forecasts.insert(), rows)


def find(connection: sa.Connection, months: int) -> Forecast | None:
    """That of contracts of so many months."""
    query = sa.select(renewal_forecasts).where(renewal_forecasts.c.months == months)
    row = connection.execute(query).first()
    if row is None:
        return None
    return Forecast(
        months=row.months, due=row.due, cohorts=json.loads(row.told), fitted_at=row.fitted_at
    )
