"""What managers do in the console: the policy, mail, stops, the team, the connections."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from offers.policy import Problem
from service.api.console.pages import page
from service.api.console.sending import once_and_on, place_after, read_form, sent
from service.api.console.session import MANAGERS, PageRoute, Visitor
from service.console import policy_page
from service.console.policy_page import keep_proof
from service.console.words import whole
from service.errors import BadInput, NotFound
from service.schemas import people as bodies
from service.schemas.parsing import read_model
from service.store.ops import http_calls
from service.store.queue.objections import Objection
from service.use_cases.access.connection_test import ask_test
from service.use_cases.access.mail_switch import turn_mail
from service.use_cases.access.retrying import retry_failed
from service.use_cases.intake import bounces
from service.use_cases.offers import stops
from service.use_cases.offers.resend import resend
from service.use_cases.policies import versions
from service.use_cases.policies.active import follow
from service.use_cases.queue.objections import change_objections
from service.use_cases.tx import Tx

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.post("/policy/draft")
async def keep_draft(request: Request) -> Response:
    """Keep a text as a version, and prove it."""
    who, given = await sent(request, *MANAGERS)
    text = given.get("text", "").replace("\r\n", "\n")
    read = read_model(bodies.PolicyText, {"text": text}).text
    try:
        policy, proof = await versions.examined(read, who.runtime.settings.emails)
    except BadInput as error:
        return await _draft_again(request, who, read, error)
    keep_proof(policy.version, proof)

    def work(tx: Tx) -> str:
        versions.keep(tx, policy)
        return place_after(f"/policy/{policy.version}", "kept")

    return await once_and_on(request, who, given, work)


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
    who, _ = await sent(request, *MANAGERS)
    text = who.runtime.policy.text
    if version != who.runtime.policy.version:
        text = (await who.runtime.store.read(lambda c: versions.find(c, version))).text
    _, proof = await versions.examined(text, who.runtime.settings.emails)
    keep_proof(version, proof)
    is_serving = version == who.runtime.policy.version
    path = "/policy" if is_serving else f"/policy/{quote(version)}"
    return RedirectResponse(place_after(path, "proved", "proofs"), 303)


@router.post("/policy/{version}/publish")
async def publish(request: Request, version: str) -> Response:
    """Put another person's version to work, with a reason."""
    who, given = await sent(request, *MANAGERS)
    reason = read_model(bodies.Publish, {"reason": given.get("reason", "")}).reason
    stored = await who.runtime.store.read(lambda c: versions.find(c, version))
    _, proof = await versions.examined(stored.text, who.runtime.settings.emails)
    keep_proof(version, proof)

    def work(tx: Tx) -> str:
        versions.publish(tx.connection, version, proof, by=tx.actor.who, reason=reason, now=tx.now)
        return place_after("/policy", "published")

    response = await once_and_on(request, who, given, work)
    await follow(who.runtime)
    return response


@router.post("/mail/lift")
async def lift(request: Request) -> Response:
    """Let mail go again to an address that bounced."""
    who, given = await sent(request, *MANAGERS)
    told = read_form(bodies.LiftSuppression, given, {}, "email", "reason")

    def work(tx: Tx) -> str:
        lifted = bounces.lift(tx, told.email, told.reason)
        return place_after("/mail", "lifted" if lifted else "not_suppressed")

    return await once_and_on(request, who, given, work)


@router.post("/mail/{turn}")
async def mail_switch(request: Request, turn: str) -> Response:
    """Let no mail leave, or let it leave again."""
    who, given = await sent(request, *MANAGERS)
    if turn not in ("pause", "resume"):
        raise NotFound("unknown_step", "there is no such step")
    reason = read_model(bodies.PauseMail, {"reason": given.get("reason", "")}).reason

    def work(tx: Tx) -> str:
        turn_mail(tx, paused=turn == "pause", reason=reason)
        return place_after("/mail", f"{turn}d")

    return await once_and_on(request, who, given, work)


@router.post("/stops")
async def turn_stop(request: Request) -> Response:
    """Let a paused rule work again, or stop a code."""
    who, given = await sent(request, *MANAGERS)
    kind, _, name = given.get("what", "").partition(":")
    reason = read_form(bodies.Stop, given, {}, "reason").reason
    turn = {"rule": stops.resume_rule, "code": stops.stop_code}.get(kind)
    if turn is None:
        raise NotFound("unknown_step", "there is no such step")

    def work(tx: Tx) -> str:
        turn(tx, name, reason)
        return place_after("/policy", "saved")

    return await once_and_on(request, who, given, work)


@router.post("/connections/{tool}/test")
async def test_connection(request: Request, tool: str) -> Response:
    """Have a tool called once, to see whether the connection works."""
    who, given = await sent(request, *MANAGERS)

    def work(tx: Tx) -> str:
        ask_test(tx, tool)
        return place_after("/connections", "tested", "tests")

    return await once_and_on(request, who, given, work)


@router.post("/connections/{tool}/retry")
async def retry_given_up(request: Request, tool: str) -> Response:
    """Have everything that was given up of a tool tried again."""
    who, given = await sent(request, *MANAGERS)

    def work(tx: Tx) -> str:
        retry_failed(tx, tool)
        return place_after("/connections", "retried")

    return await once_and_on(request, who, given, work)


@router.post("/calls/{number}/resend")
async def resend_event(request: Request, number: str) -> Response:
    """Have an event delivered again."""
    who, given = await sent(request, *MANAGERS)

    def work(tx: Tx) -> str:
        found = http_calls.find(tx.connection, whole(number) or 0)
        resend(tx, (found or {}).get("request") or "")
        return place_after(f"/calls/{quote(number)}", "resent")

    return await once_and_on(request, who, given, work)


@router.post("/objections")
async def keep_objections(request: Request) -> Response:
    """Replace the team's list: a line each, `id: label`."""
    who, given = await sent(request, *MANAGERS)
    lines = [line.partition(":") for line in given.get("list", "").splitlines() if line.strip()]
    listed = [{"id": id.strip(), "label": label.strip() or id.strip()} for id, _, label in lines]
    kept = read_model(bodies.Objections, {"objections": listed}).objections

    def work(tx: Tx) -> str:
        change_objections(tx, [Objection(id=each.id, label=each.label) for each in kept])
        return place_after("/team", "saved")

    return await once_and_on(request, who, given, work)
