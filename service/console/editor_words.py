"""What the policy's editor completes: read from the tables that decide, so none is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from offers.policy import TABLES
from offers.policy_tables import LIMITS
from offers.rule_tables import KEYS
from offers.rules import Approvals
from offers.situation import FACTS
from offers.terms.gets import GETS
from offers.terms.gives import GIVES

Option = dict[str, str]


def editor_words() -> dict[str, list[Option]]:
    """Options by the place in the text: facts in a condition, terms in a trade, a table's keys."""
    return {
        "facts": [
            {"label": fact.name, "detail": fact.caption, "info": fact.range}
            for fact in FACTS.values()
            if fact.decides_offers
        ],
        "gives": _keys(GIVES),
        "gets": _keys(GETS),
        "guardrails": _keys(LIMITS),
        "approval": _keys(field.name for field in fields(Approvals)),
        "rule": _keys(KEYS),
        "": _keys(f"[{name}]" for name in TABLES),
    }


def _keys(names: Iterable[str]) -> list[Option]:
    return [{"label": name} for name in names]
