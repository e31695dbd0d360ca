"""What holds for every situation in the facts' declared ranges, or a situation where it does not.

For each rule: it can be reached, it is not shadowed by rules before it, it keeps the floor and
the highest percent off with each of its sizes, no mail reaches a lead in conversation with a rep,
no audience could get like concessions, or any, on too many days. A counterexample is a situation
that `decide` itself confirms. What no rule names and no guardrail insists on is left unknown
there, as are the ledger's state (budget, share, holdout, days between) and what only one lead's
record can say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from offers.proof import Counterexample, Proof
from offers.rules import Policy, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One statement about one rule, proved or refuted."""

    name: str
    rule: str
    verdict: Literal["proved", "refuted"]
    counterexample: Counterexample | None = None

    def to_json(self) -> dict[str, Any]:
        """The answer of `policy check`."""
        return {
            "name": self.name,
            "rule": self.rule,
            "verdict": self.verdict,
            "counterexample": self.counterexample,
        }


def prove(policy: Policy) -> tuple[Property, ...]:
    """Every property of every rule, in file order."""
    proof = Proof(policy)
    found: list[Property] = []
    for rule in policy.rules:
        found.append(_by_loading("has_get", rule))
        found.append(_by_loading("ends", rule))
        out_of_reach = proof.unreachable(rule)
        found.append(_property("reachable", rule, out_of_reach))
        if out_of_reach is None:
            found.append(_property("not_shadowed", rule, proof.shadowed(rule)))
        for name in ("max_percent_off", "floor"):
            if name != "max_percent_off" or policy.guardrails.max_percent_off is not None:
                sized = (proof.price_breach(each, name) for each in rule.at_each_size())
                found.append(_property(name, rule, next(filter(None, sized), None)))
        found.append(_property("rep_contacted", rule, proof.mail_in_conversation(rule)))
        for name in ("live_days_per_year", "live_days_per_year_any"):
            limit = getattr(policy.guardrails, name)
            if limit is not None and rule.is_dated:
                days = proof.too_many_days(rule, limit, of_any_kind=name.endswith("_any"))
                found.append(_property(name, rule, days))
        proof.close(rule)
    return tuple(found)


def _by_loading(name: str, rule: Rule) -> Property:
    return Property(name=name, rule=rule.id, verdict="proved")


def _property(name: str, rule: Rule, counterexample: Counterexample | None) -> Property:
    verdict: Literal["proved", "refuted"] = "proved" if counterexample is None else "refuted"
    return Property(name=name, rule=rule.id, verdict=verdict, counterexample=counterexample)
