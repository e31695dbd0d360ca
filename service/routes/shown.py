"""Renders the console's pages."""

from __future__ import annotations

import secrets
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from service.console import words


def shown_page(name: str, status: int = 200, **shown: object) -> HTMLResponse:
    """A page of the console."""
    return HTMLResponse(_pages().get_template(name).render(shown), status)


@cache
def _pages() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(str(files("service").joinpath("pages"))),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["when"] = words.when
    environment.filters["plain"] = words.plain
    environment.globals.update(money=words.money, span=words.span, fresh=secrets.token_hex)
    return environment
