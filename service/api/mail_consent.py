"""A person's own page about mail from us: one-click unsubscribe, how they stand, agreeing again.

The signed token names one lead by its pseudonym, and repeating a call with it changes nothing.
"""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import sqlalchemy as sa
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from service.api.calls import runtime_of, spend_as_unknown
from service.api.languages import chosen_query, language_used, locale_for
from service.api.problems import pages
from service.api.public import message, not_ours, page
from service.domain.lead import StoredLead
from service.errors import NotFound
from service.mail.locales import Locale
from service.runtime import Runtime
from service.store.leads import leads, usage_reports
from service.use_cases.intake import unsubscribe
from service.use_cases.intake.consent_requests import BY_MAIL, wording_of
from service.use_cases.intake.language import keep_language
from service.use_cases.intake.mail_consent import ON_PAGE, MailConsent, agree_again, mail_consent
from service.use_cases.tx import Tx

_PLACES = {BY_MAIL: "page.by_mail", ON_PAGE: "page.on_page"}
router = APIRouter(tags=["customers"], default_response_class=HTMLResponse)


@router.head("/u/{token}", include_in_schema=False)
@router.get("/u/{token}", responses=pages(404))
async def ask_unsubscribe(request: Request, token: str) -> HTMLResponse:
    """How the person stands to mail from us; asks only, as link scanners follow every GET."""
    runtime = runtime_of(request)
    try:
        ref = _leaver(request, runtime, token)
    except NotFound:
        return not_ours(request)

    def look(connection: sa.Connection) -> tuple[StoredLead | None, MailConsent | None, bool]:
        lead = leads.by_pseudonym(connection, ref)
        if lead is None:
            return None, None, False
        return lead, mail_consent(connection, lead), usage_reports.is_reader(connection, lead.id)

    lead, stands, gets_report = await runtime.store.read(look)
    tongue = locale_for(request, lead)
    if lead is not None and stands is not None and stands.taken_back_at is not None:
        return standing_page(request, tongue, lead, stands)
    given = "" if stands is None else _given(runtime, stands, tongue)
    return page(request, "unsubscribe.html", tongue, gets_report=gets_report, given=given)


@router.post("/u/{token}", responses=pages(404))
async def unsubscribed(request: Request, token: str, only: str | None = None) -> HTMLResponse:
    """No more mail to this person (RFC 8058); with `?only=report` no more usage reports."""
    runtime = runtime_of(request)
    now = runtime.clock.now()

    def leave(connection: sa.Connection) -> tuple[StoredLead | None, MailConsent | None]:
        tx = Tx(connection, runtime, now)
        if only == "report":
            unsubscribe.leave_report(tx, ref)
        else:
            unsubscribe.unsubscribe(tx, ref)
        tx.flush()
        lead = leads.by_pseudonym(connection, ref)
        if lead is not None:  # a mail program's own button sends its language, not the person's
            keep_language(tx, lead.id, language_used(request)._replace(browsers=None))
        return lead, None if lead is None else mail_consent(connection, lead)

    try:
        ref = _leaver(request, runtime, token)
        lead, stands = await runtime.store.write(leave)
    except NotFound:
        return not_ours(request)
    tongue = locale_for(request, lead)
    if only == "report" or lead is None or stands is None or stands.taken_back_at is None:
        return message(request, tongue, "left_report" if only == "report" else "stopped")
    return standing_page(request, tongue, lead, stands, name="stopped")


@router.get("/u/{token}/agree", include_in_schema=False)
async def back_to_mail(token: str) -> Response:
    """The address that stands there after agreeing, opened again: the page about mail."""
    return RedirectResponse(f"/u/{quote(token)}", status_code=303)


@router.post("/u/{token}/agree", responses=pages(404))
async def agreed_again(request: Request, token: str) -> HTMLResponse:
    """Who took their consent back gives it again; a second press changes nothing."""
    runtime = runtime_of(request)
    now = runtime.clock.now()

    def agree(connection: sa.Connection) -> tuple[StoredLead, MailConsent]:
        tx = Tx(connection, runtime, now)
        words = wording_of(runtime, locale_for(request, leads.by_pseudonym(connection, ref)))
        lead = agree_again(tx, ref, words)
        tx.flush()
        keep_language(tx, lead.id, language_used(request))
        return lead, mail_consent(connection, leads.find(connection, lead.id) or lead)

    try:
        ref = _leaver(request, runtime, token)
        lead, stands = await runtime.store.write(agree)
    except NotFound:
        return not_ours(request)
    return standing_page(request, locale_for(request, lead), lead, stands)


def standing_page(
    request: Request,
    tongue: Locale,
    lead: StoredLead,
    stands: MailConsent,
    *,
    name: str | None = None,
) -> HTMLResponse:
    """When and where a person agreed to mail or took that back, and how they change it; `name` is
    that of the heading, where it is not that of how they stand."""
    runtime = runtime_of(request)
    own_path = urlsplit(runtime.links.unsubscribe(lead.pseudonym)).path
    since = stands.taken_back_at
    name = name or ("agreed" if since is None else "is_stopped")
    note = tongue.words["page"][f"{name}_note"]
    if since is not None:
        note = tongue.say("page.is_stopped_note", end=tongue.end(since, runtime.policy.timezone))
    return page(
        request,
        "mail_consent.html",
        tongue,
        title=tongue.words["page"][name],
        note=note,
        given=_given(runtime, stands, tongue),
        wording=wording_of(runtime, tongue) if since is not None and stands.can_agree else "",
        agree_at=f"{own_path}/agree{chosen_query(request)}",
        leave_at="" if since is not None else own_path + chosen_query(request),
    )


def _given(runtime: Runtime, stands: MailConsent, tongue: Locale) -> str:
    """When and where somebody agreed, or had agreed, and to what; nothing for who did not, or at no
    known time."""
    given, tense = stands.given, "given" if stands.taken_back_at is None else "had_given"
    if given is None or given.at is None:
        return ""
    end = tongue.end(given.at, runtime.policy.timezone)
    if given.source in _PLACES:
        said = tongue.say(f"page.{tense}_where", end=end, where=tongue.say(_PLACES[given.source]))
    elif given.source:
        where = tongue.say("page.elsewhere", source=given.source)
        said = tongue.say(f"page.{tense}_where", end=end, where=where)
    else:
        said = tongue.say(f"page.{tense}", end=end)
    return f"{said} {tongue.say('page.quoted', words=given.wording)}" if given.wording else said


def _leaver(request: Request, runtime: Runtime, token: str) -> str:
    """Who wants no more mail. Raises NotFound.

    Mailbox providers ask for many people from few addresses, so only a token that is not ours is
    counted against the address.
    """
    try:
        return runtime.links.read_unsubscribe(token)
    except NotFound:
        spend_as_unknown(request, runtime)
        raise
