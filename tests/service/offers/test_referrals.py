"""Somebody signs up and says who sent them: it counts for the company, and nobody is written to."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from offers.policy import parse_policy
from service.db.tables.leads import offers, outbox, tasks
from tests.support.service import World
from tests.support.service_offers import POLICY, a_lead_due_an_offer

ASKS = (
    POLICY[: POLICY.index("[[rule]]")]
    + """
[[rule]]
id = "longer"
why = "A colleague's word brings a trial that no advertisement does."
when = 'lane == "offer" and trial_day >= 5 and not rep_contacted'
get = { referral = 2 }
give = { trial_days = 7 }
email = "longer-trial"
valid_days = 30
"""
)


@pytest.fixture
def offer(world: World) -> Any:
    """A lead's open offer that asks for two referrals."""
    world.runtime.policy = parse_policy(ASKS)
    lead = a_lead_due_an_offer(world, email="ann@sender.example")
    world.did(lead, "project created")
    (row,) = world.rows(sa.select(offers.c.id, offers.c.code, offers.c.lead))
    world.wait(minutes=5)
    return row


def state(world: World) -> str:
    world.work()
    return str(world.rows(sa.select(offers.c.state))[0].state)


def sent(world: World, email: str, named: str, **fields: Any) -> dict[str, Any]:
    return world.sign_up(email=email, referred_by=named, **fields)


def test_two_companies_that_name_the_lead_the_code_or_the_link_fulfil_it(
    world: World, offer: Any
) -> None:
    sent(world, "bea@one.example", offer.lead)
    assert state(world) != "redeemed"
    sent(world, "carl@one.example", offer.code)  # a colleague of the first: one company
    assert state(world) != "redeemed"

    link = world.runtime.links.offer(offer.id)
    assert sent(world, "dora@two.example", f"{link}?utm_source=chat")["warnings"] == []

    assert state(world) == "redeemed"


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "eve@sender.example"},  # of the same company
        {"email": "ann+2@sender.example"},
        {"attributes": {"payment_reference": "IBAN-77"}},
    ],
)
def test_the_sender_under_another_name_does_not_count(
    world: World, offer: Any, fields: dict[str, Any]
) -> None:
    world.sign_up(email="ann@sender.example", attributes={"payment_reference": "IBAN-77"})
    sent(world, "bea@one.example", offer.lead)

    sent(world, named=offer.lead, **({"email": "fay@other.example"} | fields))

    assert state(world) != "redeemed"


def test_what_names_nobody_is_said_and_credits_nobody(world: World, offer: Any) -> None:
    for named in ("no-such-lead", "https://x.example/o/forged", "NO-SUCH-CODE"):
        answer = sent(world, f"h{len(named)}@three.example", named)
        (warning,) = [w for w in answer["warnings"] if w["field"] == "referred_by"]
        assert warning["code"] == "unknown_referrer"
        assert named not in warning["message"]
    assert state(world) != "redeemed"


def test_a_friend_without_a_ground_of_their_own_is_not_written_to(world: World, offer: Any) -> None:
    friend = a_lead_due_an_offer(
        world, email="ida@friend.example", referred_by=offer.lead, consent=None
    )
    world.did(friend, "project created")
    world.work()
    assert world.rows(sa.select(outbox.c.id).where(outbox.c.lead == friend)) == []


def test_a_referral_owed_after_the_order_is_ticked_off_by_as_many_as_were_promised(
    world: World,
) -> None:
    text = ASKS.replace("referral = 2", "referral = { count = 2, within_days = 60 }, seats = 5")
    world.runtime.policy = parse_policy(text)
    lead = a_lead_due_an_offer(world, email="ann@sender.example")
    world.did(lead, "project created")
    (row,) = world.rows(sa.select(offers.c.id))
    order = {
        "plan": "business",
        "seats": 9,
        "term_months": 1,
        "prepaid": True,
        "paid_at": world.clock.now().isoformat(),
        "invoice": "in_1",
        "amount": {"minor": 9 * 2480, "currency": "USD"},
    }
    paid = world.send(f"/v1/offers/{row.id}/redeem", {"order": order})
    assert paid.json()["redeemed"] is True, paid.text
    owed = sa.select(tasks.c.state).where(tasks.c.kind == "owed")
    world.wait(days=1)
    sent(world, "bea@one.example", lead)
    world.work()
    assert world.rows(owed) == [("open",)]
    sent(world, "bob@two.example", lead)
    world.work()
    assert world.rows(owed) == [("done",)]
