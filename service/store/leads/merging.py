"""What two leads left behind becomes one lead's.

Every table with a `lead` column moves without being named; a queue place and what is kept under
a pseudonym are not a lead's to move.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from service.db.tables.leads import (
    assignments,
    claims,
    events,
    explorations,
    external_ids,
    leads,
    metadata,
    offers,
    queue,
    redemptions,
    search_terms,
)

_NOT_MOVED = {leads.name, queue.name, explorations.name, assignments.name, search_terms.name}


def move(connection: sa.Connection, gone: str, kept: str, now: datetime) -> None:
    """Give all of a lead's rows to another; its events are known there from now.

    The words it was found by are gathered anew, as after any change: the other may have some too.
    """
    connection.execute(sa.delete(search_terms).where(search_terms.c.lead == gone))
    connection.execute(sa.update(events).where(events.c.lead == gone).values(known_at=now))
    for table in metadata.sorted_tables:
        if "lead" in table.c and table.name not in _NOT_MOVED:
            connection.execute(sa.update(table).where(table.c.lead == gone).values(lead=kept))


def move_place(connection: sa.Connection, gone: str, kept: str, now: datetime) -> None:
    """Leave one queue place: a held one before a waiting one, the kept lead's before the other's.

    A claim whose place goes has ended, so that finishing it late is a conflict.
    """
    places = {
        row.lead: row
        for row in connection.execute(
            sa.select(queue.c.lead, queue.c.state, queue.c.claim).where(
                queue.c.lead.in_((gone, kept))
            )
        )
    }
    if gone not in places:
        return
    if kept in places and (places[kept].state == "held" or places[gone].state != "held"):
        _drop(connection, gone, places[gone].claim, now)
        return
    if kept in places:
        _drop(connection, kept, places[kept].claim, now)
    connection.execute(sa.update(queue).where(queue.c.lead == gone).values(lead=kept))


def delete(connection: sa.Connection, lead: str) -> None:
    """The row of a lead that is another's now."""
    connection.execute(sa.delete(leads).where(leads.c.id == lead))


def alias(connection: sa.Connection, kind: str, value: str, lead: str) -> None:
    """An id by which the lead that went may still be named."""
    connection.execute(external_ids.insert(), {"kind": kind, "value": value, "lead": lead})


def move_offers(connection: sa.Connection, old_account: str, new_account: str) -> None:
    """What an account by itself was offered counts for the account it turned out to be."""
    connection.execute(
        sa.update(offers).where(offers.c.account == old_account).values(account=new_account)
    )
    connection.execute(
        sa.update(redemptions)
        .where(redemptions.c.account == old_account)
        .values(account=new_account)
    )


def _drop(connection: sa.Connection, lead: str, claim: str | None, now: datetime) -> None:
    connection.execute(sa.delete(queue).where(queue.c.lead == lead))
    if claim is not None:
        connection.execute(
            sa.update(claims)
            .where(claims.c.id == claim, claims.c.ended_at.is_(None))
            .values(ended="merged", ended_at=now)
        )
