"""A rep takes the next lead, works it, and says how it ended; every step fenced by a version."""

from __future__ import annotations

import json
import secrets
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from service.domain import priority
from service.domain.lead_record import lead_json, time_text
from service.domain.lead_status import after_outcome, after_touch
from service.domain.priority import AFTERMATHS, Disposition
from service.domain.routing import desk_of
from service.errors import BadInput, Conflict, FieldError, NotAllowed, NotFound
from service.runtime import Parts
from service.store.leads import accounts, facts, leads
from service.store.queue import claims, listing, queue, reps
from service.store.queue.queue import QueueItem
from service.use_cases.intake.facts import resettle
from service.use_cases.leads.idempotency import NOTHING, Answer, answer
from service.use_cases.leads.lead_context import open_case
from service.use_cases.leads.queue_place import due
from service.use_cases.offers.courtesy_mails import introduce
from service.use_cases.queue.objections import known_objection
from service.use_cases.queue.reassignment import pass_on


def claim_next(connection: sa.Connection, parts: Parts, rep: str, now: datetime) -> Answer:
    """Lease the rep's best lead to them; 204 when nothing waits."""
    give_back_ended(connection, parts, now)
    if reps.resume(connection, rep):
        parts.board.forget()
    lease_until = now + timedelta(seconds=parts.settings.lease_seconds)
    claim = f"claim_{secrets.token_hex(10)}"
    place = claims.claim_next(connection, rep=rep, claim=claim, now=now, lease_until=lease_until)
    if place is None:
        return NOTHING
    lead = leads.find(connection, place.lead)
    assert lead is not None
    if lead.rep != rep:  # it came from the pool
        lead = leads.lock(connection, place.lead)
        assert lead is not None
        lead = lead._replace(rep=rep, credit=rep)
        leads.update(connection, lead)
        if lead.account:
            accounts.give_to(connection, lead.account, rep, now)
    introduce(connection, parts, lead, now)
    score = json.loads(lead.score)
    return answer(
        {
            "claim": claim,
            "version": place.version,
            "lease_until": time_text(lease_until),
            "lead": lead_json(lead),
            "score": score,
            "reasons": score["reasons"],
            "why_now": _why_now(place, lead.hot_at, now),
            "due_at": time_text(place.due_at),
        }
    )


def done(
    connection: sa.Connection,
    parts: Parts,
    claim: str,
    rep: str,
    *,
    version: int,
    disposition: Disposition,
    objection: str | None,
    note: str | None,
    now: datetime,
) -> Answer:
    """End the work on a lead with what came of it."""
    known_objection(connection, objection)
    place = _held(connection, claim, rep, version, now)
    claims.end_claim(
        connection,
        claim,
        how="done",
        now=now,
        disposition=disposition,
        objection=objection,
        note=note,
    )
    after = AFTERMATHS[disposition]
    lead = leads.lock(connection, place.lead)
    assert lead is not None
    if after.is_touch:
        facts.keep_touch(
            connection, id=f"{claim}:done", lead=lead.id, kind="call", by=rep, at=now, now=now
        )
        lead = after_touch(lead, kind="call", at=now)
    if after.outcome is not None:
        lead = after_outcome(lead, kind=after.outcome, at=now)
        if after.outcome == "converted" and lead.account:
            accounts.starts_paying(connection, lead.account, now, now)
    lead = lead._replace(
        asked_for_rep_at=None,
        rests_until=None if after.rest is None else now + after.rest,
    )
    if after.again_after is not None:
        until = now + after.again_after
        _sleep(connection, parts, place, lead.grade, until, now)
        leads.update(connection, lead)
        return _ended(place, claim, "done", version + 1, None)
    claims.remove_held(connection, claim)
    resettle(connection, parts, open_case(lead), now)
    return _ended(place, claim, "done", version + 1, None)


def release(
    connection: sa.Connection,
    parts: Parts,
    claim: str,
    rep: str,
    *,
    version: int,
    reason: str | None,
    now: datetime,
) -> Answer:
    """Give a lead back unworked."""
    place = _held(connection, claim, rep, version, now)
    claims.end_claim(connection, claim, how="released", now=now, note=reason)
    queue.put_back(connection, place, until=None, returned=place.returned)
    lead = leads.lock(connection, place.lead)
    assert lead is not None
    pass_on(connection, parts, lead, place._replace(state="waiting"), now)
    return _ended(place, claim, "released", version + 1, None)


def snooze(
    connection: sa.Connection,
    parts: Parts,
    claim: str,
    rep: str,
    *,
    version: int,
    until: datetime,
    now: datetime,
) -> Answer:
    """Put a lead to sleep until a time; it comes back to the same rep."""
    if until <= now:
        wrong = FieldError(path="until", code="in_the_past", message="must lie ahead")
        raise BadInput("wrong_fields", "cannot be read: until", status=422, errors=[wrong])
    place = _held(connection, claim, rep, version, now)
    claims.end_claim(connection, claim, how="snoozed", now=now)
    lead = leads.find(connection, place.lead)
    assert lead is not None
    _sleep(connection, parts, place, lead.grade, until, now)
    return _ended(place, claim, "snoozed", version + 1, None)


def extend(
    connection: sa.Connection, parts: Parts, claim: str, rep: str, *, version: int, now: datetime
) -> Answer:
    """A longer lease."""
    place = _held(connection, claim, rep, version, now)
    lease_until = now + timedelta(seconds=parts.settings.lease_seconds)
    claims.extend(connection, place, lease_until=lease_until)
    return _ended(place, claim, "held", version + 1, lease_until)


def give_back_ended(connection: sa.Connection, parts: Parts, now: datetime) -> int:
    """Return what silent reps held and what has slept enough; how many places."""
    ended = claims.ended(connection, now)
    for place in ended:
        was_silent = place.state == "held"
        if place.claim is not None:
            claims.end_claim(connection, place.claim, how="expired", now=now)
        queue.put_back(connection, place, until=None, returned=place.returned + was_silent)
        if was_silent:
            _hand_on(connection, parts, place, now)
    return len(ended)


def queue_page(
    connection: sa.Connection, parts: Parts, rep: str, *, limit: int, now: datetime
) -> dict[str, Any]:
    """A rep's queue, in the order it will be worked."""
    items = []
    for place, lead in listing.page(connection, rep, now=now, limit=limit):
        score = json.loads(lead["score"])
        fields = json.loads(lead["record"])["fields"]
        name = " ".join(filter(None, (fields.get("first_name"), fields.get("last_name"))))
        items.append(
            {
                "lead_id": place.lead,
                "state": place.state,
                "name": name or None,
                "company": fields.get("company"),
                "title": fields.get("title"),
                "account": lead["account"],
                "score": score,
                "reasons": score["reasons"],
                "lane_why": lead["lane_why"],
                "why_now": _why_now(place, lead["hot_at"], now),
                "due_at": time_text(place.due_at),
                "expected_gain": {"minor": place.gain_minor, "currency": parts.policy.currency},
                "minutes": place.minutes,
                "claim": place.claim,
                "version": place.version,
                "lease_until": None if place.free_at is None else time_text(place.free_at),
            }
        )
    return {"rep": rep, "items": items}


def _held(
    connection: sa.Connection, claim: str, rep: str, version: int, now: datetime
) -> QueueItem:
    place = claims.held(connection, claim)
    if place is None:
        known = claims.find_claim(connection, claim)
        if known is None:
            raise NotFound("unknown_claim", "there is no such claim")
        if known[1] != rep:
            raise NotAllowed("not_yours", "this is another rep's claim")
        raise Conflict("claim_ended", "this claim has ended; the lead may be another rep's by now")
    if place.rep != rep:
        raise NotAllowed("not_yours", "this is another rep's claim")
    if place.version != version:
        raise Conflict("outdated_version", "the claim has a newer version; read it again")
    if place.free_at is not None and place.free_at <= now:
        raise Conflict("lease_over", "the lease has run out; claim again")
    return place


def _sleep(
    connection: sa.Connection,
    parts: Parts,
    place: QueueItem,
    grade: str,
    until: datetime,
    now: datetime,
) -> None:
    """Put a place to sleep; its first-response time runs from when it wakes."""
    _, desks = parts.board.look(connection, now)
    due_at = due(parts, grade, desk_of(desks, place.rep), until)
    queue.put_back(connection, place, until=until, returned=place.returned, due_at=due_at)


def _hand_on(connection: sa.Connection, parts: Parts, place: QueueItem, now: datetime) -> None:
    lead = leads.lock(connection, place.lead)
    if lead is not None:
        resettle(connection, parts, open_case(lead), now)


def _why_now(place: QueueItem, hot_at: datetime, now: datetime) -> str:
    return priority.why_now(due=place.due_at, hot_at=hot_at, returned=place.returned, now=now)


def _ended(
    place: QueueItem, claim: str, state: str, version: int, lease_until: datetime | None
) -> Answer:
    return answer(
        {
            "claim": claim,
            "lead_id": place.lead,
            "state": state,
            "version": version,
            "lease_until": None if lease_until is None else time_text(lease_until),
        }
    )
