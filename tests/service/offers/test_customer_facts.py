"""Facts of a customer that a policy may look at: the stage, and what the account brought."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
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


def test_what_is_to_come_is_told_once_sixty_renewals_were_due(world: World) -> None:
    """Accounts by the month: a fifth leaves at first, fewer later; the last one is asked about."""
    for number in range(34):
        name = f"c{number}"
        world.sign_up(id=name, email=f"{name}@{name}.example")
        stays = 1 if number % 5 == 0 else 4
        for month in range(stays):
            paid_at = datetime(2026, 11 + month, 3, tzinfo=UTC) if month < 2 else None
            at = paid_at or datetime(2027, month - 1, 3, tzinfo=UTC)
            body = {
                "id": f"{name}-{month}",
                "lead_id": name,
                "kind": "renewed" if month else "converted",
                "at": at.isoformat(),
                "amount": {"minor": 10_000, "currency": "USD"},
                "invoice": f"{name}-{month}",
            }
            assert world.send("/v1/outcomes", body).status_code == 200
    path = "/v1/accounts/c1.example"
    world.wait(days=44)  # the first renewals are due, and decided where they were paid
    world.work()
    early = world.get("manager", path).json()["value"]
    assert (early["potential_minor"], early["low_minor"]) == (None, None)
    assert early["method"].startswith("too early: ")
    assert early["method"].endswith(" of 60 renewals were due")

    world.wait(days=60)
    world.work()
    shown = world.get("manager", path).json()["value"]
    assert shown["low_minor"] < shown["potential_minor"] < shown["high_minor"]
    assert 8_000 * 5 < shown["potential_minor"] < 8_000 * 110
    assert "beta-discrete-Weibull" in shown["method"]
    gone = {"id": "x", "lead_id": "c1", "kind": "churned", "at": world.clock.now().isoformat()}
    assert world.send("/v1/outcomes", gone).status_code == 200
    assert world.get("manager", path).json()["value"]["potential_minor"] == 0
