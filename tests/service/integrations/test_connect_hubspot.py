"""HubSpot in and out: what is seen in the CRM counts at once, what we know stands there."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from service.db.tables.leads import leads, search_terms, touches
from service.domain.lead_now import LeadNow
from service.integrations.hubspot_telling import properties_of
from tests.support import signed_calls as tools
from tests.support.connected_service import Town, an_offer, the_lead
from tests.support.service import CONSENT
from tests.support.service_offers import a_lead_due_an_offer, the_policy
from tests.support.signed_calls import a_change

ALL = properties_of(LeadNow(id="L"))


def test_a_call_seen_in_the_crm_stops_the_offer_of_a_lead_known_by_its_address(town: Town) -> None:
    the_policy(town.world)
    lead = a_lead_due_an_offer(town.world, email="ada@large.example")
    town.hubspot.put(
        "501", town.world.clock.now(), email="ada@large.example", hubspot_owner_id="77"
    )
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


def test_a_field_of_a_contact_that_ours_cannot_hold_is_left_out_and_nothing_else(
    town: Town,
) -> None:
    town.world.sign_up(email="ada@large.example", external_ids={"hubspot": "501"}, title="CFO")
    town.hubspot.put(
        "501",
        town.world.clock.now(),
        jobtitle="T" * 2001,
        firstname="Ada \ud83d",
        lastname="Large",
        notes_last_contacted=town.ms(),
    )
    town.changed("501", "jobtitle", "T")

    fields = the_lead(town)["lead"]
    assert (fields["title"], fields["last_name"], "first_name" in fields) == ("CFO", "Large", False)
    assert town.world.count(touches) == 1


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
    of_contacts = ("/crm/v3/properties/contacts", "/crm/v3/objects/contacts/501")
    assert sum(len(town.hubspot.seen("GET", path)) for path in of_contacts) == 1
    assert len(town.hubspot.calls) >= seen

    town.world.wait(seconds=310)
    town.world.work()

    assert the_lead(town)["lead"]["title"] == "CFO"


def test_what_hubspot_says_of_opt_outs_deals_and_stages_is_kept(town: Town) -> None:
    town.world.sign_up(email="ada@large.example", consent=CONSENT)
    town.hubspot.deals["9"] = {"id": "9", "properties": {"hs_is_closed": "false"}}
    town.hubspot.put(
        "501",
        town.world.clock.now(),
        ("9",),
        email="ada@large.example",
        hs_email_optout="true",
        lifecyclestage="opportunity",
    )
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
        "primaryObjectId": 501,
        "mergedObjectIds": [502],
        "newObjectId": 503,
    }
    for _ in range(2):
        assert town.send(tools.hubspot([merge], now)).status_code == 200
    assert town.world.count(leads) == 1
    town.world.wait(seconds=1)

    town.changed("503", "", "", "contact.privacyDeletion")

    (row,) = town.world.rows(sa.select(leads.c.record, leads.c.erased_at))
    assert row.erased_at is not None
    assert json.loads(row.record)["fields"] == {}


def test_contacts_of_one_title_merge_after_they_can_be_searched_for(town: Town) -> None:
    for number in ("501", "502"):
        town.world.sign_up(id=f"L{number}", external_ids={"hubspot": number}, title="CFO")
    town.world.work()
    now = town.world.clock.now()
    merge = a_change("501", "", "", now, "contact.merge") | {
        "primaryObjectId": 501,
        "mergedObjectIds": [502],
        "newObjectId": 503,
    }
    assert town.send(tools.hubspot([merge], now)).status_code == 200
    town.world.work()
    assert town.world.count(leads) == 1
    assert {row.lead for row in town.world.rows(sa.select(search_terms.c.lead))} == {"L501"}


def generic(id: str, kind: str, at: datetime, **more: Any) -> dict[str, Any]:
    """A change as a generic subscription tells it: the object's type stands beside it."""
    change = a_change(id or "0", "", "", at, f"object.{kind}") | {"objectTypeId": "0-1"}
    return change | more


def test_generic_subscriptions_are_heard_like_the_classic_ones(town: Town) -> None:
    for number in ("811", "812", "813"):
        town.world.sign_up(id=f"L{number}", external_ids={"hubspot": number})
    now = town.world.clock.now()
    left = {"propertyName": "hs_email_optout", "propertyValue": "true"}
    merged = {"primaryObjectId": 811, "mergedObjectIds": [812], "newObjectId": 814}

    opted = [
        generic("811", "propertyChange", now, **left),
        generic("813", "propertyChange", now, objectTypeId="0-2", **left),
    ]
    assert town.send(tools.hubspot(opted, now)).json()["taken"] == 2
    assert town.world.get("manager", "/v1/leads/L811").json()["lead"]["do_not_email"] is True
    assert not town.world.get("manager", "/v1/leads/L813").json()["lead"].get("do_not_email")

    for _ in range(2):
        town.send(tools.hubspot([generic("811", "merge", now, **merged)], now))
    assert town.world.count(leads) == 2
    town.world.wait(seconds=1)
    town.send(tools.hubspot([generic("814", "privacyDeletion", now)], now))

    erased = [row.erased_at for row in town.world.rows(sa.select(leads.c.erased_at))]
    assert len(erased) - erased.count(None) == 1


def test_a_deal_of_a_generic_subscription_is_fetched(town: Town) -> None:
    town.hubspot.deals["31"] = {"id": "31", "properties": {"hs_is_closed": "false"}}
    now = town.world.clock.now()
    change = generic("31", "propertyChange", now, objectTypeId="0-3", propertyName="dealstage")
    linked = generic("", "associationChange", now, fromObjectTypeId="0-1", fromObjectId=501)
    del linked["objectId"]
    answer = town.send(tools.hubspot([change, linked], now))
    assert answer.json() == {"taken": 2, "rejected": []}
    assert town.hubspot.seen("GET", "/crm/v3/objects/deals/31")
    assert town.hubspot.seen("GET", "/crm/v3/objects/contacts/501")


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


def test_hubspot_is_told_our_properties_when_they_change_and_hears_no_echo(town: Town) -> None:
    _, offer = an_offer(town)
    town.world.work()
    told = town.hubspot.contacts["501"]["properties"]
    assert told["giveget_lane"] == "offer"
    assert told["giveget_offer"].startswith(offer["code"])
    written = town.hubspot.seen("POST", "/crm/v3/objects/contacts/batch/update")[0]["inputs"]
    assert {name for one in written for name in one["properties"]} == set(ALL)
    calls = len(town.hubspot.calls)

    town.changed("501", "giveget_lane", "offer")
    town.world.work()

    assert len(town.hubspot.calls) == calls
