"""Ways in which tools that are already there sign and write what they send."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
import sqlalchemy as sa
from standardwebhooks import Webhook

from service.db.tables.leads import deliveries, leads
from tests.support import signed_calls as tools
from tests.support.connected_service import Town, a_change
from tests.support.service import World, a_signup

AT = "2026-11-02T08:00:00Z"


def svix(world: World, body: bytes, id: str = "msg_svix") -> dict[str, str]:
    """docs.svix.com/receiving/verifying-payloads/how-manual: svix-id, -timestamp, -signature."""
    now = world.clock.now()
    return {
        "svix-id": id,
        "svix-timestamp": str(int(now.timestamp())),
        "svix-signature": Webhook(world.ingest_key).sign(id, now, body.decode()),
        "content-type": "application/json",
    }


def test_svix_headers_sign_like_those_of_standard_webhooks(world: World) -> None:
    body = json.dumps(a_signup(id="L")).encode()
    first = world.client.post("/v1/signups", content=body, headers=svix(world, body))
    again = world.client.post("/v1/signups", content=body, headers=svix(world, body))

    assert (first.status_code, again.status_code) == (200, 200), first.text
    assert first.content == again.content
    forged = svix(world, body, "msg_2") | {"svix-id": "msg_3"}
    assert world.client.post("/v1/signups", content=body, headers=forged).status_code == 401
    assert world.count(leads) == 1


def identify(number: int, **traits: Any) -> dict[str, Any]:
    names = {"type": "identify", "messageId": f"m-{number}", "userId": f"u-{number}"}
    return names | {"timestamp": AT, "traits": {"email": f"p{number}@large.example", **traits}}


def test_a_batch_that_is_signed_as_a_whole_needs_no_second_secret(town: Town) -> None:
    body = json.dumps([identify(1), identify(2)]).encode()
    secret = town.world.settings.segment_secret
    assert secret is not None
    signed = hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
    first = hmac.new(secret.encode(), json.dumps(identify(1)).encode(), hashlib.sha1).hexdigest()

    def send(content: bytes, signature: str) -> int:
        headers = {"x-signature": signature, "content-type": "application/json"}
        return int(
            town.world.client.post(
                "/v1/connect/segment", content=content, headers=headers
            ).status_code
        )

    assert send(body, first) == 401
    assert send(body + b" ", signed) == 401
    assert town.world.count(leads) == 0
    assert send(body, signed) == 200
    assert town.world.count(leads) == 2


@pytest.mark.parametrize(
    ("created", "read"),
    [
        (1793523600, "2026-11-01T09:00:00Z"),
        (1793523600.0, "2026-11-01T09:00:00Z"),
        ("1793523600", "2026-11-01T09:00:00Z"),
        (1793523600000, "2026-11-01T09:00:00Z"),
        ("2026-11-01T10:00:00+01:00", "2026-11-01T09:00:00Z"),
    ],
)
def test_created_at_may_be_seconds_since_1970(
    town: Town, created: int | float | str, read: str
) -> None:
    # segment.com/docs/connections/spec/identify: createdAt, which many products send as a number
    call = identify(1, createdAt=created)
    assert town.send(tools.segment(call, server=True)).json() == {"taken": 1, "rejected": []}

    (row,) = town.world.rows(sa.select(leads.c.record))
    assert json.loads(row.record)["fields"]["signed_up_at"] == read


@pytest.mark.parametrize("created", ["soon", -5, True, 1e300, 10**17])
def test_a_created_at_that_is_no_time_loses_nobody(town: Town, created: Any) -> None:
    call = identify(1, createdAt=created)
    assert town.send(tools.segment(call, server=True)).json() == {"taken": 1, "rejected": []}

    (row,) = town.world.rows(sa.select(leads.c.record))
    assert "signed_up_at" not in json.loads(row.record)["fields"]


@pytest.mark.parametrize("form", ["deal.merge", "object.merge", "object.privacyDeletion"])
def test_deals_never_touch_the_leads_whose_contacts_have_the_same_number(
    town: Town, form: str
) -> None:
    """developers.hubspot.com/docs/guides/crm/understanding-the-crm: 0-3 is a deal."""
    for number in ("811", "812"):
        town.world.sign_up(id=f"L{number}", external_ids={"hubspot": number})
    now = town.world.clock.now()
    change = a_change("811", "", "", now, form) | {"objectTypeId": "0-3"}
    if form.endswith("merge"):
        change |= {"primaryObjectId": 811, "mergedObjectIds": [812], "newObjectId": 813}
    assert town.send(tools.hubspot([change], now)).status_code == 200

    kept = {row.id: row.erased_at for row in town.world.rows(sa.select(leads))}
    assert kept == {"L811": None, "L812": None}


@pytest.mark.parametrize(
    ("related", "asked"),
    [
        ({"id": "in_7", "type": "invoice", "url": "/v1/invoices/in_7"}, "stripe:invoice:in_7"),
        ({"id": "cs_7", "type": "checkout.session"}, "stripe:session:cs_7"),
        ({"id": "sub_7", "type": "v1.subscription"}, "stripe:subscription:sub_7"),
    ],
)
def test_a_thin_event_has_the_object_fetched_that_it_points_to(
    town: Town, related: dict[str, str], asked: str
) -> None:
    # docs.stripe.com/api/v2/core/events/object: no data.object, a related_object
    thin = {"id": "evt_1", "object": "v2.core.event", "type": "v1.invoice.paid"}
    event = thin | {"livemode": False, "related_object": related}
    answer = town.send(tools.stripe_event(event, town.world.clock.now()))

    assert answer.status_code == 200, answer.text
    assert asked in {row.id for row in town.world.rows(sa.select(deliveries.c.id))}
