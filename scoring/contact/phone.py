"""A phone number: whether it is one, what kind of line, and whose country."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

MAX_NUMBER = 60
"""Longer text is no number; the longest number with its extension and spaces is shorter."""

_KINDS = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "fixed_line",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_or_mobile",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.TOLL_FREE: "toll_free",
}


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone number read: `kind` is one of `record.PHONE_KINDS`; invalid ones have no country."""

    kind: str
    country: str | None
    e164: str | None


_SEVERAL = re.compile(r"\s*[;|\n]\s*|\s+(?:/|,|or|oder|ou|o)\s+|,\s*(?=\+)")
"""What stands between two numbers in one field; the first of them counts."""
MISSING = Phone("missing", None, None)
INVALID = Phone("invalid", None, None)


@lru_cache(maxsize=8192)
def read_phone(text: str | None, country: str | None) -> Phone:
    """Reads a number once; one in national form is read as `country`'s (ISO alpha-2)."""
    number = (text or "").strip()
    if not number:
        return MISSING
    if len(number) > MAX_NUMBER:
        return INVALID
    found = _parse(number, country)
    if found is None and number.startswith("00"):
        found = _parse("+" + number[2:], None)
    if found is None and (first := _SEVERAL.split(number)[0].strip()) != number:
        return read_phone(first, country) if first else INVALID
    if found is None:
        return INVALID
    parsed, kind = found
    region = phonenumbers.region_code_for_number(parsed)
    e164 = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    return Phone(kind, region if region and region.isalpha() else None, e164)


def _parse(number: str, country: str | None) -> tuple[PhoneNumber, str] | None:
    """The number and its kind, if it is valid where it says it is."""
    try:
        parsed = phonenumbers.parse(number, country)
    except (phonenumbers.NumberParseException, ValueError, UnicodeError):
        return None
    kind = phonenumbers.number_type(parsed)
    if kind == PhoneNumberType.UNKNOWN:  # of those that are not valid
        return None
    return parsed, _KINDS.get(kind, "other")
