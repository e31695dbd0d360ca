"""The published contract, over this connector."""

from __future__ import annotations

import hashlib
import hmac
import json

from giveget_calendly import connect

from service.integrations.contract import Setup
from service.integrations.contract_tests import NOW, ConnectorContract
from service.settings import Settings

KEY = "a-signing-key-of-calendly"
BOOKED = {
    "event": "invitee.created",
    "created_at": "2026-11-02T08:59:58.000000Z",
    "payload": {
        "uri": "https://api.calendly.com/scheduled_events/AAA/invitees/BBB",
        "email": "Jo.Reyes@acme-foods.example",
        "name": "Jo Reyes",
    },
}


class TestCalendly(ConnectorContract):
    bodies = (json.dumps(BOOKED).encode(),)

    def connector(self):
        return connect(Setup(settings=Settings(), own={"signing_key": KEY}))

    def bare(self):
        return connect(Setup(settings=Settings(), own={}))

    def signed(self, body):
        at = str(int(NOW.timestamp()))
        made = hmac.new(KEY.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
        return {"calendly-webhook-signature": f"t={at},v1={made}"}
