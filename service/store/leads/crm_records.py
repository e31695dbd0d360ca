"""What was seen last of each record in a CRM: by it a state that says nothing new is known."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from service.db.tables.leads import crm_records


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A record as it was seen last."""

    at: datetime
    version: int
    values: Mapping[str, str] = field(default_factory=dict)
    """A digest of each value, by its name."""


_INSERT = postgresql.insert(crm_records)  # SQLite's compiler writes the same words
_PUT = _INSERT.on_conflict_do_update(
    index_elements=["id"],
    set_={name: _INSERT.excluded[name] for name in ("lead", "at", "version", "seen")},
)


def find(connection: sa.Connection, id: str) -> Seen | None:
    """How a record was seen last; whose lead is locked, so that two cannot cross."""
    c = crm_records.c
    row = connection.execute(sa.select(c.at, c.version, c.seen).where(c.id == id)).first()
    return (
        None if row is None else Seen(at=row.at, version=row.version, values=json.loads(row.seen))
    )


def put(connection: sa.Connection, id: str, lead: str, seen: Seen) -> None:
    """Remember how a record was seen."""
    values = json.dumps(dict(seen.values), sort_keys=True)
    row = {"id": id, "lead": lead, "at": seen.at, "version": seen.version, "seen": values}
    connection.execute(_PUT, row)
