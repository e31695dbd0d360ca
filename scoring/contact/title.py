"""A job title: seniority, department, buying role.

The highest rank named wins, except in "assistant to …", where everything after it is somebody
else's rank, and for interns. The department is that of the last function word. What names a rank
or a function is listed in `scoring/lists/title_*.toml`; the buying role's rules are in
`buying_roles.toml`. To teach a new title, add it there: nothing here knows a title.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from scoring.contact.lexicon import Meaning, lexicon, resolve
from scoring.contact.lists import read_list
from scoring.contact.words import MAX_TITLE, Word, own_part, words_of

RANKS = (
    "owner",
    "c_level",
    "vp",
    "director",
    "head",
    "manager",
    "senior",
    "assistant",
    "student",
    "individual",
)
"""Highest first. `individual` is last: any rank named says more than a bare function does."""
_LEADING = frozenset(RANKS[: RANKS.index("manager") + 1])
_TOP = frozenset({"owner", "c_level"})
_OVERRIDES = {"aide": "assistant", "assistant": "assistant", "intern": "student"}


@dataclass(frozen=True, slots=True)
class Title:
    """What a job title says."""

    seniority: str
    department: str
    buying_role: str | None


@dataclass(slots=True)
class _Found:
    """A listed phrase found in a title: its meaning, its place, the word after it."""

    meaning: Meaning
    rank: str | None
    segment: int
    part: int
    following: Word | None
    is_alone: bool


UNKNOWN = Title("unknown", "unknown", None)


@lru_cache(maxsize=16_384)
def read_title(text: str | None) -> Title:
    """Seniority, department and buying role of a job title in en, de, fr, es, pt or a mix."""
    found = _find(own_part(text[:MAX_TITLE])) if text else []
    if not found:
        return UNKNOWN
    seniority = _seniority(found)
    department = _department(found, seniority)
    if seniority == "unknown" and department != "unknown":
        seniority = "individual"
    return Title(seniority, department, _buying_role(seniority, department))


def _find(text: str) -> list[_Found]:
    """The listed phrases of a title, in order; none crosses a comma.

    They are taken from the end, longest first: "technical support engineer" is a support
    engineer who is technical, and not technical support that is an engineer.
    """
    words = [
        Word(part, word.segment, word.part, word.linked and first == 0)
        for word in words_of(text)
        for first, part in enumerate(resolve(word.text))
    ]
    found: list[_Found] = []
    for segment in sorted({word.segment for word in words}, reverse=True):
        here = [word for word in words if word.segment == segment]
        texts = [word.text for word in here]
        end = len(here)
        while end > 0:
            length, meaning = lexicon().longest(texts, end)
            if meaning is not None:
                following = here[end] if end < len(here) else None
                part = here[end - length].part
                alone = length == len(here)
                found.append(_Found(meaning, meaning.rank, segment, part, following, alone))
            end -= length
    found.reverse()
    for index, one in enumerate(found):
        one.rank = _rank_here(one, found[index + 1 :])
    return found


def _rank_here(one: _Found, later: list[_Found]) -> str | None:
    """The rank of a word whose rank depends on its place; of others, their listed one."""
    followed = one.following is not None and not one.following.linked
    match one.rank:
        case "lead":
            same_part = followed and one.following is not None and one.following.part == one.part
            return "senior" if same_part else "manager"
        case "partner":
            return "owner" if one.is_alone else "individual"
        case "assistant":
            serves = one.following is not None and one.following.linked
            leads = any(o.part == one.part and o.meaning.rank in _LEADING for o in later)
            return "individual" if leads and not serves else "assistant"
        case "head":
            return "c_level" if _is_chief_officer(one, later) else "head"
        case rank:
            return rank


def _is_chief_officer(one: _Found, later: list[_Found]) -> bool:
    """Whether this is the "chief" of a "chief … officer" that is not listed as a whole."""
    known = lexicon().phrases
    return one.meaning is known[("chief",)] and any(
        o.segment == one.segment and o.meaning is known[("officer",)] for o in later
    )


def _served(found: list[_Found]) -> list[str | None]:
    """For each phrase, the seniority of the assistant or intern whose job it is part of."""
    return [
        next((_OVERRIDES[o.rank] for o in found if o.rank in _OVERRIDES and _covers(o, one)), None)
        for one in found
    ]


def _covers(over: _Found, one: _Found) -> bool:
    """Whether `one` belongs to the job that `over` begins or ends: no comma between them."""
    return over.segment == one.segment and over.part <= one.part


def _seniority(found: list[_Found]) -> str:
    ranks = [over or one.rank for over, one in zip(_served(found), found, strict=True)]
    named = [rank for rank in ranks if rank]
    if not named:
        return "unknown"
    highest = min(named, key=RANKS.index)
    if highest not in _TOP and any(one.rank == "intern" and one.is_alone for one in found):
        return "student"
    return highest


def _department(found: list[_Found], seniority: str) -> str:
    """The last department named; that of somebody else's, assisted, job only if it is the only."""
    own = [one for over, one in zip(_served(found), found, strict=True) if over is None]
    jobs = (own, found) if any(one.rank == seniority for one in own) else (found,)
    for job in jobs:
        named = [one.meaning.department for one in job if one.meaning.department]
        likely = [one.meaning.fallback for one in job if one.meaning.fallback]
        if named or likely:
            return (named or likely)[-1]
    return "general_management" if seniority in _TOP else "unknown"


@cache
def _rules() -> tuple[tuple[str, frozenset[str], frozenset[str]], ...]:
    rules = read_list("buying_roles.toml")["rule"]
    return tuple(
        (rule["role"], frozenset(rule.get("seniority", ())), frozenset(rule.get("department", ())))
        for rule in rules
    )


def _buying_role(seniority: str, department: str) -> str | None:
    if seniority == "unknown":
        return None
    for role, seniorities, departments in _rules():
        if (not seniorities or seniority in seniorities) and (
            not departments or department in departments
        ):
            return role
    return None
