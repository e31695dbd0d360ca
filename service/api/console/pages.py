"""The console's pages, and every table of them as `.csv` and `.json`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter
from markupsafe import escape
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.api.calls import runtime_of
from service.api.console.rendering import FRAMING, boxed, shown_page
from service.api.console.session import MANAGERS, PageRoute, Visitor, signed_in, visitor
from service.auth.keyring import Caller
from service.console import (
    account_page,
    calls_page,
    connections_page,
    effect_page,
    figures_page,
    find_page,
    lead_page,
    leads_page,
    ledger_page,
    mail_page,
    model_page,
    offer_pages,
    overview_page,
    policy_page,
    queue_page,
    team_page,
    to_do_page,
)
from service.console.editor_words import editor_words
from service.console.page_context import PageContext
from service.console.places import PAGES, UNDER, beside, seen_by
from service.console.table import Table, as_csv, as_json
from service.console.tables import TABLES
from service.console.words import SAID, TOUCHES, shown_time, whole, with_colleagues
from service.errors import NotAllowed, NotFound, NotKnown
from service.use_cases.leads.visibility import note_seen
from service.use_cases.tx import transact
from service.use_cases.views.account_page import note_account_seen

router = APIRouter(include_in_schema=False, route_class=PageRoute)
_UNDO = re.compile(r"(?:(claim|offer)_|(console):)[0-9a-f]{1,40}")
_UNDOES = {"claim": "claims", "offer": "offers", "console": "touches"}
Read = Callable[[PageContext], Mapping[str, Any]]


@router.get("/")
async def home(request: Request) -> Response:
    """A manager's overview, a rep's queue, or the form to sign in."""
    try:
        who = await visitor(request)
    except NotKnown:
        has_oidc = runtime_of(request).sign_on is not None
        return shown_page("sign_in.html", refused=False, has_oidc=has_oidc)
    if who.caller.role in MANAGERS:
        return await page(request, who, "overview", overview_page.page)
    return await page(request, who, "queue", queue_page.page)


@router.get("/queue")
async def queue(request: Request) -> Response:
    """The queue: one's own, or a rep's that a manager looks at."""
    return await page(request, await visitor(request), "queue", queue_page.page)


@router.get("/queue/rest")
async def rest(request: Request) -> Response:
    """The list of those who wait, for the queue's page to update itself."""
    who = await visitor(request, is_use=False)
    return shown_page("queue_rest.html", **await look(request, who.caller, queue_page.rest))


@router.get("/find")
async def find(request: Request) -> Response:
    """People, companies, offers and pages; only the list, where a script asks for it."""
    who = await visitor(request)
    if request.headers.get("hx-request") == "true":
        found = await look(request, who.caller, find_page.page)
        return shown_page("found.html", role=who.caller.role, **found)
    return await page(request, who, "find", find_page.page)


@router.get("/leads")
async def leads(request: Request) -> Response:
    """The newest leads."""
    return await page(request, await visitor(request), "leads", leads_page.page)


@router.get("/leads/{lead:path}")
async def lead(request: Request, lead: str) -> Response:
    """One lead, with all that happened to it; that it was seen is written down."""
    who = await visitor(request)
    shown = await page(request, who, "leads", lambda seen: lead_page.page(seen, lead), "lead.html")
    await transact(who.runtime, lambda tx: note_seen(tx, lead), actor=who.caller.actor)
    return shown


@router.get("/accounts/{account:path}")
async def account(request: Request, account: str) -> Response:
    """One account; that it was seen is written down."""
    who = await visitor(request)
    shown = await page(
        request, who, "leads", lambda seen: account_page.page(seen, account), "account.html"
    )
    caller = who.caller
    await transact(
        who.runtime, lambda tx: note_account_seen(tx, account, caller), actor=caller.actor
    )
    return shown


@router.get("/offers")
async def offers(request: Request) -> Response:
    """The ledger of offers, and who waits for approval."""
    return await page(request, await visitor(request), "offers", offer_pages.page)


@router.get("/offers/{offer}")
async def offer(request: Request, offer: str) -> Response:
    """One offer's terms and life."""
    who = await visitor(request)
    return await page(
        request, who, "offers", lambda seen: offer_pages.one(seen, offer), "offer_life.html"
    )


@router.get("/tasks")
async def to_do(request: Request) -> Response:
    """What is to be done for offers; a rep's own."""
    return await page(request, await visitor(request), "to_do", to_do_page.page)


@router.get("/policy")
async def policy(request: Request) -> Response:
    """The rules that serve, their proofs, and the versions."""
    return await page(request, await visitor(request, *MANAGERS), "policy", policy_page.page)


@router.get("/policy/words")
async def words(request: Request) -> Response:
    """What the policy's editor completes."""
    await visitor(request, *MANAGERS)
    return JSONResponse(editor_words())


@router.get("/policy/{version}")
async def draft(request: Request, version: str) -> Response:
    """One version beside the serving one."""
    who = await visitor(request, *MANAGERS)
    return await page(
        request, who, "policy", lambda seen: policy_page.draft(seen, version), "policy_draft.html"
    )


@router.get("/model")
async def model(request: Request) -> Response:
    """The model that serves."""
    return await page(request, await visitor(request, *MANAGERS), "model", model_page.page)


@router.get("/model/report")
async def report(request: Request) -> Response:
    """The model's own report, as its training wrote it, in a box of its own."""
    who = await visitor(request, *MANAGERS)
    folder = who.runtime.settings.model
    if folder is None or not (folder / "report.html").is_file():
        raise NotFound("no_report", "this model came without a report")
    return boxed((folder / "report.html").read_text(encoding="utf-8"))


@router.get("/mail")
async def mail(request: Request) -> Response:
    """The captured mailbox and the outbox."""
    return await page(request, await visitor(request, *MANAGERS), "mail", mail_page.page)


@router.get("/mail/{number}")
async def letter(request: Request, number: str) -> Response:
    """One captured mail: its text, and its HTML in a frame that may run nothing."""
    who = await visitor(request, *MANAGERS)
    shown = await page(
        request, who, "mail", lambda seen: mail_page.one(seen, number), "mail_one.html"
    )
    shown.headers["content-security-policy"] = FRAMING
    return shown


@router.get("/mail/{number}/body")
async def letter_body(request: Request, number: str) -> Response:
    """A captured mail's HTML alone."""
    who = await visitor(request, *MANAGERS)
    found = await look(request, who.caller, lambda seen: mail_page.one(seen, number))
    return boxed(found["mail"]["html"])


@router.get("/ledger")
async def ledger(request: Request) -> Response:
    """The concessions, month by month."""
    return await page(request, await visitor(request, *MANAGERS), "ledger", ledger_page.page)


@router.get("/figures")
async def figures(request: Request) -> Response:
    """Rates, modes and channels of all accounts."""
    return await page(request, await visitor(request, *MANAGERS), "figures", figures_page.page)


@router.get("/effect")
async def effect(request: Request) -> Response:
    """What the offers changed, against the accounts held out by chance."""
    return await page(request, await visitor(request, *MANAGERS), "effect", effect_page.page)


@router.get("/team")
async def team(request: Request) -> Response:
    """Queues by rep, where leads went, the funnel."""
    return await page(request, await visitor(request, *MANAGERS), "team", team_page.page)


@router.get("/connections")
async def connections(request: Request) -> Response:
    """The tools: what is set up, and how the last call to each ended."""
    who = await visitor(request, *MANAGERS)
    return await page(request, who, "connections", connections_page.page)


@router.get("/connections/tests")
async def connection_tests(request: Request) -> Response:
    """How the tests went, for the page that waits for them."""
    who = await visitor(request, *MANAGERS, is_use=False)
    read = await look(request, who.caller, lambda seen: {"tests": connections_page.tests(seen)})
    return shown_page("connection_tests.html", **read)


@router.get("/calls")
async def calls(request: Request) -> Response:
    """Calls in and out."""
    return await page(request, await visitor(request, *MANAGERS), "calls", calls_page.page)


@router.get("/calls/{number}")
async def call(request: Request, number: str) -> Response:
    """One call: what was said, as it is kept."""
    who = await visitor(request, *MANAGERS)
    return await page(request, who, "calls", lambda seen: calls_page.one(seen, number), "call.html")


@router.get("/{table}.csv")
async def table_csv(request: Request, table: str) -> Response:
    """A page's table as a file that a spreadsheet opens."""
    found = await _table(request, table)
    named = {"content-disposition": f'attachment; filename="{found.name}.csv"'}
    return Response(as_csv(found), headers=named, media_type="text/csv; charset=utf-8")


@router.get("/{table}.json")
async def table_json(request: Request, table: str) -> Response:
    """A page's table as JSON."""
    return Response(as_json(await _table(request, table)), media_type="application/json")


async def page(
    request: Request, who: Visitor, name: str, read: Read, template: str | None = None
) -> Response:
    """One page in its frame: what `read` finds, shown by a template."""
    shown = await look(request, who.caller, read)
    return shown_page(
        template or f"{name}.html",
        **{"said": _said(request, who, shown.get("called_back")), **shown},
        here=name,
        place=UNDER.get(name, name),
        nav=[(k, *PAGES[k]) for k in seen_by(who.caller.role) if k not in UNDER],
        beside=beside(who.caller.role, UNDER.get(name, name)),
        signed_in=f"key …{who.caller.key[-4:]}" if who.person is None else who.person.name,
        role=who.caller.role,
        other_roles=who.other_roles,
        undo=_undo(request.query_params.get("undo", "")),
        path=request.url.path,
        now=who.runtime.clock.now(),
        shadow=who.runtime.settings.shadow,
    )


def _said(request: Request, who: Visitor, called_back: str | None) -> str:
    """What was done, by the word in the address; times as the page's script shows them."""
    asked = request.query_params
    back = whole(asked.get("back", ""), digits=10)
    return escape(SAID.get(asked.get("said", ""), "")).format(
        minutes=who.runtime.settings.lease_seconds // 60,
        colleagues=with_colleagues(whole(asked.get("with", ""), digits=3) or 0),
        promised="" if called_back is None else f"{called_back}.",
        kind=TOUCHES.get(asked.get("kind", ""), "Contact"),
        back="later" if back is None else shown_time(datetime.fromtimestamp(back, UTC)),
    )


def _undo(named: str) -> str | None:
    """The path of what an address says can be taken back; what it names is looked up there."""
    what = _UNDO.fullmatch(named)
    return None if what is None else f"/{_UNDOES[what[1] or what[2]]}/{named}"


async def look(request: Request, caller: Caller, read: Read) -> Mapping[str, Any]:
    """The values that `read` returns from one consistent read of the store."""

    def reading(connection: sa.Connection) -> Mapping[str, Any]:
        return read(look_of(request, caller, connection))

    return await runtime_of(request).store.read(reading)


def look_of(request: Request, caller: Caller, connection: sa.Connection) -> PageContext:
    """The page context of a request."""
    runtime = runtime_of(request)
    return PageContext(
        connection=connection,
        runtime=runtime,
        caller=caller,
        now=runtime.clock.now(),
        asked=dict(request.query_params),
    )


async def _table(request: Request, name: str) -> Table:
    caller = await signed_in(request)
    made = TABLES.get(name)
    if made is None:
        raise NotFound("unknown_table", "there is no such table")
    if made.managers_only and caller.role not in MANAGERS:
        raise NotAllowed("wrong_role", f"this table is not for the role {caller.role}")
    found = await look(request, caller, lambda seen: {"table": made.read(seen)})
    table = found["table"]
    assert isinstance(table, Table)
    return table
