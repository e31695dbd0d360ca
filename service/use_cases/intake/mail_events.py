"""What a mail provider tells of an address, taken as a bounce or as the person's own word."""

from __future__ import annotations

from collections.abc import Iterable

from service.domain.fingerprints import mailbox_keys
from service.integrations.mail_providers import MailEvent
from service.store.leads import leads
from service.store.ops import outbox
from service.use_cases.intake.bounces import take_bounce
from service.use_cases.intake.unsubscribe import unsubscribe
from service.use_cases.tx import Tx


def take_mail_events(tx: Tx, events: Iterable[MailEvent]) -> None:
    """Take each; a repeat changes nothing."""
    for event in events:
        keys = mailbox_keys(tx.runtime.email_key, event.email)
        if event.kind == "unsubscribed":
            _unsubscribed(tx, keys)
        else:
            take_bounce(tx, keys, id=event.id, kind=event.kind, at=event.at)


def _unsubscribed(tx: Tx, keys: tuple[str, ...]) -> None:
    outbox.suppress(tx.connection, keys, reason="unsubscribed", now=tx.now)
    for id in leads.with_email(tx.connection, keys[0]):
        lead = leads.find(tx.connection, id)
        if lead is not None:
            unsubscribe(tx, lead.pseudonym)
