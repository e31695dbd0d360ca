"""How each rule of a policy fares over some situations: whom it fits, and what keeps others out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from offers.conditions.explain import Reason
from offers.conditions.nodes import written
from offers.decide import Decision, Verdict
from offers.guardrails import GuardrailResult
from offers.policy import Policy

Key = tuple[tuple[str, tuple[str, ...], str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """One rule over `situations` situations: how many it fits, and how many would get its offer."""

    rule: str
    situations: int
    matched: int
    offered: int
    lacking: tuple[Reason, ...] = ()
    """Where nobody matched: what the nearest situations lack, the fewest clauses."""
    near: int = 0
    """How many lack just that."""
    held_back: GuardrailResult | None = None
    """Where some matched and get nothing: the guardrail that most often broke, as it broke once."""


def audiences(policy: Policy, decisions: Sequence[Decision]) -> tuple[Audience, ...]:
    """One for each rule, in the policy's order."""
    return tuple(_audience(rule.id, decisions) for rule in policy.rules)


def _audience(rule: str, decisions: Sequence[Decision]) -> Audience:
    verdicts = [each for decision in decisions for each in decision.verdicts if each.rule == rule]
    matched = sum(verdict.matched for verdict in verdicts)
    lacking, near = ((), 0) if matched else _nearest(verdicts)
    return Audience(
        rule=rule,
        situations=len(decisions),
        matched=matched,
        offered=sum(each.offer is not None and each.offer.rule == rule for each in decisions),
        lacking=lacking,
        near=near,
        held_back=_most_often_broken(rule, decisions),
    )


def _nearest(verdicts: Sequence[Verdict]) -> tuple[tuple[Reason, ...], int]:
    """What the situations that lack fewest clauses most often lack, and how many lack it."""
    fewest = min((len(verdict.because) for verdict in verdicts), default=0)
    nearest = {_key(each): each for each in reversed(verdicts) if len(each.because) == fewest}
    counts = Counter(_key(each) for each in verdicts if len(each.because) == fewest)
    if not counts:
        return (), 0
    key, count = counts.most_common(1)[0]
    return nearest[key].because, count


def _key(verdict: Verdict) -> Key:
    """What is lacking, whatever the situation has instead."""
    return tuple(
        (
            reason.code,
            reason.facts,
            "" if reason.clause is None else written(reason.clause),
            reason.days,
        )
        for reason in verdict.because
    )


def _most_often_broken(rule: str, decisions: Sequence[Decision]) -> GuardrailResult | None:
    broken = [
        result
        for decision in decisions
        for result in decision.guardrails
        if result.rule == rule and not result.held
    ]
    if not broken:
        return None
    name = Counter(result.name for result in broken).most_common(1)[0][0]
    return next(result for result in broken if result.name == name)
