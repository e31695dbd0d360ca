"""The published contract over connectors of ours; their stories are beside this file."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from service.integrations.connectors import HubSpot, Segment, Stripe
from service.integrations.contract import Setup
from service.integrations.contract_tests import NOW, ConnectorContract
from service.integrations.mail_connectors import Postmark
from service.settings import Settings

SECRET = "a-secret-of-the-tool"
AT = str(int(NOW.timestamp()))


def setup(**given: Any) -> Setup:
    return Setup(settings=Settings(**given), own={})


class TestStripe(ConnectorContract):
    bodies = (
        b'{"id":"evt_1","object":"event","type":"invoice.paid",'
        b'"data":{"object":{"id":"in_1","object":"invoice"}}}',
    )

    def connector(self) -> Stripe:
        return Stripe(setup(stripe_webhook_secret=SECRET))

    def bare(self) -> Stripe:
        return Stripe(setup())

    def signed(self, body: bytes) -> Mapping[str, str]:
        made = hmac.new(SECRET.encode(), AT.encode() + b"." + body, hashlib.sha256).hexdigest()
        return {"stripe-signature": f"t={AT},v1={made}"}


class TestSegment(ConnectorContract):
    bodies = (
        json.dumps(
            {
                "type": "identify",
                "messageId": "m-1",
                "userId": "u-1",
                "timestamp": "2026-11-02T09:00:00Z",
                "traits": {"email": "maria.silva@acme-foods.example"},
            }
        ).encode(),
    )

    def connector(self) -> Segment:
        return Segment(setup(segment_secret=SECRET))

    def bare(self) -> Segment:
        return Segment(setup())

    def signed(self, body: bytes) -> Mapping[str, str]:
        return {"x-signature": hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()}


class TestHubSpot(ConnectorContract):
    bodies = (
        b'[{"portalId":1,"subscriptionType":"contact.propertyChange","objectId":501,'
        b'"propertyName":"jobtitle","propertyValue":"CFO","occurredAt":1793610000000}]',
    )

    def connector(self) -> HubSpot:
        return HubSpot(setup(hubspot_secret=SECRET))

    def bare(self) -> HubSpot:
        return HubSpot(setup())

    def signed(self, body: bytes) -> Mapping[str, str]:
        at = f"{AT}000"
        told = f"POST{self.url}".encode() + body + at.encode()
        made = base64.b64encode(hmac.new(SECRET.encode(), told, hashlib.sha256).digest())
        return {"x-hubspot-signature-v3": made.decode(), "x-hubspot-request-timestamp": at}


class TestPostmark(ConnectorContract):
    bodies = (
        b'{"RecordType":"Bounce","ID":42,"Type":"HardBounce","Email":"jo@acme-foods.example",'
        b'"BouncedAt":"2026-11-02T08:59:00Z","Inactive":true}',
    )

    def connector(self) -> Postmark:
        return Postmark(setup(postmark_credentials=f"user:{SECRET}"))

    def bare(self) -> Postmark:
        return Postmark(setup())

    def signed(self, body: bytes) -> Mapping[str, str]:
        shown = base64.b64encode(f"user:{SECRET}".encode()).decode()
        return {"authorization": f"Basic {shown}"}

    def forged(self) -> list[tuple[Mapping[str, str], bytes]]:
        """Postmark signs nothing, so a body may be anybody's who knows user and password."""
        return super().forged()[:2]  # type: ignore[return-value]  # a slice of a list
