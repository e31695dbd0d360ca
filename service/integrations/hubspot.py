"""HubSpot's changes and contacts in our words.

A change names one object and one property. What is a touch or an opt-out is read from the change
itself; for the rest the contact is fetched, as it stands now. `eventId` is not unique: a change is
known by portal, subscription, object, property and time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.domain.lead_record import time_text, to_text
from service.errors import BadInput
from service.integrations.inbound import Told, ToldLead, message_of, read_iso, read_unix, text_of
from service.schemas.facts import Touch
from service.schemas.parsing import read_model
from service.schemas.signup import Signup

OURS = "giveget_"
"""What our own properties begin with: a change of one is the echo of what we wrote."""
TOUCHES: Mapping[str, str] = {
    "hs_last_logged_call_date": "call",
    "notes_last_contacted": "call",
    "hs_last_logged_outgoing_email_date": "email",
    "hs_latest_meeting_activity": "meeting",
    "engagements_last_meeting_booked": "meeting",
    "hs_sales_email_last_replied": "reply",
}
"""Properties whose value is the time of a person's contact, and its kind."""
FIELDS: Mapping[str, str] = {
    "email": "email",
    "phone": "phone",
    "firstname": "first_name",
    "lastname": "last_name",
    "jobtitle": "title",
    "company": "company",
    "website": "website",
    "country": "country",
    "state": "region",
    "hs_timezone": "timezone",
    "hs_language": "locale",
}
_TYPES: Mapping[str, str] = {
    "0-1": "contact",
    "contact": "contact",
    "0-3": "deal",
    "deal": "deal",
    "0-27": "task",
    "task": "task",
}
"""Object types by their ids: developers.hubspot.com/docs/guides/crm/understanding-the-crm; generic
subscriptions (`object.…`) name one in `objectTypeId`, where classic ones begin with its name."""
_FINISHED = ("hs_task_status", "COMPLETED")
"""All that we want to hear of tasks (developers.hubspot.com/docs/guides/apps/webhooks/
create-generic-webhook-subscriptions has Task among its object types)."""
_OPT_OUT = re.compile(r"hs_email_optout(?:_[0-9]+)?")
"""From all mail, and from one subscription type by its id: whoever left one is sent nothing."""
_NO_CALLS = "hs_do_not_call"
_BOUNCED = ("hs_email_hard_bounce_reason", "hs_email_hard_bounce_reason_enum")
"""Why HubSpot mails an address no more; empty while it does."""
_OWNER = "hubspot_owner_id"
_ATTRIBUTES: Mapping[str, str] = {_OWNER: "hubspot_owner", "lifecyclestage": "lifecycle_stage"}
ASKED = (
    *(*FIELDS, *TOUCHES, *_ATTRIBUTES, "hs_email_optout", _NO_CALLS, *_BOUNCED),
    "lastmodifieddate",
)
"""What is asked of every contact, besides the portal's own `hs_email_optout_…`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of a batch; `merged` are contacts that became `subject`."""

    key: str
    about: str
    """contact, deal or task."""
    kind: str
    subject: str
    at: datetime
    touch: Touch | None = None
    objects: str | None = None
    """The field that says what they want no more of."""
    bounced: bool = False
    """Whether their mail address is said to be dead."""
    merged: tuple[str, ...] = ()


def read_change(given: Any) -> Change | None:
    """One change; None when it says nothing to us. Raises BadInput."""
    if not isinstance(given, dict):
        raise BadInput("not_a_change", "a change must be an object", status=422)
    about, _, kind = (text_of(given, "subscriptionType") or "").partition(".")
    subject, at = text_of(given, "objectId"), read_unix(given.get("occurredAt"), per_second=1000)
    told_type = text_of(given, "objectTypeId")
    if kind == "associationChange" and subject is None:
        subject, told_type = text_of(given, "fromObjectId"), text_of(given, "fromObjectTypeId")
    if about == "object":  # a generic subscription: the type stands beside it
        about = _TYPES.get((told_type or "").casefold(), "other")
    if not about or subject is None or at is None:
        raise BadInput(
            "not_a_change", "a change needs subscriptionType, objectId, occurredAt", status=422
        )
    name = text_of(given, "propertyName") or ""
    if about not in ("contact", "deal", "task") or name.startswith(OURS):
        return None
    if about == "task" and (name, text_of(given, "propertyValue")) != _FINISHED:
        return None
    key = ":".join(
        (text_of(given, "portalId") or "", f"{about}.{kind}", subject, name, str(at.timestamp()))
    )
    merged = given.get("mergedObjectIds")
    touched = read_unix(given.get("propertyValue"), per_second=1000) or read_iso(
        given.get("propertyValue")
    )
    is_touch = about == "contact" and name in TOUCHES and touched is not None
    return Change(
        key=key,
        about=about,
        kind=kind,
        subject=text_of(given, "newObjectId") or text_of(given, "primaryObjectId") or subject,
        at=at,
        touch=_touch(subject, name, touched, None) if is_touch and touched else None,
        objects=_objection(name)
        if about == "contact" and _is_yes(given.get("propertyValue"))
        else None,
        bounced=about == "contact"
        and name in _BOUNCED
        and text_of(given, "propertyValue") is not None,
        merged=(*map(str, merged), subject)
        if about == "contact" and isinstance(merged, list)
        else (),
    )


def _is_yes(value: object) -> bool:
    return value is True or str(value).strip().casefold() in ("true", "yes")


def is_opt_out(name: str) -> bool:
    """Whether a property says that a contact wants no mail, of any or of one kind."""
    return _OPT_OUT.fullmatch(name) is not None


def _objection(name: str) -> str | None:
    if is_opt_out(name):
        return "do_not_email"
    return "do_not_call" if name == _NO_CALLS else None


def objection(change: Change) -> ToldLead:
    """The lead wants no mail, or no calls."""
    body: dict[str, Any] = {"external_ids": {"hubspot": change.subject}, str(change.objects): True}
    return _lead(body, change.key, change.at)


def dead_address(contact: Mapping[str, Any]) -> str | None:
    """The mail address of a fetched contact that HubSpot found dead."""
    given = contact.get("properties")
    if not isinstance(given, Mapping) or not any(text_of(given, name) for name in _BOUNCED):
        return None
    return text_of(given, "email")


def read_contact(contact: Mapping[str, Any], *, has_open_deal: bool | None) -> Told:
    """A contact as it stands: facts of its lead, told when it was last changed, and touches."""
    subject, given = text_of(contact, "id"), contact.get("properties")
    if subject is None or not isinstance(given, Mapping):
        return Told()
    at = read_iso(contact.get("updatedAt")) or read_iso(given.get("lastmodifieddate"))
    body: dict[str, Any] = {"external_ids": {"hubspot": subject}}
    body |= {ours: text_of(given, name) for name, ours in FIELDS.items() if text_of(given, name)}
    for name, value in given.items():  # its no lifts no word that was given elsewhere
        if _is_yes(value) and (field := _objection(name)) is not None:
            body[field] = True
    attributes = {ours: text_of(given, name) for name, ours in _ATTRIBUTES.items()}
    told = {**attributes, "open_deal": has_open_deal}
    body["attributes"] = {
        name: {"value": value, "source": "hubspot"}
        for name, value in told.items()
        if value is not None
    }
    touches = [
        _touch(subject, name, when, text_of(given, _OWNER))
        for name in TOUCHES
        if (when := read_iso(given.get(name)) or read_unix(given.get(name), per_second=1000))
    ]
    stamp = f"contact:{subject}:{'' if at is None else at.isoformat()}:{has_open_deal}"
    return Told(leads=[_lead(body, stamp, at)], touches=touches)


def _touch(subject: str, name: str, at: datetime, by: str | None) -> Touch:
    """The same contact told twice, by a change and by the contact itself, is one touch."""
    body = {
        "id": f"hubspot:{subject}:{name}:{int(at.timestamp())}",
        "external_ids": {"hubspot": subject},
        "kind": TOUCHES[name],
        "by": by,
        "at": time_text(at),
    }
    return read_model(Touch, body)


def _lead(body: dict[str, Any], key: str, at: datetime | None) -> ToldLead:
    try:
        signup = read_model(Signup, body)
    except BadInput as error:  # what our fields do not hold is left out, and nothing else
        wrong = {found.path.partition(".")[0] for found in error.errors}
        body = {name: value for name, value in body.items() if name not in wrong}
        signup = read_model(Signup, body)
    return ToldLead(
        signup=signup, message=message_of("hubspot", key, at), raw=to_text(body).encode()
    )
