"""The customer's own site: a snippet of two kilobytes, and where it tells what visitors do.

Its key is public, so whoever reads the site has it: what comes here is a browser's word, in small
bodies, so many a minute from one address and in all, and from the site's own pages only.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from importlib.resources import files

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.api.calls import address_of, runtime_of
from service.api.document import body
from service.api.problems import answers
from service.domain.lead_record import time_text
from service.errors import NotAllowed
from service.integrations.signatures import is_same
from service.schemas.facts import Event
from service.schemas.parsing import parse_json, read_body, read_model
from service.schemas.site import SiteEvents
from service.use_cases.intake.facts import store_events
from service.use_cases.tx import Tx

router = APIRouter(tags=["site"])
_EXAMPLE = {
    "key": "our-public-site-key",
    "anonymous": "9f86d081884c7d659a2feaa0c55ad015",
    "consent": True,
    "events": [
        {
            "id": "2c26b46b68ffc68ff99b453c1d304134",
            "name": "page viewed",
            "at": "2026-11-02T09:00:00Z",
            "path": "/pricing",
        }
    ],
}
_BYTES = 8_192
_A_MINUTE, _A_MINUTE_IN_ALL = 60, 6_000
_OLDEST = timedelta(days=1)


@router.get("/site.js", include_in_schema=False)
async def snippet() -> Response:
    """The script itself."""
    return Response(
        _snippet(),
        media_type="text/javascript; charset=utf-8",
        headers={
            "cache-control": "public, max-age=3600",
            "cross-origin-resource-policy": "cross-origin",
        },
    )


@router.post(
    "/v1/site",
    status_code=204,
    responses=answers(403, 413, 415, 422),
    openapi_extra=body(SiteEvents, _EXAMPLE),
)
async def site(request: Request) -> Response:
    """What a visitor did, told by the snippet; it joins the person who signs up there later."""
    runtime = runtime_of(request)
    runtime.rates.spend(f"site:{address_of(request)}", _A_MINUTE)
    runtime.rates.spend("site", _A_MINUTE_IN_ALL)
    settings = runtime.settings
    if settings.site_key is None:
        raise NotAllowed("not_connected", "no site_key is set, so no site is listened to")
    origin = request.headers.get("origin", "")
    if origin not in settings.site_origins:
        raise NotAllowed("foreign_origin", "this page's origin is not among site_origins")
    is_plain = request.headers.get("content-type", "").startswith("text/plain")  # no preflight
    kind = "text/plain" if is_plain else "application/json"
    told = read_model(SiteEvents, parse_json(await read_body(request, _BYTES, kind=kind)))
    if not is_same(told.key, settings.site_key):
        raise NotAllowed("wrong_site_key", "this is not the site's key")
    now = runtime.clock.now()
    events = [
        Event.model_validate(
            {
                "id": f"site:{one.id}",
                "external_ids": {"anonymous": told.anonymous},
                "name": one.name,
                "at": time_text(max(one.at, now - _OLDEST)),
                "properties": {"path": one.path.partition("?")[0]},
                "consent": True,
            }
        )
        for one in told.events
    ]
    await runtime.store.write(
        lambda connection: store_events(Tx(connection, runtime, now), events, [])
    )
    return Response(status_code=204, headers=_open_to(origin))


@cache
def _snippet() -> bytes:
    return files("service.api").joinpath("static/site.js").read_bytes()


def _open_to(origin: str) -> dict[str, str]:
    return {"access-control-allow-origin": origin, "vary": "Origin"}
