"""TLS ends at a reverse proxy: the addresses and the scheme it tells count if it is listed."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from service.cli.checks import examine
from tests.support.served import served_world
from tests.support.service import World
from tests.support.tls_proxy import tls_proxy

ALLOWED = 20


@pytest.fixture
def world(store_url: str, request: pytest.FixtureRequest) -> Iterator[World]:
    proxies = getattr(request, "param", "127.0.0.1")
    with served_world(
        store_url, trusted_proxies=proxies, unknown_calls_per_minute=ALLOWED
    ) as world:
        yield world


@pytest.fixture
def proxy(world: World, tmp_path: Path) -> Iterator[tuple[str, ssl.SSLContext]]:
    place = urlsplit(world.settings.public_url)
    assert place.hostname is not None
    assert place.port is not None
    with tls_proxy((place.hostname, place.port), tmp_path) as found:
        yield found


def a_caller(base: str, address: str, trusts: ssl.SSLContext | bool = True) -> httpx2.Client:
    """A client that comes from a loopback address of its own."""
    transport = httpx2.HTTPTransport(verify=trusts, local_address=address)
    return httpx2.Client(base_url=base, transport=transport, timeout=30)


def spoken(number: int) -> dict[str, str]:
    """Headers by which a caller pretends to be another one, over another scheme."""
    return {"x-forwarded-for": f"203.0.113.{number}", "x-forwarded-proto": "http"}


def findings(world: World) -> dict[str, str]:
    return {each.code: each.says for each in examine(world.settings, world.clock.now())}


def test_a_person_signs_in_and_works_over_tls_and_the_browser_is_told_to_stay_there(
    world: World, proxy: tuple[str, ssl.SSLContext]
) -> None:
    base, trusts = proxy
    secret = world.bearer("manager")["authorization"].removeprefix("Bearer ")
    with a_caller(base, "127.0.0.5", trusts) as browser:
        signed_in = browser.post("/sign-in", data={"secret": secret}, headers={"origin": base})
        paused = browser.post("/mail/pause", data={"reason": "a test"}, headers={"origin": base})
        foreign = base.replace("https", "http")
        refused = browser.post("/mail/pause", data={"reason": "x"}, headers={"origin": foreign})

    assert signed_in.status_code == 303
    assert "secure" in signed_in.headers["set-cookie"].lower()
    assert signed_in.headers["strict-transport-security"]
    assert paused.status_code in (200, 303)
    assert refused.status_code == 403


def test_a_caller_behind_a_listed_proxy_counts_by_the_address_the_proxy_saw(
    world: World, proxy: tuple[str, ssl.SSLContext]
) -> None:
    base, trusts = proxy
    with a_caller(base, "127.0.0.5", trusts) as noisy, a_caller(base, "127.0.0.6", trusts) as other:
        tried = [noisy.get("/o/forged", headers=spoken(n)) for n in range(ALLOWED + 5)]
        answered = other.get("/o/forged")

    assert {answer.status_code for answer in tried[ALLOWED:]} == {429}
    assert {answer.status_code for answer in [*tried[:ALLOWED], answered]} == {404}
    assert all("strict-transport-security" in answer.headers for answer in tried)
    assert "unlisted_proxy" not in findings(world)


@pytest.mark.parametrize("world", ["10.0.0.1,192.168.0.0/24"], indirect=True)
def test_nobody_else_is_believed_and_the_doctor_names_who_speaks_for_others(world: World) -> None:
    with a_caller(world.settings.public_url, "127.0.0.7") as caller:
        once = caller.get("/livez", headers=spoken(1) | {"x-forwarded-proto": "https"})
        assert "strict-transport-security" not in once.headers
        for _ in range(5):
            caller.get("/livez", headers=spoken(1))
        assert "unlisted_proxy" not in findings(world)  # a header that a visitor made up

        tried = [caller.get("/o/forged", headers=spoken(n)) for n in range(ALLOWED + 5)]

    assert {answer.status_code for answer in tried[ALLOWED:]} == {429}
    assert "127.0.0.7" in findings(world)["unlisted_proxy"]
