"""Screening calls as they were told, each once."""

from __future__ import annotations

import json

import sqlalchemy as sa

from service.db.tables.leads import screenings
from service.domain.lead_record import to_text
from service.domain.screening import Screening

_COLUMNS = tuple(Screening.__slots__)
_ALL = sa.select(*(screenings.c[name] for name in _COLUMNS))


def insert(connection: sa.Connection, call: Screening, lead: str | None) -> None:
    """A new call; of no lead while its person is unknown."""
    connection.execute(screenings.insert(), _row(call) | {"lead": lead})


def change(connection: sa.Connection, call: Screening) -> None:
    """The call as its tool tells of it now."""
    connection.execute(sa.update(screenings).where(screenings.c.id == call.id).values(_row(call)))


def find(connection: sa.Connection, id: str) -> tuple[Screening, str | None] | None:
    """A call, and whose it is."""
    query = _ALL.add_columns(screenings.c.lead).where(screenings.c.id == id)
    row = connection.execute(query).first()
    return None if row is None else (_read(tuple(row)[:-1]), row.lead)


def of_lead(connection: sa.Connection, lead: str) -> list[Screening]:
    """A lead's calls, oldest first."""
    query = _ALL.where(screenings.c.lead == lead).order_by(screenings.c.at, screenings.c.id)
    return [_read(tuple(row)) for row in connection.execute(query)]


def _row(call: Screening) -> dict[str, object]:
    row = {name: getattr(call, name) for name in _COLUMNS}
    return row | {"answers": to_text(call.answers)}


def _read(row: tuple[object, ...]) -> Screening:
    told = dict(zip(_COLUMNS, row, strict=True))
    return Screening(**(told | {"answers": json.loads(str(told["answers"]))}))  # type: ignore[arg-type]  # as the table types them
