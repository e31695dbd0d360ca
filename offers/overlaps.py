"""Which rules can match the same lead, and which of the two then wins.

A condition becomes boxes (for each fact an interval or a set of values); two rules overlap when
two of their boxes do. Exact for comparisons with literals; two facts compared with each other
are taken as possible, so that an overlap is never left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from math import inf
from typing import NamedTuple

from offers.conditions.nodes import All, Any, Compare, Constant, Flag, Name, Node, Within
from offers.rules import Policy, Rule
from offers.situation import FACTS

MOST_BOXES = 256
"""Boxes of one condition; beyond them it counts as overlapping everywhere."""


class Overlap(NamedTuple):
    """Two rules that can match one lead; the first in the file wins, the second is behind it."""

    wins: str
    behind: str


@dataclass(frozen=True, slots=True)
class _Allowed:
    """What a box lets one fact be: an interval and values in or out."""

    low: float = -inf
    low_open: bool = False
    high: float = inf
    high_open: bool = False
    among: frozenset[object] | None = None
    without: frozenset[object] = frozenset()

    def both(self, other: _Allowed) -> _Allowed:
        """What two boxes let it be."""
        low, low_open = max((self.low, self.low_open), (other.low, other.low_open))
        high, high_closed = min((self.high, not self.high_open), (other.high, not other.high_open))
        among = self.among if other.among is None else other.among
        if self.among is not None and other.among is not None:
            among = self.among & other.among
        return _Allowed(low, low_open, high, not high_closed, among, self.without | other.without)

    def is_possible(self, fact: str) -> bool:
        """Whether any value of the fact's declared range is left."""
        declared = FACTS[fact]
        if declared.type == "text":
            values = self.among
            if values is None and declared.values:
                values = frozenset(declared.values)
            return values is None or bool(values - self.without)
        if declared.type == "flag":
            both = frozenset({True, False})
            return bool((both if self.among is None else self.among) - self.without)
        if self.among is not None:
            return any(self._holds(value) for value in self.among - self.without)
        step = float(declared.step)
        low = max(self.low, float(declared.low))
        high = min(self.high, float(declared.high))
        if declared.type == "whole":
            first = low + step if self.low_open and low == self.low else low
            last = high - step if self.high_open and high == self.high else high
            inside = int(last) - int(first) + 1
            return inside > sum(1 for value in self.without if self._holds(value))
        open_ended = self.low_open or self.high_open
        return low < high or (low == high and not open_ended and low not in self.without)

    def _holds(self, value: object) -> bool:
        if not isinstance(value, int | float):
            return False
        above = value > self.low or (value == self.low and not self.low_open)
        return above and (value < self.high or (value == self.high and not self.high_open))


Box = Mapping[str, _Allowed]


def behind_each(policy: Policy) -> dict[str, list[str]]:
    """The rules that each rule comes before for some lead, in file order; without the others."""
    behind: dict[str, list[str]] = {}
    for pair in overlaps(policy):
        behind.setdefault(pair.wins, []).append(pair.behind)
    return behind


def overlaps(policy: Policy) -> tuple[Overlap, ...]:
    """Every pair of rules that some lead could match on some day."""
    boxes = [_boxes(rule.when) for rule in policy.rules]
    pairs = combinations(range(len(policy.rules)), 2)
    return tuple(
        Overlap(policy.rules[one].id, policy.rules[other].id)
        for one, other in pairs
        if _meet_in_time(policy.rules[one], policy.rules[other])
        and any(_meet(left, right) for left in boxes[one] for right in boxes[other])
    )


def _meet_in_time(one: Rule, other: Rule) -> bool:
    starts = [rule.starts for rule in (one, other) if rule.starts]
    ends = [rule.until for rule in (one, other) if rule.until]
    return not starts or not ends or max(starts) <= min(ends)


def _meet(left: Box, right: Box) -> bool:
    small, large = sorted((left, right), key=len)
    return all(
        allowed.both(large[fact]).is_possible(fact)
        for fact, allowed in small.items()
        if fact in large
    )


def _boxes(node: Node) -> list[Box]:
    boxes = _spread(node)
    possible = [b for b in boxes if all(allowed.is_possible(fact) for fact, allowed in b.items())]
    return possible if len(boxes) < MOST_BOXES else [{}]


def _spread(node: Node) -> list[Box]:
    match node:
        case Constant():
            return [{}] if node.value else []
        case Any(parts):
            return [box for part in parts for box in _spread(part)][:MOST_BOXES]
        case All(parts):
            boxes: list[Box] = [{}]
            for part in parts:
                spread = _spread(part)
                boxes = [_joined(left, right) for left in boxes for right in spread][:MOST_BOXES]
            return boxes
        case Compare(_, _, Name()):
            return [{}]
        case Flag(fact, wanted):
            return [{fact: _Allowed(among=frozenset({wanted}))}]
        case Within(fact, values, wanted):
            listed = frozenset(values)
            return [{fact: _Allowed(among=listed) if wanted else _Allowed(without=listed)}]
        case Compare(fact, operator, literal):
            return [{fact: _allowed(operator, literal)}]


def _allowed(operator: str, literal: object) -> _Allowed:
    if operator == "==":
        return _Allowed(among=frozenset({literal}))
    if operator == "!=":
        return _Allowed(without=frozenset({literal}))
    assert isinstance(literal, int | float)
    if operator in (">", ">="):
        return _Allowed(low=literal, low_open=operator == ">")
    return _Allowed(high=literal, high_open=operator == "<")


def _joined(left: Box, right: Box) -> Box:
    joined = dict(left)
    for fact, allowed in right.items():
        joined[fact] = joined[fact].both(allowed) if fact in joined else allowed
    return joined
