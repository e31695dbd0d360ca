"""Why a lead gets no offer now, in one line: the one nearest step, or that none can come. Pure."""

from __future__ import annotations

from offers.conditions.explain import Reason
from offers.decide import Decision
from offers.reasons import sentence
from service.console.sentences import missing

_STEPS = {
    "seats_requested": "ask how many seats they need",
    "trial_day": "wait for the day",
    "grade": "the grade follows from who they are and what they do",
    "rep_contacted": "the policy makes it by itself once nobody is in touch",
    "credit_limit_minor": "have finance set a credit limit",
    "use_case": "ask what they need it for",
    "partner": "ask whether a partner works for them",
}
"""What the rep can do about a fact, where a sentence says it."""


def is_held_out(decision: Decision) -> bool:
    """Whether only the draw of the comparison group keeps an offer back."""
    broken = (result.name for result in decision.guardrails if not result.held)
    return decision.offer is None and (decision.withheld is not None or "holdout" in broken)


def nearest_step(decision: Decision) -> str | None:
    """`Nearest: case study; missing: grade A1 or A2 (now B2)`; None where there is no rule.

    A rule for leads of another route comes last: nobody can move a lead there for an offer.
    """
    found: list[tuple[bool, int, str]] = []
    for verdict in decision.verdicts:
        rule = verdict.rule.replace("-", " ")
        if verdict.matched:
            broken = [r for r in decision.guardrails if r.rule == verdict.rule and not r.held]
            if broken:
                said = sentence(broken[0]) if len(broken) == 1 else _more(sentence(broken[0]))
                found.append((False, len(broken), f"Nearest: {rule}; held back: {said}."))
            continue
        is_elsewhere = any("lane" in reason.facts for reason in verdict.because)
        listed = "; ".join(map(missing, verdict.because))
        steps = _steps(verdict.because)
        found.append(
            (is_elsewhere, len(verdict.because), f"Nearest: {rule}; missing: {listed}.{steps}")
        )
    if not found:
        return None
    is_elsewhere, _, line = min(found, key=lambda each: each[:2])
    return "The policy's rules are for leads on another route." if is_elsewhere else line


def _more(first: str) -> str:
    return f"{first}, and more"


def _steps(because: tuple[Reason, ...]) -> str:
    """What to do, where each thing that is missing has a step of somebody's."""
    steps = [_STEPS[fact] for reason in because for fact in reason.facts if fact in _STEPS]
    if not steps:
        return ""
    said = ", and ".join(dict.fromkeys(steps))
    return f" Next: {said}."
