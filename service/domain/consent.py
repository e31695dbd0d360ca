"""A person's ground to be addressed on a channel: what was said, for which address, and whether
their country's rule accepts it. Pure but for the shipped table.

A ground is stored with its time, wording, source and the address it was given for; what is not
one of `LAWFUL_BASES`, belongs to another address or is for another purpose is none.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, get_args

from service.errors import ConfigurationError

LAWFUL_BASES = ("consent", "contract_talks", "similar_products", "trial_account")
"""The grounds on which we may write; another word is kept and counts as none. `trial_account`:
they try our product and were told at sign-up that we write about it (`notice_at`)."""
NONE = "none"
"""No ground; in a rule, that none is needed."""
Channel = Literal["mail", "call", "machine_call", "product"]
CHANNELS: tuple[Channel, ...] = get_args(Channel)
OFFERS = "offers"
"""What a ground is for, unless it says otherwise."""
OUR_MAIL = frozenset((OFFERS, "marketing", "advertising"))
"""Purposes under which our offers may be mailed; another is kept and lets none out."""
Ground = Mapping[str, Any]
"""A stored ground as a lead's record keeps it: `ground`, `at`, `wording`, `source`, and where told
`purpose`, `partner`, `notice_at` and `email`, the address it belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What one country accepts on one channel, since when, and why we think so."""

    accepts: tuple[str, ...]
    why: str
    source: str
    as_of: date
    ask_counsel: bool
    """Whether we are unsure: the team's counsel decides."""

    def allows(self, ground: str) -> bool:
        """Whether this ground suffices."""
        return ground in self.accepts or NONE in self.accepts


@dataclass(frozen=True, slots=True, kw_only=True)
class LawfulBases:
    """The table as of a day: rules by place (a country, `default`, `unknown`) and channel."""

    as_of: date
    rules: Mapping[str, Mapping[Channel, Rule]]

    def rule_of(self, country: str | None, channel: Channel = "mail") -> Rule:
        """The rule for a person of this country (ISO 3166 alpha-2, None when not known)."""
        places = ("unknown",) if country is None else (country, "default")
        tables = [self.rules[place] for place in (*places, "default") if place in self.rules]
        found = next((table[channel] for table in tables if channel in table), None)
        return found or read_lawful_bases().rule_of(country, channel)

    def accepts(self, ground: str, country: str | None, channel: Channel = "mail") -> bool:
        """Whether this ground suffices there."""
        return self.rule_of(country, channel).allows(ground)


def ground_for_mail(given: Ground | None, email: str | None) -> str:
    """The ground on which our offers may be written to this address, or `none`."""
    if given is None or not belongs(given, email):
        return NONE
    ground = str(given["ground"])
    if ground not in LAWFUL_BASES or (given.get("purpose") or OFFERS) not in OUR_MAIL:
        return NONE
    if ground == "trial_account" and not given.get("notice_at"):
        return NONE
    return ground


def belongs(given: Ground, email: str | None) -> bool:
    """Whether a ground was given for this address; one told without any is its lead's."""
    own = given.get("email")
    return own is None or (email is not None and spelled(own) == spelled(email))


def bound(given: Ground | None, email: str | None) -> Ground | None:
    """The ground, from now on this address's if it was nobody's yet."""
    if given is None or email is None or given.get("email") is not None:
        return given
    return {**given, "email": email}


def names_partner(given: Ground, partner: str) -> bool:
    """Whether a consent names the partner whose products are written about."""
    named = f"{given.get('partner') or ''}\n{given.get('wording') or ''}".casefold()
    return given.get("ground") == "consent" and partner.strip().casefold() in named


_TO_JOIN = frozenset(
    (
        "advertising",
        "analytics",
        "marketing",
        "performance",
        "personalization",
        "targeting",
        "c0002",  # OneTrust's performance and targeting
        "c0004",
    )
)
"""Categories of a consent banner that cover knowing a visitor again."""


def lets_join(told: object) -> bool:
    """Whether what an anonymous event carries of consent lets it join a person: true, or a category
    that covers it."""
    if isinstance(told, Mapping):
        return any(
            given is True and str(name).strip().casefold() in _TO_JOIN
            for name, given in told.items()
        )
    return told is True


def spelled(email: str) -> str:
    """An address in the spelling that any other of the same has."""
    return email.strip().casefold()


@lru_cache(maxsize=4)
def read_lawful_bases(path: Path | None = None) -> LawfulBases:
    """The table in a file, or the shipped one. Raises ConfigurationError naming the place.

    A place's table that holds `accepts` itself is its rule for mail.
    """
    try:
        text = (
            path.read_text(encoding="utf-8")
            if path is not None
            else files("service").joinpath("lists/grounds.toml").read_text(encoding="utf-8")
        )
        told = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"grounds: {path} cannot be read: {error}") from None
    as_of = told.get("as_of")
    if not isinstance(as_of, date):
        raise ConfigurationError("grounds: as_of must be the date from which the table holds")
    places = {name: told.get(name, {}) for name in ("default", "unknown")}
    rules = {
        place: _rules(table, place, as_of)
        for place, table in (places | told.get("country", {})).items()
    }
    for place in places:
        if "mail" not in rules[place]:
            raise ConfigurationError(f"grounds: [{place}] needs a list accepts, for mail at least")
    return LawfulBases(as_of=as_of, rules=rules)


def _rules(table: Any, place: str, as_of: date) -> dict[Channel, Rule]:
    if not isinstance(table, dict):
        raise ConfigurationError(f"grounds: [{place}] must be a table of channels")
    by_channel = {"mail": table} if "accepts" in table else table
    for name in by_channel:
        if name not in CHANNELS:
            raise ConfigurationError(
                f"grounds: [{place}.{name}] is no channel: {', '.join(CHANNELS)}"
            )
    return {
        name: _rule(by_channel[name], f"{place}.{name}", as_of)
        for name in CHANNELS
        if name in by_channel
    }


def _rule(found: Any, name: str, as_of: date) -> Rule:
    if not isinstance(found, dict) or not isinstance(found.get("accepts"), list):
        raise ConfigurationError(f"grounds: [{name}] needs a list accepts")
    known = (*LAWFUL_BASES, NONE)
    wrong = [word for word in found["accepts"] if word not in known]
    if wrong:
        raise ConfigurationError(
            f"grounds: [{name}] accepts {wrong[0]!r}, which is none of {', '.join(known)}"
        )
    since = found.get("as_of", as_of)
    if not isinstance(since, date):
        raise ConfigurationError(f"grounds: [{name}] as_of must be a date")
    return Rule(
        accepts=tuple(found["accepts"]),
        why=str(found.get("why", "")),
        source=str(found.get("source", "")),
        as_of=since,
        ask_counsel=found.get("ask_counsel") is True,
    )
