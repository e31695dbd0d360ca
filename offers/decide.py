"""From a situation to one offer, or to the reasons why not.

Rules are tried in file order; the first that matches and passes every guardrail wins. The
verdict of every rule and guardrail is reported, also of those behind the winner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from offers.concession_days import ConcessionDays
from offers.conditions.explain import Reason, in_words
from offers.engine import Match, Moment, engine_of
from offers.guardrails import GuardrailResult
from offers.plans import with_policy_plan
from offers.policy_codes import with_policy_code
from offers.reasons import NearMiss, near_misses
from offers.rules import Policy
from offers.situation import Situation
from offers.terms.offer import Terms


class Verdict(NamedTuple):
    """Whether one rule's condition holds, and because of what (or what is missing)."""

    rule: str
    matched: bool
    because: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The offer or none, every rule's verdict, every guardrail's, and what is near."""

    offer: Terms | None
    verdicts: tuple[Verdict, ...]
    guardrails: tuple[GuardrailResult, ...]
    """For each rule that matched."""
    near_misses: tuple[NearMiss, ...]
    withheld: Terms | None = None
    """What a control of the holdout would have got; to be logged, never sent."""

    def to_json(self) -> dict[str, Any]:  # JSON has no narrower type
        """The answer of `POST /v1/leads/{lead}/offer`."""
        return {
            "offer": self.offer.to_json() if self.offer else None,
            "verdicts": [
                {
                    "rule": verdict.rule,
                    "matched": verdict.matched,
                    "because": [in_words(reason) for reason in verdict.because],
                }
                for verdict in self.verdicts
            ],
            "guardrails": [result.to_json() for result in self.guardrails],
            "near_misses": [near._asdict() for near in self.near_misses],
        }


def decide(
    situation: Situation,
    policy: Policy,
    now: datetime,
    past: Sequence[ConcessionDays] = (),
    *,
    answers: str | None = None,
) -> Decision:
    """What the policy says about one lead at one moment; the situation is a checked one.

    `past` is what rules conceded on earlier days, for the limits on live days. With `answers`, an
    objection, only a rule that answers it is offered.
    """
    situation = with_policy_plan(with_policy_code(situation, policy), policy)
    engine = engine_of(policy)
    moment = Moment(policy, situation, now, past)
    verdicts: list[Verdict] = []
    results: list[GuardrailResult] = []
    near: list[NearMiss] = []
    winner: Match | None = None
    spared: Match | None = None
    failures = engine.failures(situation)
    for compiled in engine.compiled:
        rule = compiled.rule
        because = compiled.reasons(failures)
        if because:
            verdicts.append(Verdict(rule.id, False, because))
            if len(because) == 1 and (clause := engine.only_failing(compiled, failures)):
                near.extend(near_misses(rule.id, clause, situation))
            continue
        if not (compiled.is_always_open or rule.is_open(moment.policy_day)):
            verdicts.append(Verdict(rule.id, False, (Reason("closed", days=compiled.open_days),)))
            continue
        match = engine.match(compiled, moment)
        results.extend(match.results)
        verdicts.append(Verdict(rule.id, True, compiled.holding(situation)))
        if answers is not None and answers not in rule.answers:
            continue
        if winner is None and match.is_free:
            winner = match
        elif spared is None and match.is_held_out:
            spared = match
    return Decision(
        offer=winner.terms() if winner else None,
        verdicts=tuple(verdicts),
        guardrails=tuple(results),
        near_misses=tuple(near),
        withheld=spared.terms() if spared and winner is None else None,
    )


def decide_offer(
    situation: Situation, policy: Policy, now: datetime, past: Sequence[ConcessionDays] = ()
) -> Terms | None:
    """The offer alone: the same as `decide(…).offer`, several times faster."""
    situation = with_policy_plan(with_policy_code(situation, policy), policy)
    engine = engine_of(policy)
    matching = engine.matching(situation)
    if not matching:
        return None
    moment = Moment(policy, situation, now, past)
    for index in matching:
        compiled = engine.compiled[index]
        if compiled.may_pass(situation) and (
            compiled.is_always_open or compiled.rule.is_open(moment.policy_day)
        ):
            match = engine.match(compiled, moment)
            if match.is_free:
                return match.terms()
    return None
