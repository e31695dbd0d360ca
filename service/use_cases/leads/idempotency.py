"""Runs a call's work at most once: a repeat gets the first answer again, byte for byte."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from service.domain.lead_record import to_text
from service.errors import Conflict
from service.store.leads import idempotency
from service.store.leads.idempotency import Message
from service.use_cases.tx import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A status and a body, ready to be sent and to be repeated."""

    status: int
    body: str


NOTHING = Answer(status=204, body="")


def encoded(value: Any, status: int = 200) -> Answer:
    """`value` as JSON; NOTHING for None."""
    return NOTHING if value is None else Answer(status=status, body=to_text(value))


def once(
    tx: Tx, message: Message | None, work: Callable[[], Answer], *, is_first: bool = False
) -> Answer:
    """The answer of `work`, or of the earlier call with this message's id.

    `is_first` says that the caller looked for one in vain.

    A message that was refused left no trace and may be sent again. Raises Conflict when the id
    came before with another body.
    """
    if message is None:
        return work()
    before = None if is_first else idempotency.find(tx.connection, message)
    if before is not None:
        if before.body_hash != message.body_hash:
            raise Conflict("key_reused", "this id came before, with another body")
        return Answer(status=before.status, body=before.answer)
    answer = work()
    idempotency.record(tx.connection, message, status=answer.status, answer=answer.body, now=tx.now)
    return answer
