"""The outbox's worker: claims due mail, checks once more that it may leave, sends, marks.

Between the decision and the sending anything may have happened: an unsubscribe, a call by a
rep, the offer withdrawn. What was true at the decision is asked again just before the mail
leaves.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr

import sqlalchemy as sa
import structlog

from offers.terms import Terms
from service.letters import letter_context
from service.mail import build_message, message_id_of, render
from service.parts import Parts
from service.senders import Sent
from service.store import leads, mail, offers
from service.store.mail import StagedMail
from service.translate import has_ground
from service.use_cases.offer_states import mark_sent

_log = structlog.get_logger()
_LEASE = timedelta(minutes=5)
_ATTEMPTS = 8
_FIRST_WAIT_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A staged mail that may leave, with what it says."""

    recipient: str
    ref: str
    record: str
    terms: Terms
    number: int


async def send_due(parts: Parts) -> int:
    """Send what is due; how many mails were handled."""
    now = parts.clock.now()
    limit = parts.settings.mail_per_worker_second
    due = await parts.store.write(
        lambda connection: mail.due_mail(connection, now=now, lease_until=now + _LEASE, limit=limit)
    )
    for staged in due:
        await _send_one(parts, staged)
    return len(due)


async def _send_one(parts: Parts, staged: StagedMail) -> None:
    checked = await parts.store.read(lambda connection: check(connection, parts, staged))
    if isinstance(checked, str):
        await _end(parts, staged, "withheld", checked)
        return
    sender = parts.settings.mail_from
    unsubscribe_url = parts.links.unsubscribe(checked.ref)
    context = letter_context(
        terms=checked.terms,
        number=checked.number,
        record=checked.record,
        offer_url=parts.links.offer(staged.offer) if staged.offer else parts.settings.public_url,
        unsubscribe_url=unsubscribe_url,
        sender_name=parseaddr(sender)[0] or sender,
        postal_address=parts.settings.mail_postal_address,
    )
    letter = render(staged.email, context)
    message = build_message(
        letter,
        sender=sender,
        recipient=checked.recipient,
        message_id=message_id_of(staged.id, sender),
        unsubscribe_url=unsubscribe_url,
        at=parts.clock.now(),
    )
    sent = await parts.sender.send(message, letter, staged.lead)
    await _after(parts, staged, sent)


def check(connection: sa.Connection, parts: Parts, staged: StagedMail) -> Ready | str:
    """The mail, ready to leave, or the reason why it must not."""
    lead = leads.find(connection, staged.lead)
    if lead is None:
        return "lead_gone"
    record = json.loads(lead.record)
    recipient = record["fields"].get("email")
    if not recipient or lead.email_key is None:
        return "no_address"
    if record["fields"].get("do_not_email"):
        return "do_not_email"
    if (why := mail.suppressed(connection, lead.email_key)) is not None:
        return f"suppressed_{why}"
    if not has_ground(record):
        return "no_ground"
    if lead.touched_at is not None and lead.touched_at >= staged.decided_at:
        return "touched_since"
    if staged.offer is not None:
        offer = offers.find(connection, staged.offer)
        if offer is None or offer.state not in ("issued", "sent"):
            return "offer_not_open"
        if offer.ends_at <= parts.clock.now():
            return "offer_ended"
    context = json.loads(staged.context)
    return Ready(
        recipient=recipient,
        ref=lead.ref,
        record=lead.record,
        terms=Terms.from_json(context["terms"]),
        number=context["number"],
    )


async def _after(parts: Parts, staged: StagedMail, sent: Sent) -> None:
    if sent.end == "sent":
        await _end(parts, staged, "sent", None)
    elif sent.end == "maybe":
        await _end(parts, staged, "maybe_sent", sent.reason)
    elif sent.end == "never" or staged.attempts >= _ATTEMPTS:
        await _end(parts, staged, "failed", sent.reason)
    else:
        at = parts.clock.now() + _wait(staged.attempts)
        reason = sent.reason or "later"
        await parts.store.write(
            lambda connection: mail.try_again(connection, staged.id, at=at, reason=reason)
        )
        _log.info("mail.later", mail=staged.id, reason=reason, attempts=staged.attempts)


async def _end(parts: Parts, staged: StagedMail, state: str, reason: str | None) -> None:
    now = parts.clock.now()

    def end(connection: sa.Connection) -> None:
        mail.end(connection, staged.id, state=state, reason=reason, now=now)
        if state in ("sent", "maybe_sent") and staged.offer is not None:
            mark_sent(connection, parts, staged.offer, now)

    await parts.store.write(end)
    parts.metrics.mails.labels(state).inc()
    _log.info("mail.ended", mail=staged.id, end=state, reason=reason)


def _wait(attempts: int) -> timedelta:
    jitter = random.uniform(0.8, 1.2)  # noqa: S311  # no secret depends on it
    return timedelta(seconds=_FIRST_WAIT_SECONDS * 2 ** (attempts - 1) * jitter)
