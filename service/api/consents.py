"""Asking for a consent (signed), and the page where a person gives it.

The link in the mail is signed for one request; scanners follow every GET, so only the button's
POST gives anything.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from service.api.calls import answer_once, signed_body
from service.api.document import body
from service.api.languages import language_used, locale_for
from service.api.mail_consent import standing_page
from service.api.problems import answers, pages
from service.api.public import counted, message, not_ours, page
from service.domain.lead import StoredLead
from service.errors import Conflict, NotFound
from service.schemas.consents import ConsentAsked, ConsentRequest
from service.store.leads import consents, leads
from service.store.leads.consents import Consent
from service.use_cases.intake import consent_requests
from service.use_cases.intake.language import keep_language
from service.use_cases.intake.mail_consent import MailConsent, mail_consent
from service.use_cases.tx import Tx

router = APIRouter()
_EXAMPLE = {"lead_id": "42", "purpose": "offers"}


@router.post(
    "/v1/consents/request",
    tags=["ingest"],
    response_model=ConsentAsked,
    responses=answers(401, 404, 409, 413, 415, 422),
    openapi_extra=body(ConsentRequest, _EXAMPLE),
)
async def request_consent(request: Request) -> Response:
    """Ask a lead for a consent by one mail; what is asked for already is not asked again."""
    message, asked = await signed_body(request, ConsentRequest)

    def ask(tx: Tx) -> dict[str, Any]:
        done = consent_requests.request(tx, asked)
        return {"consent": done.consent, "state": done.state, "why": done.why}

    return await answer_once(request, message, ask)


@router.head("/y/{token}", include_in_schema=False)
@router.get(
    "/y/{token}", tags=["customers"], response_class=HTMLResponse, responses=pages(404, 409)
)
async def ask(request: Request, token: str) -> HTMLResponse:
    """Shows what is asked, and asks; a GET gives nothing."""
    runtime = counted(request)

    def look(
        connection: sa.Connection,
    ) -> tuple[Consent | None, StoredLead | None, MailConsent | None]:
        row = consents.find(connection, asked)
        lead = None if row is None else leads.find(connection, row.lead)
        return row, lead, None if lead is None else mail_consent(connection, lead)

    try:
        asked = runtime.links.read_consent(token)
    except NotFound:
        return not_ours(request)
    row, lead, stands = await runtime.store.read(look)
    if row is None or lead is None or stands is None:
        return not_ours(request)
    tongue = locale_for(request, lead)
    if row.ground is not None and row.email_key == lead.email_key:
        return standing_page(request, tongue, lead, stands)
    if row.ground is not None:
        return message(request, tongue, "agreed")
    return page(request, "consent.html", tongue, wording=row.wording)


@router.post(
    "/y/{token}", tags=["customers"], response_class=HTMLResponse, responses=pages(404, 409)
)
async def agree(request: Request, token: str) -> HTMLResponse:
    """The person agrees; a second press changes nothing."""
    runtime = counted(request)
    now = runtime.clock.now()

    def give(connection: sa.Connection) -> tuple[StoredLead | None, MailConsent | None]:
        row = consents.find(connection, asked)
        lead = None if row is None else leads.find(connection, row.lead)
        tx = Tx(connection, runtime, now)
        try:
            consent_requests.confirm(tx, asked)
        except Conflict:
            return lead, None
        tx.flush()
        if lead is not None:
            keep_language(tx, lead.id, language_used(request))
        return lead, None if lead is None else mail_consent(connection, lead)

    try:
        asked = runtime.links.read_consent(token)
        lead, stands = await runtime.store.write(give)
    except NotFound:
        return not_ours(request)
    tongue = locale_for(request, lead)
    if lead is None or stands is None:
        return message(request, tongue, "agree_late", 409)
    return standing_page(request, tongue, lead, stands)
