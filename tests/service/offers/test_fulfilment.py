"""What follows a redemption: a code used once, tasks for people, outcomes that name an offer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import sqlalchemy as sa

from offers.policy import parse_policy
from service.db.tables.leads import redemptions
from tests.support.service import World
from tests.support.service_offers import POLICY, a_lead_due_an_offer, the_policy

HEAD = POLICY[: POLICY.index("[[rule]]")]
TALK = (
    HEAD
    + """
[[rule]]
id = "talk"
why = "Who talks with us knows what they buy."
when = 'trial_day >= 1'
get = { talk_to_rep = true, campaign_code = "SITE20", term_months = 12 }
give = { percent_off = 10, price_lock_months = 24 }
valid_days = 20
"""
)


def an_offer(world: World, **fields: Any) -> tuple[str, dict[str, Any]]:
    """A lead and the offer it was sent."""
    the_policy(world)
    lead = a_lead_due_an_offer(world, seats=100, **fields)
    world.did(lead, "project created")
    newest = world.get("manager", "/v1/offers").json()["offers"][0]
    return lead, world.get("manager", f"/v1/offers/{newest['id']}").json()


def an_order(world: World, **changes: Any) -> dict[str, Any]:
    paid_at = world.clock.now().isoformat()
    return {
        "plan": "business",
        "seats": 100,
        "term_months": 12,
        "prepaid": True,
        "paid_at": paid_at,
        "invoice": "in_1",
    } | changes


def converted(world: World, lead: str, **changes: Any) -> dict[str, Any]:
    body = {
        "id": f"out-{lead}",
        "lead_id": lead,
        "kind": "converted",
        "at": world.clock.now().isoformat(),
        "plan": "business",
        "seats": 100,
        "term_months": 12,
        "prepaid": True,
        "amount": {"minor": 100 * 12 * 2480, "currency": "USD"},
        "invoice": "in_1",
    } | changes
    answer = world.send("/v1/outcomes", body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_code_redeems_its_offer_once_whoever_is_quicker(world: World) -> None:
    _, offer = an_offer(world)
    assert len(offer["code"]) == 12
    path = f"/v1/offers/{offer['code']}/redeem"

    def at_once(number: int) -> Any:
        return world.send(path, {"order": an_order(world, invoice=f"in_{number}")})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(at_once, range(8)))

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"already_redeemed"}
    assert world.count(redemptions) == 1


def test_one_invoice_does_not_redeem_two_offers_of_an_account(world: World) -> None:
    lead, offer = an_offer(world)
    in_time = an_order(world)
    world.wait(days=200)
    world.work()  # the first has ended
    asked = world.post("manager", f"/v1/leads/{lead}/offer").json()
    again = f"/v1/offers/{asked['offer_id']}"
    world.post("admin", f"{again}/approve")
    told_late = world.send(f"/v1/offers/{offer['id']}/redeem", {"order": in_time})
    assert told_late.json()["redeemed"] is True

    refused = world.send(f"{again}/redeem", {"order": an_order(world)})

    assert (refused.status_code, refused.json()["code"]) == (409, "invoice_used")
    other = {"order": an_order(world, invoice="in_2")}
    assert world.send(f"{again}/redeem", other).json()["redeemed"] is True


def test_each_give_becomes_a_task_that_a_person_marks_done_and_a_refund_takes_back(
    world: World,
) -> None:
    _, offer = an_offer(world)
    assert offer["tasks"] == []
    no_invoice = {"order": an_order(world, invoice=None)}
    told = world.send(f"/v1/offers/{offer['id']}/redeem", no_invoice).json()
    assert [missed["get"] for missed in told["missed"]] == ["invoice"]
    assert world.get("manager", "/v1/tasks").json()["tasks"] == []

    world.send(f"/v1/offers/{offer['id']}/redeem", {"order": an_order(world)})
    (task,) = world.get("manager", "/v1/tasks").json()["tasks"]
    assert (task["kind"], task["give"], task["value"]) == ("grant", "extra_months", 3)
    assert task["recipe"] == "billing: move the renewal date"
    assert world.get("manager", f"/v1/offers/{offer['id']}").json()["tasks"] == [task]

    for _ in range(2):
        done = world.post("manager", f"/v1/tasks/{task['id']}/done").json()
        assert done["state"] == "done"
    assert world.get("manager", "/v1/tasks").json()["tasks"] == []
    world.send(f"/v1/offers/{offer['id']}/reverse", {"order": None})
    (back,) = world.get("manager", "/v1/tasks").json()["tasks"]
    assert (back["kind"], back["give"]) == ("take_back", "extra_months")
    assert world.post("manager", "/v1/tasks/none/done").status_code == 404


def test_what_was_not_handed_over_is_dropped_when_the_order_is_refunded(world: World) -> None:
    _, offer = an_offer(world)
    world.send(f"/v1/offers/{offer['id']}/redeem", {"order": an_order(world)})
    (task,) = world.get("manager", "/v1/tasks").json()["tasks"]

    world.send(f"/v1/offers/{offer['id']}/reverse", {"order": None})

    (dropped,) = world.get("manager", "/v1/tasks?state=dropped").json()["tasks"]
    assert dropped["id"] == task["id"]
    assert world.post("manager", f"/v1/tasks/{task['id']}/done").json()["code"] == "task_dropped"


def test_an_outcome_that_names_an_offer_redeems_it(world: World) -> None:
    lead, offer = an_offer(world)

    told = converted(world, lead, offer=offer["code"])["offer"]

    assert (told["id"], told["outcome"], told["redeemed"]) == (offer["id"], "redeemed", True)
    shown = world.get("manager", f"/v1/offers/{offer['id']}").json()
    assert (shown["state"], len(shown["tasks"])) == ("redeemed", 1)
    replay = world.send(f"/v1/offers/{offer['id']}/redeem", {"order": an_order(world)}).json()
    assert (replay["redeemed"], world.count(redemptions)) == (True, 1)


def test_an_outcome_is_kept_whatever_becomes_of_the_offer_it_names(world: World) -> None:
    lead, offer = an_offer(world)
    other = world.sign_up()["lead_id"]
    for number, (whose, changes, code) in enumerate(
        (
            (lead, {"offer": "offer_none"}, "unknown_offer"),
            (other, {"offer": offer["id"]}, "another_account"),
            (lead, {"offer": offer["id"], "plan": None}, "order_incomplete"),
            (lead, {"offer": offer["id"], "kind": "lost"}, "lost"),
        )
    ):
        told = converted(world, whose, **changes, id=f"out-{number}")
        assert (told["lead_id"], told["offer"]["code"]) == (whose, code)
        assert told["offer"]["redeemed"] is False

    cheap = {"minor": 1, "currency": "USD"}
    told = converted(world, lead, offer=offer["id"], amount=cheap, id="out-cheap")["offer"]
    assert (told["outcome"], [m["get"] for m in told["missed"]]) == ("missed", ["amount"])
    euros = {"minor": 10**9, "currency": "EUR"}
    told = converted(world, lead, offer=offer["id"], amount=euros, id="out-euros")["offer"]
    assert [(m["get"], m["needed"], m["actual"]) for m in told["missed"]] == [
        ("currency", "USD", "EUR")
    ]


def test_a_card_of_a_refused_country_redeems_nothing(world: World) -> None:
    _, offer = an_offer(world)
    order = {"order": an_order(world, billing_country="KP")}

    told = world.send(f"/v1/offers/{offer['id']}/redeem", order).json()

    assert [(m["get"], m["actual"]) for m in told["missed"]] == [("billing_country", "KP")]


def test_what_the_service_saw_itself_need_not_be_shown_by_the_order(world: World) -> None:
    world.runtime.policy = parse_policy(TALK)
    lead = world.sign_up(seats=80, campaign_code="SITE20")["lead_id"]
    offer = world.post("manager", f"/v1/leads/{lead}/offer").json()["offer_id"]
    order = {"order": an_order(world, seats=80)}

    told = world.send(f"/v1/offers/{offer}/redeem", order).json()
    assert [missed["get"] for missed in told["missed"]] == ["talk_to_rep"]
    world.touched(lead, "email")
    assert not world.send(f"/v1/offers/{offer}/redeem", order).json()["redeemed"]
    world.touched(lead, "call")
    assert world.send(f"/v1/offers/{offer}/redeem", order).json()["redeemed"] is True

    assert world.rows(sa.select(redemptions.c.offer))[0].offer == offer
    gives = [task["give"] for task in world.get("manager", "/v1/tasks").json()["tasks"]]
    assert sorted(gives) == ["percent_off", "price_lock_months"]
