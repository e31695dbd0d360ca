"""What a customer sees of an offer: its page, yes, no and questions; and how any page is made.

The signed token is the key of these calls: it names one offer, and repeating a call with it
changes nothing. No cookie is set; pages speak the lead's language.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import sqlalchemy as sa
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from offers.requote import least_seats
from offers.terms import Terms
from service.api.calls import runtime_of, spend_as_unknown
from service.api.console.rendering import templates
from service.api.console.session import is_one_of_us
from service.api.edge import content_policy
from service.api.languages import (
    chosen_locale,
    chosen_query,
    language_links,
    language_used,
    locale_for,
)
from service.api.openers import is_program
from service.api.problems import pages
from service.domain.lead import StoredLead
from service.errors import BadInput, FieldError, NotFound, Refusal
from service.jobs.run_deliveries import deliver_due
from service.mail import offer_page
from service.mail.brand import LOGO_PATH, brand_of, read_logo
from service.mail.locales import Locale
from service.mail.offer_answers import what_stands
from service.runtime import Runtime
from service.schemas.parsing import read_body
from service.store.leads import leads
from service.store.offers import offers
from service.store.offers.offers import StoredOffer
from service.store.ops import jobs
from service.use_cases.intake import unsubscribe
from service.use_cases.intake.language import keep_language
from service.use_cases.offers import lifecycle, replies
from service.use_cases.tx import Tx
from service.use_cases.views.customer_offer import CustomerOffer, customer_view

FORM = "application/x-www-form-urlencoded"
FORM_BYTES = 4096
REPLY_BYTES = 16_384
_A_WHILE = {"cache-control": "public, max-age=300"}
_SAID_ON_THE_PAGE = {
    "needs_approval": "ask_us",
    "too_many_questions": "too_many",
    "bad_phone": "bad_phone",
}


def _form_body(example: dict[str, Any], **fields: dict[str, Any]) -> dict[str, Any]:
    """What a form may hold, for the document."""
    schema = {"type": "object", "properties": fields}
    return {"requestBody": {"content": {FORM: {"schema": schema, "example": example}}}}


_ACCEPT_BODY = _form_body({"seats": 60}, seats={"type": "integer"})
_DECLINE_BODY = _form_body(
    {"reason": replies.REASONS[0]},
    reason={"type": "string", "enum": list(replies.REASONS)},
    text={"type": "string", "maxLength": replies.LONGEST_REASON},
    no_mail={"type": "string", "enum": ["yes"]},
)
_QUESTION_BODY = _form_body(
    {"text": "Can we begin in January?", "by": "call", "phone": "+49 30 1234567"},
    text={"type": "string", "maxLength": replies.LONGEST_QUESTION},
    by={"type": "string", "enum": ["mail", "call"]},
    phone={"type": "string", "maxLength": replies.LONGEST_PHONE},
    when={"type": "string", "maxLength": replies.LONGEST_TIME},
)
router = APIRouter(tags=["customers"], default_response_class=HTMLResponse)
_LONGEST_NUMBER = 7
_NO_MAIL = "no_mail"


@router.head("/o/{token}", include_in_schema=False)
async def check_offer(request: Request, token: str) -> HTMLResponse:
    """Whether the offer's page is there: for link checkers, so nothing is written down."""
    runtime = counted(request)
    try:
        offer_id = runtime.links.read_offer(token)
    except NotFound:
        return not_ours(request)
    offer = await runtime.store.read(lambda connection: offers.find(connection, offer_id))
    return not_ours(request) if offer is None else HTMLResponse()


@router.get("/o/{token}", responses=pages(404))
async def show_offer(request: Request, token: str, seats: str | None = None) -> HTMLResponse:
    """The offer, in words, with its price for as many seats and its end."""
    runtime = counted(request)
    now = runtime.clock.now()
    is_reader = not is_program(request.headers) and not await is_one_of_us(request)

    def look(connection: sa.Connection) -> tuple[CustomerOffer, str | None]:
        tx = Tx(connection, runtime, now)
        if is_reader:
            offer = lifecycle.view(tx, offer_id)
        else:
            offer = lifecycle.locked(connection, offer_id)
        return customer_view(tx, offer), lifecycle.ask_for_checkout(tx, offer_id)

    try:
        offer_id = runtime.links.read_offer(token)
        seen, pay_url = await runtime.store.write(look)
    except NotFound:
        return not_ours(request)
    if seen.offer.state == "accepted" and pay_url is None and not seen.progress.to_do:
        pay_url = await _checkout(runtime, offer_id)
    return _offer_page(request, token, seen, seats=_whole(seats), pay_url=pay_url, asked=seats)


@router.post("/o/{token}/accept", responses=pages(404, 409, 422), openapi_extra=_ACCEPT_BODY)
async def accept(request: Request, token: str) -> HTMLResponse:
    """The customer takes the offer, for as many seats as quoted or as they chose."""
    runtime = counted(request)
    now = runtime.clock.now()
    raw = await read_body(request, FORM_BYTES, kind=FORM)

    def take(connection: sa.Connection) -> CustomerOffer:
        tx = Tx(connection, runtime, now)
        seats = _seats_in(raw)
        _keep_language(tx, request, offer_id)
        return customer_view(tx, lifecycle.accept(tx, offer_id, "customer", seats=seats))

    try:
        offer_id = runtime.links.read_offer(token)
        seen = await runtime.store.write(take)
    except NotFound:
        return not_ours(request)
    except Refusal as refusal:
        return await _not_taken(request, offer_id, token, refusal, form=form_of(raw))
    pay_url = None if seen.progress.to_do else await _checkout(runtime, offer_id)
    return _offer_page(request, token, seen, pay_url=pay_url)


@router.post("/o/{token}/decline", responses=pages(404, 409, 422), openapi_extra=_DECLINE_BODY)
async def decline(request: Request, token: str) -> HTMLResponse:
    """The customer says no, for a reason, and maybe to all our mail; they withdraw the offer."""

    def say_no(tx: Tx, offer_id: str, form: Mapping[str, str]) -> StoredOffer:
        offer = replies.decline(tx, offer_id, form.get("reason", ""), form.get("text", ""))
        if form.get(_NO_MAIL):
            unsubscribe.unsubscribe(tx, _lead_of(tx, offer).pseudonym)
            tx.flush()
        return offer

    return await _replied(request, token, say_no, wrong="bad_decline")


@router.post("/o/{token}/question", responses=pages(404, 409, 422), openapi_extra=_QUESTION_BODY)
async def question(request: Request, token: str) -> HTMLResponse:
    """The customer asks; the lead's rep answers."""
    return await _replied(
        request,
        token,
        lambda tx, offer, form: replies.ask(
            tx, offer, form.get("text", ""), call=replies.call_asked(form)
        ),
        wrong="bad_question",
        done=lambda form: "asked_call" if form.get("by") == "call" else "asked",
    )


async def _replied(
    request: Request,
    token: str,
    reply: Callable[[Tx, str, Mapping[str, str]], StoredOffer],
    *,
    wrong: str,
    done: Callable[[Mapping[str, str]], str] | None = None,
) -> HTMLResponse:
    """The offer's page after a reply: with `done` said where it says nothing by itself."""
    runtime = counted(request)
    now = runtime.clock.now()
    form = form_of(await read_body(request, REPLY_BYTES, kind=FORM))

    def take(connection: sa.Connection) -> tuple[CustomerOffer, str]:
        tx = Tx(connection, runtime, now)
        _keep_language(tx, request, offer_id)
        offer = reply(tx, offer_id, form)
        stops = bool(form.get(_NO_MAIL)) and wrong == "bad_decline"
        back = runtime.links.unsubscribe(_lead_of(tx, offer).pseudonym) if stops else ""
        return customer_view(tx, offer), back

    try:
        offer_id = runtime.links.read_offer(token)
        seen, way_back = await runtime.store.write(take)
    except NotFound:
        return not_ours(request)
    except Refusal as refusal:
        return await _not_taken(request, offer_id, token, refusal, form=form, wrong=wrong)
    note = ""
    if done is not None:
        tongue = chosen_locale(request, seen.tongue)
        note = tongue.say(f"page.{done(form)}", who=seen.rep or tongue.say("page.our_team"))
    if way_back:
        way_back = urlsplit(way_back).path + chosen_query(request)
    return _offer_page(request, token, seen, note=note, way_back=way_back)


def _lead_of(tx: Tx, offer: StoredOffer) -> StoredLead:
    """The lead of an offer. Raises NotFound."""
    lead = leads.find(tx.connection, offer.lead)
    if lead is None:
        raise NotFound("unknown_link", "this link is not one of ours, or was cut short")
    return lead


def _keep_language(tx: Tx, request: Request, offer_id: str) -> None:
    """The language an offer is answered in is its lead's from then on."""
    offer = offers.find(tx.connection, offer_id)
    if offer is not None:
        keep_language(tx, offer.lead, language_used(request))


def form_of(raw: bytes) -> dict[str, str]:
    """A form's fields. Raises BadInput for text that no store keeps."""
    form = dict(parse_qsl(raw.decode("utf-8", "replace")))
    if any("\0" in text for text in form.values()):
        raise BadInput("nul_character", "text must not contain NUL", status=422)
    return form


def _seats_in(raw: bytes) -> int | None:
    """The seats of a form; None where it names none. Raises BadInput for what is no number."""
    text = form_of(raw).get("seats", "").strip()
    seats = _whole(text)
    if text and seats is None:
        error = FieldError(path="seats", code="not_a_number", message="a whole number of seats")
        raise BadInput("bad_seats", "seats must be a whole number", status=422, errors=[error])
    return seats


async def _not_taken(
    request: Request,
    offer_id: str,
    token: str,
    refusal: Refusal,
    *,
    form: Mapping[str, str],
    wrong: str = "too_few_seats",
) -> HTMLResponse:
    """The offer's page after an answer that was not taken, with why, or with what was answered
    before; a program is told as programs are."""
    if "application/json" in request.headers.get("accept", ""):
        raise refusal
    runtime = runtime_of(request)
    now = runtime.clock.now()

    def look(connection: sa.Connection) -> tuple[CustomerOffer, str | None]:
        offer = lifecycle.found(connection, offer_id)
        seen = customer_view(Tx(connection, runtime, now), offer)
        return seen, None if seen.progress.to_do else jobs.pay_url(connection, offer_id, now)

    seen, pay_url = await runtime.store.read(look)
    if not (isinstance(refusal, BadInput) or refusal.code in _SAID_ON_THE_PAGE):
        note = what_stands(
            seen.offer,
            chosen_locale(request, seen.tongue),
            seats=_whole(form.get("seats", "").strip()),
            declines=wrong == "bad_decline",
        )
        return _offer_page(request, token, seen, pay_url=pay_url, note=note, status=refusal.status)
    most = refusal.more.get("most_seats")
    seats = most if isinstance(most, int) else None
    if refusal.code == "needs_approval":
        name = "ask_us" if seats is None else "most_seats"
    else:
        name = _SAID_ON_THE_PAGE.get(refusal.code, wrong)
    terms = Terms.from_json(json.loads(seen.offer.terms))
    number = least_seats(terms) if name == "too_few_seats" else seats or 0
    note = chosen_locale(request, seen.tongue).say(f"page.{name}", n=number)
    return _offer_page(request, token, seen, seats=seats, note=note, status=refusal.status)


def _offer_page(
    request: Request,
    token: str,
    seen: CustomerOffer,
    *,
    seats: int | None = None,
    pay_url: str | None = None,
    note: str = "",
    status: int = 200,
    asked: str | None = None,
    way_back: str = "",
) -> HTMLResponse:
    """An offer's page; `asked` is the number of seats as it was typed, `way_back` the page where
    who just stopped our mail lets it come again."""
    runtime, tongue = runtime_of(request), chosen_locale(request, seen.tongue)
    now = runtime.clock.now()
    offer, progress = seen.offer, seen.progress
    said = offer_page.shown(
        offer,
        tongue,
        now,
        seats,
        progress=progress,
        role=seen.role,
        answered=seen.answered,
        seller=brand_of(runtime.settings),
    )
    priced = said["priced"]
    is_wrong = asked is not None and priced is not None and seats != priced["seats"]
    said |= {"seats_wrong": is_wrong and said["state"] == "open"}
    said |= {"lacks_number": seen.lacks_number and said["state"] in ("open", "accepted")}
    said |= {"way_back": way_back}
    said |= {"is_unconfirmed": seen.is_unconfirmed}
    said |= {"pay_url": pay_url, "note": note, "own_path": f"/o/{token}"}
    said |= {"reasons": {name: tongue.say(f"reasons.{name}") for name in replies.REASONS}}
    return page(request, "offer.html", tongue, status, **said)


@router.get("/o/{token}/accept", include_in_schema=False)
@router.get("/o/{token}/decline", include_in_schema=False)
@router.get("/o/{token}/question", include_in_schema=False)
async def back_to_offer(token: str) -> Response:
    """The address that stands there after an answer was sent, opened again: the offer's page."""
    return RedirectResponse(f"/o/{quote(token)}", status_code=303)


@router.get("/brand.css", include_in_schema=False)
async def brand_colours(request: Request) -> Response:
    """The seller's colour; a page's own styles may not say it. Raises NotFound."""
    brand = brand_of(runtime_of(request).settings)
    if not brand.color:
        raise NotFound("no_colour", "no colour is set")
    text = f":root {{\n  --blue: {brand.color};\n  --on-blue: {brand.on_color};\n}}\n"
    return Response(text, media_type="text/css", headers=_A_WHILE)


@router.get(LOGO_PATH, include_in_schema=False)
async def logo(request: Request) -> Response:
    """The seller's logo, where it is a file. Raises NotFound."""
    picture = read_logo(runtime_of(request).settings.brand_logo)
    if picture is None:
        raise NotFound("no_logo", "no logo is set")
    content, media_type = picture
    return Response(content, media_type=media_type, headers=_A_WHILE)


async def _checkout(runtime: Runtime, offer_id: str) -> str | None:
    """Where to pay, made at once, so that who accepts can pay at once."""
    if runtime.tools.stripe is not None:
        await deliver_due(runtime, only=f"stripe:checkout:{offer_id}")
    now = runtime.clock.now()
    return await runtime.store.read(lambda c: jobs.pay_url(c, offer_id, now))


def counted(request: Request) -> Runtime:
    """The parts, with the call counted against its address."""
    runtime = runtime_of(request)
    spend_as_unknown(request, runtime)
    return runtime


def not_ours(request: Request) -> HTMLResponse:
    """A link that names nothing of ours."""
    return message(request, locale_for(request, None), "broken", 404)


def message(
    request: Request,
    tongue: Locale,
    name: str,
    status: int = 200,
    *,
    runtime: Runtime | None = None,
    **values: str,
) -> HTMLResponse:
    """A page of one heading and one sentence, both in the catalogue under that name; `values`
    fill the sentence's places."""
    words = tongue.words["page"]
    return page(
        request,
        "message.html",
        tongue,
        status,
        runtime=runtime,
        title=words[name],
        message=tongue.say(f"page.{name}_note", **values),
    )


def page(
    request: Request,
    name: str,
    tongue: Locale,
    status: int = 200,
    *,
    runtime: Runtime | None = None,
    **said: object,
) -> HTMLResponse:
    """A page in a tongue, with the seller's name and links, and a link in each other language.

    `runtime` is named where the request never came as far as the application.
    """
    brand = brand_of((runtime or runtime_of(request)).settings)
    words = {name: tongue.words[name] for name in ("letter", "report")}
    words |= {"words": tongue.words["page"], "lang": tongue.name}
    words |= {"languages": language_links(request, tongue), "chosen": chosen_query(request)}
    text = templates().get_template(name).render(words | {"brand": brand} | said)
    policy = {"content-security-policy": content_policy(brand.logo_origin)}
    return HTMLResponse(text, status, headers=policy if brand.logo_origin else None)


def _whole(text: str | None) -> int | None:
    """A number of seats; anything else asks for nothing."""
    is_number = text is not None and text.isascii() and text.isdigit()
    return int(text) if is_number and text and len(text) <= _LONGEST_NUMBER else None
