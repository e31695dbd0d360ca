"""Whether a sign-up is the first we hear of somebody, asked in one statement; of many, in few.

Most are; five lookups would then say no one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import sqlalchemy as sa

from service.db.prepared import Statement
from service.db.tables.leads import erasures, external_ids, leads, messages, parked
from service.store.leads.external_ids import has_any_name, names_given
from service.store.leads.idempotency import Message

Name = tuple[str, str]
_NAMED = (external_ids, parked)
_OWN = {"lead": (leads.c.id,), "email": (leads.c.email_key,)}
"""Kinds of names that a lead bears itself."""


def is_stranger(
    connection: sa.Connection,
    message: Message,
    *,
    lead: str | None,
    email_key: str | None,
    erasure: str | None,
    blurred: str | None,
    names: Sequence[tuple[str, str]],
) -> bool:
    """Whether nothing is stored of this message, lead, mail address or any of these names.

    Nor that they were erased, `erasure` being the lead's id as erasures keep it, nor all people of
    its account, `blurred` being what that is called then.
    """
    return not _is_known(len(names)).scalar(
        connection,
        sender=message.sender,
        message_id=message.id,
        lead=lead,
        email_key=email_key,
        erasure=erasure,
        blurred=blurred,
        **names_given(names),
    )


def known_names(connection: sa.Connection, names: Iterable[Name]) -> set[Name]:
    """Those of many names of which anything is stored: of a lead, or of a fact that waits."""
    by_kind: dict[str, set[str]] = {}
    for kind, value in names:
        by_kind.setdefault(kind, set()).add(value)
    known: set[Name] = set()
    for kind, values in by_kind.items():
        queries = [(sa.select(t.c.value).where(t.c.kind == kind), t.c.value) for t in _NAMED]
        queries += [(sa.select(column), column) for column in _OWN.get(kind, ())]
        for query, column in queries:
            found = connection.execute(query.where(column.in_(sorted(values)))).scalars()
            known.update((kind, value) for value in found)
    return known


@lru_cache(maxsize=32)
def _is_known(names: int) -> Statement:
    known = (
        sa.exists().where(
            messages.c.sender == sa.bindparam("sender"), messages.c.id == sa.bindparam("message_id")
        ),
        sa.exists().where(leads.c.id == sa.bindparam("lead")),
        sa.exists().where(leads.c.email_key == sa.bindparam("email_key")),
        sa.exists().where(
            erasures.c.lead_key.in_((sa.bindparam("email_key"), sa.bindparam("erasure")))
        ),
        sa.exists().where(leads.c.account == sa.bindparam("blurred")),
        *(sa.exists().where(has_any_name(table, names)) for table in _NAMED if names),
    )
    return Statement(sa.select(sa.or_(*known)))
