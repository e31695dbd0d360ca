"""A form of the console: read, worked at most once, then on to a page that says what was done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.api.console.session import Visitor, form, sent_once, visitor
from service.schemas.parsing import read_model
from service.use_cases.leads.idempotency import Answer, once
from service.use_cases.tx import Tx, transact

M = TypeVar("M", bound=BaseModel)


async def sent(request: Request, *roles: str) -> tuple[Visitor, dict[str, str]]:
    """Who sent a form, in one of these roles, and its fields. Raises NotAllowed, BadInput."""
    who = await visitor(request, *roles)
    return who, await form(request)


async def once_and_on(
    request: Request, who: Visitor, given: dict[str, str], work: Callable[[Tx], str]
) -> Response:
    """On to the place `work` names, worked at most once however often the button is pressed."""
    message = sent_once(request, who.caller, given)

    def job(tx: Tx) -> Answer:
        return once(tx, message, lambda: Answer(status=303, body=work(tx)))

    to = await transact(who.runtime, job, actor=who.caller.actor)
    return RedirectResponse(to.body, to.status)


def read_form(model: type[M], given: dict[str, str], fields: dict[str, Any], *names: str) -> M:
    """The form's fields as the call's body; an empty one was not told. Raises BadInput."""
    told = {name: given[name].strip() for name in names if given.get(name, "").strip()}
    return read_model(model, fields | told)


def place_after(path: str, said: str, anchor: str = "", undo: str = "") -> str:
    """The address of a page of ours, which says what was done and how that is taken back."""
    if not path.startswith("/") or path.startswith("//"):
        path = "/"
    told = {"said": said} | ({"undo": undo} if undo else {})
    joined = "&" if "?" in path else "?"
    return f"{path}{joined}{urlencode(told)}{f'#{anchor}' if anchor else ''}"
