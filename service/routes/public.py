"""What a customer sees: the offer's page and its acceptance, and one-click unsubscribe.

The signed token is the key of these calls: it names one offer, or one lead by its pseudonym,
and repeating a call with it changes nothing.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from importlib.resources import files

import sqlalchemy as sa
from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from offers.terms import Terms
from service.errors import Conflict, NotFound
from service.letters import offer_words
from service.parts import Parts
from service.routes.calls import parts_of, spend_as_unknown
from service.routes.problems import pages
from service.store.offers import StoredOffer
from service.use_cases import offer_states, unsubscribe

router = APIRouter(tags=["customers"], default_response_class=HTMLResponse)
_OPEN = ("issued", "sent", "viewed")


@router.get("/o/{token}", responses=pages(404))
async def offer_page(request: Request, token: str) -> HTMLResponse:
    """The offer, in words, with its end."""
    parts = _counted(request)
    now = parts.clock.now()
    try:
        offer_id = parts.links.read_offer(token)
        offer = await parts.store.write(
            lambda connection: offer_states.view(connection, parts, offer_id, now)
        )
    except NotFound:
        return _not_ours()
    return _offer_page(offer, now, accept_path=f"/o/{token}/accept")


@router.post("/o/{token}/accept", responses=pages(404, 409))
async def accept(request: Request, token: str) -> HTMLResponse:
    """The customer takes the offer."""
    parts = _counted(request)
    now = parts.clock.now()

    def take(connection: sa.Connection) -> None:
        offer_states.accept(connection, parts, offer_id, "customer", now)

    try:
        offer_id = parts.links.read_offer(token)
        await parts.store.write(take)
    except NotFound:
        return _not_ours()
    except Conflict:
        return _page(
            "message.html",
            409,
            title="This offer is closed",
            message="It has ended or was taken back. Answer the mail and we will help.",
        )
    return _page(
        "message.html",
        200,
        title="Thank you",
        message="The offer is yours. We will write to you about the next step.",
    )


@router.get("/u/{token}", responses=pages(404))
async def ask_unsubscribe(request: Request, token: str) -> HTMLResponse:
    """Asks only: link scanners follow every GET."""
    try:
        _counted(request).links.read_unsubscribe(token)
    except NotFound:
        return _not_ours()
    return _page("unsubscribe.html", 200)


@router.post("/u/{token}", responses=pages(404))
async def unsubscribed(request: Request, token: str) -> HTMLResponse:
    """No more mail to this person (RFC 8058)."""
    parts = _counted(request)
    now = parts.clock.now()
    try:
        ref = parts.links.read_unsubscribe(token)
        await parts.store.write(
            lambda connection: unsubscribe.unsubscribe(connection, parts, ref, now)
        )
    except NotFound:
        return _not_ours()
    return _page("message.html", 200, title="Done", message="You will get no more mail from us.")


def _counted(request: Request) -> Parts:
    parts = parts_of(request)
    spend_as_unknown(request, parts)
    return parts


def _offer_page(offer: StoredOffer, now: datetime, *, accept_path: str) -> HTMLResponse:
    words = offer_words(Terms.from_json(json.loads(offer.terms)), offer.number)
    state = "accepted" if offer.state in ("accepted", "redeemed") else "closed"
    if offer.state in _OPEN and offer.ends_at > now:
        state = "open"
    return _page("offer.html", 200, state=state, accept_path=accept_path, **words)


def _not_ours() -> HTMLResponse:
    return _page(
        "message.html", 404, title="This link does not work",
        message="It was cut short, or it is not one of ours. Try to copy it whole from the mail.",
    )  # fmt: skip


def _page(name: str, status: int, **words: str | int) -> HTMLResponse:
    return HTMLResponse(_pages().get_template(name).render(words), status)


@cache
def _pages() -> Environment:
    folder = str(files("service").joinpath("pages"))
    return Environment(
        loader=FileSystemLoader(folder), undefined=StrictUndefined, autoescape=True,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
