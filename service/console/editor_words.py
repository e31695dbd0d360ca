"""What the policy's editor completes and lists: read from the tables that decide, so none is
missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields

from offers.examples import Example, get_examples, give_examples
from offers.policy import TABLES
from offers.rule_tables import KEYS
from offers.rules import Approvals, Limits
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
        "gives": _terms(GIVES, give_examples()),
        "gets": _terms(GETS, get_examples()),
        "guardrails": _limits(Limits),
        "approval": _limits(Approvals),
        "rule": _keys(KEYS),
        "": _keys(f"[{name}]" for name in TABLES),
    }


def _limits(table: type[Limits | Approvals]) -> list[Option]:
    return [{"label": each.name, "detail": each.metadata["meaning"]} for each in fields(table)]


def _terms(kinds: Iterable[str], examples: Mapping[str, Example]) -> list[Option]:
    """Each kind with what its example says, and how that is written."""
    return [
        {"label": kind, "detail": examples[kind].says, "info": examples[kind].written}
        for kind in kinds
    ]


def _keys(names: Iterable[str]) -> list[Option]:
    return [{"label": name} for name in names]
