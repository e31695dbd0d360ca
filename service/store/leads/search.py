"""Finds leads by the beginnings of the words kept of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from service.db.tables.leads import leads, search_terms
from service.domain.lead import StoredLead
from service.store.leads.leads import ALL_COLUMNS

_MOST_LOOKED_AT, _FEW = 5_000, 5_000
_LAST = "\U0010ffff"


def find(
    connection: sa.Connection, words: Sequence[Sequence[str]], *, rep: str | None, limit: int
) -> list[StoredLead]:
    """Leads of which each word, in any of its spellings, begins one kept word, the newest of the
    first found first; of a rep's own and nobody's where a `rep` looks.

    The first word leads: of one that begins thousands of words, only so many are looked at.
    """
    if not words:
        return []
    first, *others = words
    terms = search_terms.c
    near = sa.select(terms.lead).where(_begins(terms.term, first)).limit(_MOST_LOOKED_AT)
    query = sa.select(*ALL_COLUMNS).where(
        leads.c.id.in_(near.scalar_subquery()), leads.c.erased_at.is_(None)
    )
    for number, word in enumerate(others):
        also = search_terms.alias(f"also{number}")
        query = query.where(
            sa.select(also.c.lead)
            .where(also.c.lead == leads.c.id, _begins(also.c.term, word))
            .exists()
        )
    if rep is not None:
        query = query.where(sa.or_(leads.c.rep == rep, leads.c.rep.is_(None)))
    query = query.order_by(leads.c.received_at.desc(), leads.c.id).limit(limit)
    return [StoredLead._make(row) for row in connection.execute(query)]


def has_term(connection: sa.Connection, term: str) -> sa.ColumnElement[bool]:
    """Whether a lead has this word, as a condition: few of them are named one by one.

    Of a rare word the leads are looked up, of a common one each lead is asked.
    """
    having = sa.select(search_terms.c.lead).where(search_terms.c.term == term)
    few = connection.execute(having.limit(_FEW + 1)).scalars().all()
    if len(few) <= _FEW:
        return leads.c.id.in_(few)
    return having.where(search_terms.c.lead == leads.c.id).exists()


def replace(connection: sa.Connection, told: Mapping[str, frozenset[str]]) -> int:
    """Keep these words of these leads and no others; how many leads' words changed."""
    had: dict[str, set[str]] = {lead: set() for lead in told}
    terms = search_terms.c
    for row in connection.execute(sa.select(terms.lead, terms.term).where(terms.lead.in_(had))):
        had[row.lead].add(row.term)
    changed = [lead for lead, words in told.items() if had[lead] != words]
    if changed:
        connection.execute(sa.delete(search_terms).where(terms.lead.in_(changed)))
        rows = [{"lead": lead, "term": word} for lead in changed for word in sorted(told[lead])]
        if rows:
            connection.execute(search_terms.insert(), rows)
    return len(changed)


def renew(connection: sa.Connection, lead: str, words: frozenset[str]) -> None:
    """Keep these words of a lead in the place of those that are kept, where any are."""
    gone = connection.execute(sa.delete(search_terms).where(search_terms.c.lead == lead))
    if gone.rowcount and words:
        rows = [{"lead": lead, "term": word} for word in sorted(words)]
        connection.execute(search_terms.insert(), rows)


def _begins(term: sa.ColumnElement[str], spellings: Sequence[str]) -> sa.ColumnElement[bool]:
    return sa.or_(*((term >= word) & (term < word + _LAST) for word in spellings))
