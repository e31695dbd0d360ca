"""Rate limits: who is counted by what, and how long the refused are told to wait."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from service.auth.rate_limit import Rates, address_name
from service.errors import TooMany
from tests.support.service import World, a_signup


class HandClock:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def allowed(rates: Rates, name: str, a_minute: int, tries: int) -> int:
    taken = 0
    for _ in range(tries):
        try:
            rates.spend(name, a_minute)
        except TooMany:
            continue
        taken += 1
    return taken


def test_a_minutes_worth_may_come_at_once_and_comes_back_evenly() -> None:
    clock = HandClock()
    rates = Rates(clock)

    assert allowed(rates, "a", 60, 100) == 60
    clock.at += 10
    assert allowed(rates, "a", 60, 100) == 10
    assert allowed(rates, "b", 60, 100) == 60


def test_whoever_waits_as_long_as_told_is_served() -> None:
    clock = HandClock()
    rates = Rates(clock)
    allowed(rates, "a", 7, 7)

    with pytest.raises(TooMany) as refused:
        rates.spend("a", 7)

    clock.at += refused.value.retry_after
    rates.spend("a", 7)


def test_an_attacker_of_many_addresses_does_not_fill_the_memory() -> None:
    rates = Rates(HandClock())
    allowed(rates, "worst", 60, 100)

    for number in range(50_000):
        rates.spend(f"address:{number}", 60)

    assert len(rates._whole_at) <= 20_000
    assert allowed(rates, "worst", 60, 1) == 0


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("192.0.2.7", "address:192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "address:2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "address:192.0.2.7"),
        ("testclient", "address:testclient"),
        (None, "address:unknown"),
    ],
)
def test_an_ipv6_network_counts_as_one_caller(host: str | None, name: str) -> None:
    assert address_name(host) == name


def test_counting_a_call_costs_less_than_hashing_its_secret_twenty_times() -> None:
    import hashlib

    rates, secret = Rates(), b"x" * 43

    def best(work: Callable[[], object]) -> float:
        took = []
        for _ in range(5):
            started = time.perf_counter()
            for _ in range(2000):
                work()
            took.append(time.perf_counter() - started)
        return min(took)

    counted = best(lambda: rates.spend("key", 10**9))

    assert counted < 20 * best(lambda: hashlib.sha256(secret).hexdigest())


def test_each_key_and_each_address_has_its_own_allowance(make_world: Callable[..., World]) -> None:
    world = make_world(
        ingest_calls_per_minute=3, person_calls_per_minute=2, unknown_calls_per_minute=4
    )

    signed = [world.send("/v1/signups", a_signup()).status_code for _ in range(4)]
    by_manager = [world.get("manager", "/v1/offers") for _ in range(3)]
    by_admin = world.get("admin", "/v1/offers")
    unknown = [world.client.get("/v1/offers").status_code for _ in range(3)]
    customer = [world.client.get("/o/forged").status_code for _ in range(2)]
    guess = world.client.post("/sign-in", data={"secret": "guess"})

    assert signed == [200, 200, 200, 429]
    assert [answer.status_code for answer in by_manager] == [200, 200, 429]
    assert by_admin.status_code == 200
    assert unknown == [401, 401, 401]
    assert customer == [404, 429]
    assert guess.status_code == 429
    refused = by_manager[-1]
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "too_many_calls"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert world.client.get("/livez").status_code == 200
    assert world.client.get("/metrics").status_code == 200
