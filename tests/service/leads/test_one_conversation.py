"""The account is one conversation: a talk, a deal or a purchase of one lead holds for all."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from service.db.tables.leads import accounts, outbox
from tests.support.service import CONSENT, World
from tests.support.service_offers import a_lead_due_an_offer, the_policy

NAMES = ("ana", "bo", "cy")


def three_colleagues(world: World, domain: str = "large.example") -> list[str]:
    the_policy(world)
    return [
        a_lead_due_an_offer(
            world, id=f"{name}-{domain}", email=f"{name}@{domain}", external_ids={"user": name}
        )
        for name in NAMES
    ]


def ended(world: World) -> list[tuple[str, str | None]]:
    world.work()
    return [tuple(row) for row in world.rows(sa.select(outbox.c.state, outbox.c.reason))]


def situation(world: World, lead: str) -> str:
    return str(world.get("manager", f"/v1/leads/{lead}").json()["lead"]["lane_why"])


def test_no_mail_goes_into_a_running_talk_with_a_colleague(world: World) -> None:
    leads = three_colleagues(world)
    assert world.touched(leads[0], "call").status_code == 200
    for lead in leads:
        world.did(lead, "project created")

    assert ended(world) == []
    assert all("a person was in touch" in situation(world, lead) for lead in leads)


def test_a_mail_that_waits_stays_when_a_colleague_is_called(world: World) -> None:
    leads = three_colleagues(world)
    world.did(leads[0], "project created")
    world.touched(leads[1], "meeting")

    assert ended(world) == [("withheld", "touched_since")]


def test_a_talk_ends_for_all_when_its_days_are_over(world: World) -> None:
    leads = three_colleagues(world)
    world.touched(leads[0], "email")
    world.wait(days=31)
    world.did(leads[1], "project created")

    assert [state for state, _ in ended(world)] == ["sent"]


@pytest.mark.parametrize("domain", ["gmail.com", "web.de"])
def test_people_of_a_free_mail_provider_are_no_account(world: World, domain: str) -> None:
    leads = three_colleagues(world, domain)
    world.touched(leads[0], "call")
    world.did(leads[1], "project created")

    assert [state for state, _ in ended(world)] == ["sent", "sent"]
    assert world.count(accounts) == 0


def deal(value: bool, source: str = "hubspot") -> dict[str, Any]:
    return {"attributes": {"open_deal": {"value": value, "source": source}}}


def test_an_open_deal_of_one_lead_is_the_accounts_until_it_is_closed(world: World) -> None:
    leads = three_colleagues(world)
    world.sign_up(id=leads[0], email="ana@large.example", **deal(True))
    world.did(leads[1], "project created")
    assert ended(world) == []
    assert "open deal" in situation(world, leads[1])

    world.wait(seconds=1)
    world.sign_up(id=leads[0], email="ana@large.example", **deal(False))
    world.work()
    assert [state for state, _ in ended(world)] == ["sent"]


def test_a_browser_opens_no_deal_for_its_colleagues(world: World) -> None:
    leads = three_colleagues(world)
    world.sign_up(id=leads[0], email="ana@large.example", **deal(True, "form"))
    world.did(leads[1], "project created")

    assert [state for state, _ in ended(world)] == ["sent"]


def test_a_lead_brings_its_talk_and_its_purchase_to_the_account_it_turns_out_to_be_of(
    world: World,
) -> None:
    the_policy(world)
    for name, what in (("t", "touch"), ("p", "purchase")):
        alone = world.sign_up(id=name, email=f"{name}@gmail.com")["lead_id"]
        if what == "touch":
            world.touched(alone, "call")
        else:
            at = world.clock.now().isoformat()
            told = {"id": "o", "lead_id": alone, "kind": "converted", "at": at}
            assert world.send("/v1/outcomes", told).status_code == 200
        colleague = a_lead_due_an_offer(
            world, id=f"{name}-colleague", external_ids={"company": name}
        )
        world.sign_up(id=name, external_ids={"company": name})
        world.did(colleague, "project created")

    assert ended(world) == []
    assert "a person was in touch" in situation(world, "t-colleague")
    assert "colleague pays" in situation(world, "p-colleague")


def test_what_waited_for_a_sign_up_makes_its_account_a_conversation_too(world: World) -> None:
    the_policy(world)
    touch = {"id": "t", "external_ids": {"user": "late"}, "kind": "call"}
    world.send("/v1/touches", touch | {"at": world.clock.now().isoformat()})
    lead = a_lead_due_an_offer(world, email="first@large.example", consent=CONSENT)
    world.sign_up(id="late", email="late@large.example", external_ids={"user": "late"})
    world.did(lead, "project created")

    assert ended(world) == []
