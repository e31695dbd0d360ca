"""A sign-up with values in another form than the contract's: taken where clear, told where not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.service import World


def told(world: World, **fields: Any) -> tuple[dict[str, Any], set[tuple[str, str]]]:
    """The lead as stored, and the field and code of each warning."""
    answer = world.sign_up(id="V1", **{"email": "val@acme-foods.example", **fields})
    lead: dict[str, Any] = world.get("manager", "/v1/leads/V1").json()["lead"]
    return lead, {(w["field"], w["code"]) for w in answer["warnings"]}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"phone": 4930901820, "country": "DE"}, {"phone": "4930901820"}),
        ({"phone": 4930901820.0}, {"phone": "4930901820"}),
        ({"seats": "14"}, {"seats": 14}),
        ({"seats": 14.0}, {"seats": 14}),
        ({"do_not_email": "true"}, {"do_not_email": True}),
        ({"do_not_call": "False"}, {"do_not_call": False}),
    ],
)
def test_a_value_of_a_forms_other_type_is_taken(
    world: World, sent: dict[str, Any], kept: dict[str, Any]
) -> None:
    lead, _ = told(world, **sent)
    assert {name: lead[name] for name in kept} == kept


@pytest.mark.parametrize(
    ("sent", "warning"),
    [
        ({"email": "no address"}, ("email", "invalid_email")),
        ({"phone": "12"}, ("phone", "invalid_phone")),
        ({"timezone": "Berlin time"}, ("timezone", "unknown_timezone")),
        ({"country": "Atlantis"}, ("country", "unknown_country")),
    ],
)
def test_what_cannot_be_used_is_told_and_the_lead_is_kept(
    world: World, sent: dict[str, Any], warning: tuple[str, str]
) -> None:
    lead, warnings = told(world, **sent)
    assert warnings == {warning}
    assert lead["id"] == "V1"


@pytest.mark.parametrize("blank", ["", "  "])
@pytest.mark.parametrize(
    "field",
    ["seats", "trial_started_at", "trial_ends_at", "do_not_email", "do_not_call", "phone", "title"],
)
def test_a_forms_field_that_nobody_filled_in_is_not_told(
    world: World, field: str, blank: str
) -> None:
    lead, warnings = told(world, **{field: blank})
    assert not (lead.get(field) or "").strip()
    assert warnings == set()


@pytest.mark.parametrize(
    ("field", "code"), [("email", "invalid_email"), ("phone", "invalid_phone")]
)
def test_an_endless_text_where_an_address_is_asked_for_loses_no_lead(
    world: World, field: str, code: str
) -> None:
    lead, warnings = told(world, **{field: "7" * 5000})
    assert warnings == {(field, code)}
    assert lead["id"] == "V1"


def test_of_two_mail_addresses_the_first_is_kept_and_that_is_told(world: World) -> None:
    lead, warnings = told(world, email="Val Ue <val@acme-foods.example>; info@acme-foods.example")
    assert lead["email"] == "val@acme-foods.example"
    assert warnings == {("email", "first_address")}


def test_a_sign_up_in_the_future_is_one_of_now(world: World) -> None:
    now = world.clock.now()
    lead, warnings = told(world, signed_up_at=(now + timedelta(days=400)).isoformat())
    assert ("signed_up_at", "time_in_future") in warnings
    assert lead["signed_up_at"][:16] == now.isoformat()[:16]


def test_what_is_right_is_not_remarked_on(world: World) -> None:
    _, warnings = told(
        world, phone="+49 30 901820", country="Deutschland", timezone="Europe/Berlin"
    )
    assert warnings == set()
