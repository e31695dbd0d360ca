"""A mail came back, or somebody complained: nothing more is sent to that address."""

from __future__ import annotations

from dataclasses import dataclass

from service.errors import BadInput, FieldError
from service.schemas import facts as bodies
from service.store.leads import leads
from service.store.ops import outbox
from service.use_cases.leads import identity
from service.use_cases.tx import Tx

_SUPPRESSES = {"hard": "bounced", "complaint": "complained"}


@dataclass(frozen=True, slots=True, kw_only=True)
class BounceTaken:
    """Whether the address gets nothing more, and whether this bounce was known."""

    is_suppressed: bool
    is_duplicate: bool


def store_bounce(tx: Tx, bounce: bodies.Bounce) -> BounceTaken:
    """Take one bounce; a hard one or a complaint suppresses the address, a soft one is kept.

    Raises BadInput when it names neither an address nor a lead.
    """
    key = _key_of(tx, bounce)
    is_known = outbox.bounce_known(tx.connection, bounce.id)
    if key is not None and not is_known:
        outbox.insert_bounce(
            tx.connection, id=bounce.id, email_key=key, kind=bounce.kind, at=bounce.at, now=tx.now
        )
        reason = _SUPPRESSES.get(bounce.kind)
        if reason is not None:
            outbox.suppress(tx.connection, key, reason=reason, now=tx.now)
    is_suppressed = key is not None and outbox.suppressed(tx.connection, key) is not None
    return BounceTaken(is_suppressed=is_suppressed, is_duplicate=is_known)


def _key_of(tx: Tx, bounce: bodies.Bounce) -> str | None:
    ids = identity.person_ids(bounce.external_ids)
    if bounce.email:
        return tx.runtime.email_key(bounce.email)
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
    return None if lead is None else lead.email_key
