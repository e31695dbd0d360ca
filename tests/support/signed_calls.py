"""What each tool would send us, signed as it signs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

SEGMENT_SECRET = "segment-browser-secret"
SEGMENT_SERVER_SECRET = "segment-server-secret"
BATCH_SECRET = "a-batch-secret-of-ours"
HUBSPOT_SECRET = "hubspot-client-secret"
AIRCALL_TOKEN = "45XXYYZZa08-of-ours"
STRIPE_SECRET = "whsec_stripe_endpoint"
PUBLIC_URL = "https://giveget.example"
Signed = tuple[str, bytes, dict[str, str]]
"""Path, body and headers of a call."""


def segment(call: Any, *, server: bool = False, batch: str | None = BATCH_SECRET) -> Signed:
    """A call of Segment's; of a batch only the first event is signed."""
    raw = json.dumps(call, separators=(",", ":"), ensure_ascii=False).encode()
    first = call[0] if isinstance(call, list) else call
    signed = json.dumps(first, separators=(",", ":"), ensure_ascii=False).encode()
    secret = SEGMENT_SERVER_SECRET if server else SEGMENT_SECRET
    digest = hmac.new(secret.encode(), signed, hashlib.sha1).hexdigest()
    headers = {"x-signature": digest, "content-type": "application/json"}
    if batch is not None:
        headers["x-giveget-secret"] = batch
    return "/v1/connect/segment", raw, headers


def hubspot(
    changes: list[dict[str, Any]],
    now: datetime,
    *,
    url: str = PUBLIC_URL,
    secret: str = HUBSPOT_SECRET,
) -> Signed:
    """A batch of HubSpot's changes."""
    path, raw = "/v1/connect/hubspot", json.dumps(changes).encode()
    sent = str(int(now.timestamp() * 1000))
    told = f"POST{url}{path}".encode() + raw + sent.encode()
    digest = base64.b64encode(hmac.new(secret.encode(), told, hashlib.sha256).digest()).decode()
    return (
        path,
        raw,
        {
            "x-hubspot-signature-v3": digest,
            "x-hubspot-request-timestamp": sent,
            "content-type": "application/json",
        },
    )


def aircall(event: str, call: dict[str, Any], now: datetime, token: str = AIRCALL_TOKEN) -> Signed:
    """An event of Aircall's: it shows a token in the body and signs nothing."""
    told = {
        "resource": event.partition(".")[0],
        "event": event,
        "timestamp": int(now.timestamp()),
        "token": token,
        "data": call,
    }
    headers = {"content-type": "application/json"}
    return "/v1/connect/aircall", json.dumps(told).encode(), headers


def stripe(kind: str, thing: dict[str, Any], now: datetime, secret: str = STRIPE_SECRET) -> Signed:
    """An event of Stripe's."""
    event = {"id": f"evt_{kind}", "object": "event", "type": kind, "data": {"object": thing}}
    return stripe_event(event, now, secret)


def stripe_event(event: dict[str, Any], now: datetime, secret: str = STRIPE_SECRET) -> Signed:
    """Any event of Stripe's, signed."""
    raw = json.dumps(event).encode()
    sent = int(now.timestamp())
    digest = hmac.new(secret.encode(), f"{sent}.".encode() + raw, hashlib.sha256).hexdigest()
    headers = {"stripe-signature": f"t={sent},v1={digest}", "content-type": "application/json"}
    return "/v1/connect/stripe", raw, headers


def a_change(
    id: str, name: str, value: str, at: datetime, kind: str = "contact.propertyChange"
) -> dict[str, Any]:
    """One change, in the documented shape."""
    return {
        "eventId": 1,
        "subscriptionId": 7,
        "portalId": 62515,
        "appId": 54321,
        "occurredAt": int(at.timestamp() * 1000),
        "subscriptionType": kind,
        "attemptNumber": 0,
        "objectId": int(id),
        "propertyName": name,
        "propertyValue": value,
        "changeSource": "CRM_UI",
    }
