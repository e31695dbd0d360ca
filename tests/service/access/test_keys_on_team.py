"""People and keys on the team's page: listed with their last use; made and revoked by an admin."""

from __future__ import annotations

import re

import sqlalchemy as sa

from service.db.tables.leads import key_secrets, keys
from service.db.tables.people import audit
from service.use_cases.access import users
from tests.service.console.test_console import pressed, sign_in
from tests.support.service import World


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def listed(world: World, who: str = "manager") -> dict[str, dict[str, str | None]]:
    found = world.get(who, "/keys.json").json()["keys"]
    return {row["id"]: row for row in found}


def test_an_admin_makes_a_key_and_its_secret_is_shown_once(world: World) -> None:
    world.hire("ada")
    sign_in(world, "admin")
    fields = {"role": "rep", "rep": "ada", "sure": "yes", "once": "1" * 16}

    made = pressed(world, "/team/keys", **fields)

    assert made.status_code == 200, made.text
    assert made.headers["cache-control"] == "no-store"
    (secret,) = re.findall(r"gg_[\w-]{43}", made.text)
    shown = {"authorization": f"Bearer {secret}"}
    assert world.client.get("/v1/reps/ada/queue", headers=shown).status_code == 200
    again = pressed(world, "/team/keys", **fields)
    assert (again.status_code, again.headers["location"]) == (303, "/team?said=key_made#keys")
    assert world.count(keys) == 4  # ingest, manager, admin and this one
    for path in ("/team", "/keys.json", "/keys.csv", "/calls"):
        assert secret not in world.client.get(path).text
    kept = world.rows(sa.select(key_secrets.c.secret_hash, key_secrets.c.signing_secret))
    assert not any(secret in str(row) for row in kept)
    noted = [row.what for row in world.rows(sa.select(audit.c.what))]
    assert noted.count("key.added") == 1


def test_a_revoked_key_ends_at_once_and_stays_listed(world: World) -> None:
    world.hire("ada")
    bearer = world.bearer("ada")
    sign_in(world, "admin")
    (key,) = [id for id, row in listed(world).items() if row["role"] == "rep"]
    page = world.client.get(f"/team?key={key}").text
    assert "Yes, revoke it" in text_of(page)
    path = f"/team/keys/{key}/revoke"
    assert pressed(world, path, once="1" * 16).status_code == 422  # the box is not ticked

    assert pressed(world, path, once="2" * 16, sure="yes").status_code == 303

    assert world.client.get("/v1/reps/ada/queue", headers=bearer).status_code == 401
    assert listed(world)[key]["state"] == "revoked"
    assert "Yes, revoke it" not in text_of(world.client.get(f"/team?key={key}").text)
    assert pressed(world, path, once="3" * 16, sure="yes").status_code == 404


def test_a_manager_sees_the_lists_and_who_may_change_them_and_changes_nothing(world: World) -> None:
    add_person(world, "vera@giveget.example", "Vera", ("manager", "admin"))
    world.hire("ada")
    world.bearer("admin")
    sign_in(world, "manager")
    (key,) = [id for id, row in listed(world).items() if row["role"] == "ingest"]
    page = world.client.get(f"/team?key={key}").text
    said = text_of(page)
    assert "ada cannot sign in yet" in said.casefold()
    assert re.search(r"given by an admin: Vera, whoever has the admin key …\w{6}\.", said)
    for only_for_admins in ("Make a key", "Yes, revoke it", "?key=", "?person=", "?let_in="):
        assert only_for_admins not in page
    assert pressed(world, "/team/keys", role="admin", sure="yes").status_code == 403
    assert pressed(world, f"/team/keys/{key}/revoke", sure="yes").status_code == 403
    assert pressed(world, f"/team/keys/{key}/rotate").status_code == 403
    person = {"login": "eve@giveget.example", "name": "Eve", "role_admin": "yes"}
    assert pressed(world, "/team/people", **person).status_code == 403
    assert world.get("ada", "/keys.json").status_code == 403
    assert world.get("ada", "/people.json").status_code == 403


def add_person(world: World, login: str, name: str, roles: tuple[str, ...]) -> None:
    now = world.clock.now()
    world.runtime.store.write_now(
        lambda c: users.add(c, login=login, name=name, roles=roles, rep=None, now=now)
    )


def shown_secret(made: str) -> str:
    (secret,) = re.findall(r'<pre class="code" tabindex="0">([^<]+)</pre>', made)
    return str(secret)


def signed_in_as(world: World, login: str, password: str) -> bool:
    world.client.cookies.clear()
    sent = {"login": login, "password": password}
    answer = world.client.post("/sign-in", data=sent, follow_redirects=False)
    return answer.status_code == 303


def test_an_ended_log_in_is_said_with_its_day_and_who_ended_it(world: World) -> None:
    world.hire("ada")
    made = world.runtime.store.write_now(
        lambda c: users.add(
            c, login="ada@x.example", name="Ada", roles=("rep",), rep="ada", now=world.clock.now()
        )
    )
    world.runtime.store.write_now(
        lambda c: users.add(
            c,
            login="vera@x.example",
            name="Vera",
            roles=("admin",),
            rep=None,
            now=world.clock.now(),
        )
    )
    sign_in(world, "admin")
    assert "Ada cannot sign in" not in world.client.get("/team").text
    assert pressed(world, f"/team/people/{made.id}/end", sure="yes").status_code == 303

    shown = " ".join(re.sub(r"<[^>]+>", "", world.client.get("/team").text).split())

    assert "Ada cannot sign in: log-in ended on 2 Nov 2026, 09:00 by an API key (…" in shown
    assert "Ada cannot sign in yet" not in shown


def test_an_admin_gives_a_rep_a_log_in_from_the_team_s_page(world: World) -> None:
    world.hire("ada", email="ada@giveget.example")
    sign_in(world, "admin")
    assert "/team?let_in=ada#let-in" in world.client.get("/team").text
    form = world.client.get("/team?let_in=ada").text
    assert 'value="ada@giveget.example"' in form
    login = "ada@giveget.example"
    fields = {"login": login, "name": "Ada", "role_rep": "yes", "rep": "ada", "once": "1" * 16}

    made = pressed(world, "/team/people", **fields)

    assert made.status_code == 200, made.text
    assert made.headers["cache-control"] == "no-store"
    password = shown_secret(made.text)
    again = pressed(world, "/team/people", **fields)
    assert again.headers["location"] == "/team?said=person_made#keys"
    page = world.client.get("/team").text
    assert password not in page
    assert "cannot sign in yet" not in page
    noted = [row.what for row in world.rows(sa.select(audit.c.what))]
    assert noted.count("person.added") == 1
    assert signed_in_as(world, login, password)
    assert world.client.get("/queue").status_code == 200
    assert pressed(world, "/team/people", **fields).status_code == 403


def test_an_admin_renews_a_password_and_ends_a_log_in(world: World) -> None:
    sign_in(world, "admin")
    login = "vera@giveget.example"
    fields = {"login": login, "name": "Vera", "role_manager": "yes"}
    first = shown_secret(pressed(world, "/team/people", **fields).text)
    (vera,) = world.get("admin", "/people.json").json()["people"]
    assert "The log-in of Vera" in world.client.get(f"/team?person={vera['id']}").text

    renewed = pressed(world, f"/team/people/{vera['id']}/password", once="2" * 16)

    second = shown_secret(renewed.text)
    assert not signed_in_as(world, login, first)
    assert signed_in_as(world, login, second)
    sign_in(world, "admin")
    end = f"/team/people/{vera['id']}/end"
    assert pressed(world, end, once="3" * 16).status_code == 422  # the box is not ticked
    assert pressed(world, end, once="4" * 16, sure="yes").status_code == 303
    (vera,) = world.get("admin", "/people.json").json()["people"]
    assert vera["state"] == "ended"
    assert not signed_in_as(world, login, second)
    sign_in(world, "admin")
    gone = pressed(world, f"/team/people/{vera['id']}/password", once="5" * 16)
    assert gone.status_code == 404


def test_an_admin_rotates_a_key_and_the_old_secret_ends_later(world: World) -> None:
    world.hire("ada")
    bearer = world.bearer("ada")
    sign_in(world, "admin")
    (key,) = [id for id, row in listed(world).items() if row["role"] == "rep"]
    made = pressed(world, f"/team/keys/{key}/rotate", once="1" * 16)
    new = {"authorization": f"Bearer {shown_secret(made.text)}"}
    for headers in (bearer, new):
        assert world.client.get("/v1/reps/ada/queue", headers=headers).status_code == 200
    world.wait(hours=world.settings.key_overlap_hours + 1)
    world.runtime.keyring.forget()
    assert world.client.get("/v1/reps/ada/queue", headers=bearer).status_code == 401
    assert world.client.get("/v1/reps/ada/queue", headers=new).status_code == 200


def test_the_lists_say_whose_and_when_last_used(world: World) -> None:
    now = world.clock.now()
    add_person(world, "vera@giveget.example", "Vera", ("manager",))
    world.bearer("ada")
    world.work()
    before = {row["role"]: row["used_at"] for row in listed(world).values()}
    assert before["ingest"] is None
    assert before["rep"] is None
    world.wait(minutes=5)
    world.sign_up()
    world.get("ada", "/v1/leads")
    world.wait(seconds=20)
    world.get("ada", "/v1/leads")  # within the same minute
    world.work()

    after = {row["role"]: row["used_at"] for row in listed(world).values()}

    moment = (now.replace(minute=now.minute + 5)).isoformat().replace("+00:00", "Z")
    assert (after["ingest"], after["rep"]) == (moment, moment)
    (vera,) = world.get("manager", "/people.json").json()["people"]
    assert (vera["name"], vera["seen_at"], vera["state"]) == ("Vera", None, "active")


def test_what_cannot_be_is_refused_in_a_sentence(world: World) -> None:
    sign_in(world, "admin")
    for fields, says in (
        ({"role": "king"}, "must be one of"),
        ({"role": "rep", "rep": "nobody"}, "no rep has this id"),
        ({"role": "rep"}, "names its rep"),
        ({"role": "manager", "person": "who@no.example"}, "obody here has the mail address"),
    ):
        refused = pressed(world, "/team/keys", **(fields | {"sure": "yes"}))
        assert refused.status_code == 422, fields
        assert says in text_of(refused.text)
    assert world.count(keys) == 2  # ingest, admin
    for fields, says in (
        ({"login": "eve@giveget.example", "role_rep": "yes"}, "must be said"),
        ({"login": "eve", "name": "Eve", "role_manager": "yes"}, "must be a mail address"),
        ({"login": "eve@giveget.example", "name": "Eve"}, "Roles are some of"),
        (
            {"login": "eve@giveget.example", "name": "Eve", "role_rep": "yes", "rep": "nobody"},
            "no rep has this id",
        ),
        ({"login": "eve@giveget.example", "name": "Eve", "role_rep": "yes"}, "names it"),
    ):
        refused = pressed(world, "/team/people", **fields)
        assert refused.status_code == 422, fields
        assert says in text_of(refused.text)
    assert world.get("admin", "/people.json").json()["people"] == []
