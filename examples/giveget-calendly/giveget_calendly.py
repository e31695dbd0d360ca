"""A connector in a package of its own: a meeting booked in Calendly makes a lead and an event.

Shapes and signature: developer.calendly.com, "Webhook payloads" (`invitee.created`) and "Webhook
signatures" (`Calendly-Webhook-Signature: t=…,v1=…`, HMAC-SHA256 over time and body, in hex).

It is told nothing: Calendly keeps meetings, and has no place for what we know of their people.
`giveget-teams` beside it is told.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from service.errors import BadInput, NotKnown
from service.integrations.contract import Call, Reading, Setup, not_set_up
from service.integrations.inbound import Told, ToldLead, message_of, read_iso, text_of
from service.schemas.facts import Event
from service.schemas.signup import Signup


class Calendly:
    """Calendly's webhook subscription."""

    media_types = ("application/json",)
    is_one = True
    at_once = 0

    def __init__(self, setup: Setup) -> None:
        self._key = setup.own.get("signing_key")

    async def check(self, call: Call) -> None:
        """Its signature, made at most so long ago as any other tool's."""
        if not self._key:
            raise not_set_up("calendly", "signing_key")
        shown = call.headers.get("calendly-webhook-signature", "")
        parts = dict(part.partition("=")[::2] for part in shown.split(","))
        at = parts.get("t", "")
        signed = hmac.new(self._key.encode(), at.encode() + b"." + call.body, hashlib.sha256)
        if not hmac.compare_digest(signed.hexdigest().encode(), parts.get("v1", "").encode()):
            raise NotKnown("wrong_signature", "Calendly-Webhook-Signature does not fit the body")
        if not at.isdigit() or abs(call.now.timestamp() - int(at)) > call.tolerance_seconds:
            raise NotKnown("old_timestamp", "Calendly-Webhook-Signature was made too long ago")

    def read(self, element: Any, proof: None, call: Call) -> Reading:
        """A meeting that was booked; of the other events nothing is read."""
        if not isinstance(element, dict) or element.get("event") != "invitee.created":
            return Reading()
        booked, at = text_of(element, "payload", "uri"), read_iso(element.get("created_at"))
        email = text_of(element, "payload", "email")
        if booked is None or at is None or email is None:
            said = "invitee.created needs payload.uri, payload.email and created_at"
            raise BadInput("unreadable", said, status=422)
        person = {"calendly": email.lower()[:255]}
        lead = ToldLead(
            signup=Signup(email=email, external_ids=person),
            message=message_of("calendly", booked, at),
            raw=call.body,
        )
        told = {
            "id": f"calendly:{booked}"[:255],
            "external_ids": person,
            "name": "meeting booked",
            "at": element["created_at"],
        }
        event = Event.model_validate(told)
        return Reading(told=Told(leads=[lead], events=[event]))


def connect(setup: Setup) -> Calendly:
    """What the entry point names."""
    return Calendly(setup)
