"""One's own sessions: which there are, and how to end one or all of them."""

from __future__ import annotations

import sqlalchemy as sa

from service.errors import NotFound
from service.runtime import Runtime
from service.store.ops import audit, sessions
from service.store.ops.sessions import Session
from service.use_cases.access.sign_in import of_session
from service.use_cases.tx import Tx

ENDED = "session.ended"
ALL_ENDED = "session.all_ended"
_HANDLE = 16


def handle_of(session: Session) -> str:
    """What a page calls a session by: the beginning of its hashed id, which signs nobody in."""
    return session.id_hash[:_HANDLE]


def listing(connection: sa.Connection, runtime: Runtime, owner: str) -> list[Session]:
    """The owner's sessions that are not over, the last used first."""
    now = runtime.clock.now()
    return [s for s in sessions.of_owner(connection, owner) if not runtime.sessions.is_over(s, now)]


async def end(runtime: Runtime, token: str) -> None:
    """End a cookie's session. Raises NotKnown when it is over."""
    session, caller, _ = await of_session(runtime, token, is_use=False)
    now = runtime.clock.now()

    def work(connection: sa.Connection) -> None:
        sessions.end(connection, session.id_hash, now)
        audit.note(connection, caller.actor, ENDED, session.owner, now)

    await runtime.store.write(work)


def end_one(tx: Tx, owner: str, handle: str) -> None:
    """End the owner's session of that handle. Raises NotFound."""
    for session in sessions.of_owner(tx.connection, owner):
        if handle_of(session) == handle:
            sessions.end(tx.connection, session.id_hash, tx.now)
            tx.audit(ENDED, owner)
            return
    raise NotFound("unknown_session", "this session has ended already; load the page again")


def end_all(tx: Tx, owner: str) -> None:
    """End every session of the owner, the one that asks too."""
    sessions.end_all(tx.connection, owner, tx.now)
    tx.audit(ALL_ENDED, owner)
