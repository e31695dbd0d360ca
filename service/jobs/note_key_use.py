"""Writes down when each key was last used, at most once a minute a key."""

from __future__ import annotations

from service.runtime import Runtime
from service.store.ops import keys


async def note_key_use(runtime: Runtime) -> int:
    """Write what this process saw; returns 0, since no queued work is done."""
    used = runtime.keyring.take_used()
    if used:
        await runtime.store.write(lambda connection: keys.note_used(connection, used))
    return 0
