"""Segment, HubSpot, Stripe and Slack: each by its own signature, in any order, however often."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from httpx2 import Response

from service.store.schema import deliveries, events, leads, tasks, touches
from tests import connect_servers as tools
from tests.connect_servers import HubSpotTool, Signed, StripeTool, Tool, a_change, running
from tests.service_offers import a_lead_due_an_offer, the_policy
from tests.service_world import CONSENT, World


@dataclass
class Town:
    """A service with all of its tools, each a server on a socket."""

    world: World
    hubspot: HubSpotTool
    stripe: StripeTool
    slack: Tool

    def send(self, signed: Signed) -> Response:
        path, raw, headers = signed
        return self.world.client.post(path, content=raw, headers=headers)

    def changed(self, id: str, name: str, value: str, kind: str = "contact.propertyChange") -> Any:
        now = self.world.clock.now()
        answer = self.send(tools.hubspot([a_change(id, name, value, now, kind)], now))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def billed(self, kind: str, thing: dict[str, Any]) -> None:
        answer = self.send(tools.stripe(kind, thing, self.world.clock.now()))
        assert answer.status_code == 200, answer.text
        self.world.work()

    def ms(self) -> str:
        return str(int(self.world.clock.now().timestamp() * 1000))


@pytest.fixture
def town(make_world: Callable[..., World]) -> Iterator[Town]:
    with (
        running(HubSpotTool()) as hubspot,
        running(StripeTool()) as stripe,
        running(Tool()) as slack,
    ):
        world = make_world(**tools.settings_for(hubspot, stripe, slack))
        assert isinstance(hubspot, HubSpotTool)
        assert isinstance(stripe, StripeTool)
        yield Town(world, hubspot, stripe, slack)


def identify(**traits: Any) -> dict[str, Any]:
    return {
        "type": "identify", "messageId": "m-identify", "userId": "u-1", "anonymousId": "a-1",
        "timestamp": "2026-11-02T08:59:00Z", "traits": traits,
    }  # fmt: skip


def page(number: int = 1) -> dict[str, Any]:
    return {
        "type": "page", "messageId": f"m-page-{number}", "anonymousId": "a-1", "name": "Pricing",
        "timestamp": "2026-11-02T08:50:00Z", "properties": {"path": "/pricing"},
    }  # fmt: skip


def the_lead(town: Town) -> Any:
    (row,) = town.world.rows(sa.select(leads.c.id))
    return town.world.get("manager", f"/v1/leads/{row.id}").json()


def an_offer(town: Town) -> tuple[str, dict[str, Any]]:
    """A lead linked with a contact, and its offer."""
    the_policy(town.world)
    lead = a_lead_due_an_offer(
        town.world, seats=100, email="buyer@large.example", external_ids={"hubspot": "501"}
    )
    town.hubspot.put("501", town.world.clock.now(), email="buyer@large.example")
    town.world.did(lead, "project created")
    (offer,) = town.world.get("manager", "/v1/offers").json()["offers"]
    return lead, offer


def accepted(town: Town) -> dict[str, Any]:
    _, offer = an_offer(town)
    token = town.world.parts.links.offer(offer["id"]).rpartition("/")[2]
    taken = town.world.client.post(f"/o/{token}/accept")
    assert 'href="https://checkout.stripe.example/cs_1"' in taken.text
    assert (
        'href="https://checkout.stripe.example/cs_1"' in town.world.client.get(f"/o/{token}").text
    )
    town.world.work()
    return offer


# Segment


def test_what_a_browser_did_joins_the_person_once_they_say_who_they_are(town: Town) -> None:
    assert town.send(tools.segment(page())).json() == {"taken": 1, "rejected": []}
    told = identify(email="ada@large.example", title="CFO", company={"name": "Large"})
    for _ in range(2):
        assert town.send(tools.segment(told)).status_code == 200
        assert town.send(tools.segment(page())).status_code == 200

    shown = the_lead(town)

    assert shown["lead"]["title"] == "CFO"
    assert shown["lead"]["company"] == "Large"
    assert "viewed Pricing" in str(shown["timeline"])
    (event,) = town.world.rows(sa.select(events.c.lead, events.c.name))
    assert event.lead == shown["lead"]["id"]


def test_a_browsers_seats_country_and_trial_decide_nothing_a_servers_do(town: Town) -> None:
    claims = {
        "email": "ada@large.example", "seats": 500, "country": "BR", "plan": "enterprise",
        "trialStartedAt": "2026-10-01T00:00:00Z", "consent": {"ground": "consent"},
    }  # fmt: skip
    town.send(tools.segment(identify(**claims)))
    lead = the_lead(town)["lead"]
    assert "seats" not in lead
    assert "country" not in lead
    assert "trial_started_at" not in lead
    assert lead["consent"] is None

    town.send(tools.segment(identify(**claims) | {"messageId": "m-2"}, server=True))

    lead = the_lead(town)["lead"]
    assert (lead["seats"], lead["country"], lead["consent"]) == (500, "BR", None)


@pytest.mark.parametrize(
    ("signed", "code"),
    [
        ((*tools.segment(page(), batch=None)[:2], {"x-signature": "0" * 40}), "wrong_signature"),
        ((*tools.segment(page())[:2], {}), "wrong_signature"),
        (tools.segment([page(), page(2)], batch=None), "batch_not_proven"),
        (tools.segment([page(), page(2)], batch="not-the-secret-at-all"), "batch_not_proven"),
    ],
)
def test_a_call_segment_did_not_sign_is_refused(town: Town, signed: Signed, code: str) -> None:
    answer = town.send(signed)
    assert (answer.status_code, answer.json()["code"]) == (401, code)


def test_a_batch_is_taken_event_by_event(town: Town) -> None:
    batch = [page(), {"type": "track"}, identify(email="ada@large.example")]
    answer = town.send(tools.segment(batch)).json()
    assert answer["taken"] == 2
    assert answer["rejected"] == [{"index": 1, "code": "not_a_segment_call", "path": ""}]
    assert the_lead(town)["lead"]["email"] == "ada@large.example"


# HubSpot in


def test_a_call_seen_in_the_crm_stops_the_offer_of_a_lead_known_by_its_address(town: Town) -> None:
    the_policy(town.world)
    lead = a_lead_due_an_offer(town.world, email="ada@large.example")
    town.hubspot.put("501", town.world.clock.now(), email="ada@large.example",
                     hubspot_owner_id="77")  # fmt: skip
    town.changed("501", "notes_last_contacted", town.ms())
    town.world.did(lead, "project created")

    assert town.world.get("manager", "/v1/offers").json()["offers"] == []
    assert town.world.count(touches) == 1


def test_a_call_is_known_before_its_person_signs_up(town: Town) -> None:
    the_policy(town.world)
    town.hubspot.put("501", town.world.clock.now(), email="ada@large.example")
    town.changed("501", "notes_last_contacted", town.ms())
    assert town.world.count(leads) == 0  # a contact of the CRM is no sign-up

    lead = a_lead_due_an_offer(town.world, email="ada@large.example")
    town.world.did(lead, "project created")

    assert town.world.get("manager", "/v1/offers").json()["offers"] == []


def test_a_call_between_the_decision_and_the_sending_keeps_the_mail_here(town: Town) -> None:
    an_offer(town)
    town.changed("501", "hs_last_logged_call_date", town.ms())
    town.world.work()
    assert town.world.captured() == []


def test_a_call_counts_even_while_hubspot_does_not_answer(town: Town) -> None:
    an_offer(town)
    town.hubspot.faults = [(500, {})] * 50
    town.changed("501", "hs_last_logged_call_date", town.ms())
    town.world.work()
    assert town.world.captured() == []
    town.hubspot.faults = []
    town.world.wait(seconds=1)
    town.hubspot.put("501", town.world.clock.now(), jobtitle="Treasurer")
    town.world.wait(minutes=10)
    town.world.work()
    assert the_lead(town)["lead"]["title"] == "Treasurer"


@pytest.mark.parametrize("fault", ["slow", 429])
def test_a_busy_hubspot_is_asked_again_when_it_said(town: Town, fault: str | int) -> None:
    town.world.sign_up(email="ada@large.example", external_ids={"hubspot": "501"})
    town.hubspot.put("501", town.world.clock.now(), email="ada@large.example", jobtitle="CFO")
    if fault == "slow":
        town.hubspot.slow_seconds = 1.5
    else:
        town.hubspot.faults = [(429, {"retry-after": "300"})]
    town.changed("501", "jobtitle", "CFO")
    town.hubspot.slow_seconds = 0.0
    assert "title" not in the_lead(town)["lead"]
    seen = len(town.hubspot.calls)
    town.world.wait(seconds=5)
    town.world.work()
    assert len(town.hubspot.seen("GET", "/crm/v3/objects/contacts/501")) == 1
    assert len(town.hubspot.calls) >= seen

    town.world.wait(seconds=310)
    town.world.work()

    assert the_lead(town)["lead"]["title"] == "CFO"


def test_what_hubspot_says_of_opt_outs_deals_and_stages_is_kept(town: Town) -> None:
    town.world.sign_up(email="ada@large.example", consent=CONSENT)
    town.hubspot.deals["9"] = {"id": "9", "properties": {"hs_is_closed": "false"}}
    town.hubspot.put("501", town.world.clock.now(), ("9",), email="ada@large.example",
                     hs_email_optout="true", lifecyclestage="opportunity")  # fmt: skip
    town.changed("501", "lifecyclestage", "opportunity")

    lead = the_lead(town)["lead"]

    assert lead["do_not_email"] is True
    assert lead["attributes"]["open_deal"] is True
    assert lead["attributes"]["lifecycle_stage"] == "opportunity"


def test_contacts_that_merge_merge_their_leads_and_one_that_is_deleted_is_erased(
    town: Town,
) -> None:
    for number in ("501", "502"):
        town.world.sign_up(id=f"L{number}", external_ids={"hubspot": number})
    now = town.world.clock.now()
    merge = a_change("501", "", "", now, "contact.merge") | {
        "primaryObjectId": 501, "mergedObjectIds": [502], "newObjectId": 503,
    }  # fmt: skip
    for _ in range(2):
        assert town.send(tools.hubspot([merge], now)).status_code == 200
    assert town.world.count(leads) == 1
    town.world.wait(seconds=1)

    town.changed("503", "", "", "contact.privacyDeletion")

    (row,) = town.world.rows(sa.select(leads.c.record))
    assert row.record == "{}"


def test_hubspots_signature_is_over_the_public_address_and_the_time(town: Town) -> None:
    now = town.world.clock.now()
    change = [a_change("501", "jobtitle", "CFO", now)]
    wrong = [
        tools.hubspot(change, now, url="https://elsewhere.example"),
        tools.hubspot(change, now, secret="another-secret"),
        tools.hubspot(change, now - timedelta(minutes=6)),
    ]
    for signed in wrong:
        assert town.send(signed).status_code == 401
    assert town.send(tools.hubspot(change, now)).status_code == 200


# HubSpot out


def test_hubspot_is_told_our_properties_when_they_change_and_hears_no_echo(town: Town) -> None:
    _, offer = an_offer(town)
    town.world.work()
    told = town.hubspot.contacts["501"]["properties"]
    assert told["giveget_lane"] == "offer"
    assert told["giveget_offer"].startswith(offer["code"])
    assert set(town.hubspot.seen("PATCH", "/crm")[0]["properties"]) == {
        "giveget_grade", "giveget_probability", "giveget_reasons", "giveget_lane",
        "giveget_offer", "giveget_link",
    }  # fmt: skip
    calls = len(town.hubspot.calls)

    town.changed("501", "giveget_lane", "offer")
    town.world.work()

    assert len(town.hubspot.calls) == calls


# Stripe


def test_an_accepted_offer_becomes_a_checkout_with_a_fixed_price(town: Town) -> None:
    offer = accepted(town)

    (session,) = town.stripe.seen("POST", "/v1/checkout/sessions")
    assert session["line_items[0][quantity]"] == "100"
    assert session["line_items[0][price_data][unit_amount]"] == str(12 * 2480)
    assert session["metadata[giveget_offer]"] == offer["id"]
    assert session["customer_email"] == "buyer@large.example"
    assert "allow_promotion_codes" not in session
    assert f"checkout-{offer['id']}" in town.stripe.keys


def test_a_paid_invoice_redeems_once_and_a_refund_takes_it_back(town: Town) -> None:
    offer = accepted(town)
    town.stripe.paid(offer["id"], town.world.clock.now(), seats=100, minor=100 * 12 * 2480)
    for _ in range(2):
        town.billed("invoice.paid", {"id": "in_1"})

    shown = town.world.get("manager", f"/v1/offers/{offer['id']}").json()
    assert shown["state"] == "redeemed"
    (schedule,) = town.stripe.seen("POST", "/v1/subscription_schedules/sub_sched_1")
    assert schedule["phases[1][trial]"] == "true"
    assert [row.state for row in town.world.rows(sa.select(tasks.c.state))] == ["done"]
    assert "redeemed" in town.hubspot.contacts["501"]["properties"]["giveget_offer"]

    town.stripe.refund()
    for _ in range(2):
        town.billed("charge.refunded", {"id": "ch_1", "invoice": "in_1"})

    shown = town.world.get("manager", f"/v1/offers/{offer['id']}").json()
    assert shown["state"] == "reversed"
    assert "reversed" in town.hubspot.contacts["501"]["properties"]["giveget_offer"]


def test_a_refund_that_is_told_before_its_payment_ends_the_same(town: Town) -> None:
    offer = accepted(town)
    town.stripe.paid(offer["id"], town.world.clock.now(), seats=100, minor=100 * 12 * 2480)
    town.stripe.refund()
    town.billed("charge.refunded", {"id": "ch_1", "invoice": "in_1"})
    town.billed("invoice.paid", {"id": "in_1"})
    assert town.world.get("manager", f"/v1/offers/{offer['id']}").json()["state"] == "reversed"
    assert town.stripe.seen("POST", "/v1/subscription_schedules") == []


def test_fewer_seats_than_were_bought_take_the_give_back(town: Town) -> None:
    offer = accepted(town)
    town.stripe.paid(offer["id"], town.world.clock.now(), seats=100, minor=100 * 12 * 2480)
    town.billed("invoice.paid", {"id": "in_1"})
    subscription = town.stripe.objects["/v1/subscriptions/sub_1"]
    subscription["items"]["data"][0]["quantity"] = 10
    town.billed("customer.subscription.updated", {"id": "sub_1"})
    assert town.world.get("manager", f"/v1/offers/{offer['id']}").json()["state"] == "reversed"


def test_stripes_signature_is_over_time_and_body(town: Town) -> None:
    now = town.world.clock.now()
    for signed in (
        tools.stripe("invoice.paid", {"id": "in_1"}, now, secret="whsec_other"),
        tools.stripe("invoice.paid", {"id": "in_1"}, now - timedelta(minutes=6)),
        (*tools.stripe("invoice.paid", {"id": "in_1"}, now)[:2], {}),
    ):
        assert town.send(signed).status_code == 401
    assert town.world.count(deliveries) == 0


def test_a_busy_stripe_is_asked_again(town: Town) -> None:
    offer = accepted(town)
    town.stripe.paid(offer["id"], town.world.clock.now(), seats=100, minor=100 * 12 * 2480)
    town.stripe.faults = [(500, {})]
    town.billed("invoice.paid", {"id": "in_1"})
    assert town.world.get("manager", f"/v1/offers/{offer['id']}").json()["state"] == "accepted"
    town.world.wait(minutes=2)
    town.world.work()
    assert town.world.get("manager", f"/v1/offers/{offer['id']}").json()["state"] == "redeemed"


# Slack and the others that are off


def test_slack_hears_once_of_a_hot_lead_without_a_persons_data(town: Town) -> None:
    town.world.hire("ada")
    lead = town.world.sign_up(email="ada@large.example", title="CFO", seats=500, plan="enterprise")
    town.world.did(lead["lead_id"], *["invited a colleague", "viewed pricing", "integration"] * 9)
    for _ in range(2):
        town.world.work()
    (said,) = town.slack.seen("POST", "/")
    assert lead["lead_id"] in said["text"]
    assert "ada@" not in said["text"]


def test_a_tool_that_nobody_connected_is_refused_and_says_which_setting(world: World) -> None:
    for tool, name in (("segment", "SEGMENT"), ("hubspot", "HUBSPOT"), ("stripe", "STRIPE")):
        answer = world.client.post(f"/v1/connect/{tool}", json={})
        assert answer.status_code == 401
        assert answer.json()["code"] == "not_connected"
        assert f"GIVEGET_{name}" in answer.json()["detail"]
