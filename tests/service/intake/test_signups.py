from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from scoring.model.schema import Attribute
from service.db.tables.leads import external_ids, lead_versions, leads, messages, scores
from tests.support.service import MONDAY, World, a_signup


def exact_sum(score: dict[str, object]) -> int:
    """Base and reasons in hundredths."""
    reasons = score["reasons"]
    assert isinstance(reasons, list)
    return sum(round(100 * r["points"]) for r in reasons) + round(
        100 * float(str(score["base_points"]))
    )


def test_a_sign_up_is_answered_with_a_score_whose_reasons_add_up(world: World) -> None:
    answer = world.sign_up(email="cfo@acme.example", title="CFO", seats=80)

    score = answer["score"]
    assert exact_sum(score) == round(100 * score["points"])
    assert score["grade"][0] in "ABCD"
    assert answer["lane"] in ("rep", "offer", "self_serve")
    assert answer["duplicate"] is False
    assert answer["rep"] is None
    assert answer["lane_why"]


def test_a_repeated_message_changes_nothing_and_is_answered_alike(world: World) -> None:
    body = a_signup(title="CTO")

    first = world.send("/v1/signups", body, message="same")
    second = world.send("/v1/signups", body, message="same")

    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    assert world.count(leads) == world.count(lead_versions) == world.count(messages) == 1


def test_a_message_id_with_another_body_is_a_conflict_and_changes_nothing(world: World) -> None:
    world.send("/v1/signups", a_signup(), message="same")

    answer = world.send("/v1/signups", a_signup(), message="same")

    assert answer.status_code == 409
    assert answer.json()["code"] == "key_reused"
    assert world.count(leads) == 1


def test_the_same_id_under_a_new_message_updates_the_lead(world: World) -> None:
    world.sign_up(id="L1", email="ada@acme.example", seats=5, title="CFO")

    again = world.sign_up(id="L1", email=None, seats=50)

    assert again["duplicate"] is True
    assert again["lead_id"] == "L1"
    shown = world.get("manager", "/v1/leads/L1").json()["lead"]
    assert shown["seats"] == 50
    assert shown["title"] == "CFO"
    assert world.count(leads) == 1
    assert world.count(lead_versions) == world.count(scores) == 2


def test_a_known_external_id_names_the_same_lead(world: World) -> None:
    first = world.sign_up(external_ids={"user": "u1"}, email=None)

    again = world.sign_up(external_ids={"user": "u1", "hubspot": 77}, email="a@acme.example")

    assert again["duplicate"] is True
    assert again["lead_id"] == first["lead_id"]
    pairs = world.rows(sa.select(external_ids.c.kind, external_ids.c.value))
    assert sorted(map(tuple, pairs)) == [("hubspot", "77"), ("user", "u1")]


def test_a_known_mail_address_alone_names_the_same_lead(world: World) -> None:
    first = world.sign_up(email="Ada@Acme.example")

    assert world.sign_up(email=" ada@acme.example ")["lead_id"] == first["lead_id"]


def test_a_shared_browser_does_not_make_two_people_one(world: World) -> None:
    first = world.sign_up(email="ada@acme.example", external_ids={"anonymous": "b1"})

    second = world.sign_up(email="bob@acme.example", external_ids={"anonymous": "b1"})

    assert second["lead_id"] != first["lead_id"]
    assert second["warnings"][0]["code"] == "belongs_to_another_lead"


def test_an_unknown_field_becomes_an_attribute_and_a_warning(world: World) -> None:
    answer = world.sign_up(id="L1", favourite_colour="green", attributes={"employees": 900})

    assert [w["field"] for w in answer["warnings"]] == ["favourite_colour"]
    attributes = world.get("manager", "/v1/leads/L1").json()["lead"]["attributes"]
    assert attributes == {"employees": 900, "favourite_colour": "green"}


def test_a_field_that_the_model_learnt_from_is_no_unknown_one(world: World) -> None:
    model = world.runtime.model
    colour = Attribute(name="favourite_colour", kind="category", group="fit")
    world.runtime.model = replace(model, schema=replace(model.schema, attributes=(colour,)))

    answer = world.sign_up(id="L1", favourite_colour="green", shoe_size=44)

    assert [w["field"] for w in answer["warnings"]] == ["shoe_size"]


def test_a_bad_mail_address_or_phone_makes_a_lead_marked_invalid(world: World) -> None:
    answer = world.sign_up(id="L1", email="not an address", phone="call me maybe")

    assert answer["lead_id"] == "L1"
    assert world.get("manager", "/v1/leads/L1").json()["lead"]["contact"]["mailbox"] == "invalid"


def test_only_the_mail_address_is_needed(world: World) -> None:
    assert world.send("/v1/signups", {"email": "a@acme.example"}).status_code == 200
    assert world.send("/v1/signups", {"external_ids": {"user": "u"}}).status_code == 200

    nobody = world.send("/v1/signups", {"seats": 3})

    assert nobody.status_code == 422
    assert nobody.json()["errors"][0]["path"] == "email"


def test_the_score_is_as_of_the_sign_up_and_never_of_the_future(world: World) -> None:
    past = MONDAY - timedelta(days=3)

    early = world.sign_up(signed_up_at=past.isoformat())
    late = world.sign_up(signed_up_at=(MONDAY + timedelta(days=3)).isoformat())
    update = world.sign_up(id=early["lead_id"], signed_up_at=past.isoformat())

    assert early["score"]["as_of"] == past.isoformat().replace("+00:00", "Z")
    assert late["score"]["as_of"] == MONDAY.isoformat().replace("+00:00", "Z")
    assert update["score"]["as_of"] == MONDAY.isoformat().replace("+00:00", "Z")


def test_a_sign_up_of_days_ago_is_looked_at_again_at_once_as_of_now(world: World) -> None:
    past = MONDAY - timedelta(days=3)

    lead = world.sign_up(signed_up_at=past.isoformat())["lead_id"]
    world.work()

    seen = world.get("manager", f"/v1/leads/{lead}").json()
    assert seen["score"]["as_of"] == MONDAY.isoformat().replace("+00:00", "Z")


def test_an_attribute_known_after_the_sign_up_does_not_reach_its_score(world: World) -> None:
    late = {"value": 5000, "known_at": (MONDAY + timedelta(hours=1)).isoformat(), "source": "x"}

    answer = world.sign_up(id="L1", attributes={"employees": late})

    plain = world.sign_up(id="L2")
    assert answer["score"]["points"] == plain["score"]["points"]
    stored = world.get("manager", "/v1/leads/L1").json()["lead"]["attributes"]
    assert stored == {"employees": 5000}
