"""From a title's text to its words, each with its place: which side of a comma, after which "of".

Every spelling of a word becomes one: case and accents go, "ae" is "ä", plurals lose their s,
"Leiter:in", "Leiter*in" and "LeiterIn" are "Leiter". The lists are folded by the same functions.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from scoring.contact.lists import read_list

MAX_TITLE = 200
"""Characters read of a title; what is longer is a paragraph, not a title."""

_forms = read_list("title_forms.toml")
LINKS = frozenset(_forms["links"])
SMALL = frozenset(_forms["small"])
JOINS = frozenset(_forms["joins"])
COMPANY_FOLLOWS = frozenset(_forms["company_follows"])

_OFFICES, _FORMER, _TOPS = (tuple(_forms[name]) for name in ("offices", "former", "tops"))

_GENDERS = re.compile(
    r"\(\s*[mwfdxhga*]\s*(?:[/|*,.\-]\s*[mwfdxhga*]\s*)+\)|(?<!\w)[mwfdxh](?:/[mwfdxh]){1,2}(?!\w)"
)
_CAMEL_IN = re.compile(r"(?<=[a-zäöüß]{3})In(?:nen)?(?!\w)")
_ENDING = r"(?:innen|in|es|e|as|a|os|o|ne|nes|rice|trice|euse|ere|ora)"
_SPLIT_FORM = re.compile(
    rf"(?<=[^\W\d_]{{3}})(?:[:*_/·•]\s?-?{_ENDING}|\.(?:e|ne|rice|trice|euse)|\(-?{_ENDING}\))(?![\w\-])"
)
_PREFIX_E = re.compile(r"(?<!\w)e-(?=\w)")
_DOTTED = re.compile(
    r"(?<!\w)(?:[^\W\d_]\.\s?){1,4}[^\W\d_](?:\.|(?!\w))|(?<!\w)rr\.?\s?hh\.?(?!\w)"
)
_PAIR = re.compile(r"(?<!\w)([^\W_]{1,2})\s?[&+]\s?([^\W_])(?!\w)")
_POSSESSIVE = re.compile(r"['´`’](?:s(?!\w)|(?=\s))")
_PIECE = re.compile(r"[^\W_]+(?:&[^\W_])?|[,/|;:•·–—()\[\]\n@&+]|\s-+\s", re.UNICODE)
_HARD = frozenset(",/|;:•·–—()[]\n")
_DIGRAPHS = (("ae", "a"), ("oe", "o"), ("ue", "u"))


def _any_of(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_WORDS = re.compile(r"\w+")
_TRIGGERS = {word for text in (*_FORMER, *_OFFICES) for word in _WORDS.findall(text)}
_TRIGGERS |= {"emeritus", "d", "r", "ad"}
_POSSESSED = re.compile("['´`’]s")
_SEGMENTS = re.compile(r"(\s+[-–—]+\s+|[,/|;:•()\[\]\n])")
_FORMER_JOB = re.compile(
    rf"(?:^\s*|(?<=\W)(?:and|und|et|y|e|&)\s+)(?:{_any_of(_FORMER)})(?:[\s-]+|$).*", re.IGNORECASE
)
_WAS = re.compile(rf"(?:{_any_of(_FORMER)}|a\.?\s?d\.?|i\.\s?r\.|emeritus)", re.IGNORECASE)
_OWNER = re.compile(r"(?<!\w)[^\W\d_]{3,}['´`’]s\s+(?=\w)", re.IGNORECASE)
_SPACED = re.compile(r"(?<![\w.&])(?:[A-Z] ){2,4}[A-Z](?![\w.&])|^\s*(?:[a-z]\s+){2,4}[a-z]\s*$")
_OFFICE_OF = re.compile(
    rf"(?<!\w)({_any_of(_OFFICES)})\s+(?:(?:{_any_of(tuple(LINKS))}|the)\s+)+(?:{_any_of(_TOPS)})\w*",
    re.IGNORECASE,
)
_TOP_OFFICE = re.compile(
    rf"(?<!\w)(?:{_any_of(_TOPS)})[\s-]+({_any_of(_OFFICES)})(?!\w)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a title: folded, and where it stands."""

    text: str
    segment: int
    """Counts commas, slashes, dashes and brackets before it."""
    part: int
    """Counts these and the joining words ("and", "&") before it."""
    linked: bool
    """A linking word ("to", "of", "der") stands directly before it."""


def plain_text(text: str) -> str:
    """Lower case without accents; letters that have no base letter stay."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def fold(word: str) -> str:
    """The one spelling of a lower-case, unaccented word: no umlaut digraphs, no plural s."""
    if len(word) < 5:
        return word
    for digraph, letter in _DIGRAPHS:
        word = word.replace(digraph, letter)
    if word[-1] == "s" and word[-2] != "s" and len(word) > 4:
        return word[:-1]
    return word


def own_part(title: str) -> str:
    """A title without what is somebody else's or was: "former …", "founder's …", "office of …"."""
    words = set(_WORDS.findall(title.casefold()))
    if not words & _TRIGGERS and not _POSSESSED.search(title) and not _SPACED.search(title):
        return title
    text = _OWNER.sub("", _SPACED.sub(lambda letters: "".join(letters[0].split()), title))
    text = _OFFICE_OF.sub(r"\1", _TOP_OFFICE.sub(r"\1", text))
    kept: list[str] = []
    for piece in _SEGMENTS.split(text):
        if _WAS.fullmatch(piece.strip()):
            kept = kept[:-2]
        else:
            kept.append(_FORMER_JOB.sub("", piece))
    return "".join(kept)


def words_of(title: str) -> list[Word]:
    """The words of a title that can count, in order."""
    found: list[Word] = []
    segment = part = 0
    linked = skipping = False
    for piece in _pieces(title[:MAX_TITLE]):
        if piece in _HARD or piece[0].isspace():
            segment, part, linked, skipping = segment + 1, part + 1, False, False
        elif piece in COMPANY_FOLLOWS or piece == "@":
            skipping = bool(found)
        elif piece in JOINS or piece in "&+":
            part, linked = part + 1, False
        elif piece in LINKS:
            linked = True
        elif not skipping and piece not in SMALL:
            found.append(Word(fold(piece), segment, part, linked))
            linked = False
    return found


def _pieces(title: str) -> list[str]:
    """The words and separators of a title, in its one spelling."""
    text = plain_text(_CAMEL_IN.sub("", title))
    if text.isascii() and text.replace(" ", "").isalpha():
        return text.split()
    text = _GENDERS.sub(" ", text)
    text = _SPLIT_FORM.sub("", text)
    text = _PREFIX_E.sub("e", text)
    text = _DOTTED.sub(lambda found: re.sub(r"[.\s]", "", found[0]) + " ", text)
    text = _PAIR.sub(r"\1&\2", text)
    text = _POSSESSIVE.sub(" ", text)
    return _PIECE.findall(text)


def phrase_of(text: str) -> tuple[str, ...]:
    """The key of a listed phrase: its words that count."""
    return tuple(word.text for word in words_of(text))
