"""An approval says a word and may change the numbers: quoted, reserved and written anew."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from service.db.tables.leads import ledger, limits, remarks
from service.store.offers.limits import BUDGET
from service.use_cases.views.books import changed_offers
from tests.service.offers.test_offer_life import a_reps_concession
from tests.support.service import World


def reserved(world: World) -> int:
    (row,) = world.rows(sa.select(limits.c.used).where(limits.c.name == BUDGET))
    return int(row.used)


def shown(world: World, offer: str, who: str = "ada") -> Any:
    return world.get(who, f"/v1/offers/{offer}").json()


def approved(world: World, offer: str, **told: Any) -> Any:
    return world.post("manager", f"/v1/offers/{offer}/approve", told)


def test_less_discount_and_other_seats_are_quoted_reserved_and_written_down(world: World) -> None:
    _, asked = a_reps_concession(world, 20)
    offer = asked["offer_id"]
    before, held = shown(world, offer), reserved(world)

    answer = approved(world, offer, percent_off=10, seats=90, comment=" Ten is enough. ")

    assert answer.status_code == 200, answer.text
    after = shown(world, offer)
    assert after["state"] == "issued"
    terms, was = after["terms"], before["terms"]
    assert (terms["gives"]["percent_off"], was["gives"]["percent_off"]) == (10, 20)
    assert (terms["quote"]["seats"], was["quote"]["seats"]) == (90, 80)
    list_minor = 90 * terms["quote"]["term_months"] * terms["quote"]["list_per_seat_month_minor"]
    assert terms["quote"]["net_minor"] == list_minor * 9 // 10
    assert "10%" in terms["sentence"].replace(" %", "%")
    assert reserved(world) == terms["reserve_minor"] < held
    assert after["remarks"] == [
        {"kind": "approval", "words": "Ten is enough.", "at": after["remarks"][0]["at"]}
    ]
    last = world.rows(sa.select(ledger.c.facts).order_by(ledger.c.number.desc()).limit(1))[0]
    assert json.loads(last.facts)["terms"]["gives"]["percent_off"] == 10
    assert world.runtime.store.read_now(lambda c: list(changed_offers(c))) == []

    again = approved(world, offer, percent_off=5)
    assert again.status_code in (200, 409)
    assert shown(world, offer)["terms"] == terms


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"percent_off": 21}, "wrong_discount"),
        ({"percent_off": 0}, "wrong_fields"),
        ({"seats": 1}, "too_few_seats"),
        ({"seats": "many"}, "wrong_fields"),
        ({"comment": "x" * 1001}, "wrong_fields"),
    ],
)
def test_numbers_the_offer_cannot_have_change_nothing(
    world: World, told: dict[str, Any], code: str
) -> None:
    _, asked = a_reps_concession(world, 20)
    held, before = reserved(world), shown(world, asked["offer_id"])
    answer = approved(world, asked["offer_id"], **({"percent_off": 10} | told))
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (reserved(world), shown(world, asked["offer_id"])) == (held, before)


def test_more_seats_than_the_month_still_holds_are_refused_whole(world: World) -> None:
    _, asked = a_reps_concession(world, 20, "budget_minor_per_month = 100_000_000")
    held = reserved(world)
    answer = approved(world, asked["offer_id"], seats=900_000, percent_off=19, comment="All in.")
    assert (answer.status_code, answer.json()["code"]) == (409, "needs_approval")
    assert reserved(world) == held
    assert shown(world, asked["offer_id"])["state"] == "awaiting_approval"
    assert world.count(remarks) == 0
