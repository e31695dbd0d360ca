"""Whose call is it: which lead a sign-up, an event, a touch or an outcome is about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from service.store import leads

ExternalIds = tuple[tuple[str, str], ...]
LEAD = "lead"
"""The kind under which facts wait for a lead id that has not signed up yet."""
_COMPANY = "company"  # names an account, so many leads may share it
_SHARED = "anonymous"  # a browser, so two people may share it


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The lead a sign-up belongs to (None: a new one), its new ids, and ids that are another's."""

    lead: str | None
    new_ids: ExternalIds
    taken: tuple[str, ...]


def person_ids(external_ids: Mapping[str, object] | None) -> ExternalIds:
    """The ids that name a person, as text."""
    return tuple(
        (kind, str(value))
        for kind, value in (external_ids or {}).items()
        if value is not None and kind != _COMPANY
    )


def company_id(external_ids: Mapping[str, object] | None) -> dict[str, str]:
    """The id that names the account, if given."""
    value = (external_ids or {}).get(_COMPANY)
    return {} if value is None else {_COMPANY: str(value)}


def match(
    connection: sa.Connection, *, lead: str | None, ids: ExternalIds, email_key: str | None
) -> Match:
    """The lead a sign-up is about: its own id, else a known external id, else its mail address.

    A known browser alone names the lead only while the mail address does not speak against it.
    """
    owners = {(kind, value): leads.by_external_id(connection, kind, value) for kind, value in ids}
    found = lead
    if found is None:
        named = [owner for (kind, _), owner in owners.items() if owner and kind != _SHARED]
        found = named[0] if named else None
    has_own_name = lead is not None or any(kind != _SHARED for kind, _ in ids)
    if found is None and not has_own_name:
        browser = next((owner for owner in owners.values() if owner), None)
        found = _by_email_or_browser(connection, email_key, browser)
    if found is not None and lead is not None and not leads.exists(connection, lead):
        found = None
    mine = found if found is not None else lead
    return Match(
        lead=found,
        new_ids=tuple(id for id, owner in owners.items() if owner is None),
        taken=tuple(kind for (kind, _), owner in owners.items() if owner not in (None, mine)),
    )


def find(connection: sa.Connection, *, lead: str | None, ids: ExternalIds) -> str | None:
    """The lead that an event, touch or outcome names, when it has signed up."""
    if lead is not None:
        return lead if leads.exists(connection, lead) else None
    owners = {kind: leads.by_external_id(connection, kind, value) for kind, value in ids}
    named = [owner for kind, owner in owners.items() if owner and kind != _SHARED]
    return named[0] if named else owners.get(_SHARED)


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
    has_none = owner.email_key is None and "email" not in json.loads(owner.record)["fields"]
    return browser if has_none else None
