"""The report that a customer's own admin orders: its link for the product, and its two pages.

`/a/…` is the admin's, where it is ordered; `/r/…` is each colleague's own, where they see who
ordered it and what it says, leave it, or are counted no more. Scanners follow every GET, so only
a POST changes anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse

from service.api.calls import runtime_of, signed
from service.api.languages import chosen_query, locale_for
from service.api.problems import answers, pages
from service.api.public import FORM, REPLY_BYTES, counted, form_of, not_ours, page
from service.domain.lead import StoredLead
from service.domain.membership import why_gone
from service.domain.usage_report import EVERY, period_named
from service.errors import BadInput, Conflict, FieldError, NotAllowed, NotFound
from service.mail.locales import Locale
from service.schemas.parsing import read_body
from service.schemas.report_answers import ReportLinkAnswer
from service.store.leads import leads, report_letters, usage_reports
from service.store.leads.report_letters import Report
from service.store.leads.usage_reports import Order
from service.use_cases.reports import leaving, ordering
from service.use_cases.reports.letters import (
    lines_of,
    name_shown,
    ordered_in_words,
    period_in_words,
    remarks_of,
)
from service.use_cases.reports.making import next_due
from service.use_cases.reports.state import why_no_mail
from service.use_cases.tx import Tx, transact

router = APIRouter()
_SHOWN = 3
_DO: dict[str, Callable[[Tx, StoredLead], str]] = {}
"""What a colleague may do on their page: it returns the word of what was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """An account's report, in one person's words."""

    tongue: Locale
    said: dict[str, Any]


@router.get(
    "/v1/accounts/{account:path}/report-link",
    response_model=ReportLinkAnswer,
    responses=answers(400, 401, 404, 413, 415, 422),
    tags=["ingest"],
)
async def link(
    request: Request,
    account: str,
    lead: Annotated[str, Query(description="Who it is for, a lead of this account.")] = "",
    as_: Annotated[
        Literal["member", "admin"],
        Query(alias="as", description="`admin`: who your product lets manage the account."),
    ] = "member",
) -> dict[str, Any]:
    """The link to the team's usage report, to show in the product; signed over an empty body.

    An admin's orders it, for 30 days; a member's shows who ordered it and what it says, and takes
    them off it. You vouch for who is an admin. Without a link `why` says the reason.
    """
    await signed(request)
    if not lead:
        missing = FieldError(path="lead", code="missing", message="who the link is for")
        raise BadInput("nobody_named", "name one: ?lead=", status=422, errors=[missing])
    found = await transact(
        runtime_of(request),
        lambda tx: ordering.link_for(tx, account, lead, is_admin=as_ == "admin"),
    )
    return asdict(found)


@router.head("/r/{token}", include_in_schema=False)
@router.get("/r/{token}", responses=pages(404), tags=["customers"], response_class=HTMLResponse)
async def see(request: Request, token: str) -> HTMLResponse:
    """Who ordered the team's report, who gets it and what it said."""
    runtime = counted(request)
    now = runtime.clock.now()

    def look(connection: sa.Connection) -> _Seen:
        return _seen(Tx(connection, runtime, now), _member(connection, ref), request)

    try:
        ref = runtime.links.read_report(token)
        seen = await runtime.store.read(look)
    except NotFound:
        return not_ours(request)
    return _page(request, seen)


@router.post(
    "/r/{token}",
    responses=answers(413, 415) | pages(404, 409, 422),
    tags=["customers"],
    response_class=HTMLResponse,
    openapi_extra={
        "requestBody": {
            "content": {
                FORM: {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "do": {
                                "type": "string",
                                "enum": ["leave", "join", "again", "uncount", "count", "end"],
                            }
                        },
                        "required": ["do"],
                    },
                    "example": {"do": "leave"},
                }
            }
        }
    },
)
async def act(request: Request, token: str) -> HTMLResponse:
    """Leave the report or get it again, be counted in no figure, have the last one sent once more;
    who ordered it ends it. A second press changes nothing."""
    runtime = counted(request)
    now = runtime.clock.now()
    form = _form(await read_body(request, REPLY_BYTES, kind=FORM))
    done = _DO.get(form.get("do", ""))

    def take(connection: sa.Connection) -> tuple[_Seen, str, int]:
        tx = Tx(connection, runtime, now)
        lead = _member(connection, ref)
        if done is None:
            return _seen(tx, lead, request), "", 422
        try:
            note, status = done(tx, lead), 200
        except (Conflict, NotAllowed):
            note, status = "refused", 409
        return _seen(tx, lead, request), note, status

    try:
        ref = runtime.links.read_report(token)
        seen, note, status = await runtime.store.write(take)
    except NotFound:
        return not_ours(request)
    return _page(request, seen, note=note, status=status)


@router.head("/a/{token}", include_in_schema=False)
@router.get(
    "/a/{token}", responses=pages(404, 409), tags=["customers"], response_class=HTMLResponse
)
async def ask(request: Request, token: str) -> HTMLResponse:
    """The form by which an admin orders the report, as it stands."""
    runtime = counted(request)
    now = runtime.clock.now()

    def look(connection: sa.Connection) -> _Seen:
        return _order_seen(Tx(connection, runtime, now), ref, account, request)

    try:
        ref, account = runtime.links.read_report_order(token, now)
        seen = await runtime.store.read(look)
    except NotFound:
        return not_ours(request)
    return page(request, "report_order.html", seen.tongue, **seen.said)


@router.post(
    "/a/{token}",
    responses=answers(413, 415) | pages(404, 409, 422),
    tags=["customers"],
    response_class=HTMLResponse,
    openapi_extra={
        "requestBody": {
            "content": {
                FORM: {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "readers": {"type": "string", "description": "One address a line."},
                            "every": {"type": "string", "enum": list(EVERY)},
                            "do": {
                                "type": "string",
                                "enum": ["end"],
                                "description": "End the report; the other fields are not read.",
                            },
                        },
                    },
                    "example": {"readers": "boss@example.com", "every": "month"},
                }
            }
        }
    },
)
async def order(request: Request, token: str) -> HTMLResponse:
    """Order the report, change who gets it and how often, or end it if it is yours; a second press
    changes nothing."""
    runtime = counted(request)
    now = runtime.clock.now()
    form = _form(await read_body(request, REPLY_BYTES, kind=FORM))
    typed, every = form.get("readers", ""), form.get("every", "")
    addresses = [line for line in typed.replace(",", "\n").splitlines() if line.strip()]

    ends = form.get("do") == "end"

    def take(connection: sa.Connection) -> _Seen:
        tx = Tx(connection, runtime, now)
        if ends:
            leaving.end_own(tx, ordering.admin_of(tx, ref, account))
        else:
            ordering.order_report(tx, ref, account, addresses=addresses, every=every)
        return _order_seen(tx, ref, account, request)

    def look(connection: sa.Connection) -> _Seen:
        return _order_seen(Tx(connection, runtime, now), ref, account, request)

    try:
        ref, account = runtime.links.read_report_order(token, now)
        seen = await runtime.store.write(take)
        note = seen.tongue.say("report.is_ended") if ends else seen.said["saved"]
        wrong, status = [], 200
    except NotFound:
        return not_ours(request)
    except BadInput as refusal:
        seen = await runtime.store.read(look)
        wrong = [_wrong(seen.tongue, addresses, each.path, each.code) for each in refusal.errors]
        seen.said["readers"] = "\n".join(line.strip() for line in addresses)
        note, status = "", refusal.status
    except (Conflict, NotAllowed):
        seen = await runtime.store.read(look)
        note, wrong, status = seen.tongue.say("report.refused") if ends else "", [], 409
    more = {"note": note, "wrong": wrong}
    return page(request, "report_order.html", seen.tongue, status, **seen.said | more)


def _leave(tx: Tx, lead: StoredLead) -> str:
    leaving.leave(tx, lead)
    return "is_left"


def _join(tx: Tx, lead: StoredLead) -> str:
    leaving.join_again(tx, lead)
    return "is_joined"


def _again(tx: Tx, lead: StoredLead) -> str:
    return "is_again" if leaving.send_again(tx, lead) else "is_none_again"


def _uncount(tx: Tx, lead: StoredLead) -> str:
    leaving.object_to_sums(tx, lead, objects=True)
    return "is_uncounted"


def _count(tx: Tx, lead: StoredLead) -> str:
    leaving.object_to_sums(tx, lead, objects=False)
    return "is_counted"


def _end(tx: Tx, lead: StoredLead) -> str:
    leaving.end_own(tx, lead)
    return "is_ended"


_DO |= {"leave": _leave, "join": _join, "again": _again}
_DO |= {"uncount": _uncount, "count": _count, "end": _end}


def _member(connection: sa.Connection, ref: str) -> StoredLead:
    """Whose page it is. Raises NotFound for who is of no team any more."""
    lead = leads.by_pseudonym(connection, ref)
    if lead is None or lead.account is None or why_gone(lead, lead.account) is not None:
        raise NotFound("unknown_link", "this link was for somebody of a team")
    return lead


def _seen(tx: Tx, lead: StoredLead, request: Request) -> _Seen:
    assert lead.account is not None
    tongue = locale_for(request, lead)
    found = usage_reports.newest(tx.connection, lead.account)
    said: dict[str, Any] = {
        "off": ordering.why_closed(tx) is not None,
        "objects": usage_reports.objects(tx.connection, lead.id),
        "order": None,
        "reports": [],
    }
    if found is not None:
        said["order"] = _order_words(tx, found, tongue)
        said["is_mine"] = found.lead == lead.id
        said["is_reader"] = usage_reports.reads(tx.connection, found.id, lead.id)
        said["is_silent"] = said["is_reader"] and why_no_mail(tx, lead, found.account) is not None
        left = usage_reports.left_by_themselves(tx.connection, [lead.id], found.account)
        said["may_join"] = bool(left) and not said["is_reader"]
        kept = report_letters.newest(tx.connection, lead.account, limit=_SHOWN)
        said["reports"] = [_report_words(tx, report, tongue) for report in kept]
    return _Seen(tongue=tongue, said=said)


def _order_words(tx: Tx, found: Order, tongue: Locale) -> dict[str, Any]:
    zone = tx.runtime.policy.timezone
    due = next_due(found, tx.now, zone)
    people = [leads.find(tx.connection, one.lead) for one in _readers(tx, found)]
    silent = [one for one in people if why_no_mail(tx, one, found.account) is not None]
    reached = [one for one in people if one not in silent]
    return {
        "ordered": ordered_in_words(tx, found, leads.find(tx.connection, found.lead), tongue),
        "every": tongue.say(f"report.{found.every}"),
        "readers": tongue.listed([name_shown(one, tongue) for one in reached]),
        "silent": tongue.listed([name_shown(one, tongue) for one in silent if one is not None]),
        "next": tongue.say("report.after", day=tongue.day(due.due_at, zone)),
        "ended": _ended(found, tongue, zone),
        "is_running": found.ended_at is None,
    }


def _ended(found: Order, tongue: Locale, zone: str) -> str:
    """Why the report ended, and when; nothing of one that runs."""
    if found.ended_at is None:
        return ""
    when = tongue.say("report.ended_on", day=tongue.day(found.ended_at, zone))
    return f"{tongue.say(f'report.ended_{found.ended_why}')} {when}"


def _readers(tx: Tx, found: Order) -> list[usage_reports.Reader]:
    return usage_reports.readers(tx.connection, found.id)


def _report_words(tx: Tx, report: Report, tongue: Locale) -> dict[str, Any]:
    zone = tx.runtime.policy.timezone
    period = period_named(report.period, zone)
    named = period_in_words(period, tongue)
    if report.figures is None:
        return {"period": named, "none": tongue.say(f"report.none_{report.why}"), "lines": ()}
    told = json.loads(report.figures)
    return {
        "period": named,
        "none": "",
        "lines": lines_of(tx, told, tongue),
        "remarks": " ".join(remarks_of(told, period, zone, tongue)),
    }


def _order_seen(tx: Tx, ref: str, account: str, request: Request) -> _Seen:
    admin = ordering.admin_of(tx, ref, account)
    tongue = locale_for(request, admin)
    found = usage_reports.newest(tx.connection, account)
    readers = [] if found is None else _readers(tx, found)
    people = [leads.find(tx.connection, one.lead) for one in readers]
    known = [
        str(one.fields["email"])
        for one in people
        if one and one.fields.get("email") and why_no_mail(tx, one, account) is None
    ]
    order = None if found is None else _order_words(tx, found, tongue)
    is_kept = found is not None and found.ended_at is None and found.ordered_at != tx.now
    said = {
        "saved": tongue.say("report.saved", every=order["every"], readers=order["readers"])
        if order is not None and is_kept
        else tongue.say("report.is_ordered"),
        "own_page": tx.runtime.links.report(admin.pseudonym) + chosen_query(request),
        "off": ordering.why_closed(tx) is not None,
        "who": tongue.say("report.order_note", who=name_shown(admin, tongue)),
        "order": order,
        "is_mine": found is not None and found.ended_at is None and found.lead == admin.id,
        "readers": "\n".join(known or [str(admin.fields.get("email") or "")]),
        "every": "month" if found is None else found.every,
        "rhythms": {name: tongue.say(f"report.{name}") for name in EVERY},
        "note": "",
        "wrong": [],
    }
    return _Seen(tongue=tongue, said=said)


def _wrong(tongue: Locale, addresses: list[str], path: str, code: str) -> str:
    """What is wrong with an order, in words; of an address, with it."""
    _, _, place = path.partition(".")
    named = list(dict.fromkeys(line.strip() for line in addresses))
    address = named[int(place)][:80] if place.isdigit() and int(place) < len(named) else ""
    return tongue.say(f"report.bad_{code}", address=address)


def _page(request: Request, seen: _Seen, *, note: str = "", status: int = 200) -> HTMLResponse:
    said = seen.said | {"note": seen.tongue.say(f"report.{note}") if note else ""}
    return page(request, "report.html", seen.tongue, status, **said)


def _form(raw: bytes) -> dict[str, str]:
    """A form's fields; of one with text that no store keeps, none: its page says what is wrong."""
    try:
        return form_of(raw)
    except BadInput:
        return {}
