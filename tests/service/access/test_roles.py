"""Who may call what: every route against every role, and a rep against another rep's things."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute

from service.api.application import ROUTES
from service.app import create_app
from tests.service.conftest import STORES, empty_store
from tests.support.service import World

ALL = {"rep", "manager", "admin"}
MAY = {
    ("PUT", "/v1/reps/{rep}"): {"manager", "admin"},
    ("GET", "/v1/reps/{rep}/queue"): ALL,
    ("POST", "/v1/reps/{rep}/claim"): {"rep"},
    ("POST", "/v1/claims/{claim}/done"): {"rep"},
    ("POST", "/v1/claims/{claim}/release"): {"rep"},
    ("POST", "/v1/claims/{claim}/snooze"): {"rep"},
    ("POST", "/v1/claims/{claim}/extend"): {"rep"},
    ("GET", "/v1/leads"): ALL,
    ("GET", "/v1/accounts"): {"manager", "admin"},
    ("GET", "/v1/events"): {"manager", "admin"},
    ("GET", "/v1/reps"): {"manager", "admin"},
    ("GET", "/v1/keys"): {"manager", "admin"},
    ("GET", "/v1/deliveries"): {"manager", "admin"},
    ("GET", "/v1/leads/{lead:path}"): ALL,
    ("POST", "/v1/leads/{lead:path}/offer"): ALL,
    ("GET", "/v1/accounts/{account:path}"): ALL,
    ("GET", "/v1/accounts/{account:path}/map"): ALL,
    ("PUT", "/v1/accounts/{account:path}/people/{lead:path}"): ALL,
    ("GET", "/v1/rates"): {"manager", "admin"},
    ("GET", "/v1/modes"): {"manager", "admin"},
    ("GET", "/v1/channels"): {"manager", "admin"},
    ("PUT", "/v1/channels/{source:path}/costs"): {"manager", "admin"},
    ("GET", "/v1/unreached"): {"manager", "admin"},
    ("GET", "/v1/policies"): {"manager", "admin"},
    ("POST", "/v1/policies"): {"manager", "admin"},
    ("GET", "/v1/effect"): {"manager", "admin"},
    ("POST", "/v1/policies/{policy}/publish"): {"manager", "admin"},
    ("POST", "/v1/policies/codes/{code}/stop"): {"manager", "admin"},
    ("POST", "/v1/policies/rules/{rule}/resume"): {"manager", "admin"},
    ("POST", "/v1/keys/{key}/rotate"): {"manager", "admin"},
    ("POST", "/v1/keys/{key}/revoke"): {"manager", "admin"},
    ("GET", "/v1/shadow"): {"manager", "admin"},
    ("GET", "/v1/audit"): {"manager", "admin"},
    ("GET", "/v1/offers"): ALL,
    ("GET", "/v1/offers/{offer}"): ALL,
    ("POST", "/v1/offers/{offer}/approve"): ALL,
    ("POST", "/v1/offers/{offer}/withdraw"): ALL,
    ("POST", "/v1/offers/{offer}/accept"): {"rep"},
    ("GET", "/v1/objections"): ALL,
    ("PUT", "/v1/objections"): {"manager", "admin"},
    ("GET", "/v1/mail"): {"manager", "admin"},
    ("POST", "/v1/mail/pause"): {"manager", "admin"},
    ("POST", "/v1/mail/resume"): {"manager", "admin"},
    ("POST", "/v1/mail/lift"): {"manager", "admin"},
    ("GET", "/v1/tasks"): {"manager", "admin"},
    ("POST", "/v1/tasks/{task}/done"): ALL,
    ("GET", "/{table}.csv"): ALL,
    ("GET", "/{table}.json"): ALL,
}
"""People's calls and the roles they are for, as the contract has them."""

HERS = {
    "/v1/reps/{rep}/queue",
    "/v1/reps/{rep}/claim",
    "/v1/leads/{lead:path}",
    "/v1/leads/{lead:path}/offer",
}
"""Calls about a rep or a lead that another rep has no business with."""

SIGNED = {
    "/v1/signups",
    "/v1/events",
    "/v1/touches",
    "/v1/screenings",
    "/v1/outcomes",
    "/v1/offers/{offer}/redeem",
    "/v1/offers/{offer}/reverse",
    "/v1/gives/{give}/done",
    "/v1/gives/{give}/failed",
    "/v1/bounces",
    "/v1/consents/request",
    "/v1/accounts/{account:path}/offer",
    "/v1/accounts/{account:path}/report-link",
}
PUBLIC = {
    "/openapi.json",
    "/docs",
    "/docs/errors",
    "/docs/errors/{code}",
    "/livez",
    "/readyz",
    "/metrics",
    "/o/{token}",
    "/o/{token}/accept",
    "/o/{token}/decline",
    "/o/{token}/question",
    "/site.js",
    "/brand.css",
    "/brand/logo",
    "/u/{token}",
    "/u/{token}/agree",
    "/c/{token}",
    "/y/{token}",
    "/r/{token}",
    "/a/{token}",
    "/",
    "/sign-out",
    "/sign-in/oidc",
}
CONNECTED = {"/v1/connect/{name}"}
"""Each tool has a signature of its own; tests/support/signed_calls.py makes it."""
SITE = {"/v1/site"}
"""Listens to pages of the site alone, whose key is public; to no caller here."""
DOORS = {
    "/sign-in",
    "/enter/{token}",
    "/role",
    "/sign-in/oidc/callback",
    "/queue",
    "/queue/rest",
    "/find",
    "/leads",
    "/leads/{lead:path}",
    "/claim",
    "/claims/{claim}/{step}",
    "/claims/{claim}/undo",
    "/offers/{offer}/undo",
    "/touches/{touch}/undo",
    "/leads/{lead:path}/offer",
    "/leads/{lead:path}/touch",
    "/offers/{offer}/{step}",
    "/offers",
    "/offers/{offer}",
    "/policy",
    "/policy/{version}",
    "/policy/draft",
    "/policy/words",
    "/policy/{version}/prove",
    "/policy/{version}/publish",
    "/model",
    "/model/report",
    "/mail",
    "/mail/{number}",
    "/mail/{number}/body",
    "/mail/{turn}",
    "/mail/lift",
    "/objections",
    "/stops",
    "/ledger",
    "/figures",
    "/accounts/{account:path}",
    "/accounts/{account:path}/people",
    "/effect",
    "/team",
    "/team/reps",
    "/team/keys",
    "/team/keys/{key}/revoke",
    "/team/keys/{key}/rotate",
    "/team/people",
    "/team/people/{person}/password",
    "/team/people/{person}/end",
    "/connections",
    "/connections/tests",
    "/connections/{tool}/test",
    "/connections/{tool}/retry",
    "/calls",
    "/calls/{number}",
    "/calls/{number}/resend",
    "/sessions",
    "/sessions/end",
    "/tasks",
    "/tasks/{task}/done",
}
"""Where a person shows who they are: without it, 401."""

CALLERS = (
    "nobody",
    "a wrong key",
    "an ingest key",
    "a signature",
    "ada",
    "bob",
    "manager",
    "admin",
)
ROLE = {"ada": "rep", "bob": "rep", "manager": "manager", "admin": "admin"}
CALLS = [
    (method, route.path)
    for module in ROUTES
    for route in module.router.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods)
]


@pytest.fixture(scope="module", params=STORES)
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """One service for all cells, with a rep, a lead of hers, and room for every wrong key."""
    with (
        empty_store(request, tmp_path_factory.mktemp("store")) as url,
        World(url, unknown_calls_per_minute=10_000) as world,
    ):
        world.hire("ada")
        world.sign_up(id="hers")
        yield world


def knock(world: World, method: str, path: str, caller: str) -> int:
    filled = path.replace(":path", "").format(
        rep="ada",
        claim="c",
        policy="p",
        rule="r",
        code="c",
        lead="hers",
        offer="o",
        token="t",
        key="k",
        person="p",
        touch="t",
        task="t",
        give="g",
        account="a",
        source="s",
        table="queue",
        step="done",
        version="v",
        number="1",
        turn="pause",
        tool="slack",
        name="stripe",
    )
    headers = {
        "nobody": lambda: {},
        "a wrong key": lambda: {"authorization": "Bearer gg_wrong"},
        "an ingest key": lambda: {"authorization": f"Bearer {world.ingest_key}"},
        "a signature": lambda: world.signed(b"" if method == "GET" else b"{}"),
    }.get(caller, lambda: world.bearer(caller))()
    if path in DOORS:
        headers["content-type"] = "application/x-www-form-urlencoded"
    body: dict[str, Any] = {} if method == "GET" else {"content": b"{}"}
    world.client.cookies.clear()
    return world.client.request(method, filled, headers=headers, **body).status_code


def is_right(method: str, path: str, caller: str, status: int) -> bool:
    if path in PUBLIC:
        return status not in (401, 403)
    if path in DOORS | CONNECTED:
        return status == 401
    if path in SITE:
        return status == 403
    if path in SIGNED and (method, path) not in MAY:
        return status not in (401, 403) if caller == "a signature" else status == 401
    role = ROLE.get(caller)
    if role is None:
        return status == 401
    if role not in MAY[method, path] or (caller == "bob" and path in HERS):
        return status == 403
    return status not in (401, 403)


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_every_caller_gets_exactly_as_far_as_the_contract_says(
    shared: World, method: str, path: str
) -> None:
    statuses = {caller: knock(shared, method, path, caller) for caller in CALLERS}

    assert max(statuses.values()) < 500, statuses
    wrong = {
        who: status for who, status in statuses.items() if not is_right(method, path, who, status)
    }
    assert wrong == {}


def test_every_route_is_somebodys_and_the_table_names_no_other(world: World) -> None:
    included = [
        route.original_router
        for route in create_app(world.runtime).routes
        if hasattr(route, "original_router")
    ]
    cells = set(CALLS)
    named = {path for _, path in MAY} | SIGNED | PUBLIC | DOORS | CONNECTED | SITE

    assert included == [module.router for module in ROUTES]
    assert {path for _, path in cells} == named
    others = SIGNED | PUBLIC | DOORS | CONNECTED | SITE
    assert {cell for cell in cells if cell in MAY or cell[1] not in others} == set(MAY)


def test_a_signing_secret_opens_no_persons_door_and_a_persons_secret_signs_nothing(
    world: World,
) -> None:
    headers = {"authorization": f"Bearer {world.ingest_key}"}

    assert world.client.get("/v1/offers", headers=headers).status_code == 401
    person = world.bearer("manager")["authorization"].removeprefix("Bearer ")
    stolen = base64.b64encode(person.encode()).decode()
    assert world.send("/v1/signups", {"email": "a@b.example"}, secret=stolen).status_code == 401


def test_a_rep_sees_and_touches_only_what_is_theirs(world: World) -> None:
    world.hire("ada")
    lead = world.sign_up()["lead_id"]
    claim = world.claim("ada")
    world.hire("bob")
    done = {"version": claim["version"], "disposition": "reached"}

    assert world.get("bob", "/v1/reps/ada/queue").status_code == 403
    assert world.post("bob", "/v1/reps/ada/claim").status_code == 403
    assert world.post("bob", f"/v1/claims/{claim['claim']}/done", done).status_code == 403
    assert world.get("bob", f"/v1/leads/{lead}").status_code == 403
    assert world.post("bob", f"/v1/leads/{lead}/offer", {"dry_run": True}).status_code == 403
    assert world.get("ada", f"/v1/leads/{lead}").status_code == 200


def test_a_rotated_secret_overlaps_and_a_revoked_key_ends_at_once(world: World) -> None:
    from service.use_cases.access.keys import add_key, revoke_key, rotate_key

    now = world.clock.now()
    store, vault = world.runtime.store, world.runtime.vault
    first = store.write_now(lambda c: add_key(c, vault, role="ingest", rep=None, now=now))
    second = store.write_now(
        lambda c: rotate_key(c, vault, key=first.id, overlap_hours=24, now=now)
    )
    world.runtime.keyring.forget()

    def status(secret: str) -> int:
        return world.send("/v1/signups", {"email": "a@b.example"}, secret=secret).status_code

    assert [status(first.secret), status(second.secret)] == [200, 200]
    world.wait(hours=25)
    assert [status(first.secret), status(second.secret)] == [401, 200]
    store.write_now(lambda c: revoke_key(c, key=first.id, now=world.clock.now()))
    world.runtime.keyring.forget()
    assert status(second.secret) == 401
