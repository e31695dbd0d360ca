"""What people do in the console: each form is the use case its call is, once, from our own page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import sqlalchemy as sa
from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.api.console.session import MANAGERS, PageRoute, Visitor, form, sent_once, visitor
from service.console.policy_page import keep_proof
from service.console.words import whole
from service.errors import NotAllowed, NotFound
from service.schemas import people as bodies
from service.schemas.parsing import read_model
from service.store.queue.objections import Objection
from service.use_cases import by_hand
from service.use_cases.leads.idempotency import NOTHING, Answer, answer, once
from service.use_cases.offers import lifecycle
from service.use_cases.offers.tasks import finish_task, task_of
from service.use_cases.policies import drafts, publishing
from service.use_cases.policies.active import follow, prove_once
from service.use_cases.queue import claims

router = APIRouter(include_in_schema=False, route_class=PageRoute)
Work = Callable[[sa.Connection], Answer]
M = TypeVar("M", bound=BaseModel)
_SAID = {"done": "done", "release": "released", "snooze": "snoozed", "extend": "extended"}
_MOST_HOURS = 24 * 90


@router.post("/claim")
async def claim(request: Request) -> Response:
    """Take the next lead."""
    who, given = await _told(request, "rep")
    parts, now = who.parts, who.parts.clock.now()
    if who.caller.rep is None:
        raise NotAllowed("wrong_role", "you are no rep")
    rep = who.caller.rep

    def work(connection: sa.Connection) -> Answer:
        by_hand.known_rep(connection, rep)
        return by_hand.claim(connection, parts, who.caller, rep, now)

    taken = await _once(request, who, given, work)
    return _back("/", "empty" if taken.status == 204 else "claimed")


@router.post("/claims/{claim}/{step}")
async def step(request: Request, claim: str, step: str) -> Response:
    """End, give back, put to sleep or keep the lead one holds."""
    who, given = await _told(request, "rep")
    parts, now = who.parts, who.parts.clock.now()
    version = given.get("version", "")
    told = whole(version)
    fields: dict[str, Any] = {"version": version if told is None else told}
    if step == "done":
        body = _read(bodies.Done, given, fields, "disposition", "objection", "note")
        more: dict[str, Any] = {
            "disposition": body.disposition,
            "objection": body.objection,
            "note": body.note,
        }
    elif step == "release":
        more = {"reason": _read(bodies.Release, given, fields, "reason").reason}
    elif step == "snooze":
        ahead = min(whole(given.get("hours", "")) or 0, _MOST_HOURS)
        fields["until"] = (now + timedelta(hours=ahead)).isoformat()
        more = {"until": _read(bodies.Snooze, given, fields).until}
    elif step == "extend":
        _read(bodies.Extend, given, fields)
        more = {}
    else:
        raise NotFound("unknown_step", "there is no such step")
    does = getattr(claims, step)

    def work(connection: sa.Connection) -> Answer:
        return by_hand.step(
            connection, parts, who.caller, does, claim, now, version=fields["version"], **more
        )

    await _once(request, who, given, work)
    return _back("/", _SAID[step])


@router.post("/leads/{lead:path}/offer")
async def ask_for_offer(request: Request, lead: str) -> Response:
    """Have the policy decide, and issue what it grants."""
    who, given = await _told(request)
    parts, now = who.parts, who.parts.clock.now()

    def work(connection: sa.Connection) -> Answer:
        return by_hand.decide(connection, parts, who.caller, lead, now, dry_run=False)

    decided = json.loads((await _once(request, who, given, work)).body)
    if not decided["issued"]:
        return _back(f"/leads/{quote(lead)}", "no_offer", "offer")
    waits = decided["offer"]["approval"] != "none"
    return _back(f"/offers/{decided['offer_id']}", "awaiting" if waits else "issued")


@router.post("/offers/{offer}/{step}")
async def offer_step(request: Request, offer: str, step: str) -> Response:
    """Approve, take back or accept an offer."""
    who, given = await _told(request)
    parts, now = who.parts, who.parts.clock.now()

    def work(connection: sa.Connection) -> Answer:
        if step == "approve":  # who approves is another than the lead's own rep
            return lifecycle.approve(connection, parts, offer, who.caller, now)
        by_hand.visible_offer(connection, offer, who.caller)
        if step == "withdraw":
            return lifecycle.withdraw(connection, parts, offer, who.caller, now)
        if step != "accept":
            raise NotFound("unknown_step", "there is no such step")
        if who.caller.role != "rep":
            raise NotAllowed("wrong_role", "the lead's rep accepts for a customer")
        return lifecycle.accept(connection, parts, offer, who.caller.key, now)

    await _once(request, who, given, work)
    said = {"approve": "approved", "withdraw": "withdrawn", "accept": "accepted"}
    return _back(given.get("back") or f"/offers/{quote(offer)}", said[step])


@router.post("/tasks/{task}/done")
async def task_done(request: Request, task: str) -> Response:
    """A give was handed over or taken back, or what was asked for is so."""
    who, given = await _told(request)
    parts, now = who.parts, who.parts.clock.now()

    def work(connection: sa.Connection) -> Answer:
        offer = by_hand.visible_offer(connection, task_of(connection, task).offer, who.caller)
        finish_task(connection, parts, task, by_hand.hand_of(who.caller), now)
        return answer({"offer": offer.id})

    done = json.loads((await _once(request, who, given, work)).body)
    return _back(f"/offers/{quote(done['offer'])}", "task_done")


@router.post("/policy/draft")
async def keep_draft(request: Request) -> Response:
    """Keep a text as a version, and prove it."""
    who, given = await _told(request, *MANAGERS)
    text = given.get("text", "").replace("\r\n", "\n")
    policy = drafts.parsed(read_model(bodies.PolicyText, {"text": text}).text)
    keep_proof(policy.version, await asyncio.to_thread(prove_once, policy))
    now = who.parts.clock.now()

    def work(connection: sa.Connection) -> Answer:
        drafts.keep(connection, who.caller, policy, now)
        return NOTHING

    await _once(request, who, given, work)
    return _back(f"/policy/{policy.version}", "kept")


@router.post("/policy/{version}/prove")
async def prove(request: Request, version: str) -> Response:
    """Prove a version, the serving one or a draft."""
    who, _ = await _told(request, *MANAGERS)
    policy = who.parts.policy
    if version != policy.version:
        stored = await who.parts.store.read(lambda c: publishing.find(c, version))
        policy = drafts.parsed(stored.text)
    keep_proof(version, await asyncio.to_thread(prove_once, policy))
    is_serving = version == who.parts.policy.version
    return _back("/policy" if is_serving else f"/policy/{quote(version)}", "proved", "proofs")


@router.post("/policy/{version}/publish")
async def publish(request: Request, version: str) -> Response:
    """Put another person's version to work, with a reason."""
    who, given = await _told(request, *MANAGERS)
    reason = read_model(bodies.Publish, {"reason": given.get("reason", "")}).reason
    stored = await who.parts.store.read(lambda c: publishing.find(c, version))
    proof = await asyncio.to_thread(prove_once, drafts.parsed(stored.text))
    keep_proof(version, proof)
    now, by = who.parts.clock.now(), by_hand.hand_of(who.caller).who

    def work(connection: sa.Connection) -> Answer:
        publishing.publish(connection, version, proof, by=by, reason=reason, now=now)
        return NOTHING

    await _once(request, who, given, work)
    await follow(who.parts)
    return _back("/policy", "published")


@router.post("/mail/{turn}")
async def turn_mail(request: Request, turn: str) -> Response:
    """Let no mail leave, or let it leave again."""
    who, given = await _told(request, *MANAGERS)
    if turn not in ("pause", "resume"):
        raise NotFound("unknown_step", "there is no such step")
    reason = read_model(bodies.PauseMail, {"reason": given.get("reason", "")}).reason
    now = who.parts.clock.now()

    def work(connection: sa.Connection) -> Answer:
        by_hand.turn_mail(connection, who.caller, now, paused=turn == "pause", reason=reason)
        return NOTHING

    await _once(request, who, given, work)
    return _back("/mail", f"{turn}d")


@router.post("/objections")
async def keep_objections(request: Request) -> Response:
    """Replace the team's list: a line each, `id: label`."""
    who, given = await _told(request, *MANAGERS)
    lines = [line.partition(":") for line in given.get("list", "").splitlines() if line.strip()]
    listed = [{"id": id.strip(), "label": label.strip() or id.strip()} for id, _, label in lines]
    kept = read_model(bodies.Objections, {"objections": listed}).objections
    now = who.parts.clock.now()
    found = [Objection(id=each.id, label=each.label) for each in kept]

    def work(connection: sa.Connection) -> Answer:
        by_hand.keep_objections(connection, who.caller, found, now)
        return NOTHING

    await _once(request, who, given, work)
    return _back("/team", "saved")


async def _told(request: Request, *roles: str) -> tuple[Visitor, dict[str, str]]:
    who = await visitor(request, *roles)
    return who, await form(request)


async def _once(request: Request, who: Visitor, given: dict[str, str], work: Work) -> Answer:
    message = sent_once(request, who.caller, given)
    now = who.parts.clock.now()
    return await who.parts.store.write(lambda c: once(c, message, now, lambda: work(c)))


def _read(model: type[M], given: dict[str, str], fields: dict[str, Any], *names: str) -> M:
    """The form's fields as the call's body; an empty one was not told. Raises BadInput."""
    told = {name: given[name].strip() for name in names if given.get(name, "").strip()}
    return read_model(model, fields | told)


def _back(path: str, said: str, place: str = "") -> Response:
    """On to a page of ours, which says what was done."""
    if not path.startswith("/") or path.startswith("//"):
        path = "/"
    joined = "&" if "?" in path else "?"
    anchor = f"#{place}" if place else ""
    return RedirectResponse(f"{path}{joined}{urlencode({'said': said})}{anchor}", 303)
