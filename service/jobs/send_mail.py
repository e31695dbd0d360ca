"""The outbox's worker: claims due mail, checks once more that it may leave, sends, marks.

Between the decision and the sending anything may have happened: an unsubscribe, a call by a
rep, the offer withdrawn. What was true at the decision is asked again just before the mail
leaves.

Just before its text goes over the wire a mail is marked as begun. When the answer to it was lost,
or the worker was, nobody knows whether the server took it: it is sent once more under the same
Message-ID, and ends as "maybe sent".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog

from offers.terms import Terms
from offers.terms.windows import zone_name
from service.domain.lead import StoredLead
from service.domain.lead_record import Record, lawful_basis_of
from service.domain.quiet_hours import QuietHours
from service.jobs import retry
from service.mail.context import hand_of, locale_of_lead, mail_context
from service.mail.mime import build_message, message_id_of
from service.mail.render import render
from service.mail.transports import Sent
from service.runtime import Runtime
from service.store.leads import external_ids, leads
from service.store.offers import offers
from service.store.ops import jobs, outbox, switches
from service.store.ops.outbox import StagedMail
from service.store.queue import reps
from service.store.queue.reps import Rep
from service.use_cases.offers.courtesy_mails import REMINDER
from service.use_cases.offers.lifecycle import mark_sent
from service.use_cases.tx import Tx

_log = structlog.get_logger()
_LEASE = timedelta(minutes=5)
_UNREAD_WAIT = timedelta(minutes=1)
_A_DAY = timedelta(days=1)
_A_MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A staged mail that may leave, with what it says."""

    recipient: str
    lead: StoredLead
    rep: Rep | None
    terms: Terms | None
    number: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotYet:
    """A staged mail that may leave later."""

    until: datetime
    reason: str


async def send_due(runtime: Runtime) -> int:
    """Send what is due, unless mail is paused; how many mails were handled."""
    now = runtime.clock.now()
    limit = runtime.settings.mail_per_worker_second

    def take(connection: sa.Connection) -> list[StagedMail]:
        if switches.is_on(connection, switches.MAIL_PAUSED):
            return []
        return outbox.due_mail(connection, now=now, lease_until=now + _LEASE, limit=limit)

    due = await runtime.store.write(take)
    for staged in due:
        await _send_one(runtime, staged)
    return len(due)


async def _send_one(runtime: Runtime, staged: StagedMail) -> None:
    checked = await runtime.store.read(
        lambda connection: check(Tx(connection, runtime, runtime.clock.now()), staged)
    )
    if isinstance(checked, str):
        await _end(runtime, staged, "withheld", checked)
        return
    if isinstance(checked, NotYet):
        at, reason = checked.until, checked.reason
        await runtime.store.write(
            lambda connection: outbox.postpone(connection, staged.id, at=at, reason=reason)
        )
        return
    tongue = locale_of_lead(checked.lead)
    hand = hand_of(runtime.settings.mail_from, checked.rep, tongue)
    unsubscribe_url = runtime.links.unsubscribe(checked.lead.pseudonym)
    context = mail_context(
        tongue=tongue,
        terms=checked.terms,
        number=checked.number,
        record=checked.lead.record,
        offer_url=runtime.links.offer(staged.offer)
        if staged.offer
        else runtime.settings.public_url,
        unsubscribe_url=unsubscribe_url,
        signature=hand.signature,
        postal_address=runtime.settings.mail_postal_address,
    )
    letter = render(staged.email, context, tongue)
    message = build_message(
        letter,
        sender_name=hand.name,
        sender_address=hand.address,
        reply_to=hand.reply_to,
        recipient=checked.recipient,
        message_id=message_id_of(staged.id, hand.address),
        unsubscribe_url=unsubscribe_url,
        at=runtime.clock.now(),
    )

    async def begin() -> None:
        now = runtime.clock.now()
        await runtime.store.write(lambda connection: outbox.begin(connection, staged.id, now=now))

    sent = await runtime.sender.send(message, letter, staged.lead, begin)
    await _after(runtime, staged, sent)


def check(tx: Tx, staged: StagedMail) -> Ready | NotYet | str:
    """The mail, ready to leave, when it may be tried again, or the reason why it must not go."""
    lead = leads.find(tx.connection, staged.lead)
    if lead is None:
        return "lead_gone"
    record = lead.record
    recipient = record["fields"].get("email")
    if not recipient or lead.email_key is None:
        return "no_address"
    if record["fields"].get("do_not_email"):
        return "do_not_email"
    if (why := outbox.suppressed(tx.connection, lead.email_key)) is not None:
        return f"suppressed_{why}"
    ground = lawful_basis_of(record)
    if ground == "none":
        return "no_ground"
    country = lead.contact.country
    if not tx.runtime.grounds.accepts(ground, country):
        return f"ground_not_accepted_in_{country or 'unknown_country'}"
    if lead.touched_at is not None and lead.touched_at >= staged.decided_at:
        return "touched_since"
    if staged.offer is not None:
        offer = offers.find(tx.connection, staged.offer)
        still = ("sent", "viewed") if staged.email == REMINDER else ("issued", "sent", "viewed")
        if offer is None or offer.state not in still:
            return "offer_not_open"
        if offer.ends_at <= tx.runtime.clock.now():
            return "offer_ended"
    if (not_yet := _not_yet(tx, lead, record, country)) is not None:
        return not_yet
    context = json.loads(staged.context)
    terms = context.get("terms")
    return Ready(
        recipient=recipient,
        lead=lead,
        rep=None if lead.rep is None else reps.find(tx.connection, lead.rep),
        terms=None if terms is None else Terms.from_json(terms),
        number=context.get("number"),
    )


def _not_yet(tx: Tx, lead: StoredLead, record: Record, country: str | None) -> NotYet | None:
    """Why a mail that may go must wait: an unread CRM, somebody's night, or enough mails."""
    now, settings = tx.runtime.clock.now(), tx.runtime.settings
    if tx.runtime.tools.hubspot is not None:
        contacts = external_ids.of_lead(tx.connection, lead.id).get("hubspot", [])
        if jobs.is_unread(tx.connection, lead.id, contacts):
            return NotYet(until=now + _UNREAD_WAIT, reason="hubspot_not_read_yet")
    zone = zone_name(
        record["fields"].get("timezone"), country, tx.runtime.policy.timezone, now.date()
    )
    ends = QuietHours.read(settings.quiet_hours).end_after(now, zone)
    if ends is not None:
        return NotYet(until=ends, reason="quiet_hours")
    if outbox.sent_since(tx.connection, now - _A_MONTH, lead=lead.id) >= settings.mails_per_lead:
        return NotYet(until=now + _A_DAY, reason="lead_has_enough")
    if outbox.sent_since(tx.connection, now - _A_DAY) >= settings.mails_per_day:
        return NotYet(until=now + timedelta(hours=1), reason="day_is_full")
    return None


async def _after(runtime: Runtime, staged: StagedMail, sent: Sent) -> None:
    if sent.end == "sent":
        await _end(runtime, staged, "sent", "sent_again" if staged.is_in_doubt else None)
    elif sent.end == "maybe" and staged.is_in_doubt:  # twice is enough
        await _end(runtime, staged, "maybe_sent", sent.reason)
    elif sent.end == "never" or retry.MAIL.is_over(staged.attempts):
        await _end(runtime, staged, "failed", sent.reason)
    else:
        now = runtime.clock.now()
        at, reason = now + retry.MAIL.wait(staged.attempts), sent.reason or "later"
        begun_at = now if sent.end == "maybe" else staged.begun_at
        await runtime.store.write(
            lambda connection: outbox.try_again(
                connection, staged.id, at=at, reason=reason, begun_at=begun_at
            )
        )
        _log.info("mail.later", mail=staged.id, reason=reason, attempts=staged.attempts)


async def _end(runtime: Runtime, staged: StagedMail, state: str, reason: str | None) -> None:
    now = runtime.clock.now()
    if staged.is_in_doubt:
        state = "maybe_sent"  # whatever became of this attempt, an earlier one may have arrived

    def end(connection: sa.Connection) -> None:
        outbox.end(connection, staged.id, state=state, reason=reason, now=now)
        if state in ("sent", "maybe_sent") and staged.offer is not None:
            mark_sent(Tx(connection, runtime, now), staged.offer)

    await runtime.store.write(end)
    runtime.metrics.mails.labels(state).inc()
    _log.info("mail.ended", mail=staged.id, end=state, reason=reason)
