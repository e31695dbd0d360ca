"""What people do in the console: each form is the use case its call is, once, from our own page."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from offers.policy import Problem
from service.api.calls import rep_of
from service.api.console.pages import page
from service.api.console.session import MANAGERS, PageRoute, Visitor, form, sent_once, visitor
from service.api.reps import described_rep
from service.console import policy_page
from service.console.policy_page import keep_proof
from service.console.words import whole
from service.domain.committee import Told
from service.domain.lead_record import time_text, to_text
from service.errors import BadInput, Conflict, FieldError, NotAllowed, NotFound
from service.schemas import people as bodies
from service.schemas.facts import Touch
from service.schemas.parsing import read_model
from service.store.ops import audit, http_calls, jobs
from service.store.queue.objections import Objection
from service.use_cases.access.mail_switch import turn_mail
from service.use_cases.intake import bounces
from service.use_cases.intake.facts import store_touch
from service.use_cases.leads.idempotency import Answer, once
from service.use_cases.leads.visibility import pseudonym_of, visible, visible_offer
from service.use_cases.offers import lifecycle, stops
from service.use_cases.offers.requests import decide_offer
from service.use_cases.offers.resend import resend
from service.use_cases.offers.tasks import finish_task, task_of
from service.use_cases.policies import versions
from service.use_cases.policies.active import follow
from service.use_cases.queue import claims
from service.use_cases.queue.objections import change_objections
from service.use_cases.queue.reps import change_rep, known_rep
from service.use_cases.tx import Tx, transact
from service.use_cases.views.account_map import say

router = APIRouter(include_in_schema=False, route_class=PageRoute)
M = TypeVar("M", bound=BaseModel)
_SAID = {"done": "done", "release": "released", "snooze": "snoozed", "extend": "extended"}
_MOST_HOURS = 24 * 90
_REP_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@router.post("/claim")
async def claim(request: Request) -> Response:
    """Take the next lead."""
    who, given = await _sent(request, "rep")
    rep = rep_of(who.caller)

    def work(tx: Tx) -> str:
        known_rep(tx.connection, rep)
        return _place("/", "empty" if claims.claim_next(tx, rep) is None else "claimed")

    return await _once(request, who, given, work)


@router.post("/claims/{claim}/{step}")
async def step(request: Request, claim: str, step: str) -> Response:
    """End, give back, put to sleep or keep the lead one holds."""
    who, given = await _sent(request, "rep")
    rep = rep_of(who.caller)
    work = _claim_step(who, given, claim, rep, step)

    def done(tx: Tx) -> str:
        ended = work(tx)
        if ended.suggestion is None:
            return _place("/", _SAID[step])
        return _place(f"/?{urlencode({'answer': ended.lead_id})}", _SAID[step])

    return await _once(request, who, given, done)


@router.post("/leads/{lead:path}/offer")
async def ask_for_offer(request: Request, lead: str) -> Response:
    """Have the policy decide, and issue what it grants."""
    who, given = await _sent(request)

    def work(tx: Tx) -> str:
        requested = decide_offer(tx, lead, who.caller, dry_run=False)
        issued, terms = requested.issued, requested.decision.offer
        if issued is None or terms is None:
            return _place(f"/leads/{quote(lead)}", "no_offer", "offer")
        return _place(f"/offers/{issued.id}", "issued" if terms.approval == "none" else "awaiting")

    return await _once(request, who, given, work)


@router.post("/leads/{lead:path}/touch")
async def log_touch(request: Request, lead: str) -> Response:
    """Note that one called, wrote or met a lead, claimed or not."""
    who, given = await _sent(request)

    def work(tx: Tx) -> str:
        found = visible(tx.connection, lead, who.caller)
        told = {
            "id": f"console:{secrets.token_hex(10)}",
            "lead_id": found.id,
            "by": who.caller.rep or who.caller.key,
            "at": time_text(tx.now),
        }
        store_touch(tx, _read(Touch, given, told, "kind"))
        tx.audit("lead.touched", pseudonym_of(tx.connection, found.id))
        return _place(f"/leads/{quote(found.id)}", "touched", "conversations")

    return await _once(request, who, given, work)


@router.post("/accounts/{account:path}/people")
async def say_of_person(request: Request, account: str) -> Response:
    """Write down a person's part in the purchase, or how they stand to it."""
    who, given = await _sent(request)
    told = _read(bodies.PersonSaid, given, {}, "role", "stance")
    said = Told(role=told.role, stance=told.stance, by=who.caller.rep or who.caller.key)

    def work(tx: Tx) -> str:
        say(tx, account, given.get("lead", ""), who.caller, told=said)
        return _place(f"/accounts/{quote(account)}", "saved")

    return await _once(request, who, given, work)


@router.post("/offers/{offer}/{step}")
async def offer_step(request: Request, offer: str, step: str) -> Response:
    """Approve, take back or accept an offer."""
    who, given = await _sent(request)
    steps = {"approve": "approved", "withdraw": "withdrawn", "accept": "accepted"}
    if step not in steps:
        raise NotFound("unknown_step", "there is no such step")
    numbers = {
        name: given[name] if whole(given[name]) is None else whole(given[name])
        for name in ("seats", "percent_off")
        if given.get(name, "").strip()
    }
    told = _read(bodies.Approve, given, numbers, "comment")
    approval = lifecycle.Approval(
        comment=told.comment, seats=told.seats, percent_off=told.percent_off
    )

    def work(tx: Tx) -> str:
        if step == "approve":  # who approves is another than the lead's own rep
            lifecycle.approve(tx, offer, who.caller, approval)
        else:
            visible_offer(tx.connection, offer, who.caller)
        if step == "withdraw":
            lifecycle.withdraw(tx, offer, who.caller)
        if step == "accept":
            if who.caller.role != "rep":
                raise NotAllowed("wrong_role", "the lead's rep accepts for a customer")
            lifecycle.accept(tx, offer, who.caller.key)
        return _place(given.get("back") or f"/offers/{quote(offer)}", steps[step])

    return await _once(request, who, given, work)


@router.post("/tasks/{task}/done")
async def task_done(request: Request, task: str) -> Response:
    """A give was handed over or taken back, or what was asked for is so."""
    who, given = await _sent(request)

    def work(tx: Tx) -> str:
        offer = visible_offer(tx.connection, task_of(tx.connection, task).offer, who.caller)
        finish_task(tx, task)
        return _place(f"/offers/{quote(offer.id)}", "task_done")

    return await _once(request, who, given, work)


@router.post("/policy/draft")
async def keep_draft(request: Request) -> Response:
    """Keep a text as a version, and prove it."""
    who, given = await _sent(request, *MANAGERS)
    text = given.get("text", "").replace("\r\n", "\n")
    read = read_model(bodies.PolicyText, {"text": text}).text
    try:
        policy, proof = await versions.examined(read, who.runtime.settings.emails)
    except BadInput as error:
        return await _draft_again(request, who, read, error)
    keep_proof(policy.version, proof)

    def work(tx: Tx) -> str:
        versions.keep(tx, policy)
        return _place(f"/policy/{policy.version}", "kept")

    return await _once(request, who, given, work)


async def _draft_again(request: Request, who: Visitor, text: str, error: BadInput) -> Response:
    """The page of the policy with the refused text and what is wrong at its lines."""
    of_no_line = [Problem(0, 0, error.detail)]
    wrong = error.problems if isinstance(error, versions.PolicyUnread) else of_no_line
    shown = await page(request, who, "policy", lambda look: policy_page.page(look, text, wrong))
    shown.status_code = error.status
    return shown


@router.post("/policy/{version}/prove")
async def prove(request: Request, version: str) -> Response:
    """Prove a version, the serving one or a draft."""
    who, _ = await _sent(request, *MANAGERS)
    text = who.runtime.policy.text
    if version != who.runtime.policy.version:
        text = (await who.runtime.store.read(lambda c: versions.find(c, version))).text
    _, proof = await versions.examined(text, who.runtime.settings.emails)
    keep_proof(version, proof)
    is_serving = version == who.runtime.policy.version
    path = "/policy" if is_serving else f"/policy/{quote(version)}"
    return RedirectResponse(_place(path, "proved", "proofs"), 303)


@router.post("/policy/{version}/publish")
async def publish(request: Request, version: str) -> Response:
    """Put another person's version to work, with a reason."""
    who, given = await _sent(request, *MANAGERS)
    reason = read_model(bodies.Publish, {"reason": given.get("reason", "")}).reason
    stored = await who.runtime.store.read(lambda c: versions.find(c, version))
    _, proof = await versions.examined(stored.text, who.runtime.settings.emails)
    keep_proof(version, proof)

    def work(tx: Tx) -> str:
        versions.publish(tx.connection, version, proof, by=tx.actor.who, reason=reason, now=tx.now)
        return _place("/policy", "published")

    response = await _once(request, who, given, work)
    await follow(who.runtime)
    return response


@router.post("/mail/lift")
async def lift(request: Request) -> Response:
    """Let mail go again to an address that bounced."""
    who, given = await _sent(request, *MANAGERS)
    told = _read(bodies.LiftSuppression, given, {}, "email", "reason")

    def work(tx: Tx) -> str:
        lifted = bounces.lift(tx, told.email, told.reason)
        return _place("/mail", "lifted" if lifted else "not_suppressed")

    return await _once(request, who, given, work)


@router.post("/mail/{turn}")
async def mail_switch(request: Request, turn: str) -> Response:
    """Let no mail leave, or let it leave again."""
    who, given = await _sent(request, *MANAGERS)
    if turn not in ("pause", "resume"):
        raise NotFound("unknown_step", "there is no such step")
    reason = read_model(bodies.PauseMail, {"reason": given.get("reason", "")}).reason

    def work(tx: Tx) -> str:
        turn_mail(tx, paused=turn == "pause", reason=reason)
        return _place("/mail", f"{turn}d")

    return await _once(request, who, given, work)


@router.post("/stops")
async def turn_stop(request: Request) -> Response:
    """Let a paused rule work again, or stop a code."""
    who, given = await _sent(request, *MANAGERS)
    kind, _, name = given.get("what", "").partition(":")
    reason = _read(bodies.Stop, given, {}, "reason").reason
    turn = {"rule": stops.resume_rule, "code": stops.stop_code}.get(kind)
    if turn is None:
        raise NotFound("unknown_step", "there is no such step")

    def work(tx: Tx) -> str:
        turn(tx, name, reason)
        return _place("/policy", "saved")

    return await _once(request, who, given, work)


@router.post("/team/reps")
async def keep_rep(request: Request) -> Response:
    """Add a rep, or change one."""
    who, given = await _sent(request, *MANAGERS)
    id = given.get("id", "").strip()
    if not _REP_ID.fullmatch(id):
        wrong = FieldError(path="id", code="bad_id", message="small letters, digits, - and _")
        raise BadInput("wrong_fields", "the id cannot be used", status=422, errors=[wrong])
    described = described_rep(id, _rep_body(given), who.runtime.settings.default_capacity)

    def work(tx: Tx) -> str:
        change_rep(tx, described)
        return _place("/team", "saved")

    response = await _once(request, who, given, work)
    who.runtime.board.forget()
    return response


def _rep_body(given: dict[str, str]) -> bodies.RepBody:
    """A form's fields as the body of `PUT /v1/reps/{rep}`. Raises BadInput."""
    told: dict[str, Any] = {
        name: [each.strip() for each in given.get(name, "").split(",") if each.strip()]
        for name in ("languages", "countries", "segments")
    }
    told["available"] = given.get("available", "yes") == "yes"
    if given.get("capacity", "").strip():
        number = whole(given["capacity"].strip())
        told["capacity"] = given["capacity"] if number is None else number
    if given.get("timezone", "").strip():
        days = [whole(day) or 0 for day in given.get("days", "").split(",")]
        told["hours"] = {
            "timezone": given["timezone"].strip(),
            "days": days,
            "start": given.get("start", ""),
            "end": given.get("end", ""),
        }
    spans = [line.split() for line in given.get("absences", "").splitlines() if line.strip()]
    told["absences"] = [{"from": span[0], "to": span[-1]} for span in spans]
    return _read(bodies.RepBody, given, told, "name", "email")


@router.post("/connections/slack/test")
async def test_slack(request: Request) -> Response:
    """Have Slack told that the connection works."""
    who, given = await _sent(request, *MANAGERS)

    def work(tx: Tx) -> str:
        if tx.runtime.tools.slack is None:
            raise Conflict("not_connected", "Slack is not set up: set GIVEGET_SLACK_URL")
        text = to_text({"text": "A test from Giveget: the connection works."})
        jobs.ask(tx.connection, "slack", "say", "test", body=text, now=tx.now)
        tx.audit("connection.tested", audit.STORE, tool="slack")
        return _place("/connections", "tested")

    return await _once(request, who, given, work)


@router.post("/calls/{number}/resend")
async def resend_event(request: Request, number: str) -> Response:
    """Have an event delivered again."""
    who, given = await _sent(request, *MANAGERS)

    def work(tx: Tx) -> str:
        found = http_calls.find(tx.connection, whole(number) or 0)
        resend(tx, (found or {}).get("request") or "")
        return _place(f"/calls/{quote(number)}", "resent")

    return await _once(request, who, given, work)


@router.post("/objections")
async def keep_objections(request: Request) -> Response:
    """Replace the team's list: a line each, `id: label`."""
    who, given = await _sent(request, *MANAGERS)
    lines = [line.partition(":") for line in given.get("list", "").splitlines() if line.strip()]
    listed = [{"id": id.strip(), "label": label.strip() or id.strip()} for id, _, label in lines]
    kept = read_model(bodies.Objections, {"objections": listed}).objections

    def work(tx: Tx) -> str:
        change_objections(tx, [Objection(id=each.id, label=each.label) for each in kept])
        return _place("/team", "saved")

    return await _once(request, who, given, work)


def _claim_step(
    who: Visitor, given: dict[str, str], claim: str, rep: str, step: str
) -> Callable[[Tx], claims.ClaimStep]:
    """What a form about a claim asks for. Raises NotFound, BadInput."""
    version = given.get("version", "")
    number = whole(version)
    fields: dict[str, Any] = {"version": version if number is None else number}
    if step == "done":
        done = _read(bodies.Done, given, fields, "disposition", "objection", "note")
        return lambda tx: claims.done(
            tx,
            claim,
            rep,
            version=done.version,
            disposition=done.disposition,
            objection=done.objection,
            note=done.note,
        )
    if step == "release":
        release = _read(bodies.Release, given, fields, "reason")
        return lambda tx: claims.release(
            tx, claim, rep, version=release.version, reason=release.reason
        )
    if step == "snooze":
        ahead = min(whole(given.get("hours", "")) or 0, _MOST_HOURS)
        fields["until"] = (who.runtime.clock.now() + timedelta(hours=ahead)).isoformat()
        snooze = _read(bodies.Snooze, given, fields)
        return lambda tx: claims.snooze(tx, claim, rep, version=snooze.version, until=snooze.until)
    if step == "extend":
        extend = _read(bodies.Extend, given, fields)
        return lambda tx: claims.extend(tx, claim, rep, version=extend.version)
    raise NotFound("unknown_step", "there is no such step")


async def _sent(request: Request, *roles: str) -> tuple[Visitor, dict[str, str]]:
    who = await visitor(request, *roles)
    return who, await form(request)


async def _once(
    request: Request, who: Visitor, given: dict[str, str], work: Callable[[Tx], str]
) -> Response:
    """On to the place `work` names, worked at most once however often the button is pressed."""
    message = sent_once(request, who.caller, given)

    def job(tx: Tx) -> Answer:
        return once(tx, message, lambda: Answer(status=303, body=work(tx)))

    to = await transact(who.runtime, job, actor=who.caller.actor)
    return RedirectResponse(to.body, to.status)


def _read(model: type[M], given: dict[str, str], fields: dict[str, Any], *names: str) -> M:
    """The form's fields as the call's body; an empty one was not told. Raises BadInput."""
    told = {name: given[name].strip() for name in names if given.get(name, "").strip()}
    return read_model(model, fields | told)


def _place(path: str, said: str, anchor: str = "") -> str:
    """The address of a page of ours, which says what was done."""
    if not path.startswith("/") or path.startswith("//"):
        path = "/"
    joined = "&" if "?" in path else "?"
    return f"{path}{joined}{urlencode({'said': said})}{f'#{anchor}' if anchor else ''}"
