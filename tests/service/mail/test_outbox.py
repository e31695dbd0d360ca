"""A mail leaves only if it still may, once, and with what its policy says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from offers.policy import default_policy, parse_policy
from service.db.tables.leads import outbox
from service.mail.render import offer_mails
from service.mail.transports import Smtp
from tests.support.service import World
from tests.support.service_offers import POLICY, a_lead_due_an_offer
from tests.support.smtp_server import Postbox


@pytest.fixture
def live(make_world: Callable[..., World], postbox: tuple[Postbox, int]) -> World:
    """A service that really sends."""
    settings: dict[str, Any] = {"live": True, "smtp_port": postbox[1], "smtp_starttls": False}
    world = make_world(**settings)
    world.runtime.policy = parse_policy(POLICY)
    assert isinstance(world.runtime.sender, Smtp)
    return world


def states(world: World) -> list[tuple[str, str | None]]:
    return [tuple(row) for row in world.rows(sa.select(outbox.c.state, outbox.c.reason))]


def test_a_live_mail_reaches_a_real_smtp_server_whole(
    live: World, postbox: tuple[Postbox, int]
) -> None:
    lead = a_lead_due_an_offer(live, email="bea@large.example", first_name="Béa")
    live.did(lead, "opened")
    live.work()

    (message,) = postbox[0].taken
    assert message["To"] == "bea@large.example"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Unsubscribe"].startswith("<http://")
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "Hello Béa," in text.get_content()
    assert 'style="' in html.get_content()
    assert states(live) == [("sent", None)]
    assert live.captured() == []


def test_a_temporary_refusal_is_tried_again_later_under_the_same_message_id(
    live: World, postbox: tuple[Postbox, int]
) -> None:
    postbox[0].replies.append("451 try later")
    live.did(a_lead_due_an_offer(live), "opened")
    live.work()
    assert states(live) == [("due", "smtp 451")]

    live.work()
    assert postbox[0].taken == []
    live.wait(minutes=2)
    live.work()

    assert [message["Message-ID"] for message in postbox[0].taken] != [None]
    assert states(live)[0][0] == "sent"


def test_a_permanent_refusal_is_not_tried_again(live: World, postbox: tuple[Postbox, int]) -> None:
    postbox[0].replies.append("554 no")
    live.did(a_lead_due_an_offer(live), "opened")
    for _ in range(3):
        live.work()
        live.wait(hours=1)

    assert states(live) == [("failed", "smtp 554")]
    assert postbox[0].taken == []


def test_a_server_that_is_away_delays_the_mail_and_loses_none(live: World) -> None:
    live.runtime.sender = Smtp(live.settings.model_copy(update={"smtp_port": 1}))
    live.did(a_lead_due_an_offer(live), "opened")

    live.work()

    assert states(live)[0][0] == "due"


def staged(world: World, **fields: Any) -> str:
    world.runtime.policy = parse_policy(POLICY)
    lead = a_lead_due_an_offer(world, **fields)
    world.did(lead, "opened")
    assert states(world) == [("due", None)]
    return lead


def test_a_call_between_decision_and_sending_keeps_the_mail_back(world: World) -> None:
    lead = staged(world)
    world.wait(minutes=1)
    world.touched(lead, "call")

    world.work()

    assert world.captured() == []
    assert states(world) == [("withheld", "touched_since")]


def test_a_withdrawn_offer_keeps_its_mail_back(world: World) -> None:
    staged(world)
    (offer,) = world.get("manager", "/v1/offers").json()["offers"]
    assert world.post("manager", f"/v1/offers/{offer['id']}/withdraw").status_code == 200

    world.work()

    assert world.captured() == []
    assert states(world) == [("withheld", "offer_withdrawn")]


def test_whoever_unsubscribes_gets_nothing_more(world: World) -> None:
    staged(world, email="bea@large.example")
    world.work()
    (mail,) = world.captured()
    path = "/u/" + mail["headers"].split("/u/")[1].split(">")[0]

    assert world.client.get(path).status_code == 200
    shown = world.get("manager", f"/v1/leads/{mail['lead']}").json()["lead"]
    assert "do_not_email" not in shown
    assert world.client.post(path).status_code == 200

    shown = world.get("manager", f"/v1/leads/{mail['lead']}").json()["lead"]
    assert shown["do_not_email"] is True
    other = a_lead_due_an_offer(
        world, id="other", email="BEA@large.example", external_ids={"user": "x"}
    )
    world.did(other, "opened")
    world.wait(days=365)
    world.work()
    assert [state for state, _ in states(world)].count("sent") == 1


def test_sending_and_marking_may_repeat_without_a_second_mail(world: World) -> None:
    staged(world)
    world.work()
    world.runtime.store.write_now(
        lambda c: c.execute(sa.update(outbox).values(state="due")) and None
    )

    world.work()

    assert len(world.captured()) == 1


def test_every_rule_of_the_shipped_policy_names_a_mail_that_ships() -> None:
    named = {rule.email for rule in default_policy().rules if rule.email is not None}

    assert named <= offer_mails()
