"""One import as it goes on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import sqlalchemy as sa

from service.domain.lead import StoredLead
from service.importers.rows import Row
from service.store.leads import imports

Refused = tuple[Row, str]
"""A row that was not taken, and why."""


@dataclass(slots=True, kw_only=True)
class Taking:
    """What an import took so far, and of which leads it keeps how they were."""

    id: str
    kept: set[str] = field(default_factory=set)
    """Leads whose rows before are kept already."""
    taken: int = 0
    known: int = 0
    """Rows that said nothing new."""
    told: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many rows were read otherwise than written, by field and how."""

    def keep(self, connection: sa.Connection, lead: StoredLead) -> None:
        """Keep a lead as it is, before a fact changes it."""
        if lead.id not in self.kept:
            imports.insert_snapshot(connection, self.id, lead.id, lead.account, ())
            self.kept.add(lead.id)
