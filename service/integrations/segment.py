"""Segment's calls: identify and group tell of a lead, track and page are events.

A browser's write key is public, so whoever has it can claim anything. Sources on a server sign
with a secret of their own (`segment_server_secret`); what comes from all others fills contact
fields only, the rest become attributes whose source is the browser, which decide no offer.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from service.domain.lead_record import BROWSER, RANK, time_text, to_text
from service.errors import BadInput, ConfigurationError
from service.integrations.inbound import Told, ToldLead, message_of, read_iso, read_unix, text_of
from service.schemas.facts import Event
from service.schemas.parsing import read_model
from service.schemas.signup import Signup

TRAITS: Mapping[str, str] = {
    "email": "email",
    "phone": "phone",
    "firstName": "first_name",
    "lastName": "last_name",
    "first_name": "first_name",
    "last_name": "last_name",
    "title": "title",
    "position": "title",
    "jobTitle": "title",
    "website": "website",
    "timezone": "timezone",
    "locale": "locale",
    "country": "country",
    "region": "region",
    "seats": "seats",
    "plan": "plan",
    "createdAt": "signed_up_at",
    "created_at": "signed_up_at",
    "trialStartedAt": "trial_started_at",
    "trialEndsAt": "trial_ends_at",
}
"""Traits by their usual names; `segment_map` adds to them or changes them."""
_FROM_BROWSER = frozenset(
    (
        "email",
        "phone",
        "first_name",
        "last_name",
        "title",
        "company",
        "website",
        "timezone",
        "locale",
    )
)
_TIMES = ("signed_up_at", "trial_started_at", "trial_ends_at")
_COMPANY = ("company", "website", "country", "region")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who sent it, and how its traits are read."""

    is_server: bool
    traits: Mapping[str, str]
    now: datetime


def read_traits(path: Path | None) -> Mapping[str, str]:
    """The shipped map with a TOML file's `[traits] theirs = "ours"` over it.

    Raises ConfigurationError.
    """
    if path is None:
        return TRAITS
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8")).get("traits", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"segment_map: {path}: {error}") from None
    unknown = sorted(str(ours) for ours in given.values() if ours not in Signup.model_fields)
    if unknown:
        raise ConfigurationError(f"segment_map: no field of a sign-up: {', '.join(unknown)}")
    return {**TRAITS, **given}


def read_call(call: Any, source: Source) -> Told:
    """One call as our facts. Raises BadInput when it is none."""
    if not isinstance(call, dict) or not isinstance(call.get("messageId"), str):
        raise BadInput("not_a_segment_call", "a call needs a messageId", status=422)
    ids = {kind: text_of(call, f"{kind}Id") for kind in ("user", "anonymous")}
    if call.get("type") == "alias":
        ids["anonymous"] = text_of(call, "previousId")
    external_ids: dict[str, Any] = {kind: value for kind, value in ids.items() if value}
    at = read_iso(call.get("timestamp")) or read_iso(call.get("sentAt")) or source.now
    match call.get("type"):
        case "identify":
            return _identified(call, external_ids, at, source)
        case "group":
            return _grouped(call, external_ids, at, source)
        case "alias":
            return (
                _lead(call, {"external_ids": external_ids}, at, source) if ids["user"] else Told()
            )
        case "track" | "page" | "screen":
            return _happened(call, external_ids, at)
        case "delete":
            return _deleted(ids["user"], source)
    return Told()


def _identified(
    call: Mapping[str, Any], external_ids: dict[str, Any], at: datetime, source: Source
) -> Told:
    context = call.get("context")
    told = context.get("traits") if isinstance(context, dict) else None
    traits = call.get("traits") or told or {}
    if not isinstance(traits, dict):
        raise BadInput("not_a_segment_call", "traits must be an object", status=422)
    company = traits.get("company")
    if isinstance(company, dict):
        traits = {**traits, "company": text_of(company, "name")}
    body = _facts(dict(traits), source)
    if not (body.get("email") or external_ids.get("user")):
        return Told()  # a browser that said nothing of its person yet
    if isinstance(company, dict):
        told = _of_company({n: v for n, v in company.items() if n not in ("id", "name")}, source)
        attributes = {**told.pop("attributes"), **body["attributes"]}
        body = {**told, **body, "attributes": attributes}
    if isinstance(company, dict) and source.is_server and text_of(company, "id"):
        external_ids["company"] = text_of(company, "id")
    return _lead(call, body | {"external_ids": external_ids}, at, source)


def _of_company(traits: dict[str, Any], source: Source) -> dict[str, Any]:
    """What a company is said to be; its address, phone and first day are not its people's.

    segment.com/docs/connections/spec/identify#traits and /group#traits.
    """
    if traits.get("employee_count") is not None:
        traits = {"employees": traits["employee_count"], **traits}
        del traits["employee_count"]
    body = _facts(traits, source)
    kept = (*_COMPANY, "attributes", "seats", "plan")
    return {name: body[name] for name in kept if name in body}


def _grouped(
    call: Mapping[str, Any], external_ids: dict[str, Any], at: datetime, source: Source
) -> Told:
    group = text_of(call, "groupId")
    if group is None or "user" not in external_ids:
        return Told()
    if source.is_server:
        external_ids["company"] = group
    traits = call.get("traits")
    named = dict(traits) if isinstance(traits, dict) else {}
    kept = _of_company({"company": named.pop("name", None), **named}, source)
    return _lead(call, kept | {"external_ids": external_ids}, at, source)


def _facts(traits: dict[str, Any], source: Source) -> dict[str, Any]:
    """Fields and attributes; from a browser, what decides an offer is an attribute of its."""
    address = traits.pop("address", None)
    if isinstance(address, dict):
        traits.setdefault("country", text_of(address, "country"))
        traits.setdefault("region", text_of(address, "state"))
    body: dict[str, Any] = {"attributes": {}}
    for name, value in traits.items():
        ours = "company" if name == "company" and isinstance(value, str) else None
        ours = ours or source.traits.get(name)
        if value is None:
            continue
        if ours is not None and (source.is_server or ours in _FROM_BROWSER):
            read = _field(ours, value)
            if read is not None:
                body[ours] = read
                continue
        origin = "segment" if source.is_server else "browser"
        body["attributes"][name] = {"value": value, "source": origin}
    return body


def _field(ours: str, value: Any) -> Any:
    if ours in _TIMES:
        at = read_iso(value) or _read_unix(value)
        return None if at is None else time_text(at)
    if ours == "seats" or isinstance(value, bool):
        return value
    return str(value) if isinstance(value, str | int) else None


def _read_unix(value: Any) -> datetime | None:
    """A time in seconds since 1970, as many products send `createdAt`, or in milliseconds."""
    if isinstance(value, float):
        value = int(value) if math.isfinite(value) else None
    return read_unix(value) or read_unix(value, per_second=1000)


def _lead(call: Mapping[str, Any], body: dict[str, Any], at: datetime, source: Source) -> Told:
    told = {name: value for name, value in body.items() if value not in (None, {})}
    signup = read_model(Signup, told)
    message = message_of("segment", str(call["messageId"]), at)
    kept = told if source.is_server else told | {RANK: BROWSER}  # as a replay reads it
    lead = ToldLead(
        signup=signup, message=message, raw=to_text(kept).encode(), is_browser=not source.is_server
    )
    return Told(leads=[lead])


def _deleted(user: str | None, source: Source) -> Told:
    """A deletion that Segment forwards: segment.com/docs/privacy/user-deletion-and-suppression.

    Only a server's source may ask for one: whoever has a browser's key could erase anybody.
    """
    if not source.is_server:
        why = "a deletion counts only from a server's source: segment_server_secret"
        raise BadInput("not_a_segment_call", why, status=422)
    return Told(erased=[("user", user)] if user else [])


def _happened(call: Mapping[str, Any], external_ids: dict[str, Any], at: datetime) -> Told:
    properties = call.get("properties")
    body = {
        "id": f"segment:{call['messageId']}"[:255],
        "external_ids": external_ids,
        "name": _name(call)[:255],
        "at": time_text(at),
        "properties": properties if isinstance(properties, dict) else None,
        "consent": _consent(call),
    }
    return Told(events=[read_model(Event, body)]) if external_ids else Told()


def _consent(call: Mapping[str, Any]) -> Any:
    """The visitor's choices by category: segment.com/docs/privacy/consent-management."""
    context = call.get("context")
    told = context.get("consent") if isinstance(context, dict) else None
    return told.get("categoryPreferences") if isinstance(told, dict) else None


def _name(call: Mapping[str, Any]) -> str:
    """A track call's own name; a page is known by its name, else its path."""
    if call.get("type") == "track":
        return text_of(call, "event") or "unnamed event"
    seen = text_of(call, "name") or text_of(call, "properties", "name")
    return f"viewed {seen or text_of(call, 'properties', 'path') or 'page'}"
