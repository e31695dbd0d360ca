"""Rarer calls of HubSpot's and Segment's: a word that is answered 200 is kept.

Shapes: developers.hubspot.com/docs/api/webhooks, segment.com/docs/connections/spec and
segment.com/docs/privacy.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from service.db.tables.leads import events, leads, suppressions
from tests.support import signed_calls as tools
from tests.support.connected_service import Town, the_lead
from tests.support.signed_calls import a_change

EMAIL = "buyer@large.example"
Play = Callable[[Town], None]


def signed_up(town: Town, **more: Any) -> None:
    town.world.sign_up(email=EMAIL, external_ids={"hubspot": "501"}, **more)
    town.hubspot.put("501", town.world.clock.now(), email=EMAIL)
    town.world.wait(seconds=5)


def opted_out(town: Town) -> bool:
    return the_lead(town)["lead"].get("do_not_email") is True


def hubspot(town: Town, *changes: dict[str, Any]) -> Any:
    answer = town.send(tools.hubspot(list(changes), town.world.clock.now()))
    assert answer.status_code == 200, answer.text
    town.world.work()
    return answer.json()


def left(town: Town, value: Any, **more: Any) -> dict[str, Any]:
    change = a_change("501", "hs_email_optout", "", town.world.clock.now())
    return change | {"propertyValue": value} | more


def as_text(town: Town) -> None:
    hubspot(town, left(town, "TRUE"))


def as_a_boolean(town: Town) -> None:
    hubspot(town, left(town, True, objectId="501"))


def without_a_portal(town: Town) -> None:
    change = left(town, "true")
    hubspot(town, {n: v for n, v in change.items() if n in _NEEDED})


_NEEDED = ("objectId", "occurredAt", "subscriptionType", "propertyName", "propertyValue")


def beside_a_broken_change(town: Town) -> None:
    answer = hubspot(town, {"subscriptionType": "contact.propertyChange"}, left(town, "true"))
    assert (answer["taken"], len(answer["rejected"])) == (1, 1)


def in_the_contact_alone(town: Town) -> None:
    town.hubspot.put("501", town.world.clock.now(), hs_email_optout="True")
    hubspot(town, a_change("501", "jobtitle", "CFO", town.world.clock.now()))


def before_a_false_that_is_older(town: Town) -> None:
    hubspot(town, left(town, "true"))
    at = int(town.world.clock.now().timestamp() * 1000) - 3_600_000
    hubspot(town, left(town, "false", occurredAt=at))


def of_the_contact_that_was_merged(town: Town) -> None:
    now = town.world.clock.now()
    merged = {"primaryObjectId": 501, "mergedObjectIds": [777], "newObjectId": 888}
    town.hubspot.put("888", now, email=EMAIL)
    hubspot(town, a_change("501", "", "", now, "object.merge") | merged | {"objectTypeId": "0-1"})
    town.world.wait(seconds=5)
    town.hubspot.put("888", town.world.clock.now(), email=EMAIL, hs_email_optout="true")
    hubspot(town, left(town, "true", objectId=777))


def from_one_kind_of_mail(town: Town) -> None:
    hubspot(town, left(town, "true", propertyName="hs_email_optout_4711"))


def from_one_kind_of_mail_in_the_contact_alone(town: Town) -> None:
    town.hubspot.properties["hs_email_optout_4711"] = {"name": "hs_email_optout_4711"}
    town.hubspot.put("501", town.world.clock.now(), hs_email_optout_4711="true")
    hubspot(town, a_change("501", "jobtitle", "CFO", town.world.clock.now()))


OPT_OUTS: list[Play] = [
    from_one_kind_of_mail,
    from_one_kind_of_mail_in_the_contact_alone,
    as_text,
    as_a_boolean,
    without_a_portal,
    beside_a_broken_change,
    in_the_contact_alone,
    before_a_false_that_is_older,
    of_the_contact_that_was_merged,
]


@pytest.mark.parametrize("play", OPT_OUTS, ids=lambda play: play.__name__)
def test_an_opt_out_in_hubspot_is_kept_however_it_is_told(town: Town, play: Play) -> None:
    signed_up(town)
    assert not opted_out(town)
    play(town)
    assert opted_out(town)


@pytest.mark.parametrize("is_told", [True, False])
def test_who_wants_no_calls_in_hubspot_is_not_called(town: Town, is_told: bool) -> None:
    signed_up(town)
    if is_told:
        hubspot(town, left(town, "true", propertyName="hs_do_not_call"))
    else:
        town.hubspot.put("501", town.world.clock.now(), hs_do_not_call="true")
        hubspot(town, a_change("501", "jobtitle", "CFO", town.world.clock.now()))
    assert the_lead(town)["lead"]["do_not_call"] is True
    assert not opted_out(town)


@pytest.mark.parametrize("is_told", [True, False])
def test_an_address_that_hubspot_found_dead_gets_nothing_more(town: Town, is_told: bool) -> None:
    signed_up(town)
    reason = "hs_email_hard_bounce_reason_enum"
    if is_told:
        hubspot(town, left(town, "", propertyName=reason))
        assert town.world.rows(sa.select(suppressions.c.reason)) == []
        hubspot(town, left(town, "UNKNOWN_USER", propertyName=reason))
    else:
        town.hubspot.put("501", town.world.clock.now(), **{reason: "UNKNOWN_USER"})
        hubspot(town, a_change("501", "jobtitle", "CFO", town.world.clock.now()))
    assert [row.reason for row in town.world.rows(sa.select(suppressions.c.reason))] == ["bounced"]
    assert not opted_out(town)  # nobody said so


def test_mail_goes_again_to_an_address_that_a_person_let_free(town: Town) -> None:
    signed_up(town)
    town.hubspot.put("501", town.world.clock.now(), hs_email_hard_bounce_reason="Unknown user")
    hubspot(town, a_change("501", "jobtitle", "CFO", town.world.clock.now()))
    given = {"email": EMAIL, "reason": "they wrote to us"}
    lifted = town.world.post("manager", "/v1/mail/lift", given)
    assert lifted.json() == {"lifted": True}
    town.world.wait(seconds=5)
    hubspot(town, a_change("501", "jobtitle", "CEO", town.world.clock.now()))
    assert town.world.count(suppressions) == 0


def test_a_contact_that_never_opted_out_there_lifts_no_word_given_to_us(town: Town) -> None:
    signed_up(town, do_not_email=True)
    town.hubspot.put("501", town.world.clock.now(), hs_email_optout="false")
    hubspot(town, left(town, "false"))
    assert opted_out(town)


def test_a_contact_that_is_deleted_and_restored_is_nobody_erased(town: Town) -> None:
    signed_up(town)
    for kind in ("contact.deletion", "contact.restore", "object.deletion", "object.restore"):
        change = a_change("501", "", "", town.world.clock.now(), kind) | {"objectTypeId": "0-1"}
        hubspot(town, change)
        town.world.wait(seconds=2)
    assert [row.erased_at for row in town.world.rows(sa.select(leads.c.erased_at))] == [None]


def call(kind: str, **more: Any) -> dict[str, Any]:
    usual = {"type": kind, "messageId": f"m-{kind}", "userId": "u-1"}
    return usual | {"timestamp": "2026-11-02T08:59:00Z"} | more


def identified(town: Town, **traits: Any) -> dict[str, Any]:
    told = call("identify", traits={"email": EMAIL} | traits)
    answer = town.send(tools.segment(told, server=True)).json()
    assert answer == {"taken": 1, "rejected": []}
    (row,) = town.world.rows(sa.select(leads.c.record))
    return dict(json.loads(row.record))


def test_a_deletion_that_segment_forwards_erases_the_person(town: Town) -> None:
    identified(town)
    for _ in range(2):
        answer = town.send(tools.segment(call("delete"), server=True)).json()
        assert answer == {"taken": 1, "rejected": []}
    (row,) = town.world.rows(sa.select(leads.c.record, leads.c.erased_at))
    assert row.erased_at is not None
    assert json.loads(row.record)["fields"] == {}
    again = call("identify", messageId="m-2", traits={"email": EMAIL})
    assert town.send(tools.segment(again, server=True)).status_code == 200
    assert all(
        json.loads(row.record)["fields"] == {} for row in town.world.rows(sa.select(leads.c.record))
    )


def test_a_browsers_key_erases_nobody(town: Town) -> None:
    identified(town)
    answer = town.send(tools.segment(call("delete"))).json()
    assert (answer["taken"], len(answer["rejected"])) == (0, 1)
    (row,) = town.world.rows(sa.select(leads.c.erased_at))
    assert row.erased_at is None


@pytest.mark.parametrize(
    ("traits", "field", "value"),
    [
        ({"firstName": "A\x00da"}, "first_name", "Ada"),
        ({"seats": "120"}, "seats", 120),
        ({"seats": 120.0}, "seats", 120),
        ({"createdAt": "2026-11-01T09:00:00.123456789Z"}, "signed_up_at", "2026-11-01T09:00:00"),
        ({"createdAt": "1793523600000"}, "signed_up_at", "2026-11-01T09:00:00"),
        ({"address": {"country": "DE", "state": "BE"}}, "country", "DE"),
        ({"company": {"name": "Large\x00", "id": "c-1"}}, "company", "Large"),
    ],
)
def test_a_trait_is_read_however_a_product_writes_it(
    town: Town, traits: dict[str, Any], field: str, value: Any
) -> None:
    read = identified(town, **traits)["fields"].get(field)
    assert (read[: len(value)] if isinstance(value, str) and read else read) == value


def test_a_number_is_an_id_too_and_a_time_may_have_nanoseconds(town: Town) -> None:
    signed = call("identify", userId=42, traits={"email": EMAIL})
    assert town.send(tools.segment(signed, server=True)).json()["taken"] == 1
    seen = call("track", userId=42, event="Pricing viewed") | {
        "timestamp": "2026-11-02T08:58:00.123456789Z"
    }
    assert town.send(tools.segment(seen, server=True)).json()["taken"] == 1
    (row,) = town.world.rows(sa.select(events.c.lead, events.c.at))
    assert row.lead is not None
    assert row.at.isoformat().startswith("2026-11-02T08:58:00")
