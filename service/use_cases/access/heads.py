"""Heads, not hats: which person stands behind a key, a rep or a log-in.

Approving and publishing need two people. One person may have a rep's key, a manager's log-in and
a second role in the console; none of these makes them another. A key that names nobody is a head
of its own, which the doctor says.
"""

from __future__ import annotations

import sqlalchemy as sa

from service.store.ops import keys, users


def head_of(connection: sa.Connection, who: str) -> str:
    """One name for all that one person acts as; `who` is a key's, a person's or a rep's id."""
    person, rep = keys.owner_of(connection, who)
    if person is not None:
        return person
    return users.of_rep(connection, rep or who) or rep or who
