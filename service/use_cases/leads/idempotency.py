"""Runs a call's work at most once: a repeat gets the first answer again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.domain.lead_record import to_text
from service.errors import Conflict
from service.store.leads import idempotency
from service.store.leads.idempotency import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A status and a JSON body, ready to be sent and to be repeated byte for byte."""

    status: int
    body: str


def answer(value: Any, status: int = 200) -> Answer:
    """`value` as JSON."""
    return Answer(status=status, body=to_text(value))


def answer_around(score: str, value: dict[str, Any]) -> Answer:
    """`value`, an object, with a `score` that is JSON text already."""
    return Answer(status=200, body=f'{to_text(value)[:-1]},"score":{score}}}')


NOTHING = Answer(status=204, body="")


def once(
    connection: sa.Connection,
    message: Message | None,
    now: datetime,
    work: Callable[[], Answer],
    *,
    is_first: bool = False,
) -> Answer:
    """The answer of `work`, or of the earlier call with this message's id.

    `is_first` says that the caller looked for one in vain.

    A message that was refused left no trace and may be sent again. Raises Conflict when the id
    came before with another body.
    """
    if message is None:
        return work()
    before = None if is_first else idempotency.find(connection, message)
    if before is not None:
        if before.body_hash != message.body_hash:
            raise Conflict("key_reused", "this id came before, with another body")
        return Answer(status=before.status, body=before.answer)
    given = work()
    idempotency.record(connection, message, status=given.status, answer=given.body, now=now)
    return given
