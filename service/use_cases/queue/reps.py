"""Reps are added and changed by a manager, and named by those who work for them."""

from __future__ import annotations

import sqlalchemy as sa

from service.errors import NotFound
from service.runtime import Runtime
from service.store.leads import leads
from service.store.queue import reps
from service.store.queue.reps import Rep
from service.use_cases.tx import Tx

_LOOKED_AT_AGAIN = 1_000


def known_rep(connection: sa.Connection, rep: str) -> Rep:
    """A rep who is there. Raises NotFound."""
    known = reps.find(connection, rep)
    if known is None:
        raise NotFound("unknown_rep", "there is no such rep")
    return known


def zone_of(connection: sa.Connection, runtime: Runtime, rep: str) -> str:
    """The time zone a rep's clock shows: of their hours, else the team's, else the policy's."""
    known = reps.find(connection, rep)
    hours = (None if known is None else known.hours) or runtime.settings.hours
    return runtime.policy.timezone if hours is None else hours.timezone


def change_rep(tx: Tx, rep: Rep) -> Rep:
    """Add or change a rep; leads that nobody could take are soon looked at again."""
    reps.put(tx.connection, rep, tx.now)
    leads.look_again_without_rep(tx.connection, tx.now, limit=_LOOKED_AT_AGAIN)
    tx.audit("rep.changed", rep.id)
    return rep
