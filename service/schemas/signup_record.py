"""A sign-up's body as a lead's record, and what its sender should know of how it was read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scoring.contact import Contact
from scoring.leads.lead import FIELDS, Value
from service.domain.consent import LAWFUL_BASES, OFFERS, OUR_MAIL, Ground, bound
from service.domain.lead_record import BROWSER, TIMES, Record, contact_of, time_text, to_text
from service.domain.situations import NEEDS_SOURCE, is_flag, is_number, is_usable
from service.schemas.signup import Signup
from service.schemas.signup_warnings import mended_fields

Warnings = list[dict[str, str]]
_ATTRIBUTE_KEYS = frozenset({"value", "source", "known_at"})
_LONGEST_NAME = 200
_IN_ORDER = sorted(FIELDS)
"""A record has its fields in one order, whichever process reads it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignupFacts:
    """What a sign-up says, read as far as that needs no store and no secret."""

    record: Record
    contact: Contact
    warnings: Warnings


def facts_of(signup: Signup, stamp: str, *, is_browser: bool = False) -> SignupFacts:
    """A sign-up's record and the contact facts read from it."""
    record, warnings = record_of(signup, stamp, is_browser=is_browser)
    return SignupFacts(record=record, contact=contact_of(record), warnings=warnings)


def record_of(signup: Signup, stamp: str, *, is_browser: bool = False) -> tuple[Record, Warnings]:
    """A sign-up's facts, and what the sender should know about how they were read.

    `stamp` orders what is told of one lead: later texts are told later. What a browser says
    (`is_browser`: by its connection) never stands over what a server or a person said.
    """
    record: Record = {
        "fields": {},
        "source": {k: _text(v) for k, v in (signup.source or {}).items() if v is not None},
        "consent": None if signup.consent is None else _consent(signup),
        "do_not_profile": signup.do_not_profile,
        "attributes": {},
        "attribute_sources": {},
        "known_at": {},
        "stamp": stamp,
    }
    if is_browser:
        record["rank"] = BROWSER
    for name in _IN_ORDER:
        value = getattr(signup, name, None)  # a sign-up names its account by an external id
        if value is not None:
            record["fields"][name] = time_text(value) if name in TIMES else value
    warnings: Warnings = [_warning(*told) for told in mended_fields(record["fields"], stamp)]
    if record["consent"] is not None:
        record["consent"] = bound(record["consent"], record["fields"].get("email"))
        warnings += _lacks(record["consent"])
    for name, given in (signup.attributes or {}).items():
        _take_attribute(record, name, given, warnings, where=f"attributes.{name}")
    for name, given in (signup.model_extra or {}).items():
        warnings.append(
            _warning(name, "unknown_field", "not a field of a sign-up; kept as an attribute")
        )
        _take_attribute(record, name, given, warnings, where=name)
    return record, warnings


def nul_warnings(cleaned: Iterable[str]) -> Warnings:
    """That a text came with a NUL, which no store of ours keeps."""
    said = "held a NUL character, which was taken out"
    return [_warning(path, "nul_removed", said) for path in cleaned]


def _consent(signup: Signup) -> Ground:
    assert signup.consent is not None
    given = signup.consent
    more = {
        "purpose": None if given.purpose is None else given.purpose.strip().lower() or None,
        "partner": given.partner,
        "notice_at": None if given.notice_at is None else time_text(given.notice_at),
    }
    return {
        "ground": given.ground.strip().lower().replace(" ", "_"),
        "at": None if given.at is None else time_text(given.at),
        "wording": given.wording,
        "source": given.source,
        **{name: value for name, value in more.items() if value is not None},
    }


def _lacks(given: Ground) -> Iterator[dict[str, str]]:
    """Why a ground lets no mail of ours out."""
    if given["ground"] not in LAWFUL_BASES:
        known = ", ".join(LAWFUL_BASES)
        yield _warning("consent.ground", "unknown_ground", f"not one of {known}")
    if given["ground"] == "trial_account" and "notice_at" not in given:
        said = "trial_account needs it: when they were told that you write; counts as none"
        yield _warning("consent.notice_at", "no_notice", said)
    if given.get("purpose", OFFERS) not in OUR_MAIL:
        said = f"kept; our offers go out on {', '.join(sorted(OUR_MAIL))} only"
        yield _warning("consent.purpose", "other_purpose", said)


def _take_attribute(
    record: Record, name: str, given: Any, warnings: Warnings, *, where: str
) -> None:
    if isinstance(given, dict) and "value" in given and given.keys() <= _ATTRIBUTE_KEYS:
        if given.get("source") is not None:
            record["attribute_sources"][name] = _text(given["source"])
        if given.get("known_at") is not None:
            known_at = _known_at(given["known_at"])
            if known_at is None:
                warnings.append(
                    _warning(
                        f"{where}.known_at", "unreadable_time", "known from its receipt instead"
                    )
                )
            else:
                record["known_at"][name] = known_at
        given = given["value"]
    if given is None:
        return
    if isinstance(given, dict | list):
        warnings.append(_warning(where, "not_a_plain_value", "kept as its JSON text"))
    record["attributes"][name] = _plain(given)
    if is_number(name) and not is_usable(name, record["attributes"][name]):
        said = "is no one number that the fact can be; kept, and no rule decides by it"
        warnings.append(_warning(where, "unreadable_number", said))
    if is_flag(name) and not is_usable(name, record["attributes"][name]):
        said = "is neither yes nor no; kept, and no rule decides by it"
        warnings.append(_warning(where, "unreadable_flag", said))
    if name in NEEDS_SOURCE and name not in record["attribute_sources"]:
        said = "decides nothing until it says who found it out: send {value, source}"
        warnings.append(_warning(where, "needs_source", said))


def _known_at(given: Any) -> str | None:
    try:
        at = datetime.fromisoformat(given) if isinstance(given, str) else None
    except ValueError:
        return None
    return None if at is None or at.tzinfo is None else time_text(at)


def _plain(value: Any) -> Value:
    if isinstance(value, dict | list):
        return to_text(value)
    assert value is None or isinstance(value, str | int | float | bool)
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else to_text(value)


def _warning(field: str, code: str, message: str) -> dict[str, str]:
    return {"field": field[:_LONGEST_NAME], "code": code, "message": message}
