"""Whether a person's ground for mail is one that their country's rule accepts. Pure but for the
shipped table; a team's own file replaces it whole.

A ground is stored with its time, wording and source; what is not one of `GROUNDS` is none.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from service.errors import ConfigurationError

LAWFUL_BASES = ("consent", "contract_talks", "similar_products")
"""The grounds on which we may write; another word is kept and counts as none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What one country accepts, and why we think so."""

    accepts: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LawfulBases:
    """The table as of a day."""

    as_of: date
    default: Rule
    unknown: Rule
    countries: Mapping[str, Rule]

    def rule_of(self, country: str | None) -> Rule:
        """The rule for a person of this country (ISO 3166 alpha-2, None when not known)."""
        if country is None:
            return self.unknown
        return self.countries.get(country, self.default)

    def accepts(self, ground: str, country: str | None) -> bool:
        """Whether mail may go on this ground."""
        return ground in self.rule_of(country).accepts


@lru_cache(maxsize=4)
def read_lawful_bases(path: Path | None = None) -> LawfulBases:
    """The table in a file, or the shipped one. Raises ConfigurationError naming the place."""
    try:
        text = (
            path.read_text(encoding="utf-8")
            if path is not None
            else files("service").joinpath("lists/grounds.toml").read_text(encoding="utf-8")
        )
        told = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"grounds: {path} cannot be read: {error}") from None
    if not isinstance(told.get("as_of"), date):
        raise ConfigurationError("grounds: as_of must be the date from which the table holds")
    countries = told.get("country", {})
    return LawfulBases(
        as_of=told["as_of"],
        default=_rule(told, "default"),
        unknown=_rule(told, "unknown"),
        countries={code: _rule(countries, code) for code in countries},
    )


def _rule(tables: Mapping[str, Any], name: str) -> Rule:
    found = tables.get(name)
    if not isinstance(found, dict) or not isinstance(found.get("accepts"), list):
        raise ConfigurationError(f"grounds: [{name}] needs a list accepts")
    wrong = [word for word in found["accepts"] if word not in LAWFUL_BASES]
    if wrong:
        raise ConfigurationError(
            f"grounds: [{name}] accepts {wrong[0]!r}, which is none of {', '.join(LAWFUL_BASES)}"
        )
    return Rule(accepts=tuple(found["accepts"]), why=str(found.get("why", "")))
