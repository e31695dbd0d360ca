"""The switch that stops all mail at once, and who turned it."""

from __future__ import annotations

from service.store.ops import outbox, switches
from service.store.ops.switches import MAIL_PAUSED, Turned
from service.use_cases.tx import Tx


def turn_mail(tx: Tx, *, paused: bool, reason: str) -> Turned:
    """Let no mail leave, or let it leave again."""
    outbox.stop_beginning(tx.connection)
    turned = Turned(is_on=paused, by=tx.actor.who, reason=reason, at=tx.now)
    switches.turn(tx.connection, MAIL_PAUSED, turned)
    tx.audit("mail.paused" if paused else "mail.resumed", "mail")
    return turned
