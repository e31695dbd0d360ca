"""What was given up of a tool is tried again; a webhook's target that said it is gone, too."""

from __future__ import annotations

from service.store.ops import audit, jobs, switches
from service.use_cases.tx import Tx


def retry_failed(tx: Tx, tool: str) -> int:
    """Make what failed of a tool due again; how much that is."""
    gone = switches.find(tx.connection, switches.WEBHOOK_GONE)
    if tool == "webhook" and gone is not None and gone.is_on:
        turned = switches.Turned(is_on=False, by=tx.actor.who, reason=gone.reason, at=tx.now)
        switches.turn(tx.connection, switches.WEBHOOK_GONE, turned)
    count = jobs.try_failed(tx.connection, tool, tx.now)
    tx.audit("deliveries.retried", audit.STORE, tool=tool, count=count)
    return count
