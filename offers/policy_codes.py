"""The codes a policy names, and a lead's code written as the policy writes it."""

from __future__ import annotations

from collections.abc import Iterator

from offers.codes import normal_code, why_no_code
from offers.conditions.nodes import texts_named
from offers.rules import Policy, Rule
from offers.situation import Situation

FACT = "campaign_code"
_MEMO = "codes by normal form"


def with_policy_code(situation: Situation, policy: Policy) -> Situation:
    """The situation with the presented code in the policy's own spelling, if the policy has it."""
    code = situation.get(FACT)
    if not isinstance(code, str):
        return situation
    written = _spellings(policy).get(normal_code(code))
    return situation if written is None or written == code else {**situation, FACT: written}


def codes_of(rule: Rule) -> tuple[tuple[str, str], ...]:
    """The codes that a rule asks for, each after the key (`when` or `get`) that names it."""
    asked = [("get", str(get.value)) for get in rule.gets if get.kind == FACT]
    return (*(("when", code) for code in texts_named(rule.when, FACT)), *asked)


def code_problems(rule: Rule, written: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What is wrong with a rule's codes, each after its key: a code that no page can take, or one
    spelled otherwise than in `written`, which holds the spellings so far by normal form."""
    for key, code in codes_of(rule):
        first = written.setdefault(normal_code(code), code)
        if (why := why_no_code(code)) is not None:
            yield key, f"`{FACT}` {code!r} {why}"
        elif first != code:
            yield key, f"`{FACT}` is written {first!r} and {code!r}: write one code in one way"


def _spellings(policy: Policy) -> dict[str, str]:
    known = policy.memo.get(_MEMO)
    if not isinstance(known, dict):
        known = {normal_code(code): code for rule in policy.rules for _, code in codes_of(rule)}
        policy.memo[_MEMO] = known
    return known
