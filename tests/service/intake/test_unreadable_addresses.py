"""A mail field that holds no address: the lead is kept, and the text names nobody."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from service.cli import app
from service.db.tables.leads import bounces, erasures, leads, suppressions
from tests.support.imports import an_id, giveget
from tests.support.service import CONSENT, World

NO_ADDRESSES = ("none", "n/a", "-", "@", "keine", "+1 415 555 2671", "jane+trial@acme", "jane@acme")


def two_strangers(world: World, text: str, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    ann = {"first_name": "Ann", "phone": "+14155552671", "company": "Archer Inc", "seats": 200}
    bob = {"first_name": "Bob", "phone": "+442079460958", "company": "Baker Ltd", "seats": 3}
    return world.sign_up(email=text, **ann, **more), world.sign_up(email=text, **bob, **more)


def of_lead(world: World, lead: str) -> dict[str, Any]:
    answer = world.get("manager", f"/v1/leads/{lead}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["lead"])


def ref_of(world: World, lead: str) -> str:
    return str(world.rows(sa.select(leads.c.ref).where(leads.c.id == lead))[0].ref)


def unsubscribe(world: World, lead: str) -> None:
    link = world.runtime.links.unsubscribe(ref_of(world, lead))
    assert world.client.post(link.removeprefix(world.settings.public_url)).status_code == 200


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_two_strangers_who_type_the_same_are_two_leads(world: World, text: str) -> None:
    ann, bob = two_strangers(world, text)

    assert ann["lead_id"] != bob["lead_id"]
    assert (ann["duplicate"], bob["duplicate"]) == (False, False)
    for answer, name, seats in ((ann, "Ann", 200), (bob, "Bob", 3)):
        assert [w["code"] for w in answer["warnings"]] == ["invalid_email"]
        kept = of_lead(world, answer["lead_id"])
        assert (kept["first_name"], kept["seats"], kept["email"]) == (name, seats, text)
        (row,) = world.rows(sa.select(leads.c.contact).where(leads.c.id == answer["lead_id"]))
        assert json.loads(row.contact)["mailbox"] == "invalid"


def test_the_same_message_id_or_external_id_is_still_the_same_lead(world: World) -> None:
    first = world.sign_up(message="msg_of_ann", email="none", first_name="Ann")
    assert world.sign_up(message="msg_of_ann", email="none", first_name="Ann") == first

    for name in ({"id": "crm-1"}, {"external_ids": {"user": "u1"}}):
        one = world.sign_up(email="none", **name)
        again = world.sign_up(email="none", seats=9, **name)
        assert again["lead_id"] == one["lead_id"] != first["lead_id"]
        assert (again["duplicate"], of_lead(world, one["lead_id"])["seats"]) == (True, 9)


def test_a_browser_names_them_only_where_nobody_else_is_known_to_use_it(world: World) -> None:
    browser = {"external_ids": {"anonymous": "b1"}}
    ann = world.sign_up(email="ann@archer.example", first_name="Ann", **browser)
    bob = world.sign_up(email="none", first_name="Bob", **browser)
    assert bob["lead_id"] != ann["lead_id"]
    assert of_lead(world, ann["lead_id"])["email"] == "ann@archer.example"

    carl = world.sign_up(email="none", external_ids={"anonymous": "b2"})
    again = world.sign_up(email="n/a", external_ids={"anonymous": "b2"})
    assert again["lead_id"] == carl["lead_id"]


@pytest.mark.parametrize("blank", ["", "   ", "\t\n"])
def test_a_blank_address_is_none(world: World, blank: str) -> None:
    nobody = world.send("/v1/signups", {"email": blank})
    assert (nobody.status_code, nobody.json()["code"]) == (422, "nobody_named")

    lead = world.sign_up(email=blank, external_ids={"user": "u1"})["lead_id"]
    (row,) = world.rows(sa.select(leads.c.email_key).where(leads.c.id == lead))
    assert row.email_key is None
    bounce = {"id": "b1", "email": blank, "lead_id": lead, "kind": "hard"}
    answer = world.send("/v1/bounces", bounce | {"at": world.clock.now().isoformat()})
    assert answer.status_code == 200, answer.text
    assert (world.count(bounces), world.count(suppressions)) == (0, 0)


def test_an_opt_out_is_one_persons_and_goes_with_them(world: World) -> None:
    ann, bob = (each["lead_id"] for each in two_strangers(world, "none"))
    unsubscribe(world, ann)
    assert of_lead(world, ann)["do_not_email"] is True
    assert of_lead(world, bob).get("do_not_email") is not True

    world.sign_up(id=ann, email="ann@archer.example", do_not_email=False, consent=CONSENT)
    assert world.runtime.email_key("ann@archer.example") in suppressed(world)


def test_a_complaint_goes_with_them_through_an_address_that_holds_none(world: World) -> None:
    world.sign_up(id="A", email="ann@archer.example")
    bounce = {"id": "b1", "email": "ann@archer.example", "kind": "complaint"}
    world.send("/v1/bounces", bounce | {"at": world.clock.now().isoformat()})
    world.sign_up(id="A", email="none")
    world.sign_up(id="A", email="ann@baker.example")

    assert world.runtime.email_key("ann@baker.example") in suppressed(world)
    other = world.sign_up(email="none")["lead_id"]
    (row,) = world.rows(sa.select(leads.c.email_key).where(leads.c.id == other))
    assert row.email_key not in suppressed(world)


def suppressed(world: World) -> set[str]:
    return {row.email_key for row in world.rows(sa.select(suppressions.c.email_key))}


def test_nobody_is_exported_or_erased_by_a_text_that_many_typed(world: World) -> None:
    ann, bob = (each["lead_id"] for each in two_strangers(world, "jane@acme"))
    for action in ("export", "erase"):
        answer = person(world, action, "jane@acme")
        said = " ".join(answer.output.split())
        assert (answer.exit_code, "no lead has this mail address or id" in said) == (2, True), said

    assert person(world, "erase", ann).exit_code == 0
    assert of_lead(world, bob)["first_name"] == "Bob"
    keys = {row.lead_key for row in world.rows(sa.select(erasures.c.lead_key))}
    assert world.runtime.email_key("jane@acme") not in keys
    third = world.sign_up(email="jane@acme", first_name="Cid")
    assert third["duplicate"] is False


def person(world: World, action: str, named: str) -> Any:
    return CliRunner().invoke(app, ["person", action, named, "--db", world.settings.db])


def test_rows_of_a_file_are_people_of_their_own_and_can_be_undone(
    world: World, tmp_path: Path
) -> None:
    before = world.sign_up(email="jane@acme", first_name="Ann")["lead_id"]
    file = tmp_path / "leads.csv"
    told = io.StringIO()
    csv.writer(told).writerows(
        [("email", "first_name"), ("jane@acme", "Bob"), ("jane@acme", "Cid")]
    )
    file.write_text(told.getvalue(), encoding="utf-8")
    first, again = (
        giveget("leads", str(file), "--yes", "--db", world.settings.db) for _ in range(2)
    )
    for done in (first, again):
        assert done.exit_code == 0, done.output
        names = [of_lead(world, row.id)["first_name"] for row in world.rows(sa.select(leads.c.id))]
        assert sorted(names) == ["Ann", "Bob", "Cid"], done.output
    for done in (again, first):
        giveget("undo", an_id(done), "--db", world.settings.db)
    assert [row.id for row in world.rows(sa.select(leads.c.id))] == [before]
    assert of_lead(world, before)["first_name"] == "Ann"
