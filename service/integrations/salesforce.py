"""Salesforce's records in our words: people (leads and contacts), tasks, and deals.

A row is what a poll brought: the record as it stands at its `SystemModstamp`, deleted and merged
ones too. Shapes: developer.salesforce.com/docs, "Object Reference for the Salesforce Platform":
Lead, Contact, Task, Opportunity, OpportunityContactRole, Name (what `Owner.Email` is read from).
Our own custom fields are never asked for, so that what we wrote does not come back as news.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.domain.lead_record import time_text, to_text
from service.errors import BadInput
from service.integrations.http import ToolBusy
from service.integrations.inbound import ToldLead, message_of, read_iso, text_of
from service.integrations.salesforce_ids import full_id
from service.schemas.facts import Touch
from service.schemas.parsing import read_model
from service.schemas.signup import Signup

NAME = "salesforce"
"""The connector's name, and the kind of its records' ids."""
OURS = "Giveget:"
"""What the subject of a task of ours begins with."""
_PERSON = ("Id", "SystemModstamp", "IsDeleted", "MasterRecordId", "HasOptedOutOfEmail", "DoNotCall")
_SHARED = {
    "Email": "email",
    "Phone": "phone",
    "FirstName": "first_name",
    "LastName": "last_name",
    "Title": "title",
}
FIELDS: Mapping[str, Mapping[str, str]] = {
    "Lead": _SHARED
    | {"Company": "company", "Website": "website", "Country": "country", "State": "region"},
    "Contact": _SHARED
    | {"Account.Name": "company", "MailingCountry": "country", "MailingState": "region"},
}
"""Of people: their field = ours."""
_OWNER = "Owner.Email"
ASKED: Mapping[str, tuple[str, ...]] = {
    "Lead": (*_PERSON, *FIELDS["Lead"], "Status", "IsConverted", "ConvertedContactId", _OWNER),
    "Contact": (*_PERSON, *FIELDS["Contact"], _OWNER),
    "Task": (
        *("Id", "SystemModstamp", "CreatedDate", "IsDeleted", "WhoId", "Subject", "Type"),
        *("TaskSubtype", "CallType", "CallDisposition", "IsClosed", "CompletedDateTime", _OWNER),
    ),
    "Opportunity": (
        *("Id", "SystemModstamp", "IsDeleted"),
        "(SELECT ContactId FROM OpportunityContactRoles)",
    ),
}
"""What is polled, and its fields, as SOQL names them."""
PEOPLE = ("Lead", "Contact")
_TOUCHES = {"call": "call", "email": "email", "meeting": "meeting"}
"""A task's type or subtype, in small letters, that is a person's contact: a mail to a whole list
(`ListEmail`) and a step of a cadence are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A lead or a contact as it stood at a moment."""

    kind: str
    id: str
    at: datetime
    """`SystemModstamp`: to a second."""
    is_deleted: bool
    is_converted: bool
    """A lead that became a contact: what it says of the person is of the past."""
    same: tuple[str, ...]
    """Records that are the same person: what it was merged into, the contact it became."""
    fields: Mapping[str, str]
    """In our names."""
    status: str | None
    owner: str | None
    """The mail address of its owner; None where a queue owns it."""
    no_mail: bool
    no_calls: bool

    @property
    def email(self) -> str | None:
        """Its mail address."""
        return self.fields.get("email")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task as it stood at a moment."""

    id: str
    at: datetime
    who: str | None
    """The lead or contact it is about."""
    subject: str
    is_closed: bool
    is_deleted: bool
    closed_at: datetime | None
    touch: str | None
    """The kind of contact that it is of, once done."""
    by: str | None
    """The mail address of its owner."""
    result: str | None
    """How the call ended, in the org's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """An opportunity that changed, and whom it is about."""

    at: datetime
    id: str
    contacts: tuple[str, ...]


Row = Person | Task | Deal


def read_row(kind: str, given: Any) -> Row:
    """A polled row. Raises ToolBusy for what is none: nothing of such an answer is believed."""
    if not isinstance(given, Mapping):
        raise ToolBusy("answer_unreadable")
    id, at = full_id(text_of(given, "Id")), read_iso(given.get("SystemModstamp"))
    if id is None or at is None or not isinstance(given.get("IsDeleted"), bool):
        raise ToolBusy("answer_unreadable")
    if kind == "Task":
        return _task(given, id, at)
    if kind == "Opportunity":
        return Deal(id=id, at=at, contacts=_contacts(given))
    return _person(kind, given, id, at)


def _person(kind: str, given: Mapping[str, Any], id: str, at: datetime) -> Person:
    named = {ours: text_of(given, *theirs.split(".")) for theirs, ours in FIELDS[kind].items()}
    same = (full_id(text_of(given, name)) for name in ("MasterRecordId", "ConvertedContactId"))
    return Person(
        kind=kind,
        id=id,
        at=at,
        is_deleted=given["IsDeleted"],
        is_converted=given.get("IsConverted") is True,
        same=tuple(each for each in same if each is not None),
        fields={name: value for name, value in named.items() if value and _is_text(value)},
        status=status if (status := text_of(given, "Status")) and _is_text(status) else None,
        owner=text_of(given, "Owner", "Email"),
        no_mail=given.get("HasOptedOutOfEmail") is True,
        no_calls=given.get("DoNotCall") is True,
    )


def _is_text(value: str) -> bool:
    """Whether it can be kept: half a character (a lone surrogate) cannot."""
    return value.isprintable() or not any("\ud800" <= sign <= "\udfff" for sign in value)


def _task(given: Mapping[str, Any], id: str, at: datetime) -> Task:
    is_closed = given.get("IsClosed") is True
    told = (text_of(given, "TaskSubtype"), text_of(given, "Type"))
    kinds = [_TOUCHES[word.casefold()] for word in told if word and word.casefold() in _TOUCHES]
    if text_of(given, "CallType"):
        kinds.append("call")
    closed_at = read_iso(given.get("CompletedDateTime")) or read_iso(given.get("CreatedDate"))
    return Task(
        id=id,
        at=at,
        who=full_id(text_of(given, "WhoId")),
        subject=text_of(given, "Subject") or "",
        is_closed=is_closed,
        is_deleted=given["IsDeleted"],
        closed_at=(closed_at or at) if is_closed else None,
        touch=kinds[0] if kinds and told[0] != "ListEmail" else None,
        by=text_of(given, "Owner", "Email"),
        result=text_of(given, "CallDisposition"),
    )


def _contacts(given: Mapping[str, Any]) -> tuple[str, ...]:
    roles = given.get("OpportunityContactRoles")
    rows = roles.get("records") if isinstance(roles, Mapping) else None
    found = [
        full_id(text_of(role, "ContactId"))
        for role in (rows if isinstance(rows, list) else ())
        if isinstance(role, Mapping)
    ]
    return tuple(dict.fromkeys(id for id in found if id is not None))


def said_of(person: Person) -> dict[str, str]:
    """What a row says of a person, by name; an opt-out says something only while it is set."""
    said = {"status": person.status}
    if not person.is_converted:
        said |= {**person.fields, "owner": person.owner}
    return {name: value for name, value in said.items() if value is not None}


def told_lead(
    id: str, at: datetime, version: int, said: Mapping[str, str], flags: Collection[str] = ()
) -> ToldLead:
    """Facts of a record's lead, told when the record last changed.

    Two states of one second are told apart by their version, the later one standing.
    """
    body: dict[str, Any] = {"external_ids": {NAME: id}}
    body |= {name: value for name, value in said.items() if name not in _ATTRIBUTES}
    body |= dict.fromkeys(flags, True)
    body["attributes"] = _attributes(said)
    return told(body, f"{id}:{time_text(at)}:{version:06d}", at)


def told_deal(id: str, at: datetime, version: int, *, is_open: bool) -> ToldLead:
    """Whether a deal of a contact is open."""
    deal = {"open_deal": {"value": is_open, "source": NAME}}
    body = {"external_ids": {NAME: id}, "attributes": deal}
    return told(body, f"{id}:deal:{time_text(at)}:{version:06d}", at)


_ATTRIBUTES = {"status": "salesforce_status", "owner": "salesforce_owner"}


def _attributes(said: Mapping[str, str]) -> dict[str, Any]:
    return {
        ours: {"value": said[name], "source": NAME}
        for name, ours in _ATTRIBUTES.items()
        if name in said
    }


def told(body: dict[str, Any], key: str, at: datetime) -> ToldLead:
    """The facts of a body; what our fields do not hold is left out, and nothing else."""
    try:
        signup = read_model(Signup, body)
    except BadInput as error:
        wrong = {found.path.partition(".")[0] for found in error.errors}
        body = {name: value for name, value in body.items() if name not in wrong}
        signup = read_model(Signup, body)
    return ToldLead(signup=signup, message=message_of(NAME, key, at), raw=to_text(body).encode())


def touch_of(task: Task) -> Touch | None:
    """The contact that a done task was; None when it was none, or when it is one of ours.

    A task that was opened again and done again was two contacts.
    """
    is_ours = task.subject.startswith(OURS)
    if task.touch is None or task.closed_at is None or task.who is None or is_ours:
        return None
    body = {
        "id": f"{NAME}:{task.id}:{int(task.closed_at.timestamp())}",
        "external_ids": {NAME: task.who},
        "kind": task.touch,
        "by": task.by,
        "at": time_text(task.closed_at),
    }
    return read_model(Touch, body)
