"""Keeps the words people are found by, a little after they change: no sign-up waits for it."""

from __future__ import annotations

import sqlalchemy as sa

from service.domain.search_terms import search_terms
from service.jobs.lead_changes import MOST, changes_after, move_on
from service.runtime import Runtime
from service.store.leads import leads, search

_MARK = "search:mark:3"
"""With another number where other words are kept than before: all leads are read anew."""


async def index_people(runtime: Runtime) -> int:
    """How many leads' words were not those kept; one more while there are others to look at."""
    now = runtime.clock.now()
    changed = await runtime.store.read(lambda c: changes_after(c, _MARK))
    if not changed:
        return 0

    def keep(connection: sa.Connection) -> int:
        found = leads.some(connection, {lead for _, lead in changed})
        count = search.replace(connection, {each.id: search_terms(each) for each in found})
        move_on(connection, _MARK, changed, now)
        return count + (len(changed) == MOST)

    return await runtime.store.write(keep)
