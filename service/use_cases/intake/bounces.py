"""A mail came back, or somebody complained: nothing more is sent to that address."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from service.domain.fingerprints import mailbox_keys
from service.errors import BadInput, Conflict, FieldError
from service.schemas import facts as bodies
from service.store.leads import leads
from service.store.ops import outbox
from service.store.ops.outbox import THEIR_WORD
from service.use_cases.leads import identity
from service.use_cases.offers.stops import pause_disliked
from service.use_cases.tx import Tx

_SUPPRESSES = {"hard": "bounced", "complaint": "complained"}
_SOFT, _SOFT_WITHIN = 5, timedelta(days=90)
"""So many soft bounces within so long are as good as a hard one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BounceTaken:
    """Whether the address gets nothing more, and whether this bounce was known."""

    is_suppressed: bool
    is_duplicate: bool


def store_bounce(tx: Tx, bounce: bodies.Bounce) -> BounceTaken:
    """Take one bounce; a hard one or a complaint suppresses the address, a soft one is kept.

    Raises BadInput when it names neither an address nor a lead.
    """
    keys = _keys_of(tx, bounce)
    is_known = not take_bounce(tx, keys, id=bounce.id, kind=bounce.kind, at=bounce.at)
    is_suppressed = outbox.suppressed(tx.connection, keys) is not None
    return BounceTaken(is_suppressed=is_suppressed, is_duplicate=is_known)


def take_bounce(tx: Tx, keys: tuple[str, ...], *, id: str, kind: str, at: datetime) -> bool:
    """Take a bounce of the mailbox that has these keys; False for one that was known."""
    if outbox.bounce_known(tx.connection, id):
        return False
    if keys:
        _store(tx, keys, id=id, kind=kind, at=at)
    return True


def note_bounce(tx: Tx, lead_id: str, *, kind: Literal["hard", "soft"], bounce: str) -> None:
    """What a mail server said of a lead's address at our own door."""
    lead = leads.find(tx.connection, lead_id)
    if lead is not None and lead.email_key is not None:
        take_bounce(tx, lead.mailbox_keys, id=bounce, kind=kind, at=tx.now)


def lift(tx: Tx, email: str, reason: str) -> bool:
    """Let mail go again to an address that bounced, as a person decided; whether any had.

    Raises Conflict where whoever reads there asked for no more mail: only they take that back.
    """
    key = tx.runtime.email_key(email)
    suppressed = outbox.suppressed(tx.connection, mailbox_keys(tx.runtime.email_key, email))
    if suppressed in THEIR_WORD:
        said = "marked a mail as spam" if suppressed == "complained" else "asked for no more mail"
        raise Conflict("their_own_word", f"they {said}: only a new consent of theirs ends that")
    if suppressed is None:
        return False
    outbox.lift_suppression(tx.connection, key)
    tx.audit("suppression.lifted", key, reason_sha256=hashlib.sha256(reason.encode()).hexdigest())
    return True


def _store(tx: Tx, keys: tuple[str, ...], *, id: str, kind: str, at: datetime) -> None:
    """A bounce is the address's, a complaint the mailbox's: it is one person's word."""
    key = keys[0]
    outbox.insert_bounce(
        tx.connection, id=id, email_key=key, kind=kind, at=min(at, tx.now), now=tx.now
    )
    reason = _SUPPRESSES.get(kind)
    if reason is None and outbox.soft_bounces(tx.connection, key, tx.now - _SOFT_WITHIN) >= _SOFT:
        reason = "soft_bounces"
    if reason is not None:
        whose = keys if reason in THEIR_WORD else keys[:1]
        outbox.suppress(tx.connection, whose, reason=reason, now=tx.now)
    if kind == "complaint":
        pause_disliked(tx, keys)


def _keys_of(tx: Tx, bounce: bodies.Bounce) -> tuple[str, ...]:
    ids = identity.person_ids(bounce.external_ids)
    if bounce.email:
        return mailbox_keys(tx.runtime.email_key, bounce.email)
    if bounce.lead_id is None and not ids:
        missing = FieldError(path="email", code="missing", message="or lead_id, or external_ids")
        raise BadInput(
            "nobody_named",
            "a bounce needs an email, a lead_id or one external id",
            status=422,
            errors=[missing],
        )
    lead_id = identity.find(tx.connection, lead=bounce.lead_id, ids=ids)
    lead = None if lead_id is None else leads.find(tx.connection, lead_id)
    return () if lead is None else lead.mailbox_keys
