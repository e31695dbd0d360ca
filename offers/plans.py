"""A plan's name, however it is spelt: case and blanks make no other plan."""

from __future__ import annotations

from collections.abc import Iterable

from offers.conditions.nodes import texts_named
from offers.rules import Policy, plan_key
from offers.situation import Situation

FACT = "plan"
_MEMO = "plans by name"


def is_among(plan: str | None, names: Iterable[str]) -> bool:
    """Whether a plan is one of these, however either is spelt."""
    return plan is not None and plan_key(plan) in map(plan_key, names)


def with_policy_plan(situation: Situation, policy: Policy) -> Situation:
    """The situation with the plan in the policy's own spelling, if the policy has it."""
    plan = situation.get(FACT)
    if not isinstance(plan, str):
        return situation
    written = spelling_of(plan, policy)
    return situation if written == plan else {**situation, FACT: written}


def spelling_of(plan: str, policy: Policy) -> str:
    """The plan as a price book spells it, else a rule's condition; any other as it is."""
    known = policy.memo.get(_MEMO)
    if not isinstance(known, dict):
        known = policy.memo[_MEMO] = _spellings(policy)
    written: str = known.get(plan) or known.get(plan_key(plan), plan)
    return written


def _spellings(policy: Policy) -> dict[str, str]:
    """By the name as it may come: a rule's spelling stays, unless a price book has another."""
    priced = {plan_key(plan): plan for plan in reversed(list(policy.price_books))}
    named = [plan for rule in policy.rules for plan in texts_named(rule.when, FACT)]
    exact = {plan: plan for plan in named if plan_key(plan) not in priced}
    return {plan_key(plan): plan for plan in reversed(named)} | exact | priced
