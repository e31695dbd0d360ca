"""What a rep may promise: the policy's limits in words, and what it would grant a lead now."""

from __future__ import annotations

import json
from typing import Any

from offers.guardrails import GuardrailResult
from offers.reasons import in_words
from service.console.look import Look
from service.use_cases.offer_request import request_offer


def limits(look: Look) -> list[str]:
    """The approval limits, a sentence each."""
    asked = look.parts.policy.approval
    return [
        f"by yourself: up to {asked.rep_above_percent} % off the whole deal",
        f"with a colleague's approval: up to {asked.manager_above_percent} % off",
        "with a manager's approval: more, up to what the policy allows at all",
    ]


def dry_run(look: Look, lead: str) -> dict[str, Any]:
    """The decision as it would be now: the offer or none, and each rule with all its verdicts."""
    decided = request_offer(
        look.connection, look.parts, lead, look.caller, dry_run=True, now=look.now
    )
    said: dict[str, Any] = json.loads(decided.body)
    results = [GuardrailResult(**result) for result in said["guardrails"]]
    whys = {rule.id: rule.why for rule in look.parts.policy.rules}
    rules = []
    for verdict in said["verdicts"]:
        own = [result for result in results if result.rule == verdict["rule"]]
        rules.append(
            verdict
            | {
                "why": whys.get(verdict["rule"], ""),
                "broken": [in_words(result) for result in own if not result.held],
                "held": [result.name for result in own if result.held],
            }
        )
    return {
        "offer": said["offer"],
        "rules": rules,
        "near": [near["sentence"] for near in said["near_misses"]],
        "notes": said["notes"],
    }
