"""What a poll of Salesforce brought becomes facts of leads we know: once each, in any order.

A record is known by its id, else by its mail address; the many people of a CRM who never signed up
become no leads, and nothing is kept of them. Of a record only what changed since it was seen last
is told, at the time of its change: so the newer word stands, field by field, and what we wrote
there ourselves comes back as nothing new. An opt-out is told while it is set and never lifted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import sqlalchemy as sa

from service.integrations.inbound import Told
from service.integrations.salesforce import (
    NAME,
    Person,
    Task,
    said_of,
    told_deal,
    told_lead,
    touch_of,
)
from service.integrations.salesforce_ids import kind_of, short_id
from service.store.leads import crm_records, external_ids, leads
from service.store.leads.crm_records import Seen
from service.use_cases.intake.inbound import take_told
from service.use_cases.intake.merging import merge
from service.use_cases.leads import identity
from service.use_cases.tx import Tx

_FLAGS = ("do_not_email", "do_not_call")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Whom of some records we know, and whom by their mail address only until now."""

    leads: Mapping[str, str] = field(default_factory=dict)
    """The lead of each record."""
    new: Sequence[Person] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """A lead whose record has a new owner."""

    lead: str
    owner: str


def owners(connection: sa.Connection, records: Iterable[str]) -> dict[str, str]:
    """The leads of records, by their ids of 18 characters, also where 15 were told."""
    spelt = {form: id for id in records for form in (short_id(id), id)}
    found = external_ids.owners_of_many(connection, [(NAME, form) for form in spelt])
    return {spelt[form]: lead for (_, form), lead in found.items()}


def known(tx: Tx, people: Sequence[Person]) -> Known:
    """Whom of these we know."""
    named = owners(tx.connection, (id for each in people for id in (each.id, *each.same)))
    found: dict[str, str] = {}
    new: list[Person] = []
    for person in people:
        lead = next((named[id] for id in (person.id, *person.same) if id in named), None)
        if lead is None and (lead := _with_address(tx, person)) is not None:
            new.append(person)
        if lead is not None:
            found[person.id] = lead
    return Known(leads=found, new=new)


def take_people(tx: Tx, people: Sequence[Person]) -> list[Owned]:
    """Store what records say of their leads; whose owner changed."""
    owned = [_take_person(tx, person) for person in sorted(people, key=lambda one: one.at)]
    return [one for one in owned if one is not None]


def take_tasks(tx: Tx, tasks: Sequence[Task]) -> None:
    """Store the contacts that done tasks of known people were."""
    named = owners(tx.connection, (task.who for task in tasks if task.who is not None))
    for task in tasks:
        touch = touch_of(task)
        if touch is not None and task.who in named:
            take_told(tx, Told(touches=[touch]))


def take_deals(tx: Tx, is_open: Mapping[str, bool]) -> None:
    """Store of each contact whether one of its opportunities is open; of a lead any counts."""
    by_lead: dict[str, list[str]] = {}
    for contact, lead in owners(tx.connection, is_open).items():
        by_lead.setdefault(lead, []).append(contact)
    for lead, contacts in by_lead.items():
        any_open = any(is_open[contact] for contact in contacts)
        key = f"{NAME}:deals:{lead}"
        if leads.lock(tx.connection, lead) is None:
            continue
        seen = crm_records.find(tx.connection, key)
        said = {"open_deal": _digest(str(any_open))}
        if (seen is None and not any_open) or (seen is not None and seen.values == said):
            continue
        now = Seen(at=tx.now, version=1 if seen is None else seen.version + 1, values=said)
        crm_records.put(tx.connection, key, lead, now)
        contact = min(contacts)
        told = told_deal(contact, tx.now, now.version, is_open=any_open)
        take_told(tx, Told(leads=[told]))


def contacts_of(connection: sa.Connection, contacts: Iterable[str]) -> list[str]:
    """All contacts of the leads that these contacts are."""
    return contacts_of_leads(connection, owners(connection, contacts).values())


def contacts_of_leads(connection: sa.Connection, of: Iterable[str]) -> list[str]:
    """All contacts of some leads, by their ids of 18 characters."""
    ids: dict[str, None] = {}
    for lead in dict.fromkeys(of):
        ids |= dict.fromkeys(external_ids.of_lead(connection, lead).get(NAME, []))
    return [id for id in ids if kind_of(id) == "Contact" and id != short_id(id)]


def _take_person(tx: Tx, person: Person) -> Owned | None:
    """Store what one record says; its owner, where that is another than before."""
    lead_id = _whose(tx, person)
    lead = None if lead_id is None else leads.lock(tx.connection, lead_id)
    if lead is None or lead.erased_at is not None:
        return None
    key = f"{NAME}:{person.id}"
    seen = crm_records.find(tx.connection, key)
    is_older = seen is not None and person.at < seen.at
    before = {} if seen is None else dict(seen.values)
    flags = dict(zip(_FLAGS, (person.no_mail, person.no_calls), strict=True))
    said = {} if is_older or person.is_deleted else said_of(person)
    changed = {name: value for name, value in said.items() if before.get(name) != _digest(value)}
    new_flags = [name for name, is_set in flags.items() if is_set and name not in before]
    told_flags = [name for name in new_flags if lead.fields.get(name) is not True]
    version = (0 if seen is None else seen.version) + bool(changed or told_flags)
    if is_older:
        assert seen is not None
        values, at = before | dict.fromkeys(new_flags, _SET), seen.at
    else:
        values = {name: _digest(value) for name, value in said.items()}
        values |= {name: _SET for name, is_set in flags.items() if is_set}
        is_over = person.is_deleted or person.is_converted
        values, at = (before | values if is_over else values), person.at
    if seen is None or (values, at) != (before, seen.at):
        now = Seen(at=at, version=version, values=values)
        crm_records.put(tx.connection, key, lead.id, now)
    if changed or told_flags:
        told = told_lead(person.id, person.at, version, changed, told_flags)
        take_told(tx, Told(leads=[told]))
    return Owned(lead=lead.id, owner=changed["owner"]) if "owner" in changed else None


_SET = "set"


def _whose(tx: Tx, person: Person) -> str | None:
    """The one lead of a record and of those that are the same person, which all name it then."""
    ids = (person.id, *person.same)
    named = owners(tx.connection, ids)
    found = list(dict.fromkeys(named[id] for id in ids if id in named))
    if not found:
        known_by_mail = _with_address(tx, person)
        if known_by_mail is None:
            return None
        found = [known_by_mail]
    kept = found[0]
    for other in found[1:]:
        kept = merge(tx, kept, other).id
        tx.flush()
    have = external_ids.of_lead(tx.connection, kept).get(NAME, [])
    if new := [(NAME, id) for id in ids if id not in have]:
        external_ids.link(tx.connection, kept, new)
        tx.flush()
    return kept


def _with_address(tx: Tx, person: Person) -> str | None:
    """The lead of a record's mail address; a deleted record becomes nobody's."""
    if person.email is None or person.is_deleted:
        return None
    return identity.by_address(tx.connection, tx.runtime, person.email)


def _digest(value: str) -> str:
    return blake2b(value.encode(), digest_size=12).hexdigest()
