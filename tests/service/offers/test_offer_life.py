"""An offer from approval to refund: who may release it, what it holds back, what it gives back."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from offers.policy import parse_policy
from service.db.tables.leads import offers
from service.store.offers import ledger, limits
from tests.support.service import CONSENT, World
from tests.support.service_offers import POLICY, a_lead_due_an_offer, the_policy

TEAM_DEAL = (
    POLICY[: POLICY.index("[[rule]]")]
    + """
[approval]
rep_above_percent = 5
manager_above_percent = 15

[[rule]]
id = "team-deal"
why = "A big team and a long term earn more than the cut costs."
when = 'seats_requested >= 50 and trial_day >= 1'
get = { seats = 50, term_months = 24 }
give = { percent_off = PERCENT }
valid_days = 14
email = "extra-months"
"""
)
CAMPAIGN = (
    POLICY[: POLICY.index("[[rule]]")]
    + """
[[rule]]
id = "partner-campaign"
why = "The partner's audience comes once."
when = 'campaign_code == "SITE20" and partner == "sitebuilder" and trial_day >= 1'
get = { campaign_code = "SITE20", term_months = 12, pay_within_days = 30 }
give = { percent_off = 20 }
"""
)


def budget(world: World) -> int:
    month = limits.month_of(world.clock.now())
    return world.runtime.store.read_now(lambda c: limits.used(c, limits.BUDGET, month))


def of_rep(world: World, rep: str) -> int:
    month = limits.month_of(world.clock.now())
    return world.runtime.store.read_now(lambda c: limits.used(c, limits.of_person(rep), month))


def open_offers(world: World) -> int:
    return world.runtime.store.read_now(lambda c: limits.used(c, limits.OPEN_OFFERS))


def a_reps_concession(world: World, percent: int, more: str = "") -> tuple[str, Any]:
    """Ada's lead, and what she asked for it."""
    text = TEAM_DEAL.replace("PERCENT", str(percent)).replace(
        "[guardrails]", f"[guardrails]\n{more}"
    )
    world.runtime.policy = parse_policy(text)
    world.hire("ada")
    lead = world.sign_up(seats=80, title="CFO", consent=CONSENT)["lead_id"]
    return lead, world.post("ada", f"/v1/leads/{lead}/offer").json()


def state(world: World, offer: str) -> str:
    return str(world.get("manager", f"/v1/offers/{offer}").json()["state"])


@pytest.mark.parametrize(
    ("percent", "refused", "approves"),
    [(10, ("ada",), "bob"), (20, ("ada", "bob"), "manager")],
    ids=["above 5 % another rep", "above 15 % a manager"],
)
def test_a_reps_concession_waits_for_another_person_and_only_then_is_mailed(
    world: World, percent: int, refused: tuple[str, ...], approves: str
) -> None:
    _, asked = a_reps_concession(world, percent)
    world.hire("bob")
    path = f"/v1/offers/{asked['offer_id']}"
    assert state(world, asked["offer_id"]) == "awaiting_approval"
    assert budget(world) == of_rep(world, "ada") == asked["offer"]["reserve_minor"] > 0

    for person in refused:
        assert world.post(person, f"{path}/approve").status_code == 403
    world.work()
    assert world.captured() == []
    assert world.post(approves, f"{path}/approve").json()["state"] == "issued"
    world.post(approves, f"{path}/approve")

    (row,) = world.rows(sa.select(offers))
    assert row.by == "ada"
    assert row.approved_by not in (None, "ada")
    assert len(world.rows(sa.text("SELECT id FROM outbox"))) == 1  # type: ignore[arg-type]  # any query


def test_a_small_concession_needs_nobody(world: World) -> None:
    _, asked = a_reps_concession(world, 5)

    assert state(world, asked["offer_id"]) == "issued"


def test_a_manager_does_not_approve_their_own_concession(world: World) -> None:
    world.runtime.policy = parse_policy(TEAM_DEAL.replace("PERCENT", "20"))
    lead = world.sign_up(seats=80, consent=CONSENT)["lead_id"]
    asked = world.post("manager", f"/v1/leads/{lead}/offer").json()
    path = f"/v1/offers/{asked['offer_id']}/approve"

    own = world.post("manager", path)

    assert (own.status_code, own.json()["code"]) == (403, "own_concession")
    assert world.post("admin", path).status_code == 200


def test_a_reps_concessions_of_a_month_add_up_and_a_withdrawn_one_is_given_back(
    world: World,
) -> None:
    cost = 80 * 24 * 2480 // 5
    _, asked = a_reps_concession(world, 20, more=f"rep_minor_per_month = {cost + 1}")
    assert asked["issued"] is True
    second = world.sign_up(seats=80, title="CFO", consent=CONSENT)["lead_id"]
    ask = f"/v1/leads/{second}/offer"

    full = world.post("ada", ask).json()
    world.post("manager", f"/v1/offers/{asked['offer_id']}/withdraw")
    again = world.post("ada", ask).json()

    broken = [each["name"] for each in full["guardrails"] if not each["held"]]
    assert (full["issued"], broken) == (False, ["rep_minor_per_month"])
    assert again["issued"] is True
    assert of_rep(world, "ada") == budget(world) == cost


def redeemed(world: World, *, wants: int, orders: int) -> tuple[str, dict[str, Any]]:
    the_policy(world)
    world.did(a_lead_due_an_offer(world, seats=wants), "project created")
    (offer,) = world.get("manager", "/v1/offers").json()["offers"]
    order = {
        "plan": "business",
        "seats": orders,
        "term_months": 12,
        "prepaid": True,
        "paid_at": world.clock.now().isoformat(),
        "invoice": "in_1",
    }
    answer = world.send(f"/v1/offers/{offer['id']}/redeem", {"order": order})
    assert answer.json()["redeemed"] is True, answer.text
    return offer["id"], order


def test_a_redemption_settles_what_was_reserved_and_gives_the_rest_back(world: World) -> None:
    offer, _ = redeemed(world, wants=150, orders=120)

    (row,) = world.rows(sa.select(offers).where(offers.c.id == offer))
    assert row.settled_minor == 120 * 3 * 2480 < row.reserve_minor == 150 * 3 * 2480
    assert budget(world) == row.settled_minor
    assert open_offers(world) == 0


@pytest.mark.parametrize("change", ["refund", "shrink"])
def test_a_refund_or_an_order_shrunk_below_a_get_takes_the_gives_back_once(
    world: World, change: str
) -> None:
    offer, order = redeemed(world, wants=100, orders=110)
    path = f"/v1/offers/{offer}/reverse"
    kept = world.send(path, {"order": order | {"seats": 100}}).json()
    assert (kept["reversed"], kept["offer"]["state"]) == (False, "redeemed")
    body = {"order": None if change == "refund" else order | {"seats": 99}}

    answers = [world.send(path, body).json() for _ in range(3)]

    assert {answer["reversed"] for answer in answers} == {True}
    assert [grant["give"] for grant in answers[0]["takes_back"]] == ["extra_months"]
    assert (budget(world), open_offers(world)) == (0, 0)
    steps = [entry.step for entry in world.runtime.store.read_now(lambda c: ledger.about(c, offer))]
    assert steps == ["issued", "redeemed", "reversed"]
    again = world.send(f"/v1/offers/{offer}/redeem", {"order": order | {"invoice": "in_2"}})
    assert (again.status_code, again.json()["code"]) == (409, "offer_reversed")


def test_only_what_was_redeemed_is_reversed(world: World) -> None:
    the_policy(world)
    world.did(a_lead_due_an_offer(world), "project created")
    (offer,) = world.get("manager", "/v1/offers").json()["offers"]

    refused = world.send(f"/v1/offers/{offer['id']}/reverse", {"order": None})

    assert (refused.status_code, refused.json()["code"]) == (409, "cannot_reverse")
    assert refused.json()["detail"] == (
        "the offer is issued and cannot be reversed, only accepted, redeemed or withdrawn"
    )
    assert open_offers(world) == 1


@pytest.mark.parametrize("how", ["sign-up", "page", "rep"])
def test_a_campaign_code_counts_however_the_lead_presents_it(world: World, how: str) -> None:
    world.runtime.policy = parse_policy(CAMPAIGN)
    world.hire("ada")
    code = {"campaign_code": "SITE20", "partner": "sitebuilder"}
    lead = world.sign_up(id="l-1", email="a@one.example", **(code if how == "sign-up" else {}))
    if how == "page":  # the page's server tells what it was shown, as one more sign-up of the lead
        assert world.sign_up(id="l-1", email="a@one.example", **code)["duplicate"] is True
    path = f"/v1/leads/{lead['lead_id']}/offer"
    body = code if how == "rep" else {}
    tried = world.post("ada", path, body | {"dry_run": True}).json()
    assert tried["offer"]["rule"] == "partner-campaign"
    if how == "rep":
        assert world.post("ada", path, {"dry_run": True}).json()["offer"] is None

    given = world.post("ada", path, body).json()

    assert given["issued"] is True
    assert given["offer"]["gets"]["campaign_code"] == "SITE20"
    told = world.get("ada", f"/v1/leads/{lead['lead_id']}").json()["lead"]
    assert (told["campaign_code"], told["partner"]) == ("SITE20", "sitebuilder")
