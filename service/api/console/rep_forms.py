"""A manager adds and changes reps; what cannot be kept comes back as it was typed."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.api.console.pages import page
from service.api.console.sending import once_and_on, place_after, read_form, sent
from service.api.console.session import MANAGERS, PageRoute
from service.api.reps import described_rep
from service.console import rep_form, team_page
from service.console.rep_saved import changed
from service.errors import BadInput, FieldError
from service.schemas import people as bodies
from service.store.queue import reps
from service.use_cases.queue.reps import change_rep, known_rep
from service.use_cases.tx import Tx

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.post("/team/reps")
async def keep_rep(request: Request) -> Response:
    """Add a rep, or change one."""
    who, given = await sent(request, *MANAGERS)
    changes = given.get("changes", "")

    def work(tx: Tx) -> str:
        before = known_rep(tx.connection, changes) if changes else None
        id = _free_id(tx, given) if before is None else before.id
        rep = change_rep(tx, described_rep(id, body, who.runtime.settings.default_capacity))
        told = urlencode({"rep": rep.id, "what": ",".join(changed(before, rep))})
        return place_after(f"/team?{told}", "rep_saved")

    try:
        body = read_form(bodies.RepBody, given, rep_form.body_of(given), "name", "email")
        response = await once_and_on(request, who, given, work)
    except BadInput as error:
        again = rep_form.form_again(given, error)
        shown = await page(request, who, "team", lambda look: team_page.page(look, again))
        shown.status_code = error.status
        return shown
    who.runtime.board.forget()
    return response


def _free_id(tx: Tx, given: dict[str, str]) -> str:
    """The id of a new rep: as typed, else by the name, which a number may follow.

    Raises BadInput: one that is typed and taken, for another rep would be overwritten.
    """
    typed = given.get("id", "").strip()
    id = rep_form.id_from(given.get("name", ""), typed)
    if not id:
        raise _wrong("bad_id", "write one of a to z, 0 to 9, - and _, such as ana")
    taken = {rep.id for rep in reps.everyone(tx.connection)}
    if typed and id in taken:
        raise _wrong("id_taken", "another rep has it; choose another, or change that rep")
    numbered = (f"{id[:60]}-{number}" for number in range(2, len(taken) + 3))
    return id if id not in taken else next(each for each in numbered if each not in taken)


def _wrong(code: str, says: str) -> BadInput:
    error = FieldError(path="id", code=code, message=says)
    return BadInput("wrong_fields", f"id: {says}", status=422, errors=[error])
