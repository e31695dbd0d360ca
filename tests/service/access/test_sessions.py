"""Sessions are rows: ended by signing out, when idle, by age, everywhere at once, by others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from service.auth.sessions import COOKIE
from service.db.tables.leads import sessions
from service.jobs.worker import work_once
from service.use_cases.access import keys, users
from tests.support.service import World

LOGIN = "noor@desk.example"


def hired(world: World, *roles: str) -> str:
    """A person of these roles; their password."""
    made = world.runtime.store.write_now(
        lambda c: users.add(
            c,
            login=LOGIN,
            name="Noor",
            roles=roles or ("manager",),
            rep="noor" if "rep" in roles else None,
            now=world.clock.now(),
        )
    )
    return made.password


def signed_in(world: World, password: str, browser: str = "Firefox on a desk") -> str:
    """The cookie of a new session."""
    world.client.cookies.clear()
    answer = world.client.post(
        "/sign-in",
        data={"login": LOGIN, "password": password},
        headers={"user-agent": browser},
        follow_redirects=False,
    )
    assert answer.status_code == 303, answer.text
    return world.client.cookies[COOKIE]


@contextmanager
def carrying(world: World, cookie: str) -> Iterator[None]:
    world.client.cookies.clear()
    world.client.cookies.set(COOKIE, cookie)
    yield


def is_in(world: World, cookie: str, path: str = "/team") -> bool:
    with carrying(world, cookie):
        status = world.client.get(path).status_code
    assert status in (200, 401)
    return status == 200


def test_the_store_holds_no_cookie_and_the_cookie_says_nothing(world: World) -> None:
    cookie = signed_in(world, hired(world))

    (row,) = world.rows(sa.select(sessions))

    assert cookie not in str(row)
    assert row.id_hash not in cookie
    assert "person" not in cookie
    assert len(cookie) >= 43  # 256 bits


def test_a_cookie_kept_from_before_signing_out_is_refused(world: World) -> None:
    cookie = signed_in(world, hired(world))
    assert is_in(world, cookie)

    with carrying(world, cookie):
        world.client.post("/sign-out")

    assert not is_in(world, cookie)
    said = [line["what"] for line in world.get("admin", "/v1/audit").json()["entries"]]
    assert said[0] == "session.ended"


def test_a_session_ends_when_idle_and_each_use_puts_that_off(make_world: Any) -> None:
    world = make_world(session_idle_minutes=30)
    cookie = signed_in(world, hired(world))

    for _ in range(4):
        world.clock.advance(timedelta(minutes=29))
        assert is_in(world, cookie)
    world.clock.advance(timedelta(minutes=30))

    assert not is_in(world, cookie)


def test_a_page_that_refreshes_itself_is_no_use(make_world: Any) -> None:
    world = make_world(session_idle_minutes=30)
    world.hire("noor")
    cookie = signed_in(world, hired(world, "rep"))

    for _ in range(2):
        world.clock.advance(timedelta(minutes=14))
        assert is_in(world, cookie, "/queue/rest")
    world.clock.advance(timedelta(minutes=2))

    assert not is_in(world, cookie, "/queue/rest")


def test_a_session_in_steady_use_ends_after_twelve_hours(world: World) -> None:
    cookie = signed_in(world, hired(world))

    for _ in range(11):
        world.clock.advance(timedelta(hours=1))
        assert is_in(world, cookie)
    world.clock.advance(timedelta(hours=1))

    assert not is_in(world, cookie)


def test_another_role_makes_a_session_no_younger(world: World) -> None:
    world.hire("noor")
    cookie = signed_in(world, hired(world, "rep", "manager"))
    for _ in range(11):
        world.clock.advance(timedelta(hours=1))
        assert is_in(world, cookie, "/leads")

    with carrying(world, cookie):
        world.client.post("/role", data={"role": "manager"})
        assert world.client.get("/team").status_code == 200
    world.clock.advance(timedelta(hours=1))

    assert not is_in(world, cookie)


def test_one_sees_ones_own_sessions_and_signs_out_at_another_place(world: World) -> None:
    password = hired(world)
    lost = signed_in(world, password, "Chrome on a lost phone")
    here = signed_in(world, password, "<b>Firefox</b>")
    stranger = world.client.post(
        "/sign-in",
        data={"secret": world.bearer("admin")["authorization"].removeprefix("Bearer ")},
        headers={"user-agent": "Safari of an admin"},
        follow_redirects=False,
    ).cookies[COOKIE]

    with carrying(world, here):
        listed = world.client.get("/sessions").text
        assert "Chrome on a lost phone" in listed
        assert "&lt;b&gt;Firefox" in listed
        assert "Safari of an admin" not in listed
        (handle,) = re.findall(r'name="session" value="([0-9a-f]+)"', listed)
        for _ in range(2):  # pressed twice
            ended = world.client.post("/sessions/end", data={"session": handle, "once": "a" * 16})
            assert "Signed out there." in ended.text
            assert "Chrome on a lost phone" not in ended.text
        again = world.client.post("/sessions/end", data={"session": handle})
        assert again.status_code == 404

    assert not is_in(world, lost)
    assert is_in(world, here)
    assert is_in(world, stranger)


def test_nobody_ends_somebody_elses_session(world: World) -> None:
    cookie = signed_in(world, hired(world))
    (row,) = world.rows(sa.select(sessions))
    world.client.cookies.clear()
    other = world.bearer("manager")["authorization"].removeprefix("Bearer ")
    world.client.post("/sign-in", data={"secret": other})

    refused = world.client.post("/sessions/end", data={"session": row.id_hash[:16]})

    assert refused.status_code == 404
    assert is_in(world, cookie)


def test_signing_out_everywhere_ends_every_session_of_that_person_only(world: World) -> None:
    password = hired(world)
    mine = [signed_in(world, password, f"browser {n}") for n in range(3)]
    key = world.bearer("manager")["authorization"].removeprefix("Bearer ")
    world.client.cookies.clear()
    world.client.post("/sign-in", data={"secret": key})
    theirs = world.client.cookies[COOKIE]

    with carrying(world, mine[1]):
        foreign = world.client.post(
            "/sessions/end", data={"session": "all"}, headers={"origin": "http://else.test"}
        )
        assert foreign.status_code == 403
        world.client.post("/sessions/end", data={"session": "all"})

    assert [is_in(world, cookie) for cookie in mine] == [False] * 3
    assert is_in(world, theirs)


@pytest.mark.parametrize("how", ["key revoked", "person ended", "password renewed"])
def test_what_ends_a_key_or_a_person_ends_their_rows_too(world: World, how: str) -> None:
    store, now = world.runtime.store, world.clock.now()
    if how == "key revoked":
        key = store.write_now(
            lambda c: keys.add_key(c, world.runtime.vault, role="manager", rep=None, now=now)
        )
        world.runtime.keyring.forget()
        world.client.post("/sign-in", data={"secret": key.secret})
        store.write_now(lambda c: keys.revoke_key(c, key=key.id, now=now))
        world.runtime.keyring.forget()
    else:
        signed_in(world, hired(world))
        if how == "person ended":
            store.write_now(lambda c: users.end(c, login=LOGIN, now=now))
        else:
            store.write_now(lambda c: users.renew(c, login=LOGIN))

    assert not world.rows(sa.select(sessions).where(sessions.c.ended_at.is_(None)))
    assert world.client.get("/team").status_code == 401


@pytest.mark.parametrize("cookie", ["", "x", "a.b.c", "é", "k" * 5000])
def test_a_made_up_cookie_is_nobody(world: World, cookie: str) -> None:
    sent = {"cookie": f"{COOKIE}={cookie}".encode()}

    assert world.client.get("/team", headers=sent).status_code == 401
    signed_out = world.client.post("/sign-out", headers=sent, follow_redirects=False)
    assert signed_out.status_code == 303


def test_old_sessions_are_deleted_in_time(make_world: Any) -> None:
    world = make_world(keep_sessions_days=5)
    signed_in(world, hired(world))
    world.clock.advance(timedelta(days=6))

    assert world.client.portal is not None
    world.client.portal.call(work_once, world.runtime)

    assert world.count(sessions) == 0
