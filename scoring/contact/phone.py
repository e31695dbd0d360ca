"""A phone number: whether it is one, what kind of line, and whose country."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import normalize

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


_SEVERAL = re.compile(
    r"\s*[;|\n]\s*|\s*:::\s*|\s+(?:/|,|or|oder|ou|o|and|und|et|y|e)\s+|,\s*(?=\+)|/\s*(?=\+)"
)
"""What stands between two numbers in one field; the first of them counts."""
_LONG_SLASH = re.compile(r"(?<=[0-9])\s*/\s*(?=[0-9+(][0-9 ()-]{6,})")
"""A slash between two numbers, tried when the whole is none: "030/1234567" is one number."""
_NOTE = re.compile(r"[(\[][^()\[\]0-9+]*[)\]]")
_LABEL = re.compile(
    r"(?:^|(?<=\s))(?:p|ph|m|t|h|w|tel|phone|telephone|telefon|telefono|teléfono|telefone|fon|fax|cell|"
    r"cellular|celular|mobile|mobil|móvil|movil|handy|portable|gsm|work|home|office|büro|geschäftlich|"
    r"privat|direct|direkt|durchwahl|whatsapp|wa)\s*[.:]*(?=\s|[+0-9(]|$)",
    re.IGNORECASE,
)
_EXTENSION = re.compile(
    r"(?<=[0-9)])[\s,;/-]*[(\[]?\s*\b(?:extensions?|extensión|extensao|extensão|extn?|x|poste|p|durchwahl|dw|app|apparat|"
    r"nst|nebenstelle|klappe|kl|intern|interno|int|ramal|anexo|toestel|tst|wewn|wew|linka|kl|доб|dahili|anknytning|"
    r"anknytn|lokal|local)\b\s*[.:=]*\s*[0-9]{1,6}[)\]]?$",
    re.IGNORECASE,
)
"""A person's extension, in words: what stands before is the number one calls. Without this its
letters would be taken for digits of the keypad."""
_LETTERS = re.compile(r"[^\W\d_]")
_LETTERED = (1, 61, 64)
"""Calling codes of those who write numbers in letters (1-800-FLOWERS)."""
_MEXICO = re.compile(r"^\+?52[ -]?1[ -]?(?=(?:[0-9][ -]?){10}$)")
"""The 1 that WhatsApp keeps between Mexico's code and a mobile number, abolished in 2019."""
_NAMED_LINE = re.compile(
    r"[^0-9+]*(?:(?<=:)\s*|(?=\+))(?=[+0-9(])|"
    r"https?://(?:wa\.me|api\.whatsapp\.com)/[^0-9]*|[a-z]+://[^0-9]*="
)
"""What names a number before it ("Jo: 0151 …", "DE +49 …"), or links to it."""
_FLOAT = re.compile(r"(\+?[0-9]{6,})\.0*")
_SCIENTIFIC = re.compile(r"[0-9][.,]?[0-9]*[eE]\+?[0-9]+")
_TRUNKED = ("0", "8", "06")
"""National prefixes: where a country has one, a national number begins with it."""
MISSING = Phone("missing", None, None)
INVALID = Phone("invalid", None, None)


@lru_cache(maxsize=8192)
def read_phone(text: str | None, country: str | None) -> Phone:
    """Reads a number once; one in national form is read as `country`'s (ISO alpha-2)."""
    number = _spelt(text or "")
    if not number:
        return MISSING
    if len(number) > MAX_NUMBER or _SCIENTIFIC.fullmatch(number):
        return INVALID
    found = _international(number, country) or _parse(number, country)
    if found is None and (number.startswith("00") or number.startswith("+00")):
        found = _parse("+" + number.lstrip("+0"), None)
    if found is None and (first := _SEVERAL.split(number)[0].strip()) != number:
        return read_phone(first, country) if first else INVALID
    if found is None and (first := _LONG_SLASH.split(number)[0].strip()) != number:
        return read_phone(first, country)
    if found is None and (named := _NAMED_LINE.match(number)) and named.end():
        rest = number[named.end() :].strip()
        linked = rest if "://" not in named[0] or rest.startswith("+") else f"+{rest}"
        return read_phone(linked, country)
    if found is None and (first := _LETTERS.split(number)[0].strip()) != number:
        return read_phone(first, country) if first else INVALID
    if found is None:
        return INVALID
    parsed, kind = found
    region = phonenumbers.region_code_for_number(parsed)
    e164 = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    return Phone(kind, region if region and region.isalpha() else None, e164)


def _spelt(text: str) -> str:
    """The number without labels, notes and what Excel and Facebook put around it."""
    number = normalize("NFKC", text).strip().strip("'\"=").strip()
    if "@" in number:
        return number
    number = _EXTENSION.sub("", _LABEL.sub(" ", _NOTE.sub(" ", number)).strip(" .:,"))
    whole = _FLOAT.fullmatch(number)
    number = whole[1] if whole else number
    return _MEXICO.sub("+52 ", number)


def _international(number: str, country: str | None) -> tuple[PhoneNumber, str] | None:
    """A number that begins with its country's calling code, though not with a "+".

    Only where a national number would begin with a trunk prefix, which this one lacks.
    """
    if country is None or number[0] in "+0(":
        return None
    code = phonenumbers.country_code_for_region(country)
    digits = re.sub(r"[^0-9]", "", number)
    if not code or not digits.startswith(str(code)) or len(digits) < len(str(code)) + 7:
        return None
    if phonenumbers.ndd_prefix_for_region(country, True) not in _TRUNKED and (
        _parse(number, country) is not None
    ):
        return None
    found = _parse(_MEXICO.sub("+52 ", f"+{digits}"), None)
    if found is None or phonenumbers.region_code_for_number(found[0]) != country:
        return None
    return found


def _parse(number: str, country: str | None) -> tuple[PhoneNumber, str] | None:
    """The number and its kind, if it is valid where it says it is."""
    try:
        parsed = phonenumbers.parse(number, country)
    except (phonenumbers.NumberParseException, ValueError, UnicodeError):
        return None
    if (
        parsed.extension is None
        and parsed.country_code not in _LETTERED
        and _LETTERS.search(number) is not None
    ):
        return None  # a remark, which would be taken for digits of the keypad
    kind = phonenumbers.number_type(parsed)
    if kind == PhoneNumberType.UNKNOWN:  # of those that are not valid
        return None
    return parsed, _KINDS.get(kind, "other")
