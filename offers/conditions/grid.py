"""Numbers as whole multiples of a step for the solver, fine enough for every literal."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any

import z3

from offers.situation import FACTS, Fact

Formula = Any
"""A z3 expression; z3 ships no types."""


def probability_of(points: float) -> float:
    """The probability that some points stand for."""
    return float(1 / (1 + 2 ** (-points / 20)))


def step_of(fact: Fact, literals: Iterable[object]) -> Fraction:
    """A step that has every literal, and a value between any two of them, on its grid."""
    if fact.type == "whole":
        return Fraction(1)
    places = [-int(Decimal(repr(literal)).normalize().as_tuple().exponent) for literal in literals]
    return min(Fraction(fact.step), Fraction(1, 10 ** (max(places, default=0) + 1)))


def fraction(literal: object) -> Fraction:
    """A literal's exact value as it is written."""
    return Fraction(Decimal(repr(literal)))


def on_grid(variable: Formula, operator: str, value: Fraction) -> Formula:
    """A comparison of a variable that counts steps with an exact number of steps."""
    whole = value.denominator == 1
    return {
        ">=": lambda: variable >= ceil(value),
        ">": lambda: variable >= floor(value) + 1,
        "<=": lambda: variable <= floor(value),
        "<": lambda: variable <= ceil(value) - 1,
        "==": lambda: variable == int(value) if whole else z3.BoolVal(False),
        "!=": lambda: variable != int(value) if whole else z3.BoolVal(True),
    }[operator]()


def compared(left: Formula, operator: str, right: Formula) -> Formula:
    """A comparison of two expressions."""
    return {
        ">=": lambda: left >= right,
        ">": lambda: left > right,
        "<=": lambda: left <= right,
        "<": lambda: left < right,
        "==": lambda: left == right,
        "!=": lambda: left != right,
    }[operator]()


def first_point(probability: float, step: Fraction, *, above: bool) -> int:
    """The first multiple of `step` points whose probability reaches (or passes) a value."""
    low, high = (int(Fraction(end) / step) for end in (FACTS["points"].low, FACTS["points"].high))
    reached = _Reached(probability, float(step), above, low)
    return low + bisect_left(reached, True, 0, high - low + 1)


class _Reached:
    """A sequence of False then True, for bisect."""

    def __init__(self, probability: float, step: float, above: bool, low: int) -> None:
        self.given = (probability, step, above, low)

    def __getitem__(self, index: int) -> bool:
        probability, step, above, low = self.given
        found = probability_of(round((low + index) * step, 12))
        return found > probability if above else found >= probability
