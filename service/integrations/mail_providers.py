"""What mail providers tell of mail we sent: who bounced, complained or unsubscribed.

Each reader takes one document of its provider and answers what it says of whom, often nothing. The
shapes are those of docs.aws.amazon.com/ses (notification contents), postmarkapp.com/developer
(bounce, spam complaint and subscription change webhooks), twilio.com/docs/sendgrid (event webhook),
documentation.mailgun.com (webhooks) and resend.com/docs/webhooks.

A failure that the provider will try again by itself is no bounce yet and says nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from service.errors import BadInput, FieldError
from service.schemas.fields import Time

Kind = Literal["hard", "soft", "complaint", "unsubscribed"]
_TIME: TypeAdapter[datetime] = TypeAdapter(Time)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailEvent:
    """What a mailbox, or whoever reads there, did with our mail; a repeat has the same `id`."""

    id: str
    email: str
    kind: Kind
    at: datetime


def read_ses(body: Any, message_id: str) -> list[MailEvent]:
    """A notification of SES as SNS brings it, its `Message` being JSON text."""
    told = _json(body, "Message")
    what = told.get("notificationType") or told.get("eventType")
    if what == "Bounce":
        bounce = _part(told, "bounce")
        kind: Kind = "hard" if bounce.get("bounceType") == "Permanent" else "soft"
        whom = bounce.get("bouncedRecipients")
    elif what == "Complaint":
        bounce, kind = _part(told, "complaint"), "complaint"
        if bounce.get("complaintFeedbackType") == "not-spam":
            return []  # somebody took it out of their spam folder
        whom = bounce.get("complainedRecipients")
    else:
        return []
    named = bounce.get("feedbackId") or message_id
    at = _time(bounce, "timestamp")
    return [
        MailEvent(id=f"ses:{named}:{n}", email=_text(each, "emailAddress"), kind=kind, at=at)
        for n, each in enumerate(_objects(whom, "recipients"))
    ]


_POSTMARK: Mapping[str, Kind] = {
    "HardBounce": "hard",
    "BadEmailAddress": "hard",
    "ManuallyDeactivated": "hard",
    "SoftBounce": "soft",
    "Transient": "soft",
    "DnsError": "soft",
    "Blocked": "soft",
    "SpamNotification": "soft",
    "SpamComplaint": "complaint",
    "Unsubscribe": "unsubscribed",
}
"""Postmark's types of bounces; of the others (an auto-reply, our own template) nobody is told."""
_POSTMARK_SUPPRESSED: Mapping[str, Kind] = {"HardBounce": "hard", "SpamComplaint": "complaint"}


def read_postmark(body: Any, message_id: str) -> list[MailEvent]:
    """A bounce, a spam complaint, or a change of Postmark's own list of suppressions."""
    told = _object(body, "")
    kind: Kind | None
    if told.get("RecordType") == "SubscriptionChange":
        if told.get("SuppressSending") is not True:
            return []
        kind = _POSTMARK_SUPPRESSED.get(str(told.get("SuppressionReason")))
        if kind is None:
            kind = "unsubscribed" if told.get("Origin") == "Recipient" else "hard"
        changed = f"{_text(told, 'MessageID')}:{_text(told, 'ChangedAt')}"
        named, whom, at = changed, "Recipient", _time(told, "ChangedAt")
    elif told.get("RecordType", "Bounce") in ("Bounce", "SpamComplaint"):
        kind = _POSTMARK.get(str(told.get("Type")))
        if kind is None:
            kind = "hard" if told.get("Inactive") is True else None
        if kind is None:
            return []
        named, whom, at = str(told.get("ID") or message_id), "Email", _time(told, "BouncedAt")
    else:
        return []
    return [MailEvent(id=f"postmark:{named}", email=_text(told, whom), kind=kind, at=at)]


_DROPPED: Mapping[str, Kind] = {
    "bounced address": "hard",
    "invalid": "hard",
    "spam reporting address": "complaint",
    "unsubscribed address": "unsubscribed",
}


def read_sendgrid(body: Any, message_id: str) -> list[MailEvent]:
    """One event of SendGrid's; a call brings a list of them."""
    told = _object(body, "")
    event, kind = told.get("event"), None
    if event == "bounce":
        is_refusal = told.get("type") == "blocked" or str(told.get("status", "5")).startswith("4")
        kind = "soft" if is_refusal else "hard"
    elif event == "dropped":
        kind = _DROPPED.get(str(told.get("reason", "")).strip().lower())
    elif event == "spamreport":
        kind = "complaint"
    elif event in ("unsubscribe", "group_unsubscribe"):
        kind = "unsubscribed"
    if kind is None:
        return []
    named = _text(told, "sg_event_id")
    return [
        MailEvent(
            id=f"sendgrid:{named}",
            email=_text(told, "email"),
            kind=kind,  # type: ignore[arg-type]  # one of the four
            at=_seconds(told, "timestamp"),
        )
    ]


_FAILED: Mapping[str, Kind] = {
    "bounce": "hard",
    "suppress-bounce": "hard",
    "suppress-complaint": "complaint",
    "suppress-unsubscribe": "unsubscribed",
}


def read_mailgun(body: Any, message_id: str) -> list[MailEvent]:
    """A call of Mailgun's: its `event-data`."""
    told = _part(_object(body, ""), "event-data")
    event = told.get("event")
    kind: Kind | None = None
    if event == "failed" and told.get("severity") == "permanent":
        kind = _FAILED.get(str(told.get("reason")), "soft")
    elif event == "complained":
        kind = "complaint"
    elif event == "unsubscribed":
        kind = "unsubscribed"
    if kind is None:
        return []
    named = str(told.get("id") or message_id)
    at, whom = _seconds(told, "timestamp"), _text(told, "recipient")
    return [MailEvent(id=f"mailgun:{named}", email=whom, kind=kind, at=at)]


def read_resend(body: Any, message_id: str) -> list[MailEvent]:
    """A call of Resend's."""
    told = _object(body, "")
    data, what = _part(told, "data"), told.get("type")
    kind: Kind | None = None
    if what == "email.bounced":
        bounce = data.get("bounce")
        is_permanent = not isinstance(bounce, Mapping) or bounce.get("type") == "Permanent"
        kind = "hard" if is_permanent else "soft"
    elif what == "email.suppressed":
        kind = "hard"
    elif what == "email.complained":
        kind = "complaint"
    elif what == "contact.updated" and data.get("unsubscribed") is True:
        kind = "unsubscribed"
    if kind is None:
        return []
    at = _time(told, "created_at")
    to = [_text(data, "email")] if what == "contact.updated" else _texts(data.get("to"), "data.to")
    return [
        MailEvent(id=f"resend:{message_id}:{n}", email=email, kind=kind, at=at)
        for n, email in enumerate(to)
    ]


def _json(body: Any, name: str) -> Mapping[str, Any]:
    try:
        return _object(json.loads(_text(_object(body, ""), name)), name)
    except (ValueError, RecursionError):
        raise _wrong(name, "must be JSON as text") from None


def _object(value: Any, path: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong(path, "must be an object")
    return value


def _part(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return _object(told.get(name), name)


def _objects(value: Any, path: str) -> Iterator[Mapping[str, Any]]:
    if not isinstance(value, list):
        raise _wrong(path, "must be a list")
    return (_object(each, path) for each in value)


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not value:
        raise _wrong(name, "must be text")
    return value


def _texts(value: Any, path: str) -> list[str]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise _wrong(path, "must be a list of addresses")
    return listed


def _time(told: Mapping[str, Any], name: str) -> datetime:
    try:
        return _TIME.validate_python(told.get(name))
    except ValidationError:
        raise _wrong(name, "must be a time, RFC 3339 with an offset") from None


def _seconds(told: Mapping[str, Any], name: str) -> datetime:
    value = told.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 7e9:
        raise _wrong(name, "must be seconds since 1970")
    return datetime.fromtimestamp(value, UTC)


def _wrong(path: str, message: str) -> BadInput:
    error = FieldError(path=path, code="unreadable", message=message)
    return BadInput("unreadable", "not a call of this provider", status=422, errors=[error])
