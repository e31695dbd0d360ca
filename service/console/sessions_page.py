"""One's own sessions: where one is signed in, and since when."""

from __future__ import annotations

from typing import Any

from service.console.page_context import PageContext
from service.store.ops.sessions import Session
from service.use_cases.access import own_sessions


def page(look: PageContext, here: Session) -> dict[str, Any]:
    """What the page of the sessions shows; `here` is the one that looks."""
    return {
        "sessions": [
            {
                "handle": own_sessions.handle_of(session),
                "is_here": session.id_hash == here.id_hash,
                "browser": session.browser or "Unknown browser",
                "address": session.address.removeprefix("address:"),
                "started_at": session.started_at,
                "seen_at": session.seen_at,
            }
            for session in own_sessions.listing(look.connection, look.runtime, here.owner)
        ],
        "idle_minutes": look.runtime.settings.session_idle_minutes,
    }
