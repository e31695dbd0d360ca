"""The one page that speaks all languages: payloads, stored records, leads, situations.

A *record* is a lead's facts as the store keeps them, plain JSON:
`fields` (times as RFC 3339 text), `source`, `consent` (a `Ground`), `do_not_profile`, `attributes`,
`attribute_sources`, `known_at` (what was learnt after the sign-up, and when), `ended_trials`
(how many there were before this one), `stamp` (when it was told) and `stamps` (of facts told by
another message than the first), `rank` (of the connection it was told over, where that is a
browser), `ranks` (of facts told over another), `screening` (what calls come to), `call_back_at`
(when a rep said they would call back) and `call_back_by` (which rep).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

import pydantic_core

from scoring.contact import Contact, read_contact
from scoring.leads.lead import Lead
from service.domain.consent import LAWFUL_BASES, NONE, Ground, belongs, bound, ground_for_mail

Record = dict[str, Any]

SERVER, BROWSER = "server", "browser"
"""Ranks of a connection: a browser's key is public, so anybody may say anything by it."""
RANK = "giveget_rank"
"""Where a payload of a browser says so, in what is kept of it for replays."""
EMPTY_RECORD: Record = {
    "fields": {},
    "source": {},
    "consent": None,
    "do_not_profile": None,
    "attributes": {},
    "attribute_sources": {},
    "known_at": {},
}
"""What is known of an erased lead."""
TAKES_MAIL = "takes_mail"
"""The attribute in which stands whether the mail address's domain takes mail."""
TIMES = ("signed_up_at", "trial_started_at", "trial_ends_at")
_CONTACT = tuple(field.name for field in fields(Contact))


def merged(old: Record, new: Record, received_at: datetime) -> Record:
    """Two records of one lead: of each fact the one told last stands, in whatever order they come.

    What `new` adds or changes is known from `received_at`, unless it says since when. An
    objection, once made, is taken back only by a later word. A consent stays with the address it
    was given for, and counts for no other.
    """
    made = {name: dict(old[name]) if isinstance(old[name], dict) else old[name] for name in old}
    stamps, ranks = dict(old.get("stamps", {})), dict(old.get("ranks", {}))
    for part in ("fields", "attributes", "source"):
        for name, value in new[part].items():
            if name in old[part] and _order(new, part, name) <= _order(old, part, name):
                continue
            if part in ("fields", "attributes") and old[part].get(name) != value:
                made["known_at"][name] = new["known_at"].get(name, time_text(received_at))
            made[part][name] = value
            key = f"{part}.{name}"
            stamps[key], ranks[key] = _stamp(new, part, name), rank_of(new, key)
            if part == "attributes":  # a value without a source has not that of the one before
                made["attribute_sources"].pop(name, None)
                if name in new["attribute_sources"]:
                    made["attribute_sources"][name] = new["attribute_sources"][name]
    made["consent"] = bound(old["consent"], _email(old))
    taken = {
        "consent": _is_consent_taken(old, new, _email(made)),
        "do_not_profile": new.get("do_not_profile") is not None
        and (old.get("do_not_profile") is None or _is_later(new, old, "do_not_profile")),
    }
    for name in (name for name, is_taken in taken.items() if is_taken):
        made[name] = bound(new[name], _email(new)) if name == "consent" else new[name]
        stamps[name], ranks[name] = _stamp(new, name), rank_of(new, name)
    made["stamps"] = stamps
    made.pop("ranks", None)
    if BROWSER in {made.get("rank"), *ranks.values()}:
        made["ranks"] = ranks
    made["ended_trials"] = int(old.get("ended_trials", 0)) + _is_another_trial(old, new)
    return made


def _is_another_trial(old: Record, new: Record) -> bool:
    """Whether the new facts tell of a trial that began after the old one had ended."""
    ended, started = old["fields"].get("trial_ends_at"), new["fields"].get("trial_started_at")
    if ended is None or started is None:
        return False
    return datetime.fromisoformat(started) >= datetime.fromisoformat(ended)


def contact_of(record: Record) -> Contact:
    """The contact facts of a record, read anew."""
    fields = record["fields"]
    return read_contact(
        email=fields.get("email"),
        phone=fields.get("phone"),
        title=fields.get("title"),
        country=fields.get("country"),
    )


def lead_of(lead_id: str, record: Record, contact: Contact) -> Lead:
    """The lead that scoring sees."""
    fields = dict(record["fields"])
    for name in TIMES:
        if name in fields:
            fields[name] = datetime.fromisoformat(fields[name])
    return Lead(
        id=lead_id,
        contact=contact,
        source=record["source"],
        attributes=record["attributes"],
        known_at={name: datetime.fromisoformat(at) for name, at in record["known_at"].items()},
        **fields,
    )


def has_lawful_basis(record: Record) -> bool:
    """Whether there is a lawful ground to write to this person."""
    return lawful_basis_of(record) != NONE


def lawful_basis_of(record: Record) -> str:
    """The ground on which we may write to the address it has now, or `none`."""
    return ground_for_mail(record["consent"], _email(record))


def with_consent(record: Record, ground: Ground, stamp: str) -> Record:
    """The record with a ground of its address, told by the message of that stamp."""
    return record | {"consent": ground} | _told(record, "consent", stamp)


def with_field(record: Record, name: str, value: Any, stamp: str, at: str) -> Record:
    """The record with a field that its person told us themselves, known from `at`."""
    fields, known_at = record["fields"] | {name: value}, record["known_at"] | {name: at}
    told = _told(record, f"fields.{name}", stamp)
    return record | {"fields": fields, "known_at": known_at} | told


def _told(record: Record, key: str, stamp: str) -> Record:
    """The stamps and ranks of a record once a fact was told by no browser."""
    told: Record = {"stamps": record.get("stamps", {}) | {key: stamp}}
    if "ranks" in record or "rank" in record:
        told["ranks"] = record.get("ranks", {}) | {key: SERVER}
    return told


def _email(record: Record) -> str | None:
    email: str | None = record["fields"].get("email")
    return email


def _is_consent_taken(old: Record, new: Record, email: str | None) -> bool:
    """Whether a told ground stands over the one before: it is the address's own, else confirmed by
    a click while the other is a ground too, else told later."""
    before, told = (bound(each["consent"], _email(each)) for each in (old, new))
    if told is None or before is None:
        return told is not None
    one, other = (
        (belongs(mine, email), bool(mine.get("confirmed")) and theirs["ground"] in LAWFUL_BASES)
        for mine, theirs in ((told, before), (before, told))
    )
    return _is_later(new, old, "consent") if one == other else one > other


def segment_of(lead: Lead) -> str | None:
    """The sales segment, when the form or an enrichment named one."""
    segment = lead.attributes.get("segment")
    return segment if isinstance(segment, str) else None


def account_of(contact: Contact, external_ids: Mapping[str, str]) -> str | None:
    """The account: the CRM's company, or the company's own mail domain; free mail makes none."""
    if company := external_ids.get("company"):
        return f"company:{company}"
    return contact.account


def contact_text(contact: Contact) -> str:
    """A contact as the store keeps it."""
    return to_text({name: getattr(contact, name) for name in _CONTACT})


def contact_from(text: str) -> Contact:
    """The contact of `contact_text`."""
    return Contact(**json.loads(text))


def to_text(value: Any) -> str:
    """JSON as the store keeps it: compact, the same bytes on both stores.

    Numbers are finite here: what comes in is checked, and scores are whole hundredths.
    """
    return pydantic_core.to_json(value).decode()


def time_text(at: datetime) -> str:
    """RFC 3339 with a Z."""
    return at.isoformat().replace("+00:00", "Z")


def _is_later(new: Record, old: Record, part: str) -> bool:
    return _order(new, part) > _order(old, part)


def _order(record: Record, part: str, name: str | None = None) -> tuple[bool, str]:
    """Of two facts the greater stands: what a server or a person said, then what was said last."""
    key = part if name is None else f"{part}.{name}"
    return rank_of(record, key) != BROWSER, _stamp(record, part, name)


def rank_of(record: Record, key: str) -> str:
    """Who told a fact, by the connection it came over; `server` unless it was a browser."""
    return str(record.get("ranks", {}).get(key, record.get("rank", SERVER)))


def _stamp(record: Record, part: str, name: str | None = None) -> str:
    """When a fact was told: by its own message, else with the record as it first came."""
    key = part if name is None else f"{part}.{name}"
    return str(record.get("stamps", {}).get(key, record.get("stamp", "")))


def utm_source(record: Record) -> str | None:
    """The channel a lead came by, where its sign-up named one."""
    named = (record.get("source") or {}).get("utm_source")
    return named if isinstance(named, str) and named else None
