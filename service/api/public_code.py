"""The page where a person who signed up presents a partner's campaign code.

Its link is signed for one lead and this purpose, and good for 90 days: about as long as a trial
and the talks after it. `GET /v1/leads/{lead}` and the console hand out a fresh one.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

import sqlalchemy as sa
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from offers.codes import LONGEST, why_no_code
from service.api.languages import chosen_query, language_used, locale_for
from service.api.problems import answers, pages
from service.api.public import FORM, FORM_BYTES, counted, message, not_ours, page
from service.domain.lead import StoredLead
from service.errors import BadInput, NotFound
from service.schemas.parsing import read_body
from service.store.leads import leads
from service.store.offers.offers import StoredOffer
from service.use_cases.intake import campaign_codes
from service.use_cases.intake.language import keep_language
from service.use_cases.tx import Tx

router = APIRouter(tags=["customers"], default_response_class=HTMLResponse)
_TRIES_A_MINUTE = 10
_FORM_SCHEMA = {
    "content": {
        FORM: {
            "schema": {
                "type": "object",
                "properties": {"code": {"type": "string", "maxLength": LONGEST}},
                "required": ["code"],
            },
            "example": {"code": "SITE20"},
        }
    }
}


@router.head("/c/{token}", include_in_schema=False)
@router.get("/c/{token}", responses=pages(404))
async def ask_code(request: Request, token: str, code: str = "") -> Response:
    """The form; `?code=` fills it in, and changes nothing."""
    runtime = counted(request)
    try:
        ref = runtime.links.read_code(token, runtime.clock.now())
    except NotFound:
        return not_ours(request)
    lead = await runtime.store.read(lambda connection: leads.by_pseudonym(connection, ref))
    if lead is None or lead.erased_at is not None:
        return not_ours(request)
    return _form(request, lead, "" if why_no_code(code) else code.strip())


@router.post(
    "/c/{token}",
    responses=answers(413, 415)
    | pages(404, 422)
    | {303: {"description": "On to the offer that the code names."}},
    openapi_extra={"requestBody": _FORM_SCHEMA},
)
async def use_code(request: Request, token: str) -> Response:
    """Present a code: on to its offer, or kindly why not; a second press changes nothing."""
    runtime = counted(request)
    now = runtime.clock.now()
    try:
        ref = runtime.links.read_code(token, now)
    except NotFound:
        return not_ours(request)
    runtime.rates.spend(f"code:{ref}", _TRIES_A_MINUTE)  # from however many addresses
    body = await read_body(request, FORM_BYTES, kind=FORM)
    typed = dict(parse_qsl(body.decode("utf-8", "replace"))).get("code", "").strip()

    def take(connection: sa.Connection) -> tuple[StoredLead, StoredOffer | None, str]:
        lead = leads.by_pseudonym(connection, ref)
        if lead is None:
            raise NotFound("unknown_link", "this link is not one of ours, or was cut short")
        if why_no_code(typed):
            return lead, None, "code_bad"
        tx = Tx(connection, runtime, now)
        keep_language(tx, lead.id, language_used(request))
        try:
            return (lead, campaign_codes.present(tx, ref, typed), "")
        except BadInput:
            return lead, None, "code_unknown"

    try:
        lead, offer, wrong = await runtime.store.write(take)
    except NotFound:
        return not_ours(request)
    if wrong:
        return _form(request, lead, typed[:LONGEST], wrong)
    if offer is None:
        return message(request, locale_for(request, lead), "code_kept")
    return RedirectResponse(runtime.links.offer(offer.id) + chosen_query(request), 303)


def _form(request: Request, lead: StoredLead, code: str, wrong: str = "") -> HTMLResponse:
    tongue = locale_for(request, lead)
    said = tongue.words["page"][wrong] if wrong else ""
    return page(request, "code.html", tongue, 422 if wrong else 200, code=code, wrong=said)
