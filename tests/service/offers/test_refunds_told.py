"""A refund that is told to us takes back what its invoice redeemed, as Stripe's refund does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from service.cli import app
from service.db.tables.leads import metadata
from tests.service.offers.test_fulfilment import an_offer, an_order, converted
from tests.support.service import World

PAID = 120 * 12 * 2480
"""Of 120 seats; the offer asks for 100."""
Told = dict[str, Any]


def by_outcome(world: World, lead: str, offer: Told) -> None:
    amount = {"minor": PAID, "currency": "USD"}
    told = converted(world, lead, offer=offer["id"], seats=120, amount=amount)
    assert told["offer"]["outcome"] == "redeemed"


def by_order(world: World, lead: str, offer: Told) -> None:
    order = an_order(world, seats=120, amount={"minor": PAID, "currency": "USD"})
    answer = world.send(f"/v1/offers/{offer['id']}/redeem", {"order": order})
    assert answer.json()["outcome"] == "redeemed"


def by_order_without_amount(world: World, lead: str, offer: Told) -> None:
    answer = world.send(f"/v1/offers/{offer['id']}/redeem", {"order": an_order(world, seats=120)})
    assert answer.json()["outcome"] == "redeemed"


DOORS = [by_outcome, by_order, by_order_without_amount]


def refunded(world: World, lead: str, minor: int, **told: Any) -> Told:
    body = {
        "id": f"back-{minor}",
        "lead_id": lead,
        "kind": "refunded",
        "at": world.clock.now().isoformat(),
        "invoice": "in_1",
        "amount": {"minor": minor, "currency": "USD"},
    }
    answer = world.send("/v1/outcomes", body | told)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def state(world: World, offer: Told) -> str:
    return str(world.get("manager", f"/v1/offers/{offer['id']}").json()["state"])


def to_do(world: World) -> list[tuple[str, str]]:
    listed = world.get("manager", "/v1/tasks").json()["tasks"]
    return [(task["kind"], task["give"]) for task in listed]


def hands_over(world: World) -> None:
    for task in world.get("manager", "/v1/tasks").json()["tasks"]:
        world.post("manager", f"/v1/tasks/{task['id']}/done")


@pytest.mark.parametrize("door", DOORS)
def test_a_whole_refund_takes_the_offer_back(world: World, door: Callable[..., None]) -> None:
    lead, offer = an_offer(world)
    door(world, lead, offer)
    hands_over(world)

    told = refunded(world, lead, PAID)

    assert (told["offer"]["id"], told["offer"]["outcome"]) == (offer["id"], "reversed")
    assert (state(world, offer), to_do(world)) == ("reversed", [("take_back", "extra_months")])
    assert refunded(world, lead, PAID)["duplicate"] is True


@pytest.mark.parametrize("door", DOORS)
def test_a_part_is_so_many_seats_fewer(world: World, door: Callable[..., None]) -> None:
    lead, offer = an_offer(world)
    door(world, lead, offer)

    told = refunded(world, lead, 21 * 12 * 2480 - 1)  # a part of a seat is a seat that is held
    assert (told["offer"]["outcome"], told["offer"]["code"]) == ("linked", "refunded")
    assert state(world, offer) == "redeemed"

    assert refunded(world, lead, 1)["offer"]["outcome"] == "reversed"
    assert state(world, offer) == "reversed"


@pytest.mark.parametrize("door", DOORS[:2])
def test_a_refund_may_be_told_before_its_order(world: World, door: Callable[..., None]) -> None:
    lead, offer = an_offer(world)
    assert refunded(world, lead, PAID)["offer"] is None
    door(world, lead, offer)
    assert (state(world, offer), to_do(world)) == ("reversed", [])


def test_a_list_of_outcomes_takes_back_too(world: World, tmp_path: Path) -> None:
    lead, offer = an_offer(world)
    by_order(world, lead, offer)
    file = tmp_path / "outcomes.csv"
    at = world.clock.now().isoformat()
    file.write_text(
        f"id,lead,kind,at,invoice,minor,currency\nb1,{lead},refunded,{at},in_1,{PAID},USD\n"
    )
    names = tmp_path / "map.toml"
    kept = {"lead": "lead_id", "minor": "amount.minor", "currency": "amount.currency"}
    kept |= {name: name for name in ("id", "kind", "at", "invoice")}
    lines = ["[fields]", *(f'{ours} = "{field}"' for ours, field in kept.items())]
    names.write_text("\n".join(lines))
    command = ["import", "outcomes", str(file), "--map", str(names), "--yes"]
    done = CliRunner().invoke(app, [*command, "--db", world.settings.db])
    assert done.exit_code == 0, done.output
    assert state(world, offer) == "reversed"

    (made,) = world.rows(sa.select(metadata.tables["imports"].c.id))
    back = CliRunner().invoke(app, ["import", "undo", made.id, "--db", world.settings.db])
    assert back.exit_code == 0, back.output
    assert state(world, offer) == "redeemed"


def test_a_refund_that_cannot_be_held_against_the_sale_says_why(world: World) -> None:
    lead, offer = an_offer(world)
    by_order(world, lead, offer)

    told = refunded(world, lead, PAID, amount={"minor": PAID, "currency": "EUR"})

    assert told["offer"]["code"] == "refund_unclear"
    assert "is in EUR and the invoice was paid in USD" in told["offer"]["why"]
    assert state(world, offer) == "redeemed"


def test_another_accounts_refund_takes_nothing_back(world: World) -> None:
    lead, offer = an_offer(world)
    by_order(world, lead, offer)
    other = world.sign_up(email="cfo@other.example", id="other")["lead_id"]
    assert refunded(world, other, PAID)["offer"] is None
    assert state(world, offer) == "redeemed"
