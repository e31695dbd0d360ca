"""Whose call is it: which lead a sign-up, an event, a touch or an outcome is about."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from scoring.contact.mailbox import first_address
from service.runtime import Runtime
from service.store.leads import external_ids, leads

ExternalIds = tuple[tuple[str, str], ...]
LEAD = "lead"
"""The kind under which facts wait for a lead id that has not signed up yet, and under which a
lead that became another's may still be named."""
EMAIL = "email"
"""The kind under which what a CRM tells waits for a mail address, blurred, to sign up."""
REF = "ref"
"""The kind of a merged lead's pseudonym, which its links carry."""
_COMPANY = "company"  # names an account, so many leads may share it
_SHARED = "anonymous"  # a browser, so two people may share it


_MADE = "lead_"


def make_id() -> str:
    """An id for a lead whose sender gave none."""
    return f"{_MADE}{secrets.token_hex(10)}"


def is_made(lead: str) -> bool:
    """Whether an id is one of ours."""
    return lead.startswith(_MADE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The lead a sign-up belongs to (None: a new one), its new ids, and ids that are another's."""

    lead: str | None
    same: tuple[str, ...]
    """Other leads that its ids name: the same person."""
    new_ids: ExternalIds
    taken: tuple[str, ...]
    """Kinds of ids that stay another lead's: a browser that two people share."""


def person_ids(external_ids: Mapping[str, object] | None) -> ExternalIds:
    """The ids that name a person, as text."""
    if not external_ids:
        return ()
    return tuple(
        (kind, str(value))
        for kind, value in external_ids.items()
        if value is not None and kind != _COMPANY
    )


def company_id(external_ids: Mapping[str, object] | None) -> dict[str, str]:
    """The id that names the account, if given."""
    value = (external_ids or {}).get(_COMPANY)
    return {} if value is None else {_COMPANY: str(value)}


def match(
    connection: sa.Connection,
    *,
    lead: str | None,
    ids: ExternalIds,
    email_key: str | None,
    is_unreadable: bool = False,
) -> Match:
    """The lead a sign-up is about: its own id, else a known external id, else its mail address.

    A mail field that holds no address (`is_unreadable`) names nobody. A known browser alone names
    the lead only while the mail address does not speak against it.
    Other leads that its ids name are the same person, and so is one that gave nothing but the
    same mail address.
    """
    names = ids if lead is None else (*ids, (LEAD, lead))
    known = external_ids.owners(connection, names)
    owners = {id: known.get(id) for id in ids}
    itself = None
    if lead is not None:
        itself = lead if leads.exists(connection, lead) else known.get((LEAD, lead))
    named = dict.fromkeys(
        owner
        for owner in (itself, *(o for (kind, _), o in owners.items() if kind != _SHARED))
        if owner is not None
    )
    has_own_name = lead is not None or any(kind != _SHARED for kind, _ in ids)
    if has_own_name and email_key is not None:
        named |= dict.fromkeys(_nameless(connection, email_key))
    found = next(iter(named), None)
    if found is None and not has_own_name:
        browser = next((owner for owner in owners.values() if owner), None)
        if is_unreadable:
            found = None if _has_address(connection, browser) else browser
        else:
            found = _by_email_or_browser(connection, email_key, browser)
    return Match(
        lead=found,
        same=tuple(owner for owner in named if owner != found),
        new_ids=tuple(id for id, owner in owners.items() if owner is None),
        taken=tuple(
            kind
            for (kind, _), owner in owners.items()
            if owner is not None and kind == _SHARED and owner not in (found, lead, *named)
        ),
    )


def _nameless(connection: sa.Connection, email_key: str) -> list[str]:
    """The leads of a mail address that were never named otherwise."""
    return [
        lead
        for lead in leads.with_email(connection, email_key)
        if is_made(lead) and not external_ids.of_lead(connection, lead).keys() - {_SHARED}
    ]


def find(connection: sa.Connection, *, lead: str | None, ids: ExternalIds) -> str | None:
    """The lead that an event, touch or outcome names, when it has signed up."""
    if lead is not None:
        if leads.exists(connection, lead):
            return lead
        return external_ids.owner(connection, LEAD, lead)
    return _named_by(ids, external_ids.owners(connection, ids))


Named = tuple[str | None, ExternalIds]
"""How a fact names its lead: by a lead id, or by external ids."""


def find_all(connection: sa.Connection, whom: Collection[Named]) -> dict[Named, str | None]:
    """`find` of many, in a statement or two for all of them."""
    told = {lead for lead, _ in whom if lead is not None}
    there = leads.existing(connection, told) if told else set()
    names = [(LEAD, lead) for lead in told - there]
    names += [id for lead, ids in whom if lead is None for id in ids]
    known = external_ids.owners_of_many(connection, names)
    return {
        (lead, ids): _named_by(ids, known)
        if lead is None
        else lead
        if lead in there
        else known.get((LEAD, lead))
        for lead, ids in whom
    }


def _named_by(ids: ExternalIds, known: Mapping[tuple[str, str], str]) -> str | None:
    owners = {kind: known.get((kind, value)) for kind, value in ids}
    named = [owner for kind, owner in owners.items() if owner and kind != _SHARED]
    return named[0] if named else owners.get(_SHARED)


def by_address(connection: sa.Connection, runtime: Runtime, email: str) -> str | None:
    """The oldest lead of a mail address; a text that holds none names nobody."""
    key = runtime.address_key(email)
    return None if key is None else leads.by_email(connection, key)


def is_anonymous(*, lead: str | None, ids: ExternalIds) -> bool:
    """Whether a fact names a browser and no person."""
    return lead is None and all(kind == _SHARED for kind, _ in ids)


def waits_under(*, lead: str | None, ids: ExternalIds) -> ExternalIds:
    """The names under which a fact of an unknown person is parked."""
    return ((LEAD, lead),) if lead is not None else ids


def _by_email_or_browser(
    connection: sa.Connection, email_key: str | None, browser: str | None
) -> str | None:
    if email_key is None:
        return browser
    by_email = leads.by_email(connection, email_key)
    if by_email is not None or browser is None:
        return by_email
    owner = leads.find(connection, browser)
    assert owner is not None
    has_none = owner.email_key is None and "email" not in owner.fields
    return browser if has_none else None


def _has_address(connection: sa.Connection, lead: str | None) -> bool:
    """Whether a lead has a mail address that can be read."""
    known = None if lead is None else leads.find(connection, lead)
    return known is not None and first_address(known.fields.get("email")) is not None
