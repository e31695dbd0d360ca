"""Guessing a password is slow from one address and from many, and locks nobody out."""

from __future__ import annotations

from collections import Counter

import pytest

from service.auth.rate_limit import Rates
from service.auth.sessions import Origin
from service.auth.sign_in_limits import spend_try
from service.errors import NotKnown, TooMany
from service.use_cases.access import sign_in, users
from tests.support.service import World

LOGIN = "femi@desk.example"


def hired(world: World) -> str:
    made = world.runtime.store.write_now(
        lambda c: users.add(
            c, login=LOGIN, name="Femi", roles=("manager",), rep=None, now=world.clock.now()
        )
    )
    return made.password


def tried(world: World, password: str, address: str) -> str:
    """What becomes of one try: `in`, `wrong` or `wait`."""

    async def attempt() -> str:
        try:
            named = await sign_in.by_password(world.runtime, LOGIN, password, address=address)
        except NotKnown:
            return "wrong"
        except TooMany:
            return "wait"
        await world.runtime.sessions.begin(named, Origin(address=address, browser=""))
        return "in"

    assert world.client.portal is not None
    return world.client.portal.call(attempt)


def test_wrong_passwords_from_anywhere_leave_the_owner_their_way_in(world: World) -> None:
    password = hired(world)
    world.runtime.rates = Rates(lambda: 0.0)  # nothing comes back while we try
    assert tried(world, password, "address:198.51.100.4") == "in"

    ended = Counter(tried(world, f"guess {n}", f"address:203.0.113.{n}") for n in range(45))

    assert ended == {"wrong": 29, "wait": 16}  # the owner's own first try counted too
    assert tried(world, password, "address:198.51.100.4") == "in"
    assert tried(world, password, "address:192.0.2.200") == "wait"


def test_ten_wrong_passwords_elsewhere_delay_nobody(world: World) -> None:
    password = hired(world)

    for n in range(12):
        tried(world, f"guess {n}", "address:203.0.113.9")

    assert tried(world, password, "address:203.0.113.9") == "wait"
    assert tried(world, password, "address:192.0.2.77") == "in"


def test_a_known_address_has_no_more_tries_than_any_other() -> None:
    rates = Rates(lambda: 5.0)

    for _ in range(10):
        spend_try(rates, account="a", address="here", is_known=True)
    with pytest.raises(TooMany) as refused:
        spend_try(rates, account="a", address="here", is_known=True)

    assert refused.value.retry_after >= 1
    assert f"Wait {refused.value.retry_after} seconds" in refused.value.detail
    spend_try(rates, account="b", address="here", is_known=True)


def test_whoever_waits_as_long_as_told_may_try_again() -> None:
    seconds = [50.0]
    rates = Rates(lambda: seconds[0])
    for n in range(30):
        spend_try(rates, account="a", address=f"{n}", is_known=False)
    with pytest.raises(TooMany) as refused:
        spend_try(rates, account="a", address="new", is_known=False)

    seconds[0] += refused.value.retry_after

    spend_try(rates, account="a", address="new", is_known=False)


def test_the_answer_is_the_same_whether_or_not_there_is_such_a_person(world: World) -> None:
    hired(world)
    world.runtime.rates = Rates(lambda: 0.0)  # nothing comes back while we try

    def answers(login: str) -> list[tuple[int, str]]:
        sent = [
            world.client.post("/sign-in", data={"login": login, "password": "guess"})
            for _ in range(12)
        ]
        return [(each.status_code, each.text) for each in sent]

    there, nowhere = answers(LOGIN), answers("nobody@desk.example")

    assert [status for status, _ in there] == [401] * 10 + [429] * 2
    assert [status for status, _ in nowhere] == [401] * 10 + [429] * 2
    assert there[0] == nowhere[0]
