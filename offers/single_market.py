"""A rule that treats customers of the EU's single market differently by where they are.

Traders may not apply other conditions of access to customers of another member by nationality,
residence or establishment (Regulation (EU) 2018/302, articles 4 and 5, in force in the European
Economic Area). Terms that follow the currency of the bill are no such difference.
"""

from __future__ import annotations

from collections.abc import Iterator

from offers.conditions.nodes import texts_named
from offers.rules import Rule

MEMBERS = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
    + ["IS", "LI", "NO"]
)
"""ISO codes of the European Economic Area, July 2026."""
_COUNTRIES = ("country", "phone_country")


def splits_of(rule: Rule) -> Iterator[str]:
    """What a rule's author should know, for each fact that splits the members."""
    for fact in _COUNTRIES:
        named = MEMBERS.intersection(texts_named(rule.when, fact))
        if named and named != MEMBERS:
            yield _said(rule, fact, sorted(named))
    locales = {text for text in texts_named(rule.when, "locale") if _may_be_a_members(text)}
    if locales:
        yield _said(rule, "locale", sorted(locales))


def _may_be_a_members(locale: str) -> bool:
    """Whether a locale is a member's, or a language without a place."""
    last = locale.replace("_", "-").split("-")[-1]
    is_place = "-" in locale.replace("_", "-") and len(last) == 2
    return not is_place or last.upper() in MEMBERS


def _said(rule: Rule, fact: str, values: list[str]) -> str:
    shown = ", ".join(values[:5]) + (", …" if len(values) > 5 else "")
    return (
        f'rule "{rule.id}" splits members of the EU\'s single market by {fact} ({shown}), which '
        "Regulation (EU) 2018/302 forbids in most cases: let terms follow `billing_currency`, or "
        "ask counsel"
    )
