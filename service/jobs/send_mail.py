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
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

import structlog

from offers.plans import is_among
from offers.terms import Terms
from offers.terms.windows import likely_zone
from service.domain.actor import WORKER
from service.domain.lead import StoredLead
from service.domain.lead_record import Record, to_text
from service.domain.quiet_hours import QuietHours
from service.domain.screening import heard_from
from service.domain.service_mails import CONFIRMATION, SERVICE_MAILS
from service.domain.usage_report import MAILS as REPORTS
from service.jobs import mail_grounds, retry
from service.jobs.poll_salesforce import is_unread
from service.mail.acceptance import acceptance_words
from service.mail.brand import Brand, brand_of
from service.mail.context import hand_of, locale_of_lead, mail_context
from service.mail.locales import Locale
from service.mail.mime import Message, build_message, message_id_of
from service.mail.render import Letter, render
from service.mail.transports import Sent
from service.runtime import Runtime
from service.store.leads import accounts, external_ids, leads, report_letters
from service.store.leads.report_letters import KeptLetter
from service.store.offers import offers
from service.store.ops import jobs, outbox, switches
from service.store.ops.outbox import StagedMail
from service.store.ops.switches import Turned
from service.store.queue import objections, reps
from service.store.queue.reps import Rep
from service.use_cases.intake.bounces import note_bounce
from service.use_cases.intake.consent_requests import OPT_IN
from service.use_cases.leads.buying_role import buying_role_of
from service.use_cases.offers.courtesy_mails import REMINDER
from service.use_cases.offers.lifecycle import is_paid_at_checkout, mark_sent
from service.use_cases.reports.leaving import why_not
from service.use_cases.reports.letters import message_of
from service.use_cases.tx import Tx, transact
from service.use_cases.views.customer_offer import CustomerOffer, customer_view

Bounced = Literal["hard", "soft"]
_log = structlog.get_logger()
_LEASE = timedelta(minutes=5)
_HELD_WAIT = timedelta(minutes=1)
"""Between two tries at a server that refuses us."""
_LOST = "lease_lost"
_AGREED = ("accepted", "redeemed")
"""States of an offer whose acceptance holds."""
_PAUSED_WAIT = timedelta(minutes=10)
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
    url: str
    asks: str | None = None
    """The sentence a consent is asked for with."""
    role: str | None = None
    """The person's part in the purchase."""
    kept: KeptLetter | None = None
    """What it says, where that was written when it was staged."""
    taken: CustomerOffer | None = None
    """The offer that a confirmation is about, as its page shows it."""
    is_ordered_there: bool = False
    """Whether that page takes the order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotYet:
    """A staged mail that may leave later."""

    until: datetime
    reason: str


async def send_due(runtime: Runtime) -> int:
    """Send what is due, unless mail is paused or held; how many mails were handled."""
    due = await transact(runtime, _take)
    renewed_at = runtime.clock.now()
    for place, staged in enumerate(due):
        now = runtime.clock.now()
        if now - renewed_at > _LEASE / 2:
            still = due[place:]
            await runtime.store.write(
                lambda c, still=still, now=now: outbox.renew(  # type: ignore[misc]  # bound at once
                    c, still, lease_until=now + _LEASE
                )
            )
            renewed_at = now
        await _send_one(runtime, staged)
    return len(due)


def _take(tx: Tx) -> list[StagedMail]:
    """Mails that may be tried now; one at a time while the server refuses us."""
    if switches.is_on(tx.connection, switches.MAIL_PAUSED):
        return []
    limit = tx.runtime.settings.mail_per_worker_second
    held = switches.find(tx.connection, switches.MAIL_HELD)
    if held is not None and held.is_on:
        if held.at <= tx.now < held.at + _HELD_WAIT:
            return []
        limit = 1
        switches.turn(tx.connection, switches.MAIL_HELD, replace(held, at=tx.now))
    return outbox.due_mail(tx.connection, now=tx.now, lease_until=tx.now + _LEASE, limit=limit)


async def _send_one(runtime: Runtime, staged: StagedMail) -> None:
    if staged.was_begun_twice:  # and its worker was lost: twice is enough
        await _end(runtime, staged, "maybe_sent", outbox.BEGUN_AGAIN)
        return
    checked = await runtime.store.read(
        lambda connection: check(Tx(connection, runtime, runtime.clock.now()), staged)
    )
    if not isinstance(checked, Ready):
        await _keep_back(runtime, staged, checked)
        return
    message, letter = (
        message_of(checked.kept) if checked.kept else _written(runtime, staged, checked)
    )

    stopped: list[NotYet | str] = []

    def begin_now(tx: Tx) -> NotYet | str | None:
        leads.lock(tx.connection, staged.lead)
        outbox.let_begin(tx.connection)
        again = check(tx, staged)
        if not isinstance(again, Ready):
            return again
        if switches.is_on(tx.connection, switches.MAIL_PAUSED):
            return NotYet(until=tx.now, reason="mail_paused")
        is_ours = outbox.begin(tx.connection, staged, now=tx.now, lease_until=tx.now + _LEASE)
        return None if is_ours else _LOST

    async def begin() -> bool:
        why = await transact(runtime, begin_now)
        stopped[:] = [] if why is None else [why]
        return why is None

    sent = await runtime.sender.send(message, letter, staged.lead, begin)
    if stopped:
        await _keep_back(runtime, staged, stopped[0])
    else:
        await _after(runtime, staged, sent)


def _written(runtime: Runtime, staged: StagedMail, checked: Ready) -> tuple[Message, Letter]:
    """The mail, put into words as it leaves."""
    tongue = locale_of_lead(checked.lead)
    hand = hand_of(runtime.settings.mail_from, checked.rep, tongue)
    brand = brand_of(runtime.settings)
    unsubscribe_url = runtime.links.unsubscribe(checked.lead.pseudonym)
    context = mail_context(
        tongue=tongue,
        terms=checked.terms,
        number=checked.number,
        record=checked.lead.record,
        offer_url=checked.url,
        unsubscribe_url=unsubscribe_url,
        signature=hand.signature,
        postal_address=runtime.settings.mail_postal_address,
        asks=checked.asks,
        brand=brand,
        role=checked.role,
        because=tongue.say("because.accepted") if checked.taken else None,
    )
    if checked.taken is not None:
        context = {**context, **_confirmed(runtime, checked, checked.taken, tongue, brand)}
    letter = render(staged.email, context, tongue, brand, runtime.settings.emails)
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
    return message, letter


def _confirmed(
    runtime: Runtime, checked: Ready, taken: CustomerOffer, tongue: Locale, brand: Brand
) -> dict[str, str]:
    """What a confirmation says beside the words of every mail about an offer."""
    assert checked.terms is not None  # an offer has terms
    return acceptance_words(
        replace(taken.offer, terms=to_text(checked.terms.to_json())),
        tongue,
        runtime.clock.now(),
        progress=taken.progress,
        rep=taken.rep or "",
        seller=brand,
        is_ordered_there=checked.is_ordered_there,
    )


async def _keep_back(runtime: Runtime, staged: StagedMail, why: NotYet | str) -> None:
    """A mail that must not go, or not yet; one that is another worker's by now is left to it."""
    if isinstance(why, NotYet):
        at, reason = why.until, why.reason
        await runtime.store.write(lambda c: outbox.postpone(c, staged, at=at, reason=reason))
    elif why == _LOST:
        _log.warning("mail.lease_lost", mail=staged.id)
    else:
        await _end(runtime, staged, "withheld", why)


def check(tx: Tx, staged: StagedMail) -> Ready | NotYet | str:
    """The mail, ready to leave, when it may be tried again, or the reason why it must not go."""
    lead = leads.find(tx.connection, staged.lead)
    if lead is None:
        return "lead_gone"
    record = lead.record
    recipient = record["fields"].get("email")
    if not recipient or lead.email_key is None:
        return "no_address"
    if leads.opted_out(tx.connection, lead.mailbox_keys):
        return "do_not_email"
    if (why := outbox.suppressed(tx.connection, lead.mailbox_keys)) is not None:
        return f"suppressed_{why}"
    is_confirmation = staged.email == CONFIRMATION
    context = json.loads(staged.context)
    terms = Terms.from_json(context["terms"]) if context.get("terms") else None
    country = lead.contact.country
    if staged.email == OPT_IN:
        refused = mail_grounds.why_not_ask(tx, lead, context["consent"])
    elif staged.email in REPORTS:  # their own company ordered it: a service, no offer of ours
        refused = why_not(tx, lead, staged)
    elif is_confirmation:  # they agreed to it, whatever else was said
        refused = None
    else:
        refused = mail_grounds.why_none(tx, lead, terms)
        if refused is None and _was_touched_since(tx, lead, staged):
            refused = "touched_since"
        if refused is None and _objected_since(tx, lead, staged):
            refused = "objection_heard"
    if refused is None and terms is not None and _tells_hidden_price(tx, terms):
        if is_confirmation:
            terms = replace(terms, quote=None)
        else:
            refused = "hidden_price"
    if refused is not None:
        return refused
    offer = None if staged.offer is None else offers.find(tx.connection, staged.offer)
    if is_confirmation:
        if (
            offer is None
            or offer.state not in _AGREED
            or json.loads(offer.terms) != context["terms"]
        ):
            return "offer_not_open"
    elif staged.offer is not None:
        still = ("sent", "viewed") if staged.email == REMINDER else ("issued", "sent", "viewed")
        if offer is None or offer.state not in still:
            return "offer_not_open"
        if offer.ends_at <= tx.runtime.clock.now():
            return "offer_ended"
        if switches.is_on(tx.connection, switches.RULE_PAUSED + offer.rule):
            return NotYet(until=tx.runtime.clock.now() + _PAUSED_WAIT, reason="rule_paused")
    if (not_yet := _not_yet(tx, lead, record, country, staged.email)) is not None:
        return not_yet
    is_report = staged.email in REPORTS
    taken = customer_view(tx, offer) if is_confirmation and offer is not None else None
    return Ready(
        recipient=recipient,
        lead=lead,
        kept=report_letters.letter(tx.connection, staged.id) if is_report else None,
        rep=None if lead.rep is None else reps.find(tx.connection, lead.rep),
        terms=terms,
        number=context.get("number"),
        asks=context.get("wording"),
        role=buying_role_of(tx.connection, lead),
        url=_url(tx.runtime, staged, context),
        taken=taken,
        is_ordered_there=terms is not None and taken is not None and _takes_orders(tx, terms),
    )


def _takes_orders(tx: Tx, terms: Terms) -> bool:
    """Whether an offer's page leads to where the order is placed."""
    return is_paid_at_checkout(tx, terms) or bool(tx.runtime.settings.billing_url)


def _tells_hidden_price(tx: Tx, terms: Terms) -> bool:
    """Whether a mail would tell figures of a plan that has no public price: an offer's own page
    shows them, to who has its link, and a person hands that over."""
    quoted = terms.quote
    hidden = tx.runtime.settings.plans_without_public_price
    return quoted is not None and is_among(quoted.plan, hidden)


def _was_touched_since(tx: Tx, lead: StoredLead, staged: StagedMail) -> bool:
    """Whether a person was in touch with the lead or a colleague since the mail was decided."""
    account = None if lead.account is None else accounts.find(tx.connection, lead.account)
    at = accounts.touched_at(lead, account)
    return at is not None and at >= staged.decided_at


def _objected_since(tx: Tx, lead: StoredLead, staged: StagedMail) -> bool:
    """Whether somebody heard an objection of this person since the mail was decided."""
    heard = heard_from(lead.record)
    told_at = None if heard is None else heard.mail_stopped_at
    last_at = objections.last_at(tx.connection, lead.id)
    return any(at is not None and at >= staged.decided_at for at in (told_at, last_at))


def _url(runtime: Runtime, staged: StagedMail, context: dict[str, str]) -> str:
    """Where a mail's button leads."""
    if staged.email == OPT_IN:
        return runtime.links.consent(context["consent"])
    return runtime.links.offer(staged.offer) if staged.offer else runtime.settings.public_url


def _not_yet(
    tx: Tx, lead: StoredLead, record: Record, country: str | None, email: str
) -> NotYet | None:
    """Why a mail that may go must wait: an unread CRM, somebody's night, or enough mails; what
    their own side asked for comes however many mails of ours did, and a confirmation at once."""
    now, settings = tx.runtime.clock.now(), tx.runtime.settings
    if tx.runtime.tools.hubspot is not None:
        contacts = external_ids.of_lead(tx.connection, lead.id).get("hubspot", [])
        if jobs.is_unread(tx.connection, lead.id, contacts):
            return NotYet(until=now + _UNREAD_WAIT, reason="hubspot_not_read_yet")
    polled_since = now - 2 * timedelta(seconds=settings.salesforce_poll_seconds) - _UNREAD_WAIT
    if tx.runtime.tools.salesforce is not None and is_unread(tx.connection, lead, polled_since):
        return NotYet(until=now + _UNREAD_WAIT, reason="salesforce_not_read_yet")
    zone = likely_zone(record["fields"].get("timezone"), country, tx.runtime.policy.timezone)
    ends = QuietHours.read(settings.quiet_hours).end_after(now, zone)
    if ends is not None and email != CONFIRMATION:
        return NotYet(until=ends, reason="quiet_hours")
    had = outbox.sent_since(tx.connection, now - _A_MONTH, lead=lead.id)
    if email not in SERVICE_MAILS and had >= settings.mails_per_lead:
        return NotYet(until=now + _A_DAY, reason="lead_has_enough")
    if outbox.sent_since(tx.connection, now - _A_DAY) >= settings.mails_per_day:
        return NotYet(until=now + timedelta(hours=1), reason="day_is_full")
    return None


async def _after(runtime: Runtime, staged: StagedMail, sent: Sent) -> None:
    if sent.end == "held":
        await transact(runtime, lambda tx: _hold(tx, staged, sent.reason or "smtp"))
        return
    if sent.end == "sent":
        again = outbox.BEGUN_AGAIN if staged.is_in_doubt else None
        await _end(runtime, staged, "sent", again)
    elif sent.end == "maybe" and staged.is_in_doubt:  # twice is enough
        await _end(runtime, staged, "maybe_sent", sent.reason)
    elif sent.end == "never" or retry.MAIL.is_over(staged.attempts):
        bounced: Bounced = "hard" if sent.is_hard else "soft"
        told = None if sent.is_of_us else bounced
        await _end(runtime, staged, "failed", sent.reason, bounced=told)
    else:
        now = runtime.clock.now()
        at, reason = now + retry.MAIL.wait(staged.attempts), sent.reason or "later"
        begun_at = now if sent.end == "maybe" else staged.begun_at
        await runtime.store.write(
            lambda c: outbox.try_again(c, staged, at=at, reason=reason, begun_at=begun_at)
        )
        _log.info("mail.later", mail=staged.id, reason=reason, attempts=staged.attempts)


def _hold(tx: Tx, staged: StagedMail, reason: str) -> None:
    """The server refuses us: this mail and all others wait, and none of it counts against them."""
    outbox.postpone(tx.connection, staged, at=tx.now + _HELD_WAIT, reason=reason)
    turned = Turned(is_on=True, by=WORKER.who, reason=reason, at=tx.now)
    switches.turn(tx.connection, switches.MAIL_HELD, turned)
    _log.warning("mail.held", reason=reason)


async def _end(
    runtime: Runtime,
    staged: StagedMail,
    state: str,
    reason: str | None,
    *,
    bounced: Bounced | None = None,
) -> None:
    if staged.is_in_doubt:
        state = "maybe_sent"  # whatever became of this attempt, an earlier one may have arrived

    def end(tx: Tx) -> bool:
        if not outbox.end(tx.connection, staged, state=state, reason=reason, now=tx.now):
            return False
        if state in ("sent", "maybe_sent"):
            if switches.is_on(tx.connection, switches.MAIL_HELD):
                free = Turned(is_on=False, by=WORKER.who, reason="a mail was taken", at=tx.now)
                switches.turn(tx.connection, switches.MAIL_HELD, free)
            if staged.offer is not None:
                mark_sent(tx, staged.offer)
        if bounced is not None:
            note_bounce(tx, staged.lead, kind=bounced, bounce=f"outbox:{staged.id}")
        return True

    if await transact(runtime, end):
        runtime.metrics.mails.labels(state).inc()
        _log.info("mail.ended", mail=staged.id, end=state, reason=reason)
    else:
        _log.warning("mail.lease_lost", mail=staged.id)
