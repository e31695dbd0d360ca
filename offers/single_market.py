"""A rule that treats customers of the EU's single market differently by where they are.

Traders may not apply other conditions of access to customers of another member by nationality,
residence or establishment (Regulation (EU) 2018/302, articles 4 and 5, in force in the European
Economic Area). Terms that follow the currency of the bill are no such difference. A rule by
`locale` is refused already: a browser can write it.
"""

from __future__ import annotations

from collections.abc import Iterator

from offers.conditions.nodes import texts_named
from offers.rules import Rule

_MEMBERS = """
    AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK
"""
MEMBERS = frozenset(_MEMBERS.split())
"""ISO codes of the European Economic Area, July 2026."""


def splits_of(rule: Rule) -> Iterator[str]:
    """What a rule's author should know, for each fact that splits the members."""
    for fact in ("country", "phone_country"):
        named = sorted(MEMBERS.intersection(texts_named(rule.when, fact)))
        if named and len(named) < len(MEMBERS):
            shown = ", ".join(named[:5]) + (", …" if len(named) > 5 else "")
            yield (
                f'rule "{rule.id}" splits members of the EU\'s single market by {fact} ({shown}), '
                "which Regulation (EU) 2018/302 forbids in most cases: let terms follow "
                "`billing_currency`, or ask counsel"
            )
