"""The title lists as one dictionary, and how an unknown word finds its listed form.

A word that is not listed is tried in this order: another ending (Leiterin, directrice), the
parts of a compound (Vertriebsleiter), a typing mistake (Maneger). A listed word is never taken
for another one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, lru_cache

from rapidfuzz.distance import OSA

from scoring.contact.lists import read_list
from scoring.contact.words import fold, phrase_of, plain_text

MAX_PHRASE = 4
"""Words in the longest phrase looked up."""
MAX_WORD = 40


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a phrase names; `None` is nothing. `fallback` counts when no department is named."""

    rank: str | None = None
    department: str | None = None
    fallback: str | None = None


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All listed phrases, their words, and the words one may be a misspelling of."""

    phrases: dict[tuple[str, ...], Meaning]
    """Those of several words by their base forms, so that "directrice générale" is found."""
    base: dict[str, str]
    """A listed word's base form, where that is listed too."""
    words: frozenset[str]
    plain: frozenset[str]
    heads: frozenset[str]
    spellings: dict[str, tuple[str, ...]]
    """Listed words of five letters and more, by first letter."""
    endings: tuple[tuple[str, str], ...]
    joints: tuple[str, ...]

    def longest(self, words: list[str], end: int) -> tuple[int, Meaning | None]:
        """How many words the longest listed phrase before `end` has, and what it names."""
        for length in range(min(MAX_PHRASE, end), 1, -1):
            key = tuple(self.base.get(word, word) for word in words[end - length : end])
            if key in self.phrases:
                return length, self.phrases[key]
        return 1, self.phrases.get((words[end - 1],))


@cache
def lexicon() -> Lexicon:
    """The shipped lists, read once."""
    forms = read_list("title_forms.toml")
    endings = tuple((ending, base) for ending, base in forms["endings"])
    phrases = _phrases()
    words = frozenset(word for phrase in phrases for word in phrase)
    bases = {word: next((b for b in _bases(word, endings) if b in words), word) for word in words}
    spellings: dict[str, list[str]] = {}
    for word in sorted(words):
        if len(word) >= 5:
            spellings.setdefault(word[0], []).append(word)
    return Lexicon(
        phrases={
            phrase if len(phrase) == 1 else tuple(bases[word] for word in phrase): meaning
            for phrase, meaning in phrases.items()
        },
        base=bases,
        words=words,
        plain=frozenset(fold(plain_text(word)) for word in forms["plain"].split()),
        heads=frozenset(fold(plain_text(word)) for word in forms["heads"]),
        spellings={letter: tuple(found) for letter, found in spellings.items()},
        endings=endings,
        joints=tuple(forms["joints"]),
    )


def _phrases() -> dict[tuple[str, ...], Meaning]:
    """Every phrase with its meaning; a half not listed is read from the phrase's own words."""
    listed: dict[tuple[str, ...], Meaning] = {}
    functions = read_list("title_functions.toml")
    fallbacks = functions.pop("fallback")
    for field, tables in (
        ("rank", read_list("title_ranks.toml")),
        ("department", functions),
        ("fallback", fallbacks),
    ):
        for name, languages in tables.items():
            for phrase in _keys(languages):
                known = listed.get(phrase, Meaning())
                if getattr(known, field) is None:
                    listed[phrase] = replace(known, **{field: name})
    whole: dict[tuple[str, ...], Meaning] = {}
    for name, languages in read_list("title_phrases.toml").items():
        rank, department = (None if half == "-" else half for half in name.split())
        for phrase in _keys(languages):
            whole.setdefault(phrase, Meaning(rank, department))
    phrases: dict[tuple[str, ...], Meaning] = {}
    for phrase in sorted({*listed, *whole}, key=lambda phrase: (len(phrase), phrase)):
        phrases[phrase] = whole.get(phrase) or _completed(phrase, listed)
    return phrases


def _keys(languages: dict[str, list[str]]) -> list[tuple[str, ...]]:
    keys = [phrase_of(text) for texts in languages.values() for text in texts]
    return [key for key in keys if key]


def _completed(phrase: tuple[str, ...], listed: dict[tuple[str, ...], Meaning]) -> Meaning:
    """The meaning with a missing rank or department taken from the phrase's single words."""
    meaning = listed[phrase]
    if len(phrase) == 1:
        return meaning
    parts = [listed[(word,)] for word in phrase if (word,) in listed]
    ranks = [part.rank for part in parts if part.rank]
    ranks += [rank for rank in ranks if rank in ("aide", "intern")]
    departments = [part.department for part in parts if part.department]
    return replace(
        meaning,
        rank=meaning.rank or (ranks[-1] if ranks else None),
        department=meaning.department or (departments[-1] if departments else None),
    )


@lru_cache(maxsize=16_384)
def resolve(word: str) -> tuple[str, ...]:
    """The listed words a folded word stands for; itself when none is found."""
    known = lexicon()
    if word in known.words or word in known.plain or not 3 <= len(word) <= MAX_WORD:
        return (word,)
    bases = _bases(word, known.endings)
    for base in bases:
        if base in known.words:
            return (base,)
    for candidate in (word, *bases):
        parts = _split(candidate)
        if parts:
            return parts
    meant = _respelt(word)
    if meant:
        return (meant,)
    for candidate in (word, *bases):
        head = _head(candidate)
        if head:
            return head
    return (word,)


def _bases(word: str, endings: tuple[tuple[str, str], ...]) -> list[str]:
    """The word with each ending taken back to its base form."""
    return [
        word[: -len(ending)] + base
        for ending, base in endings
        if word.endswith(ending) and len(word) - len(ending) + len(base) >= 4
    ]


def _split(word: str) -> tuple[str, ...]:
    """A compound's listed parts, the longest last part first; empty when it is none."""
    known = lexicon().words
    for cut in range(2, len(word) - 3):
        last = word[cut:]
        if last not in known:
            continue
        for first in _unjoined(word[:cut]):
            if first in known and len(first) >= 3:
                return (first, last)
            if len(first) >= 7:
                parts = _split(first)
                if parts:
                    return (*parts, last)
    return ()


def _head(word: str) -> tuple[str, ...]:
    """The listed last part of a compound whose beginning is not listed, or is misspelt."""
    for cut in range(3, len(word) - 3):
        if word[cut:] in lexicon().heads:
            for first in _unjoined(word[:cut]):
                meant = _respelt(first)
                if meant:
                    return (meant, word[cut:])
            return (word[cut:],)
    return ()


def _unjoined(first: str) -> list[str]:
    """A compound's first part as it stands, and without the letters that join it on."""
    bare = [first[: -len(j)] for j in lexicon().joints if first.endswith(j) and len(first) > 4]
    return [first, *bare]


def _respelt(word: str) -> str | None:
    """The listed word this one misspells: one slip, or two from eleven letters on.

    Short words have too many real neighbours (sensor, letter). Of six letters one may be missing
    (Manger), of five and six two may be swapped (Cheif) or one doubled (Humman); of four none.
    """
    size = len(word)
    if size < 5 or not word.isalpha():
        return None
    limit = 2 if size >= 11 else 1
    best, nearest = None, limit + 1
    for candidate in lexicon().spellings.get(word[0], ()):
        if abs(len(candidate) - size) > limit:
            continue
        missing = size == 6 and len(candidate) > size
        if size < 7 and not missing and set(candidate) != set(word):
            continue
        distance = OSA.distance(word, candidate, score_cutoff=nearest - 1)
        if distance < nearest:
            best, nearest = candidate, distance
    return best
