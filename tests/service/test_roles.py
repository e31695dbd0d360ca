"""Who may call what: every route against every role, and a rep against another rep's things."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from fastapi.routing import APIRoute

from service.bootstrap import create_app
from tests.service_world import World

ALL = {"rep", "manager", "admin"}
MAY = {
    ("PUT", "/v1/reps/{rep}"): {"manager", "admin"},
    ("GET", "/v1/reps/{rep}/queue"): ALL,
    ("POST", "/v1/reps/{rep}/claim"): {"rep"},
    ("POST", "/v1/claims/{claim}/done"): {"rep"},
    ("POST", "/v1/claims/{claim}/release"): {"rep"},
    ("POST", "/v1/claims/{claim}/snooze"): {"rep"},
    ("POST", "/v1/claims/{claim}/extend"): {"rep"},
    ("GET", "/v1/leads/{lead:path}"): ALL,
    ("POST", "/v1/leads/{lead:path}/offer"): ALL,
    ("GET", "/v1/unreached"): {"manager", "admin"},
    ("GET", "/v1/policies"): {"manager", "admin"},
    ("POST", "/v1/policies"): {"manager", "admin"},
    ("POST", "/v1/policies/{policy}/publish"): {"manager", "admin"},
    ("GET", "/v1/offers"): ALL,
    ("GET", "/v1/offers/{offer}"): ALL,
    ("POST", "/v1/offers/{offer}/approve"): ALL,
    ("POST", "/v1/offers/{offer}/withdraw"): ALL,
    ("POST", "/v1/offers/{offer}/accept"): {"rep"},
}
"""People's calls and the roles they are for, as the contract has them."""

SIGNED = {
    "/v1/signups", "/v1/events", "/v1/touches", "/v1/outcomes", "/v1/offers/{offer}/redeem",
    "/v1/offers/{offer}/reverse",
}  # fmt: skip
PUBLIC = {"/livez", "/readyz", "/metrics", "/o/{token}", "/o/{token}/accept", "/u/{token}"}


def routes(world: World) -> list[tuple[str, str]]:
    app = create_app(world.parts)
    return [
        (method, route.path)
        for route in app.routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods)
    ]


def call(world: World, method: str, path: str, headers: dict[str, str]) -> int:
    filled = path.replace(":path", "").format(
        rep="ada", claim="c", policy="p", lead="nobody", offer="o", token="t"
    )
    body: dict[str, Any] = {"json": {}} if method != "GET" else {}
    return world.client.request(method, filled, headers=headers, **body).status_code


def test_every_route_is_somebodys(world: World) -> None:
    unknown = [
        (method, path)
        for method, path in routes(world)
        if (method, path) not in MAY and path not in SIGNED | PUBLIC
    ]

    assert unknown == []


@pytest.mark.parametrize("role", sorted(ALL))
def test_a_role_gets_403_exactly_where_it_has_no_business(world: World, role: str) -> None:
    headers = world.bearer("ada" if role == "rep" else role)

    for (method, path), allowed in MAY.items():
        status = call(world, method, path, headers)
        assert (status == 403) == (role not in allowed), (method, path, status)
        assert status < 500


def test_no_key_or_a_wrong_one_is_401_everywhere(world: World) -> None:
    for method, path in routes(world):
        if path in PUBLIC:
            continue
        for headers in ({}, {"authorization": "Bearer gg_wrong"}, {"authorization": "Basic eDp5"}):
            assert call(world, method, path, headers) == 401, (method, path)


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
    from service.use_cases.keys import add_key, revoke_key, rotate_key

    now = world.clock.now()
    store = world.parts.store
    first = store.write_now(lambda c: add_key(c, role="ingest", rep=None, now=now))
    second = store.write_now(lambda c: rotate_key(c, key=first.id, overlap_hours=24, now=now))
    world.parts.keyring.forget()

    def status(secret: str) -> int:
        return world.send("/v1/signups", {"email": "a@b.example"}, secret=secret).status_code

    assert [status(first.secret), status(second.secret)] == [200, 200]
    world.wait(hours=25)
    assert [status(first.secret), status(second.secret)] == [401, 200]
    store.write_now(lambda c: revoke_key(c, key=first.id, now=world.clock.now()))
    world.parts.keyring.forget()
    assert status(second.secret) == 401
