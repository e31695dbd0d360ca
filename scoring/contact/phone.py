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
    parsed = _parse(number, country)
    if parsed is None and number.startswith("00"):
        parsed = _parse("+" + number[2:], None)
    if parsed is None and (first := _SEVERAL.split(number)[0].strip()) != number:
        return read_phone(first, country) if first else INVALID
    if parsed is None:
        return INVALID
    region = phonenumbers.region_code_for_number(parsed)
    kind = _KINDS.get(phonenumbers.number_type(parsed), "other")
    e164 = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    return Phone(kind, region if region and region.isalpha() else None, e164)


def _parse(number: str, country: str | None) -> PhoneNumber | None:
    """The number if it is valid where it says it is."""
    try:
        parsed = phonenumbers.parse(number, country)
    except (phonenumbers.NumberParseException, ValueError, UnicodeError):
        return None
    return parsed if phonenumbers.is_valid_number(parsed) else None
