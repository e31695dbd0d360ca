"""Whether a sign-up is the first we hear of somebody, asked in one statement.

Most are; five lookups would then say no one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import sqlalchemy as sa

from service.db.prepared import Statement
from service.db.tables.leads import external_ids, leads, messages, parked
from service.store.leads.external_ids import has_any_name, names_given
from service.store.leads.idempotency import Message


def is_stranger(
    connection: sa.Connection,
    message: Message,
    *,
    lead: str | None,
    email_key: str | None,
    names: Sequence[tuple[str, str]],
) -> bool:
    """Whether nothing is stored of this message, lead, mail address or any of these names."""
    return not _is_known(len(names)).scalar(
        connection,
        sender=message.sender,
        message_id=message.id,
        lead=lead,
        email_key=email_key,
        **names_given(names),
    )


@lru_cache(maxsize=32)
def _is_known(names: int) -> Statement:
    known = (
        sa.exists().where(
            messages.c.sender == sa.bindparam("sender"), messages.c.id == sa.bindparam("message_id")
        ),
        sa.exists().where(leads.c.id == sa.bindparam("lead")),
        sa.exists().where(leads.c.email_key == sa.bindparam("email_key")),
        sa.exists().where(has_any_name(external_ids, names)),
        sa.exists().where(has_any_name(parked, names)),
    )
    return Statement(sa.select(sa.or_(*known)))
