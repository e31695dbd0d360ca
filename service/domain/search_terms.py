"""The words a person is found by: of their name, company, addresses and ids. Pure.

Stands in for a full-text index: SQLite's and PostgreSQL's have no common form, and a console's
box asks for beginnings of words only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from service.domain.lead import StoredLead
from service.domain.spoken_language import language_of

MOST_ASKED = 5
_MOST_KEPT, _LONGEST, _SHORTEST = 24, 60, 2
_PARTS = re.compile(r"[^\w@.+-]+")
_INNER = re.compile(r"[@.+_-]+")
_NAMED = ("first_name", "last_name", "company", "email", "account")
_LOCAL_DIGITS = 9  # of a phone: without country and trunk, however it is written


_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "ŋ": "n"}
    | {"æ": "ae", "œ": "oe", "þ": "th", "ß": "ss"}
)
"""Letters that are no other letter with a mark on it, as they are typed without them."""
_SPELT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
"""How letters are written out where a keyboard lacks them: `Müller` is `Mueller`."""


def words_asked(text: str) -> list[tuple[str, ...]]:
    """What somebody typed, as the beginnings of words; at most five, the longest first.

    Of a word that can be spelt otherwise, every spelling: one of them is enough.
    """
    digits = re.sub(r"\D", "", text)
    if len(digits) >= _LOCAL_DIGITS - 2 and not re.search(r"[^\W\d_]", text):
        return [(digits[-_LOCAL_DIGITS:],)]
    spellings = [[word for word in _PARTS.split(each) if word] for each in _spellings(text)]
    told = [tuple(dict.fromkeys(each)) for each in zip(*spellings, strict=True)]
    found = [word for word in told if len(word[0]) >= _SHORTEST] or told  # as of O'Neil
    return sorted(dict.fromkeys(found), key=lambda word: -len(word[0]))[:MOST_ASKED]


def search_terms(lead: StoredLead) -> frozenset[str]:
    """The words kept for a lead; none of one who was erased."""
    if lead.erased_at is not None:
        return frozenset()
    fields = lead.fields
    told = [str(fields[name]) for name in _NAMED if fields.get(name)]
    told += [lead.id, *([lead.account] if lead.account else [])]
    digits = re.sub(r"\D", "", str(fields.get("phone") or ""))
    found = dict.fromkeys(_words(told))
    if len(digits) >= _LOCAL_DIGITS - 2:
        found[digits[-_LOCAL_DIGITS:]] = None
    otherwise = [word for word in dict.fromkeys(_words(told, 1, 2)) if word not in found]
    return frozenset([*list(found)[:_MOST_KEPT], *otherwise[:_MOST_KEPT], *_properties(lead)])


def company_terms(lead: StoredLead) -> frozenset[str]:
    """The words of a lead's account and company alone, in every spelling."""
    told = [str(each) for each in (lead.account, lead.fields.get("company")) if each]
    return frozenset(_words(told, 0, 1, 2))


def of_property(name: str, value: str) -> str:
    """`country:de`, `language:pt`, `source:google`: no word that is typed has a colon."""
    return f"{name}:{_folded(value)[:_LONGEST]}"


def _properties(lead: StoredLead) -> Iterable[str]:
    if lead.contact.country:
        yield of_property("country", lead.contact.country)
    if (spoken := language_of(lead.record)) is not None:
        yield of_property("language", spoken.code)
    source = (lead.record.get("source") or {}).get("utm_source")
    if source:
        yield of_property("source", str(source))


def _words(told: Iterable[str], *spellings: int) -> Iterable[str]:
    """Each word whole, and its parts: `ines@duarte-foods.example`, `ines`, `duarte`, …; in the
    first spelling, or those that are named by their place.
    """
    for text in told:
        every = _spellings(text)
        for spelling in spellings or (0,):
            for word in _PARTS.split(every[spelling]):
                for part in (word, *_INNER.split(word)):
                    if len(part) >= _SHORTEST:
                        yield part[:_LONGEST]


def _spellings(text: str) -> tuple[str, str, str]:
    """Without marks on letters, in plain letters, and written out: as many words in each."""
    folded = _folded(text)
    written_out = unicodedata.normalize("NFKC", text.casefold()).translate(_SPELT)
    return folded, folded.translate(_LETTERS), _folded(written_out).translate(_LETTERS)


def _folded(text: str) -> str:
    """In one case, without marks on letters: `José` is found by `jose`."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
