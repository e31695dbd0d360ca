"""Message ids and their answers: what makes a repeated call change nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from service.db.prepared import Statement
from service.db.tables.leads import messages


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One call that may be repeated: whose, its id, and the digest of path and body."""

    sender: str
    id: str
    body_hash: str
    sent_at: int = 0
    """When its sender signed it, in seconds since 1970."""

    @property
    def stamp(self) -> str:
        """Orders messages as they were sent, however they arrive."""
        return f"{self.sent_at:012d} {self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A message taken before, with what was answered."""

    body_hash: str
    status: int
    answer: str


_FIND = Statement(
    sa.select(messages.c.body_hash, messages.c.status, messages.c.answer).where(
        messages.c.sender == sa.bindparam("sender"), messages.c.id == sa.bindparam("message_id")
    )
)
_INSERT = Statement(
    messages.insert(), ("sender", "id", "body_hash", "status", "answer", "received_at")
)


def find(connection: sa.Connection, message: Message) -> Answered | None:
    """What this message was answered before, if it was."""
    row = _FIND.first(connection, sender=message.sender, message_id=message.id)
    return None if row is None else Answered(body_hash=row[0], status=row[1], answer=row[2])


def record(
    connection: sa.Connection, message: Message, *, status: int, answer: str, now: datetime
) -> None:
    """Remember the answer; a second writer of the same message fails on the key and starts over."""
    _INSERT.defer(
        connection,
        sender=message.sender,
        id=message.id,
        body_hash=message.body_hash,
        status=status,
        answer=answer,
        received_at=now,
    )
