"""What a policy's author should look at, though nothing is wrong: facts nobody knows, rules for
nobody and rules for nearly everybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from offers.conditions.evaluate import truth
from offers.rules import Policy
from offers.situation import Situation

NEARLY_ALL = 0.9
"""A rule that matches more than this share is no narrow audience."""


def lints_of(
    policy: Policy, situations: Sequence[Situation], matched_before: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """The lints of a policy over some situations; `matched_before` are rules known to match."""
    found: list[str] = []
    for rule in policy.rules:
        unknown = {
            fact: sum(each.get(fact) is None for each in situations) for fact in sorted(rule.facts)
        }
        matched = sum(truth(rule.when, each) is True for each in situations)
        if not matched and rule.id in matched_before:
            matched = 1
        found.extend(lints_of_rule(rule.id, len(situations), matched, unknown))
    return tuple(found)


def lints_of_rule(rule: str, rows: int, matched: int, unknown: Mapping[str, int]) -> Iterator[str]:
    """One rule's lints, from how many of `rows` it matched and how many lack each fact."""
    if not rows:
        return
    for fact, count in unknown.items():
        if 2 * count > rows:
            yield f'rule "{rule}": {fact} is unknown for {count / rows:.0%}'
    if matched == 0:
        yield f'rule "{rule}" matched nobody'
    elif matched > NEARLY_ALL * rows:
        yield f'rule "{rule}" matches nearly everybody ({matched / rows:.0%})'
