"""What people do with leads and offers in the console: each form is the use case its call is."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.api.calls import rep_of
from service.api.console.sending import once_and_on, place_after, read_form, sent
from service.api.console.session import PageRoute, Visitor
from service.console.words import whole
from service.domain.committee import Told
from service.domain.lead_record import time_text
from service.domain.priority import AFTERMATHS
from service.domain.snooze_times import MOST_DAYS, time_there, tomorrow_morning
from service.errors import BadInput, FieldError, NotAllowed, NotFound
from service.schemas import people as bodies
from service.schemas.facts import Touch
from service.use_cases.intake.facts import store_touch
from service.use_cases.intake.touch_undo import LOGGED, undo_touch
from service.use_cases.leads.visibility import pseudonym_of, visible, visible_offer
from service.use_cases.offers import lifecycle
from service.use_cases.offers import undo as offer_undo
from service.use_cases.offers.requests import decide_offer
from service.use_cases.offers.tasks import finish_task, task_of
from service.use_cases.queue import claims
from service.use_cases.queue import undo as claim_undo
from service.use_cases.queue.reps import known_rep, zone_of
from service.use_cases.tx import Tx
from service.use_cases.views.account_map import person_of, say

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_SAID = {"done": "done", "release": "released", "snooze": "snoozed", "extend": "extended"}
_CAN_UNDO = ("done", "release", "snooze")


@router.post("/claim")
async def claim(request: Request) -> Response:
    """Take the next lead."""
    who, given = await sent(request, "rep")
    rep = rep_of(who.caller)

    def work(tx: Tx) -> str:
        known_rep(tx.connection, rep)
        claimed = claims.claim_next(tx, rep)
        if claimed is None:
            return place_after("/", "empty")
        others = len(claimed.colleagues)
        return place_after(f"/?with={others}" if others else "/", "claimed")

    return await once_and_on(request, who, given, work)


@router.post("/claims/{claim}/undo")
async def undo_end(request: Request, claim: str) -> Response:
    """Take back how one just ended a claim."""
    who, given = await sent(request, "rep")
    rep = rep_of(who.caller)

    def work(tx: Tx) -> str:
        claim_undo.undo(tx, claim, rep)
        return place_after("/", "undone")

    return await once_and_on(request, who, given, work)


@router.post("/touches/{touch}/undo")
async def undo_contact(request: Request, touch: str) -> Response:
    """Take back a contact one just logged."""
    who, given = await sent(request)

    def work(tx: Tx) -> str:
        lead = undo_touch(tx, touch, who.caller)
        return place_after(given.get("back") or f"/leads/{quote(lead)}", "touch_undone")

    return await once_and_on(request, who, given, work)


@router.post("/accounts/{account:path}/people")
async def say_of_person(request: Request, account: str) -> Response:
    """Write down a person's part in the purchase, or how they stand to it."""
    who, given = await sent(request)
    told = read_form(bodies.PersonSaid, given, {}, "role", "stance")
    said = Told(role=told.role, stance=told.stance, by=who.caller.rep or who.caller.key)

    def work(tx: Tx) -> str:
        kind, touch = given.get("kind", "").strip(), ""
        if kind:
            person = person_of(tx, account, given.get("lead", ""), who.caller)
            touch = _note_touch(tx, who, person.id, given)
        if not kind or said.role is not None or said.stance is not None:
            say(tx, account, given.get("lead", ""), who.caller, told=said)
            touch = ""  # one press would not take all of it back
        return place_after(f"/accounts/{quote(account)}", "saved", undo=touch)

    return await once_and_on(request, who, given, work)


@router.post("/offers/{offer}/undo")
async def undo_offer(request: Request, offer: str) -> Response:
    """Take back an offer one just issued."""
    who, given = await sent(request)

    def work(tx: Tx) -> str:
        lead = offer_undo.undo(tx, offer, who.caller)
        return place_after(f"/leads/{quote(lead)}", "offer_undone", "offer")

    return await once_and_on(request, who, given, work)


@router.post("/claims/{claim}/{step}")
async def step(request: Request, claim: str, step: str) -> Response:
    """End, give back, put to sleep or keep the lead one holds."""
    who, given = await sent(request, "rep")
    rep = rep_of(who.caller)
    work = _claim_step(who, given, claim, rep, step)

    def done(tx: Tx) -> str:
        ended = work(tx)
        undo = claim if step in _CAN_UNDO else ""
        if given.get("disposition") == "offer_wanted" and ended.suggestion is None:
            rest = AFTERMATHS["offer_wanted"].rest or timedelta()
            back = urlencode({"back": round((tx.now + rest).timestamp())})
            return place_after(f"/leads/{quote(ended.lead_id)}?{back}", "offer_wanted", undo=undo)
        if ended.back_at is not None and ended.suggestion is None:
            back = urlencode({"back": round(ended.back_at.timestamp())})
            if step == "snooze":
                return place_after(f"/?{back}", _SAID[step], undo=undo)
            called = urlencode({"called": ended.lead_id})
            return place_after(f"/?{called}", "called_back", undo=undo)
        said = _SAID[step]
        if step == "done" and not _waits(tx, rep):
            said = "done_last"
        if ended.suggestion is None:
            return place_after("/", said, undo=undo)
        return place_after(f"/?{urlencode({'answer': ended.lead_id})}", said, undo=undo)

    return await once_and_on(request, who, given, done)


@router.post("/leads/{lead:path}/offer")
async def ask_for_offer(request: Request, lead: str) -> Response:
    """Have the policy decide, and issue what it grants."""
    who, given = await sent(request)

    def work(tx: Tx) -> str:
        requested = decide_offer(tx, lead, who.caller, dry_run=False)
        issued, terms = requested.issued, requested.decision.offer
        if issued is None or terms is None:
            return place_after(f"/leads/{quote(lead)}", "no_offer", "offer")
        said = "issued" if terms.approval == "none" else "awaiting"
        return place_after(f"/offers/{issued.id}", said, undo=issued.id)

    return await once_and_on(request, who, given, work)


@router.post("/leads/{lead:path}/touch")
async def log_touch(request: Request, lead: str) -> Response:
    """Note that one called, wrote or met a lead, claimed or not."""
    who, given = await sent(request)

    def work(tx: Tx) -> str:
        found = visible(tx.connection, lead, who.caller)
        touch = _note_touch(tx, who, found.id, given)
        told_of = urlencode({"kind": given.get("kind", "")})
        return place_after(f"/leads/{quote(found.id)}?{told_of}", "touched", undo=touch)

    return await once_and_on(request, who, given, work)


@router.post("/offers/{offer}/{step}")
async def offer_step(request: Request, offer: str, step: str) -> Response:
    """Approve, take back or accept an offer."""
    who, given = await sent(request)
    steps = {"approve": "approved", "withdraw": "withdrawn", "accept": "accepted"}
    if step not in steps:
        raise NotFound("unknown_step", "there is no such step")
    numbers = {
        name: given[name] if whole(given[name]) is None else whole(given[name])
        for name in ("seats", "percent_off")
        if given.get(name, "").strip()
    }
    told = read_form(bodies.Approve, given, numbers, "comment")
    approval = lifecycle.Approval(
        comment=told.comment, seats=told.seats, percent_off=told.percent_off
    )

    def work(tx: Tx) -> str:
        said = steps[step]
        if step == "approve":  # who approves is another than the lead's own rep
            approved = lifecycle.approve(tx, offer, who.caller, approval)
            if not lifecycle.terms_of(approved).email:
                said = "approved_by_hand"
        else:
            visible_offer(tx.connection, offer, who.caller)
        if step == "withdraw":
            lifecycle.withdraw(tx, offer, who.caller)
        if step == "accept":
            if who.caller.role != "rep":
                raise NotAllowed("wrong_role", "the lead's rep accepts for a customer")
            lifecycle.accept(tx, offer, who.caller.key)
        return place_after(given.get("back") or f"/offers/{quote(offer)}", said)

    return await once_and_on(request, who, given, work)


@router.post("/tasks/{task}/done")
async def task_done(request: Request, task: str) -> Response:
    """A give was handed over or taken back, or what was asked for is so."""
    who, given = await sent(request)

    def work(tx: Tx) -> str:
        offer = visible_offer(tx.connection, task_of(tx.connection, task).offer, who.caller)
        finish_task(tx, task)
        return place_after(given.get("back") or f"/offers/{quote(offer.id)}", "task_done")

    return await once_and_on(request, who, given, work)


def _claim_step(
    who: Visitor, given: dict[str, str], claim: str, rep: str, step: str
) -> Callable[[Tx], claims.ClaimStep]:
    """What a form about a claim asks for. Raises NotFound, BadInput."""
    version = given.get("version", "")
    number = whole(version)
    fields: dict[str, Any] = {"version": version if number is None else number}
    if step == "done":
        done = read_form(bodies.Done, given, fields, "disposition", "objection", "note")
        is_called_back = done.disposition == "call_back" and given.get("at", "").strip()
        return lambda tx: claims.done(
            tx,
            claim,
            rep,
            version=done.version,
            disposition=done.disposition,
            objection=done.objection,
            note=done.note,
            until=_back_at(tx, rep, given) if is_called_back else None,
        )
    if step == "release":
        release = read_form(bodies.Release, given, fields, "reason")
        return lambda tx: claims.release(
            tx, claim, rep, version=release.version, reason=release.reason
        )
    if step == "snooze":
        held = read_form(bodies.Extend, given, fields)
        return lambda tx: claims.snooze(
            tx, claim, rep, version=held.version, until=_back_at(tx, rep, given)
        )
    if step == "extend":
        extend = read_form(bodies.Extend, given, fields)
        return lambda tx: claims.extend(tx, claim, rep, version=extend.version)
    raise NotFound("unknown_step", "there is no such step")


def _note_touch(tx: Tx, who: Visitor, lead: str, given: dict[str, str]) -> str:
    """Note that one was just in touch with a lead; the touch's id. Raises BadInput."""
    told = {
        "id": f"{LOGGED}{secrets.token_hex(10)}",
        "lead_id": lead,
        "by": who.caller.rep or who.caller.key,
        "at": time_text(tx.now),
    }
    store_touch(tx, read_form(Touch, given, told, "kind", "note"))
    tx.audit("lead.touched", pseudonym_of(tx.connection, lead))
    return told["id"]


def _waits(tx: Tx, rep: str) -> bool:
    """Whether another lead waits for the rep now; who sleeps stands last."""
    items = claims.queue_page(tx, rep, limit=1)["items"]
    return bool(items) and items[0]["state"] != "snoozed"


def _back_at(tx: Tx, rep: str, given: dict[str, str]) -> datetime:
    """When a lead is to come back, where a clock is meant by the rep's or the one that is named.

    Raises BadInput.
    """
    hours, at = whole(given.get("hours", "")), given.get("at", "").strip()
    zone = zone_of(tx.connection, tx.runtime, rep)
    latest = tx.now + timedelta(days=MOST_DAYS)
    try:
        if hours is not None:
            back = tx.now + timedelta(hours=min(hours, 24 * MOST_DAYS))
        elif given.get("when") == "tomorrow":
            back = tomorrow_morning(tx.now, zone)
        else:
            back = time_there(at, given.get("clock") or zone)
    except (ValueError, KeyError, OSError):  # no time, or no clock
        raise _no_time("must be a date and a time") from None
    if back > latest:
        raise _no_time(f"must lie within {MOST_DAYS} days")
    return back


def _no_time(why: str) -> BadInput:
    wrong = FieldError(path="at", code="wrong_time", message=why)
    return BadInput("wrong_fields", f"cannot be read: at {why}", status=422, errors=[wrong])
