"""Single sign-on against a provider on a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from httpx2 import Response
from joserfc.jwk import RSAKey

from service.auth.sessions import COOKIE, FLOW_COOKIE
from service.db.tables.leads import people
from service.use_cases.access.users import add
from tests.support.oidc_provider import CLIENT, SECRET, Provider, provider
from tests.support.service import World


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with provider() as server:
        yield server


@pytest.fixture
def theirs(running: Provider) -> Provider:
    running.email, running.spoiled, running.signing_key = "maria@team.example", {}, running.key
    return running


@pytest.fixture
def world(theirs: Provider, tmp_path: Path) -> Iterator[World]:
    with World(
        f"sqlite:///{tmp_path}/x.db",
        oidc_issuer=theirs.issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
        public_url="http://giveget.test",
    ) as world:
        world.runtime.store.write_now(
            lambda c: add(
                c,
                login="maria@team.example",
                name="Maria",
                roles=("manager",),
                rep=None,
                now=world.clock.now(),
            )
        )
        assert world.count(people) == 1
        yield world


def there_and_back(world: World) -> str:
    """Begin, be sent away, authorize; the path the provider sends the browser back to."""
    begun = world.client.get("/sign-in/oidc", follow_redirects=False)
    assert begun.status_code == 303, begun.text
    back = httpx2.get(begun.headers["location"], follow_redirects=False, trust_env=False)
    place = urlsplit(back.headers["location"])
    return f"{place.path}?{place.query}"


def sign_on(world: World) -> Response:
    return world.client.get(there_and_back(world))


def test_who_the_provider_vouches_for_comes_in_as_what_they_are_here(world: World) -> None:
    assert "Sign in with your company" in world.client.get("/").text

    entered = sign_on(world)

    assert entered.status_code == 200
    assert "samesite=strict" in entered.headers["set-cookie"].lower()
    assert "Maria, manager" in world.client.get("/").text
    assert FLOW_COOKIE not in world.client.cookies


@pytest.mark.parametrize(
    "spoiled",
    [
        {"email": "stranger@else.example"},
        {"email_verified": False},
        {"aud": "another-client"},
        {"iss": "http://elsewhere.test"},
        {"exp": 1},
        {"nonce": "another"},
    ],
    ids=lambda spoiled: next(iter(spoiled)),
)
def test_an_answer_that_does_not_hold_lets_nobody_in(
    world: World, theirs: Provider, spoiled: dict[str, Any]
) -> None:
    theirs.spoiled = spoiled

    assert sign_on(world).status_code == 401
    assert COOKIE not in world.client.cookies


def test_a_token_signed_by_another_key_lets_nobody_in(world: World, theirs: Provider) -> None:
    theirs.signing_key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})

    assert sign_on(world).status_code == 401


def test_a_way_back_without_its_beginning_or_twice_lets_nobody_in(world: World) -> None:
    way_back = there_and_back(world)
    flow = world.client.cookies[FLOW_COOKIE]
    world.client.cookies.clear()
    assert world.client.get(way_back).status_code == 401

    world.client.cookies.set(FLOW_COOKIE, flow)
    assert world.client.get(way_back.replace("state=", "state=x")).status_code == 401
    assert world.client.get(way_back).status_code == 200
    world.client.cookies.clear()
    world.client.cookies.set(FLOW_COOKIE, flow)
    assert world.client.get(way_back).status_code == 401


def test_a_provider_that_is_away_is_said_and_no_fault(world: World) -> None:
    from service.auth.oidc import SingleSignOn

    lost = world.settings.model_copy(update={"oidc_issuer": "http://127.0.0.1:1"})
    world.runtime.sign_on = SingleSignOn(lost)

    away = world.client.get("/sign-in/oidc")

    assert (away.status_code, away.json()["code"]) == (401, "no_provider")


def test_without_a_provider_there_is_no_such_door(tmp_path: Path) -> None:
    with World(f"sqlite:///{tmp_path}/y.db") as world:
        assert world.client.get("/sign-in/oidc").json()["code"] == "no_single_sign_on"
        assert "company" not in world.client.get("/").text
