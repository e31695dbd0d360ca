"""A mail came back, or somebody complained: nothing more is sent to that address."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from service.errors import BadInput, FieldError
from service.runtime import Parts
from service.schemas import facts as bodies
from service.store.leads import leads
from service.store.leads.idempotency import Message
from service.store.ops import outbox
from service.use_cases.leads import identity
from service.use_cases.leads.idempotency import Answer, answer, once

_SUPPRESSES = {"hard": "bounced", "complaint": "complained"}


async def take_bounce(parts: Parts, bounce: bodies.Bounce, message: Message) -> Answer:
    """Take one bounce; a hard one or a complaint suppresses the address, a soft one is kept.

    Raises BadInput when it names neither an address nor a lead.
    """
    ids = identity.person_ids(bounce.external_ids)
    if not (bounce.email or bounce.lead_id or ids):
        missing = FieldError(path="email", code="missing", message="or lead_id, or external_ids")
        raise BadInput(
            "nobody_named",
            "a bounce needs an email, a lead_id or one external id",
            status=422,
            errors=[missing],
        )
    now = parts.clock.now()

    def store(connection: sa.Connection) -> Answer:
        key = _key_of(connection, parts, bounce, ids)
        if outbox.bounce_known(connection, bounce.id):
            return _answer(connection, key, is_repeat=True)
        if key is not None:
            _keep(connection, bounce, key, now)
        return _answer(connection, key, is_repeat=False)

    return await parts.store.write(lambda c: once(c, message, now, lambda: store(c)))


def _keep(connection: sa.Connection, bounce: bodies.Bounce, key: str, now: datetime) -> None:
    outbox.keep_bounce(
        connection, id=bounce.id, email_key=key, kind=bounce.kind, at=bounce.at, now=now
    )
    reason = _SUPPRESSES.get(bounce.kind)
    if reason is not None:
        outbox.suppress(connection, key, reason=reason, now=now)


def _key_of(
    connection: sa.Connection, parts: Parts, bounce: bodies.Bounce, ids: identity.ExternalIds
) -> str | None:
    if bounce.email:
        return parts.email_key(bounce.email)
    found = identity.find(connection, lead=bounce.lead_id, ids=ids)
    lead = None if found is None else leads.find(connection, found)
    return None if lead is None else lead.email_key


def _answer(connection: sa.Connection, key: str | None, *, is_repeat: bool) -> Answer:
    is_suppressed = key is not None and outbox.suppressed(connection, key) is not None
    return answer({"suppressed": is_suppressed, "duplicate": is_repeat})
