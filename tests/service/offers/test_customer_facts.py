"""Facts of a customer that a policy may look at: the stage, and what the account brought."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from service.store.leads import leads
from service.use_cases.leads.lead_context import open_lead
from service.use_cases.leads.rescoring import score_lead
from service.use_cases.offers.situation import Request, situate
from service.use_cases.tx import Tx
from tests.support.service import MONDAY, World


def facts(world: World, lead: str = "mia") -> tuple[Any, Any]:
    """The stage and the value, as a policy would see them now."""
    now = world.clock.now()

    def look(connection: Any) -> Any:
        tx = Tx(connection, world.runtime, now)
        stored = leads.find(connection, lead)
        assert stored is not None
        case = open_lead(stored)
        asked = Request(by="system", role="system", now=now)
        return situate(tx, case, score_lead(tx, case, now), asked)

    found = world.runtime.store.read_now(look)
    return found.get("stage"), found.get("value_past_minor")


def tell(world: World, kind: str, **told: Any) -> None:
    body = {"id": f"{kind}-1", "lead_id": "mia", "kind": kind, "at": MONDAY.isoformat()}
    assert world.send("/v1/outcomes", body | told).status_code == 200


@pytest.mark.parametrize(("currency", "value"), [("USD", 7_000), ("EUR", None)])
def test_a_policy_sees_the_stage_and_what_the_account_brought(
    world: World, currency: str, value: int | None
) -> None:
    world.sign_up(id="mia", email="mia@acme.example")
    world.sign_up(id="tom", email="tom@acme.example")
    world.did("mia", "project created")
    assert facts(world) == ("unknown", 0)
    paid = {"amount": {"minor": 9_000, "currency": currency}, "invoice": "A-1"}
    tell(world, "converted", **paid)
    given_back = {"amount": {"minor": 2_000, "currency": currency}, "invoice": "A-1"}
    tell(world, "refunded", **given_back)
    assert facts(world) == facts(world, "tom") == ("introduction", value)
    world.wait(days=30)
    assert facts(world) == ("dormancy", value)
    tell(world, "churned", at=(MONDAY + timedelta(days=31)).isoformat())
    world.wait(days=1)
    assert facts(world) == ("churn", value)


def test_the_account_page_says_what_the_running_term_leaves(world: World) -> None:
    world.sign_up(id="mia", email="mia@acme.example")
    year = {"term_months": 12, "prepaid": True, "invoice": "A-1"}
    tell(world, "converted", amount={"minor": 10_000, "currency": "USD"}, **year)
    tell(world, "refunded", amount={"minor": 1_001, "currency": "USD"}, invoice="A-1")
    shown = world.get("manager", "/v1/accounts/acme.example").json()["value"]
    margin = world.runtime.policy.margin_percent
    assert margin == 80
    assert (shown["past_minor"], shown["current_minor"]) == (8_999, 7_199)
    assert shown["potential_minor"] is None
    world.wait(days=366)
    shown = world.get("manager", "/v1/accounts/acme.example").json()["value"]
    assert (shown["past_minor"], shown["current_minor"]) == (8_999, 0)
