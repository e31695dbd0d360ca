"""People by name: passwords hashed with argon2, a role at a time, sessions that end with them."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa
from httpx2 import Response
from typer.testing import CliRunner, Result

from service.auth.sessions import COOKIE
from service.cli import app
from service.db.tables.leads import people
from tests.support.service import World


def giveget(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def somebody(world: World, *roles: str, login: str = "Maria@team.example") -> dict[str, Any]:
    options = [part for role in roles for part in ("--role", role)]
    rep = ["--rep", "ada"] if "rep" in roles else []
    made = giveget(
        "people", "add", login, "--name", "Maria", *options, *rep, "--db", world.settings.db
    )
    assert made.exit_code == 0, made.output
    return dict(json.loads(made.stdout))


def sign_in(world: World, login: str, password: str, **headers: str) -> Response:
    return world.client.post(
        "/sign-in",
        data={"login": login, "password": password},
        headers=headers,
        follow_redirects=False,
    )


def page(world: World) -> str:
    return world.client.get("/").text


def test_a_password_is_shown_once_and_kept_as_argon2_only(world: World) -> None:
    made = somebody(world, "manager")

    (row,) = world.rows(sa.select(people))
    assert row.password_hash.startswith("$argon2id$")
    assert made["password"] not in str(row)
    assert sign_in(world, " maria@TEAM.example ", made["password"]).status_code == 303
    assert "Maria, manager" in page(world)
    actions = [
        entry["what"]
        for entry in world.get("manager", "/v1/audit").json()["entries"]
        if entry["about"] == made["id"]
    ]
    assert actions == ["session.started", "person.added"]


def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(world: World) -> None:
    made = somebody(world, "manager")

    wrong = sign_in(world, made["login"], "guess")
    unknown = sign_in(world, "nobody@team.example", made["password"])

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text == unknown.text
    assert COOKIE not in world.client.cookies


def test_guessing_one_persons_password_is_slowed_down(world: World) -> None:
    made = somebody(world, "manager")

    statuses = [sign_in(world, made["login"], f"guess {n}").status_code for n in range(20)]

    assert statuses[:10] == [401] * 10
    assert 429 in statuses[10:]


def test_a_person_acts_in_one_of_their_roles_at_a_time(world: World) -> None:
    made = somebody(world, "rep", "manager")
    world.hire("ada")
    world.hire("bob")
    sign_in(world, made["login"], made["password"])
    assert "Overview" not in page(world)
    assert "Act as manager" in page(world)

    switched = world.client.post("/role", data={"role": "manager"}, follow_redirects=False)

    assert switched.status_code == 303
    assert "Overview" in page(world)
    assert "Act as rep" in page(world)
    refused = world.client.post("/role", data={"role": "admin"}, follow_redirects=False)
    assert refused.status_code == 401


@pytest.mark.parametrize("command", ["end", "password"])
def test_ending_a_person_or_their_password_ends_their_sessions(world: World, command: str) -> None:
    made = somebody(world, "manager")
    sign_in(world, made["login"], made["password"])
    assert "Maria, manager" in page(world)

    done = giveget("people", command, made["login"], "--db", world.settings.db)

    assert done.exit_code == 0, done.output
    assert "Your password" in page(world)
    assert sign_in(world, made["login"], made["password"]).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://elsewhere.test"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_form_of_another_site_starts_no_session(world: World, headers: dict[str, str]) -> None:
    made = somebody(world, "manager")

    assert sign_in(world, made["login"], made["password"], **headers).status_code == 403


def test_the_cookie_is_for_us_and_for_tls_only(make_world: Any) -> None:
    world = make_world(public_url="https://leads.example")
    made = somebody(world, "manager")

    cookie = sign_in(world, made["login"], made["password"]).headers["set-cookie"].lower()

    assert "secure" in cookie
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add", "a@b.example", "--name", "A", "--role", "king"], "roles are some of"),
        (["add", "a@b.example", "--name", "A", "--role", "ingest"], "roles are some of"),
        (["add", "a@b.example", "--name", "A", "--role", "rep"], "names it"),
        (["end", "nobody@b.example"], "nobody has this log-in"),
        (["password", "nobody@b.example"], "nobody has this log-in"),
    ],
)
def test_a_mistake_is_one_sentence(world: World, arguments: list[str], said: str) -> None:
    refused = giveget("people", *arguments, "--db", world.settings.db)

    assert refused.exit_code == 2
    assert said in refused.stderr
