"""What a customer sees: the offer's page and its acceptance, and one-click unsubscribe.

The signed token is the key of these calls: it names one offer, or one lead by its pseudonym,
and repeating a call with it changes nothing. No cookie is set; pages speak the lead's language.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

import sqlalchemy as sa
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from service.api.calls import runtime_of, spend_as_unknown
from service.api.console.rendering import templates
from service.api.openers import is_program
from service.api.problems import pages
from service.errors import BadInput, FieldError, NotFound, Refusal
from service.jobs.run_deliveries import deliver_due
from service.mail import offer_page
from service.mail.context import locale_of_lead
from service.mail.locales import Locale, locale_of
from service.runtime import Runtime
from service.schemas.parsing import read_body
from service.store.leads import leads
from service.store.offers import offers
from service.store.offers.offers import StoredOffer
from service.store.ops import jobs
from service.use_cases.intake import unsubscribe
from service.use_cases.offers import lifecycle
from service.use_cases.offers.deeds import still_to_do
from service.use_cases.tx import Tx

FORM = "application/x-www-form-urlencoded"
FORM_BYTES = 4096
_ACCEPT_BODY = {
    "requestBody": {
        "content": {
            FORM: {"schema": {"type": "object", "properties": {"seats": {"type": "integer"}}}}
        }
    }
}
router = APIRouter(tags=["customers"], default_response_class=HTMLResponse)
_LONGEST_NUMBER = 7


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
    now, by_program = runtime.clock.now(), is_program(request.headers)

    def look(connection: sa.Connection) -> tuple[StoredOffer, Locale, str | None, frozenset[str]]:
        tx = Tx(connection, runtime, now)
        if by_program:
            offer = lifecycle.locked(connection, offer_id)
        else:
            offer = lifecycle.view(tx, offer_id)
        to_do = still_to_do(tx, offer) if offer.state == "accepted" else ()
        pay_url = lifecycle.ask_for_checkout(tx, offer.id)
        kinds = frozenset(deed.get for deed in to_do)
        return offer, _tongue_of(connection, offer.lead), pay_url, kinds

    try:
        offer_id = runtime.links.read_offer(token)
        offer, tongue, pay_url, to_do = await runtime.store.write(look)
    except NotFound:
        return not_ours(request)
    if offer.state == "accepted" and pay_url is None and not to_do:
        pay_url = await _checkout(runtime, offer.id)
    said = offer_page.shown(offer, tongue, now, _whole(seats), to_do=to_do)
    return page("offer.html", tongue, accept_path=f"/o/{token}/accept", pay_url=pay_url, **said)


@router.post("/o/{token}/accept", responses=pages(404, 409, 422), openapi_extra=_ACCEPT_BODY)
async def accept(request: Request, token: str) -> HTMLResponse:
    """The customer takes the offer, for as many seats as quoted or as they chose."""
    runtime = counted(request)
    now = runtime.clock.now()
    raw = await read_body(request, FORM_BYTES, kind=FORM)

    def take(connection: sa.Connection) -> tuple[Locale, StoredOffer, frozenset[str]]:
        tx = Tx(connection, runtime, now)
        accepted = lifecycle.accept(tx, offer_id, "customer", seats=_seats_in(raw))
        to_do = frozenset(deed.get for deed in still_to_do(tx, accepted))
        return _tongue_of(connection, accepted.lead), accepted, to_do

    try:
        offer_id = runtime.links.read_offer(token)
        tongue, accepted, to_do = await runtime.store.write(take)
    except NotFound:
        return not_ours(request)
    except Refusal as refusal:
        return await _not_taken(request, offer_id, token, refusal)
    if to_do:
        said = offer_page.shown(accepted, tongue, now, to_do=to_do)
        return page("offer.html", tongue, accept_path=f"/o/{token}/accept", pay_url=None, **said)
    return message(tongue, "thanks", pay_url=await _checkout(runtime, offer_id))


def _seats_in(raw: bytes) -> int | None:
    """The seats of a form; None where it names none. Raises BadInput for what is no number."""
    text = dict(parse_qsl(raw.decode("utf-8", "replace"))).get("seats", "").strip()
    seats = _whole(text)
    if text and seats is None:
        error = FieldError(path="seats", code="not_a_number", message="a whole number of seats")
        raise BadInput("bad_seats", "seats must be a whole number", status=422, errors=[error])
    return seats


async def _not_taken(request: Request, offer_id: str, token: str, refusal: Refusal) -> HTMLResponse:
    """The page of an offer that was not taken, with why; a program is told as programs are."""
    if "application/json" in request.headers.get("accept", ""):
        raise refusal
    runtime = runtime_of(request)
    now = runtime.clock.now()

    def look(connection: sa.Connection) -> tuple[StoredOffer | None, Locale]:
        offer = offers.find(connection, offer_id)
        return offer, _tongue_of(connection, offer.lead if offer is not None else "")

    offer, tongue = await runtime.store.read(look)
    if offer is None or refusal.code not in ("needs_approval", "too_few_seats", "bad_seats"):
        return message(tongue, "closed", refusal.status)
    most = refusal.more.get("most_seats")
    said = offer_page.shown(offer, tongue, now, most if isinstance(most, int) else None)
    words = tongue.words["page"]
    if refusal.code != "needs_approval":
        note = tongue.say("page.too_few_seats", n=said["priced"]["least"])
    elif isinstance(most, int):
        note = tongue.say("page.most_seats", n=most)
    else:
        note = words["ask_us"]
    said |= {"note": note, "accept_path": f"/o/{token}/accept", "pay_url": None}
    return page("offer.html", tongue, refusal.status, **said)


@router.head("/u/{token}", include_in_schema=False)
@router.get("/u/{token}", responses=pages(404))
async def ask_unsubscribe(request: Request, token: str) -> HTMLResponse:
    """Asks only: link scanners follow every GET."""
    runtime = runtime_of(request)
    try:
        ref = _leaver(request, runtime, token)
    except NotFound:
        return not_ours(request)
    lead = await runtime.store.read(lambda connection: leads.by_pseudonym(connection, ref))
    tongue = locale_asked(request) if lead is None else locale_of_lead(lead)
    return page("unsubscribe.html", tongue)


@router.post("/u/{token}", responses=pages(404))
async def unsubscribed(request: Request, token: str) -> HTMLResponse:
    """No more mail to this person (RFC 8058)."""
    runtime = runtime_of(request)
    now = runtime.clock.now()

    def leave(connection: sa.Connection) -> Locale:
        unsubscribe.unsubscribe(Tx(connection, runtime, now), ref)
        lead = leads.by_pseudonym(connection, ref)
        return locale_asked(request) if lead is None else locale_of_lead(lead)

    try:
        ref = _leaver(request, runtime, token)
        tongue = await runtime.store.write(leave)
    except NotFound:
        return not_ours(request)
    return message(tongue, "stopped")


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


def locale_asked(request: Request) -> Locale:
    """The browser's own language, where the lead's is not known."""
    first = request.headers.get("accept-language", "").partition(",")[0].partition(";")[0]
    return locale_of(first)


def not_ours(request: Request) -> HTMLResponse:
    """A link that names nothing of ours."""
    return message(locale_asked(request), "broken", 404)


def message(
    tongue: Locale, name: str, status: int = 200, *, pay_url: str | None = None
) -> HTMLResponse:
    """A page of one heading and one sentence, both in the catalogue under that name."""
    words = tongue.words["page"]
    return page(
        "message.html",
        tongue,
        status,
        title=words[name],
        message=words[f"{name}_note"],
        pay_url=pay_url,
    )


def page(name: str, tongue: Locale, status: int = 200, **said: object) -> HTMLResponse:
    """A page in a tongue."""
    words = {"words": tongue.words["page"], "letter": tongue.words["letter"], "lang": tongue.name}
    return HTMLResponse(templates().get_template(name).render(words | said), status)


def _tongue_of(connection: sa.Connection, lead_id: str) -> Locale:
    lead = leads.find(connection, lead_id)
    return locale_of(None) if lead is None else locale_of_lead(lead)


def _whole(text: str | None) -> int | None:
    """A number of seats; anything else asks for nothing."""
    is_number = text is not None and text.isascii() and text.isdigit()
    return int(text) if is_number and text and len(text) <= _LONGEST_NUMBER else None
