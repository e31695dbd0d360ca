"""One import as it goes on, batch by batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from service.domain.lead import StoredLead
from service.importers.rows import Row
from service.store.leads import imports, leads
from service.store.leads.idempotency import Message


def message_of(id: str, began_at: datetime, line: int | str) -> Message:
    """The message that a row of an import is."""
    sent_at = int(began_at.timestamp())
    return Message(sender="import", id=f"{id}:{line}", body_hash="", sent_at=sent_at)


@dataclass(slots=True, kw_only=True)
class Batch:
    """What one transaction of an import takes; thrown away where it must start over."""

    id: str
    """The import's."""
    began_at: datetime
    before: AbstractSet[str]
    """Leads whose rows before were kept by earlier batches."""
    takes_erased: bool = False
    """Whether people who were erased are taken too."""
    kept: set[str] = field(default_factory=set)
    """Leads whose rows before this batch keeps."""
    taken: int = 0
    known: int = 0
    """Rows that said nothing new."""
    made: int = 0
    """Of the taken, those of somebody new, where leads are imported."""
    told: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many rows were read otherwise than written, by field and how."""
    refused: list[tuple[Row, str]] = field(default_factory=list)

    def message(self, line: int) -> Message:
        """The message that a row is; all of a file were sent when its import began."""
        return message_of(self.id, self.began_at, line)

    def keeps(self, lead: str) -> bool:
        """Whether a lead's rows as they were before the import are kept."""
        return lead in self.kept or lead in self.before

    def keep(self, connection: sa.Connection, lead: StoredLead) -> None:
        """Keep a lead as it is, before a fact changes it."""
        if not self.keeps(lead.id):
            imports.insert_snapshot(connection, self.id, lead.id, lead.account, ())
            self.kept.add(lead.id)

    def keep_all(self, connection: sa.Connection, found: Collection[StoredLead]) -> None:
        """`keep` of many, their rows looked up at once."""
        new = [lead for lead in found if not self.keeps(lead.id)]
        imports.insert_snapshots(connection, self.id, new)
        self.kept.update(lead.id for lead in new)

    def keep_account(self, connection: sa.Connection, account: str | None) -> None:
        """Keep an account's leads: what one says or hears, the others are looked at again for."""
        for colleague in () if account is None else leads.of_account(connection, account):
            self.keep(connection, colleague)


@dataclass(slots=True, kw_only=True)
class Taking:
    """What an import's committed batches took."""

    id: str
    began_at: datetime
    takes_erased: bool = False
    kept: set[str] = field(default_factory=set)
    taken: int = 0
    known: int = 0
    made: int = 0
    told: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def stamp(self) -> str:
        """How the stamps of all rows begin; each ends with its line."""
        return message_of(self.id, self.began_at, "").stamp

    def begin(self) -> Batch:
        """The next batch."""
        return Batch(
            id=self.id, began_at=self.began_at, before=self.kept, takes_erased=self.takes_erased
        )

    def add(self, batch: Batch) -> None:
        """Count a batch that is in."""
        self.kept |= batch.kept
        self.taken += batch.taken
        self.known += batch.known
        self.made += batch.made
        self.told += batch.told
