"""Renders the console's pages."""

from __future__ import annotations

import secrets
from functools import cache
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined
from starlette.responses import HTMLResponse

from service.console import offer_words, words
from service.domain.plain_text import finalized

FRAMING = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The policy of a page that holds a boxed one."""
_BOX = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "sandbox allow-popups allow-popups-to-escape-sandbox; frame-ancestors 'self'",
    "x-frame-options": "SAMEORIGIN",
}


def boxed(html: str) -> HTMLResponse:
    """HTML that is not a page of ours: it may look as it likes and run nothing."""
    return HTMLResponse(html, headers=_BOX)


def shown_page(name: str, status: int = 200, **shown: object) -> HTMLResponse:
    """A page of the console."""
    return HTMLResponse(templates().get_template(name).render(shown), status)


@cache
def templates() -> Environment:
    """Every page's template, all read at once: files replaced under a running server never mix."""
    pages = files("service.api").joinpath("pages").iterdir()
    environment = Environment(
        loader=DictLoader({page.name: page.read_text(encoding="utf-8") for page in pages}),
        undefined=StrictUndefined,
        autoescape=True,
        finalize=finalized,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["when"] = words.shown_time
    environment.filters["plain"] = words.plain
    environment.filters["place"] = words.place_of
    environment.globals.update(
        money=words.money,
        span=words.span,
        offer_state=offer_words.state_said,
        fresh=secrets.token_hex,
    )
    return environment
