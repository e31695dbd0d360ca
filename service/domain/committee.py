"""The people of an account as a buying committee: roles, how they are known, who is missing. Pure.

The roles, which of them are required and how sure each kind of evidence is:
`service/lists/committee.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

Role = Literal["business_owner", "evaluator", "buyer", "decision_maker", "user"]
Stance = Literal["champion", "supporter", "neutral", "sceptic", "opponent"]
STANCES: tuple[Stance, ...] = get_args(Stance)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a rep wrote down of a person last; None for what was never said."""

    role: Role | None = None
    stance: Stance | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of one lead of the account."""

    lead: str
    title: str | None
    title_role: str | None
    """The role that the title says."""
    did: Mapping[str, int]
    """Events so far, by kind."""
    told: Told = Told()
    not_in_charge_on: str | None = None
    """The day on which the person said so on a call."""
    has_left: bool = False
    """Deactivated, or at the company no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One person's part; no role where nothing says one."""

    lead: str
    role: Role | None
    confidence: float
    evidence: str
    stance: Stance | None
    left_role: Role | None = None
    """What who has left did, and somebody else must do now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """Whom to talk to next, and why; `lead` is who may lead to somebody not known yet."""

    role: Role
    lead: str | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Committee:
    """An account's people, surest first, and what is missing."""

    members: Sequence[Member]
    missing: Sequence[Role]
    next: Next | None


@cache
def definitions() -> Mapping[str, Any]:
    """The roles, their order, and how sure evidence is."""
    text = files("service").joinpath("lists/committee.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def committee_of(people: Sequence[Known]) -> Committee:
    """The committee of an account's leads."""
    members = sorted((_member(one) for one in people), key=lambda m: (-m.confidence, m.lead))
    gone = {one.lead for one in people if one.has_left}
    there = [member for member in members if member.lead not in gone]
    played = {member.role for member in members}
    missing = [
        r["name"] for r in definitions()["role"] if r["required"] and r["name"] not in played
    ]
    left = [member for member in members if member.left_role is not None]
    return Committee(members=members, missing=missing, next=_next(there, missing, left))


def _member(known: Known) -> Member:
    role, kind, evidence = _role(known)
    if known.has_left:
        return Member(
            lead=known.lead,
            role=None,
            confidence=0.0,
            evidence="left the company, or was deactivated",
            stance=known.told.stance,
            left_role=role,
        )
    confidence = 0.0 if role is None else float(definitions()["confidence"][kind])
    return Member(
        lead=known.lead,
        role=role,
        confidence=confidence,
        evidence=evidence,
        stance=known.told.stance,
    )


def _role(known: Known) -> tuple[Role | None, str, str]:
    if known.told.role is not None:
        return known.told.role, "said", f"{known.told.by or 'somebody'} wrote it down"
    if known.not_in_charge_on is not None:
        return "user", "heard", f"not in charge, as a call of {known.not_in_charge_on} heard"
    for role in get_args(Role):
        if known.title_role == role:
            return role, "title", f"title: {known.title}"
    for kind, role in definitions()["did"].items():
        if known.did.get(kind):
            what = "events" if kind == "any" else f"{kind} events"
            return role, "did", f"{known.did[kind]} {what}"
    return None, "", "nothing says a role"


def _next(
    members: Sequence[Member], missing: Sequence[Role], left: Sequence[Member]
) -> Next | None:
    """Somebody who plays a missing role, led to by the friendliest; else who must still agree.

    A role whose person has left comes first: somebody must take it over.
    """
    missing = sorted(missing, key=lambda role: all(one.left_role != role for one in left))
    friendly = [m for m in members if m.stance not in ("sceptic", "opponent")]
    if missing:
        through = min(friendly or members, key=_friendliness, default=None)
        why = next(r["why"] for r in definitions()["role"] if r["name"] == missing[0])
        said = f"nobody is known who {why}"
        if any(one.left_role == missing[0] for one in left):
            said = f"the person who {why} has left; ask who takes over"
        return Next(role=missing[0], lead=None if through is None else through.lead, why=said)
    for role in ("decision_maker", "buyer"):
        for member in members:
            if member.role == role and member.stance not in ("champion", "supporter"):
                return Next(role=role, lead=member.lead, why="their agreement is not known yet")
    return None


def _friendliness(member: Member) -> tuple[int, float, str]:
    place = STANCES.index(member.stance) if member.stance else STANCES.index("neutral")
    return place, -member.confidence, member.lead
