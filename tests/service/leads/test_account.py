"""One account: its money and seats, whatever the order in which they were told."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.db.tables.leads import account_ledger
from service.use_cases.intake.erasure import erase
from service.use_cases.tx import transact_now
from tests.support.service import MONDAY, World

ACCOUNT = "acme.example"
_worlds = itertools.count(1)


def account(world: World, name: str = ACCOUNT, who: str = "manager") -> dict[str, Any]:
    answer = world.get(who, f"/v1/accounts/{name}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def outcome(
    kind: str, id: str, *, days: float = 0, lead: str = "mia", **told: Any
) -> dict[str, Any]:
    at = (MONDAY + timedelta(days=days)).isoformat()
    return {"id": id, "lead_id": lead, "kind": kind, "at": at} | told


def tell(world: World, body: dict[str, Any]) -> dict[str, Any]:
    answer = world.send("/v1/outcomes", body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def usd(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": "USD"}


STORY = [
    outcome(
        "converted",
        "o1",
        plan="business",
        seats=10,
        term_months=12,
        prepaid=True,
        amount=usd(297_600),
        invoice="A-1",
    ),
    outcome("changed", "o2", days=40, seats=14),
    outcome("converted", "o3", lead="tom", amount=usd(297_600), invoice="A-1"),
    outcome("refunded", "o4", days=50, invoice="A-1", amount=usd(10_000)),
    outcome(
        "renewed",
        "o5",
        days=365,
        seats=14,
        term_months=12,
        prepaid=True,
        amount=usd(416_640),
        invoice="A-2",
        lead="tom",
    ),
    outcome("refunded", "o6", days=370, invoice="A-2", amount=usd(999_999_999)),
    outcome("churned", "o7", days=730),
]


def test_an_accounts_money_is_every_invoice_once_less_what_was_given_back(world: World) -> None:
    for name in ("mia", "tom"):
        world.sign_up(id=name, email=f"{name}@{ACCOUNT}")
    for body in STORY:
        assert tell(world, body)["duplicate"] is False
    world.wait(days=400)

    shown = account(world)

    assert shown["money"]["sums"] == [
        {
            "currency": "USD",
            "paid_minor": 297_600 + 416_640,
            "refunded_minor": 10_000 + 416_640,  # never more than its invoice brought
            "kept_minor": 287_600,
        }
    ]
    assert (shown["money"]["seats"], shown["money"]["plan"]) == (14, "business")
    assert shown["money"]["customer_since"] == "2026-11-02T09:00:00Z"
    assert shown["money"]["paid_until"] == "2028-11-02T09:00:00Z"
    assert shown["money"]["ends_at"] == "2028-11-01T09:00:00Z"
    assert [person["lead_id"] for person in shown["people"]] == ["mia", "tom"]
    world.wait(days=400)
    assert account(world)["money"]["seats"] == 0
    assert account(world)["money"]["ended_at"] == "2028-11-01T09:00:00Z"


def test_an_invoice_is_one_however_it_is_padded_and_two_in_other_letters(world: World) -> None:
    world.sign_up(id="mia", email=f"mia@{ACCOUNT}")
    for body in (
        outcome("converted", "o1", amount=usd(1_000), invoice="INV-001"),
        outcome("converted", "o2", amount=usd(1_000), invoice=" INV-001 "),
        outcome("converted", "o3", amount=usd(1_000), invoice="\u00a0ＩＮＶ-001"),
        outcome("refunded", "o4", amount=usd(400), invoice="INV-001\t"),
        outcome("renewed", "o5", amount=usd(1_000), invoice="inv-001"),
    ):
        tell(world, body)
    assert account(world)["money"]["sums"] == [
        {"currency": "USD", "paid_minor": 2_000, "refunded_minor": 400, "kept_minor": 1_600}
    ]


def test_an_outcome_after_a_sale_is_history_and_never_ignored(world: World) -> None:
    world.sign_up(id="mia", email=f"mia@{ACCOUNT}")
    for body in STORY:
        if body["lead_id"] == "mia":
            tell(world, body)
    world.wait(days=800)
    kinds = [entry["kind"] for entry in account(world)["money"]["entries"]]
    assert kinds == ["converted", "changed", "refunded", "refunded", "churned"]
    assert world.get("manager", "/v1/leads/mia").json()["lead"]["outcome"] == "converted"


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"kind": "changed"}, "seats, plan or a paid invoice"),
        ({"kind": "refunded", "invoice": "A-1"}, "amount"),
        ({"kind": "refunded", "amount": usd(5)}, "invoice"),
        ({"kind": "cancelled"}, "kind"),
        ({"kind": "changed", "seats": -1}, "seats"),
    ],
)
def test_an_outcome_that_does_not_say_what_happened_is_refused(
    world: World, told: dict[str, Any], why: str
) -> None:
    world.sign_up(id="mia", email=f"mia@{ACCOUNT}")
    refused = world.send("/v1/outcomes", outcome("converted", "o1") | told)
    assert refused.status_code == 422
    assert why in refused.text
    assert world.count(account_ledger) == 0


def test_a_lead_without_an_account_is_one_by_itself(world: World) -> None:
    world.sign_up(id="jo", email="jo@gmail.com")
    tell(world, outcome("converted", "o1", lead="jo", seats=3, amount=usd(7_440), invoice="B-1"))
    ((ref,),) = world.rows(sa.text("SELECT ref FROM leads WHERE id = 'jo'"))  # type: ignore[arg-type]
    shown = account(world, f"lead:{ref}")
    assert shown["money"]["sums"][0]["paid_minor"] == 7_440
    assert world.get("manager", "/v1/accounts/nobody.example").status_code == 404


def test_a_rep_sees_their_own_accounts_only(world: World) -> None:
    world.hire("ada")
    world.hire("bob")
    lead = world.sign_up(email=f"mia@{ACCOUNT}", title="CFO", seats=200)
    assert lead["rep"] is not None
    other = {"ada": "bob", "bob": "ada"}[lead["rep"]]
    assert world.get(lead["rep"], f"/v1/accounts/{ACCOUNT}").status_code == 200
    assert world.get(other, f"/v1/accounts/{ACCOUNT}").status_code == 403


def test_a_reps_word_that_a_lead_bought_is_a_line_of_the_ledger(world: World) -> None:
    world.hire("ada")
    world.sign_up(email=f"mia@{ACCOUNT}", title="CFO", seats=200)
    claim = world.claim("ada")
    done = {"version": claim["version"], "disposition": "won"}
    assert world.post("ada", f"/v1/claims/{claim['claim']}/done", done).status_code == 200
    (entry,) = account(world)["money"]["entries"]
    assert (entry["kind"], entry["minor"]) == ("converted", None)


def test_an_erased_persons_money_stays_in_their_accounts_books(world: World) -> None:
    for name in ("mia", "tom"):
        world.sign_up(id=name, email=f"{name}@{ACCOUNT}")
    for body in STORY:
        tell(world, body)
    world.wait(days=400)
    before = account(world)["money"]
    transact_now(world.runtime, lambda tx: erase(tx, "mia"))
    after = account(world)["money"]
    assert (after["sums"], after["seats"]) == (before["sums"], before["seats"])
    assert "mia" not in str(after)
    assert "A-2" in str(after)  # tom's


def signup(day: int, **fields: Any) -> tuple[str, dict[str, Any]]:
    return "/v1/signups", fields | {"signed_up_at": f"2026-10-{day}T08:00:00Z"}


CALLS: list[tuple[str, dict[str, Any]]] = [
    signup(10, id="mia", email=f"mia@{ACCOUNT}", external_ids={"user": "u1"}),
    signup(11, id="tom", email=f"tom@{ACCOUNT}"),
    signup(12, id="alt", external_ids={"hubspot": 7}),
    signup(13, external_ids={"user": "u1", "hubspot": 7}),
    *(("/v1/outcomes", body) for body in STORY),
    ("/v1/outcomes", outcome("changed", "o8", days=60, lead="alt", seats=16)),
    ("/v1/outcomes", outcome("lost", "o9", days=20, lead="tom", reason="price")),
]
ACTIVE = {"e1": ("mia", 10), "e2": ("tom", 388), "e3": ("mia", 390), "e4": ("alt", 392)}
CALLS += [
    (
        "/v1/events",
        {
            "events": [
                {
                    "id": id,
                    "lead_id": lead,
                    "name": "project created",
                    "at": (MONDAY + timedelta(days=day)).isoformat(),
                }
            ]
        },
    )
    for id, (lead, day) in ACTIVE.items()
]
OURS = {"mia", "tom", "alt", "u1", *(f"o{n}" for n in range(10)), *ACTIVE}
FIGURES = ("sums", "seats", "plan", "customer_since", "paid_until", "ends_at", "ended_at")


@given(order=st.permutations(CALLS))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_order_of_the_same_calls_gives_the_same_account(world: World, order: list[Any]) -> None:
    """Each order in an account of its own, all in one store."""
    number = next(_worlds)

    def own(told: Any) -> Any:
        if isinstance(told, dict):
            return {name: own(value) for name, value in told.items()}
        if isinstance(told, list):
            return [own(value) for value in told]
        if isinstance(told, str) and told in OURS:
            return f"{told}-{number}"
        if isinstance(told, str) and "@" in told:
            name, _, domain = told.partition("@")
            return f"{name}@n{number}-{domain}"
        return told + 1000 * number if told == 7 and not isinstance(told, bool) else told

    world.clock.advance(MONDAY + timedelta(days=395) - world.clock.now())
    for path, body in order:
        answer = world.send(path, own(body))
        assert answer.status_code == 200, answer.text
        world.wait(seconds=1)
    world.clock.advance(MONDAY + timedelta(days=400) - world.clock.now())
    whole = account(world, f"n{number}-{ACCOUNT}")
    assert whole["stage"] == {
        "name": "maturity",
        "since": "2027-11-29",  # dormant until the third active day of a fortnight
        "why": "a customer since 2 November 2026, in steady use",
    }
    shown = whole["money"]
    assert {name: shown[name] for name in FIGURES} == {
        "sums": [
            {
                "currency": "USD",
                "paid_minor": 714_240,
                "refunded_minor": 426_640,
                "kept_minor": 287_600,
            }
        ],
        "seats": 14,
        "plan": "business",
        "customer_since": "2026-11-02T09:00:00Z",
        "paid_until": "2028-11-02T09:00:00Z",
        "ends_at": "2028-11-01T09:00:00Z",
        "ended_at": None,
    }
    assert len(shown["entries"]) == len(STORY) + 1  # one invoice was told of twice


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (None, None),
        (("refunded", 5_000, "EUR", "A-1"), "paid in USD, refunded in EUR"),
        (("renewed", 5_000, "EUR", "A-2"), "paid in EUR and USD"),
    ],
)
def test_money_of_several_currencies_has_no_value_and_says_why(
    world: World, more: tuple[str, int, str, str] | None, why: str | None
) -> None:
    world.sign_up(id="mia", email=f"mia@{ACCOUNT}")
    shown = account(world)
    assert (shown["value"], shown["value_why"]) == (None, "nothing paid yet")
    tell(world, STORY[0])
    if more is not None:
        kind, minor, currency, invoice = more
        amount = {"minor": minor, "currency": currency}
        tell(world, outcome(kind, "more", amount=amount, invoice=invoice))
    world.wait(days=1)

    shown = account(world)

    assert (shown["value"] is None) == (why is not None)
    said = why and f"{why}: money of several currencies is not added up"
    assert shown["value_why"] == said
