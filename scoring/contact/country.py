"""A country's name or code in any usual spelling → its ISO 3166 alpha-2 code.

pycountry and babel each lack names that the other knows, and both lack everyday ones (England,
Holland, UK): the three are merged, the everyday ones from `scoring/lists/countries.toml` first.
The table is built on first use, not on import.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

import phonenumbers

from scoring.contact.lists import read_list
from scoring.contact.words import fold, plain_text

MAX_NAME = 80

_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_FLAG_A = 0x1F1E6
_STATES = frozenset(read_list("countries.toml")["states"].split())
"""Behind a comma these are states of the USA, Canada, Australia or Brazil: "Atlanta, GA"."""

_DIAL_CODE = re.compile(r"\(?(?:\+|00) ?([1-9][0-9]{0,2})\)?")
_DIALLED = re.compile(r"\(?\+ ?[0-9]{1,3}\)?")
_SHARED_CODES = frozenset({1, 7})
_SAINTS = frozenset({"saint", "sankt", "san", "sao"})
_NOT_LETTERS = re.compile(r"[\W_]+")
_IN_BRACKETS = re.compile(r"\([^)]*\)")
_DOTTED = re.compile(r"(?<=\b\w)\.\s?(?=\w\b)")


@lru_cache(maxsize=4096)
def read_country(text: str | None) -> str | None:
    """The alpha-2 code of a country given by code or name; `None` when it is not one.

    "Berlin, Germany" and "Germany (DE)" are read by their parts when these agree on one country.
    """
    if not text or len(text) > MAX_NAME:
        return None
    text = _FLAG.sub(" ", text).strip() or _FLAG.sub(_of_flag, text)
    whole = _names().get(_key(text)) or _of_dial_code(text)
    if whole:
        return whole
    pieces = re.split(r"[,;/|()\-–]", text)
    parts = [_IN_BRACKETS.sub(" ", text), _DIALLED.sub(" ", text), *pieces]
    found = {_names().get(_key(part)) for part in parts if len(part.strip()) > 2}
    last = pieces[-1].strip()
    if len(pieces) > 1 and len(last) == 2 and last.isupper() and last not in _STATES:
        found.add(_names().get(_key(last)))
    found -= {None}
    return found.pop() if len(found) == 1 else None


def _of_dial_code(text: str) -> str | None:
    """The country of "+49" or "0049"; of +1 and +7, which large ones share, none."""
    found = _DIAL_CODE.fullmatch(text.strip())
    if found is None or int(found[1]) in _SHARED_CODES:
        return None
    region: str = phonenumbers.region_code_for_country_code(int(found[1]))
    return region if region.isalpha() and region != "ZZ" else None


def _of_flag(flag: re.Match[str]) -> str:
    """The code that the two letters of a flag spell."""
    return " " + "".join(chr(ord(letter) - _FLAG_A + ord("A")) for letter in flag[0]) + " "


def _key(text: str) -> str:
    """One spelling: no case, accents, umlaut digraphs or punctuation; "saint" is "st"."""
    name = _DOTTED.sub("", plain_text(text).replace("&", " and "))
    words = _NOT_LETTERS.sub(" ", name).split()
    if len(words) > 1 and words[0] in ("the", "la", "le", "les", "die", "der", "el", "l"):
        words = words[1:]
    if len(words) > 2:
        words = [word for word in words if word != "the"]
    return " ".join("st" if word in _SAINTS else fold(word) for word in words)


@cache
def _names() -> dict[str, str]:
    """Every known spelling; the first source to give a name decides."""
    import pycountry  # both read large tables: not at import
    from babel import Locale

    lists = read_list("countries.toml")
    names: dict[str, str] = {}
    for code, spellings in lists["names"].items():
        for spelling in spellings:
            names.setdefault(_key(spelling), code)
    codes = [country.alpha_2 for country in pycountry.countries] + ["XK"]
    for country in pycountry.countries:
        for field in ("alpha_2", "alpha_3", "name", "common_name", "official_name"):
            spelling = getattr(country, field, None)
            if spelling:
                names.setdefault(_key(spelling), country.alpha_2)
    for language in lists["languages"]:
        territories = Locale.parse(language).territories
        for code in codes:
            if code in territories:
                names.setdefault(_key(territories[code]), code)
    names.setdefault("xk", "XK")
    names.pop("", None)
    return names
