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
from service.api.problems import answers, pages
from service.api.public import counted, locale_asked, message, not_ours, page
from service.domain.lead import StoredLead
from service.errors import Conflict, NotFound
from service.mail.context import locale_of_lead
from service.mail.locales import Locale
from service.schemas.consents import ConsentAsked, ConsentRequest
from service.store.leads import consents, leads
from service.store.leads.consents import Consent
from service.use_cases.intake import consent_requests
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

    def look(connection: sa.Connection) -> tuple[Consent | None, StoredLead | None]:
        row = consents.find(connection, asked)
        return row, None if row is None else leads.find(connection, row.lead)

    try:
        asked = runtime.links.read_consent(token)
    except NotFound:
        return not_ours(request)
    row, lead = await runtime.store.read(look)
    if row is None or lead is None:
        return not_ours(request)
    tongue = locale_of_lead(lead)
    if row.ground is not None:
        return message(runtime, tongue, "agreed")
    return page(runtime, "consent.html", tongue, wording=row.wording)


@router.post(
    "/y/{token}", tags=["customers"], response_class=HTMLResponse, responses=pages(404, 409)
)
async def agree(request: Request, token: str) -> HTMLResponse:
    """The person agrees; a second press changes nothing."""
    runtime = counted(request)
    now = runtime.clock.now()

    def give(connection: sa.Connection) -> tuple[Locale, bool]:
        row = consents.find(connection, asked)
        lead = None if row is None else leads.find(connection, row.lead)
        tongue = locale_asked(request) if lead is None else locale_of_lead(lead)
        try:
            consent_requests.confirm(Tx(connection, runtime, now), asked)
        except Conflict:
            return tongue, False
        return tongue, True

    try:
        asked = runtime.links.read_consent(token)
        tongue, is_given = await runtime.store.write(give)
    except NotFound:
        return not_ours(request)
    if is_given:
        return message(runtime, tongue, "agreed")
    return message(runtime, tongue, "agree_late", 409)
