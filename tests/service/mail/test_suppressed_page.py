"""The addresses that get no mail: who, why, what ends it, and a person's way to end it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from typer.testing import CliRunner

from service.cli import app
from service.db.tables.leads import suppressions
from tests.service.console.test_console import sign_in
from tests.support.service import World

AT = "2026-11-02T09:00Z"


def bounced(world: World, number: int, **fields: str) -> None:
    body = {"id": f"b{number}", "at": AT, **fields}
    assert world.send("/v1/bounces", body).status_code == 200


def listed(world: World) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = world.get("manager", "/suppressed.json").json()["suppressed"]
    return rows


def test_each_address_is_listed_once_with_its_reason_and_its_end(world: World) -> None:
    world.sign_up(id="full", email="maria@norte.example", first_name="Maria")
    world.sign_up(id="alias", email="jo+trial@acme.example", first_name="Jo")
    bounced(world, 1, email="maria@norte.example", kind="hard")
    bounced(world, 2, email="jo+trial@acme.example", kind="complaint")
    bounced(world, 3, email="nobody@elsewhere.example", kind="hard")

    rows: dict[Any, Any] = {row["lead"]: row for row in listed(world)}
    assert len(listed(world)) == len(rows) == 3
    assert (rows["full"]["address"], rows["full"]["reason"]) == ("maria@norte.example", "bounced")
    assert rows["full"]["ends"].startswith("you, once")
    assert (rows["alias"]["reason"], rows["alias"]["ends"]) == (
        "complained",
        "only a new consent of theirs",
    )
    assert rows[None]["address"] is None
    assert "elsewhere" not in world.get("manager", "/suppressed.json").text

    sign_in(world, "manager")
    page = world.client.get("/mail").text
    for words in ("Maria", "there is no such mailbox", "marked a mail as spam"):
        assert words in page


def test_a_manager_lifts_what_bounced_and_never_what_somebody_said(world: World) -> None:
    world.sign_up(id="full", email="maria@norte.example")
    bounced(world, 1, email="maria@norte.example", kind="hard")
    bounced(world, 2, email="jo@acme.example", kind="complaint")
    sign_in(world, "manager")

    def lift(email: str, once: str) -> str:
        form = {"email": email, "reason": "they rang us", "once": once}
        return world.client.post(
            "/mail/lift", data=form, headers={"origin": "http://giveget.test"}
        ).text

    assert "Mail goes to that address again." in lift("maria@norte.example", "once-0001")
    assert "Nothing kept mail from that address" in lift("new@norte.example", "once-0002")
    assert "only a new consent of theirs ends that" in lift("jo@acme.example", "once-0003")
    assert [row.reason for row in world.rows(sa.select(suppressions))] == ["complained"]


def test_an_erased_person_is_named_no_more(world: World) -> None:
    world.sign_up(id="gone", email="maria@norte.example", first_name="Maria")
    bounced(world, 1, email="maria@norte.example", kind="hard")
    done = CliRunner().invoke(app, ["person", "erase", "gone", "--db", world.settings.db])
    assert done.exit_code == 0, done.output
    assert [(row["lead"], row["address"]) for row in listed(world)] == [(None, None)]


def test_reps_have_no_such_list(world: World) -> None:
    world.hire("ada")
    assert world.get("ada", "/suppressed.json").status_code == 403
