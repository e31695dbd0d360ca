"""The console: who gets in, what they see, and that it only shows what is theirs."""

from __future__ import annotations

from httpx2 import Response

from service.sessions import COOKIE
from service.store import keys
from tests.service_world import World


def sign_in(world: World, who: str, **headers: str) -> Response:
    secret = world.bearer(who)["authorization"].removeprefix("Bearer ")
    return world.client.post(
        "/sign-in", data={"secret": secret}, headers=headers, follow_redirects=False
    )


def page(world: World) -> str:
    return world.client.get("/").text


def test_a_stranger_sees_only_the_form(world: World) -> None:
    world.hire("ada")
    world.sign_up(first_name="Ines")
    assert "Your key's secret" in page(world)
    assert "Ines" not in page(world)
    refused = world.client.post("/sign-in", data={"secret": "guess"})
    assert refused.status_code == 401
    assert "guess" not in refused.text


def test_a_rep_sees_their_queue_with_reasons_that_add_up(world: World) -> None:
    world.hire("ada")
    score = world.sign_up(first_name="Ines", title="CEO")["score"]
    entered = sign_in(world, "ada")
    assert entered.status_code == 303
    assert "HttpOnly" in entered.headers["set-cookie"]
    assert "samesite=strict" in entered.headers["set-cookie"].lower()
    shown = page(world)
    assert "Ines" in shown
    for reason in score["reasons"]:
        assert f"{reason['points']:+.2f}" in shown
    assert f"{score['points']:+.2f}" in shown
    assert "Captured mail" not in shown


def test_a_rep_sees_nothing_of_another_reps(world: World) -> None:
    world.hire("ada")
    world.sign_up(first_name="Ines")
    world.hire("bob", available=False)
    sign_in(world, "bob")
    assert "Ines" not in page(world)


def test_a_manager_sees_every_queue_and_the_captured_mail(world: World) -> None:
    world.hire("ada")
    world.hire("bob")
    sign_in(world, "manager")
    shown = page(world)
    assert "Ada" in shown
    assert "Bob" in shown
    assert "Captured mail" in shown


def test_a_form_from_another_site_is_refused(world: World) -> None:
    refused = sign_in(world, "manager", origin="http://elsewhere.test")
    assert refused.status_code == 403
    assert COOKIE not in world.client.cookies
    assert sign_in(world, "manager", origin="http://giveget.test").status_code == 303


def test_an_entrance_link_signs_in_its_owner_and_a_made_up_one_nobody(world: World) -> None:
    sign_in(world, "manager")
    key = world.parts.sessions.read(world.client.cookies[COOKIE])
    world.client.cookies.clear()
    token = world.parts.sessions.entrance(key)
    assert world.client.get(f"/enter/{token}x").status_code == 401
    assert "Sign out" in world.client.get(f"/enter/{token}").text


def test_signing_out_and_revoking_the_key_end_the_session(world: World) -> None:
    sign_in(world, "manager")
    assert "Sign out" in page(world)
    world.client.post("/sign-out")
    assert "Your key's secret" in page(world)
    sign_in(world, "manager")
    key = world.parts.sessions.read(world.client.cookies[COOKIE])
    now = world.clock.now()
    world.parts.store.write_now(lambda connection: keys.revoke(connection, key=key, now=now))
    world.parts.keyring.forget()
    assert "Your key's secret" in page(world)
