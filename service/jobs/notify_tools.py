"""What the tools should know of leads that changed: asked for here, told by `tellings`.

Which tools, and what each wants to know, is theirs to say: `Listener` of
`service/integrations/contract.py`.
"""

from __future__ import annotations

import sqlalchemy as sa

from service.jobs.lead_changes import changes_after, move_on
from service.runtime import Runtime
from service.use_cases.intake.telling import ask_to_tell
from service.use_cases.tx import Tx
from service.use_cases.views.lead_now import Ranks

_MARK = "connect:mark"


async def tell_changes(runtime: Runtime) -> int:
    """Ask for what the tools should be told; how many deliveries were asked for."""
    if not any(listener.is_told for listener in runtime.tools.listeners.values()):
        return 0
    now = runtime.clock.now()
    changed = await runtime.store.read(lambda c: changes_after(c, _MARK))
    if not changed:
        return 0

    def ask(connection: sa.Connection) -> int:
        tx, ranks = Tx(connection, runtime, now), Ranks(connection, now)
        each = dict.fromkeys(lead for _, lead in changed)
        asked = sum(ask_to_tell(tx, lead, ranks) for lead in each)
        move_on(connection, _MARK, changed, now)
        return asked

    return await runtime.store.write(ask)
