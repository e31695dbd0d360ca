"""A rep takes the next lead, works it, and says how it ended; every step fenced by a version."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from service.domain import call_backs, priority
from service.domain.lead import StoredLead, name_of
from service.domain.lead_record import Record, time_text
from service.domain.lead_status import after_outcome, after_touch
from service.domain.priority import AFTERMATHS, Disposition
from service.domain.routing import desk_of
from service.domain.screening import heard_from
from service.errors import BadInput, Conflict, FieldError, NotAllowed, NotFound
from service.store.leads import facts, leads
from service.store.queue import claims, companies, listing, queue, reps
from service.store.queue.queue import QueueItem, main_claim
from service.use_cases.intake.screenings import stop_mail
from service.use_cases.leads.account_books import begin_paying, note_disposition
from service.use_cases.leads.account_talks import talked
from service.use_cases.leads.lead_context import open_lead
from service.use_cases.leads.queue_place import due
from service.use_cases.leads.rescoring import rescore_and_store
from service.use_cases.leads.screened import call_json, screening_json, their_day_opens, with_calls
from service.use_cases.offers.courtesy_mails import introduce
from service.use_cases.queue import company
from service.use_cases.queue.objections import known_objection
from service.use_cases.queue.reassignment import pass_on
from service.use_cases.queue.suggestion import Suggestion, suggest
from service.use_cases.queue.undo import remember, stands
from service.use_cases.tx import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A lead that a rep has taken, until its lease ends, and what of its company is held too."""

    claim: str
    place: QueueItem
    lease_until: datetime
    lead: StoredLead
    colleagues: tuple[tuple[QueueItem, StoredLead], ...] = ()
    """Best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimStep:
    """How a claim stands after a step."""

    claim: str
    lead_id: str
    state: str
    version: int
    lease_until: datetime | None = None
    back_at: datetime | None = None
    """When the lead comes back, where the rep said when."""
    suggestion: Suggestion | None = None
    """What to answer to the objection that was heard."""


def claim_next(tx: Tx, rep: str) -> Claimed | None:
    """Lease the rep's best lead to them, with what waits of its company; None when nothing waits.

    Never a company that another rep holds: its lead joins their claim, and the next one comes.
    """
    release_ended(tx)
    if reps.resume(tx.connection, rep, tx.now):
        tx.runtime.board.forget()
    lease_until = tx.now + timedelta(seconds=tx.runtime.settings.lease_seconds)
    while True:
        claim = f"claim_{secrets.token_hex(10)}"
        place = claims.claim_next(
            tx.connection, rep=rep, claim=claim, now=tx.now, lease_until=lease_until
        )
        if place is None:
            return None
        lead = leads.find(tx.connection, place.lead)
        assert lead is not None
        if _waits_for_their_day(tx, place, lead):
            continue
        has_others = company.has_others(tx, lead)
        if not (has_others and company.join_holder(tx, place, lead)):
            break
    lead = company.give(tx, lead, rep)  # it may come from the pool
    others = company.hold_others(tx, place, lead, lease_until) if has_others else []
    introduce(tx, lead)
    tx.audit("claim.taken", claim)
    return Claimed(
        claim=claim,
        place=place,
        lease_until=lease_until,
        lead=lead,
        colleagues=tuple((other, _lead_of(tx, other)) for other in others),
    )


def done(
    tx: Tx,
    claim: str,
    rep: str,
    *,
    version: int,
    disposition: Disposition,
    objection: str | None = None,
    note: str | None = None,
    all_colleagues: bool = False,
    until: datetime | None = None,
) -> ClaimStep:
    """End the work on a lead with what came of it; `until` is when to call back.

    What the claim held of its company beside it waits for the rep again, or ends with it.
    """
    known_objection(tx.connection, objection)
    _refuse_past(tx, until)
    place = _held(tx, claim, rep, version)
    tx.audit("claim.done", claim)
    claims.end_claim(
        tx.connection,
        claim,
        how="done",
        now=tx.now,
        disposition=disposition,
        objection=objection,
        note=note,
    )
    colleagues = companies.held_with(tx.connection, claim)  # after its end nobody joins it
    before = stands(tx, (place, *colleagues))
    lead = _settle(tx, place, claim, rep, disposition, until)
    for other in colleagues:
        if all_colleagues:
            assert other.claim is not None
            _settle(tx, other, other.claim, rep, disposition, until)
        else:
            queue.put_back(tx.connection, other, until=None, returned=other.returned)
    if not (all_colleagues and colleagues):  # one press would not take all of them back
        remember(tx, claim, before, lead)
    suggestion = None
    if objection is not None:
        stop_mail(tx, lead.id)
        suggestion = suggest(tx, lead, objection, rep)
    return ClaimStep(
        claim=claim,
        lead_id=place.lead,
        state="done",
        version=version + 1,
        back_at=lead.call_back_at if disposition == "call_back" else None,
        suggestion=suggestion,
    )


def _settle(
    tx: Tx, place: QueueItem, claim: str, rep: str, disposition: Disposition, until: datetime | None
) -> StoredLead:
    """The lead once a disposition did what it does to it, and to its place."""
    after = AFTERMATHS[disposition]
    lead = leads.lock(tx.connection, place.lead)
    assert lead is not None
    if after.is_touch:
        facts.insert_touch(
            tx.connection,
            id=f"{claim}:done",
            lead=lead.id,
            kind="call",
            by=rep,
            at=tx.now,
            now=tx.now,
        )
        lead = after_touch(lead, kind="call", at=tx.now)
        talked(tx, lead)
    if after.outcome is not None:
        lead = after_outcome(lead, kind=after.outcome, at=tx.now)
        note_disposition(tx, lead.id, claim, after.outcome, rep)
        begin_paying(tx, lead)
    lead = lead._replace(
        asked_for_rep_at=None, rests_until=None if after.rest is None else tx.now + after.rest
    )
    if "screening" in lead.record:
        lead = with_calls(tx, lead, worked_at=tx.now)
    if after.again_after is None:
        claims.remove_held(tx.connection, claim)
    else:
        until = until or tx.now + after.again_after
        is_promised = disposition == "call_back" or lead.call_back_at is not None
        _sleep(tx, place, lead.grade, until, due_at=until if is_promised else None)
    if disposition == "no_answer":  # who was promised a call still is
        leads.update(tx.connection, lead, tx.now)
        return lead
    lead = lead.with_call_back(until if disposition == "call_back" else None, rep)
    return rescore_and_store(tx, open_lead(lead))


def release(tx: Tx, claim: str, rep: str, *, version: int, reason: str | None) -> ClaimStep:
    """Give a lead back unworked, and its company with it."""
    place = _held(tx, claim, rep, version)
    tx.audit("claim.release", claim)
    claims.end_claim(tx.connection, claim, how="released", now=tx.now, note=reason)
    places = (place, *companies.held_with(tx.connection, claim))
    remember(tx, claim, stands(tx, places))
    for each in places:
        queue.put_back(tx.connection, each, until=_ahead(tx, each), returned=each.returned)
        lead = leads.lock(tx.connection, each.lead)
        assert lead is not None
        pass_on(tx, lead, each._replace(state="waiting"))
    return ClaimStep(claim=claim, lead_id=place.lead, state="released", version=version + 1)


def snooze(tx: Tx, claim: str, rep: str, *, version: int, until: datetime) -> ClaimStep:
    """Put a lead to sleep until a time, its company with it; it comes back to the same rep."""
    _refuse_past(tx, until)
    place = _held(tx, claim, rep, version)
    tx.audit("claim.snooze", claim)
    claims.end_claim(tx.connection, claim, how="snoozed", now=tx.now)
    places = (place, *companies.held_with(tx.connection, claim))
    remember(tx, claim, stands(tx, places))
    for each in places:
        _sleep(tx, each, _lead_of(tx, each).grade, until)
    return ClaimStep(
        claim=claim, lead_id=place.lead, state="snoozed", version=version + 1, back_at=until
    )


def extend(tx: Tx, claim: str, rep: str, *, version: int) -> ClaimStep:
    """A longer lease."""
    place = _held(tx, claim, rep, version)
    tx.audit("claim.extend", claim)
    lease_until = tx.now + timedelta(seconds=tx.runtime.settings.lease_seconds)
    for each in (place, *companies.held_with(tx.connection, claim)):
        claims.extend(tx.connection, each, lease_until=lease_until)
    return ClaimStep(
        claim=claim, lead_id=place.lead, state="held", version=version + 1, lease_until=lease_until
    )


def release_ended(tx: Tx) -> int:
    """The number of leads returned to the queue: leases that expired and snoozes that ended."""
    ended = claims.ended(tx.connection, tx.now)
    for place in ended:
        was_silent = place.state == "held"
        if place.claim is not None:
            claims.end_claim(tx.connection, place.claim, how="expired", now=tx.now)
        until = _ahead(tx, place) if was_silent else None
        queue.put_back(tx.connection, place, until=until, returned=place.returned + was_silent)
        if was_silent:
            _hand_on(tx, place)
    return len(ended)


def queue_page(tx: Tx, rep: str, *, limit: int) -> dict[str, Any]:
    """A rep's queue, in the order it will be worked: a company is one item, its best lead in the
    item's fields and what else waits of it in `colleagues`."""
    return {"rep": rep, "items": [_item(tx, *group) for group in _groups(tx, rep, limit)]}


_Waiting = tuple[QueueItem, listing.WaitingLead]
_MOST_LOOKED_AT = 2000


def _groups(tx: Tx, rep: str, limit: int) -> list[list[_Waiting]]:
    """The first so many companies of a queue, each with its leads in order.

    Fewer where they have so many leads that a page would take long.
    """
    asked = limit
    while True:
        found = listing.page(tx.connection, rep, now=tx.now, limit=asked)
        groups: dict[tuple[str, str], list[_Waiting]] = {}
        for place, lead in found:
            whose = place.lead if lead.account is None else lead.account
            groups.setdefault((place.state, whose), []).append((place, lead))
        if len(groups) >= limit or len(found) < asked or asked >= _MOST_LOOKED_AT:
            return list(groups.values())[:limit]
        asked *= 2  # companies of many leads


def _item(tx: Tx, best: _Waiting, *others: _Waiting) -> dict[str, Any]:
    place, lead = best
    score, record = lead.score_in_words, lead.record
    fields = record["fields"]
    return {
        "lead_id": place.lead,
        "state": place.state,
        "name": name_of(fields),
        "company": fields.get("company"),
        "title": fields.get("title"),
        "account": lead.account,
        "score": score,
        "reasons": [] if score is None else score["reasons"],
        "lane_why": lead.lane_why,
        "screening": screening_json(record),
        "call": call_json(tx, record, lead.country),
        "why_now": why_now(place, record, lead.country, lead.hot_at, tx.now),
        "call_back": call_back_json(place, record),
        "due_at": time_text(place.due_at),
        "expected_gain": {"minor": place.gain_minor, "currency": tx.runtime.policy.currency},
        "minutes": place.minutes,
        "claim": place.claim,
        "version": place.version,
        "lease_until": None if place.free_at is None else time_text(place.free_at),
        "colleagues": [colleague_json(*each, each[1].country, tx.now) for each in others],
    }


def colleague_json(
    place: QueueItem, lead: StoredLead | listing.WaitingLead, country: str | None, now: datetime
) -> dict[str, Any]:
    """Another lead of the company in a queue's item or a claim."""
    record = lead.record
    return {
        "lead_id": lead.id,
        "name": name_of(record["fields"]),
        "title": record["fields"].get("title"),
        "score": lead.score_in_words,
        "why_now": why_now(place, record, country, lead.hot_at, now),
        "claim": place.claim,
        "version": place.version,
    }


def _waits_for_their_day(tx: Tx, place: QueueItem, lead: StoredLead) -> bool:
    """Whether a call that was asked for would come in the lead's night: the place then sleeps."""
    record = lead.record
    heard = heard_from(record)
    if heard is None or not heard.asks_for_person:
        return False
    opens_at = their_day_opens(tx.runtime, record, lead.contact.country, tx.now)
    if opens_at is None:
        return False
    assert place.claim is not None
    tx.flush()
    companies.forget_claim(tx.connection, place.claim)
    queue.put_back(tx.connection, place, until=opens_at, returned=place.returned, due_at=opens_at)
    return True


def _lead_of(tx: Tx, place: QueueItem) -> StoredLead:
    lead = leads.find(tx.connection, place.lead)
    assert lead is not None
    return lead


def _held(tx: Tx, claim: str, rep: str, version: int) -> QueueItem:
    place = claims.held(tx.connection, claim)
    if place is None:
        known = claims.find_claim(tx.connection, main_claim(claim))
        if known is None:
            raise NotFound("unknown_claim", "there is no such claim")
        if known[1] != rep:
            raise NotAllowed("not_yours", "this is another rep's claim")
        raise Conflict("claim_ended", "this claim has ended; the lead may be another rep's by now")
    if place.rep != rep:
        raise NotAllowed("not_yours", "this is another rep's claim")
    if place.version != version:
        raise Conflict("outdated_version", "the claim has a newer version; read it again")
    if place.free_at is not None and place.free_at <= tx.now:
        raise Conflict("lease_over", "the lease has run out; claim again")
    return place


def _refuse_past(tx: Tx, until: datetime | None) -> None:
    if until is not None and until <= tx.now:
        wrong = FieldError(path="until", code="in_the_past", message="must lie ahead")
        raise BadInput("wrong_fields", "cannot be read: until", status=422, errors=[wrong])


def _ahead(tx: Tx, place: QueueItem) -> datetime | None:
    """Until when a place that is given back sleeps: to its promised call, if that lies ahead."""
    at = place.call_back_at
    return at if at is not None and at > tx.now else None


def _sleep(
    tx: Tx, place: QueueItem, grade: str | None, until: datetime, due_at: datetime | None = None
) -> None:
    """Put a place to sleep; its first-response time runs from when it wakes, unless it is told."""
    _, desks = tx.runtime.board.look(tx.connection, tx.now)
    due_at = due_at or due(tx.runtime, grade, desk_of(desks, place.rep), until)
    queue.put_back(tx.connection, place, until=until, returned=place.returned, due_at=due_at)


def _hand_on(tx: Tx, place: QueueItem) -> None:
    lead = leads.lock(tx.connection, place.lead)
    if lead is not None:
        rescore_and_store(tx, open_lead(lead))


def call_back_json(place: QueueItem, record: Record) -> dict[str, Any] | None:
    """When a call was promised, and by which rep."""
    if place.call_back_at is None:
        return None
    return {"at": time_text(place.call_back_at), "by": record.get("call_back_by")}


def why_now(
    place: QueueItem, record: Record, country: str | None, hot_at: datetime, now: datetime
) -> str:
    """Why this lead comes now, in a rep's words."""
    if place.call_back_at is not None:
        theirs = call_backs.zone_of(record["fields"].get("timezone"), country)
        return f"Call promised for {call_backs.on_both_clocks(place.call_back_at, theirs, 'UTC')}"
    return priority.why_now(due=place.due_at, hot_at=hot_at, returned=place.returned, now=now)
