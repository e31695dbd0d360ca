"""Conditions for every situation at once: facts as z3 variables over their declared ranges.

All facts are known here (a rule that needs an unknown fact does not match, so nothing is
promised there). Numbers become whole multiples of a step fine enough for every literal of the
policy; texts become codes, with spare codes for values no rule names. Declared implications:
`fit_grade` is the letter of `grade`, `region` is the country's, `month` is the day's, and
`probability` follows from `points`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any as Whatever
from typing import assert_never

import z3

from offers.conditions.grid import compared, first_point, fraction, on_grid, probability_of, step_of
from offers.conditions.nodes import All, Any, Compare, Constant, Flag, Name, Node, Within
from offers.conditions.text_codes import TextCodes
from offers.countries import region_of
from offers.situation import FACTS, GRADES, Fact, Value

Formula = Whatever
"""A z3 Boolean; z3 ships no types."""


class Space:
    """All situations that the conditions of one policy can tell apart."""

    def __init__(self, nodes: Iterable[Node], days: tuple[date, date] | None = None) -> None:
        nodes = list(nodes)
        self.literals = _literals(nodes)
        self.used = set(self.literals) | {"plan", "currency"}
        self.texts = TextCodes(self.literals, self.used)
        self.variables: dict[str, Formula] = {}
        self.steps: dict[str, Fraction] = {}
        self.ranges: list[Formula] = []
        self._made: dict[Node, Formula] = {}
        for name in sorted(self.used):
            self._declare(FACTS[name])
        self.today = self._declare_days(days) if days else None
        self._imply()

    def formula(self, node: Node) -> Formula:
        """The condition as a z3 Boolean."""
        if node not in self._made:
            self._made[node] = self._formula(node)
        return self._made[node]

    def is_text(self, fact: str, values: Iterable[str]) -> Formula:
        """Whether a text fact is one of some values."""
        codes = [self.texts.code(value) for value in values]
        variable = self.variables[fact]
        return z3.Or(*(variable == code for code in codes))

    def is_open(self, starts: date | None, until: date | None) -> Formula:
        """Whether a rule's dates include today."""
        if self.today is None:
            return z3.BoolVal(True)
        limits = [self.today >= starts.toordinal()] if starts else []
        limits += [self.today <= until.toordinal()] if until else []
        return z3.And(*limits)

    def situation(self, model: Formula, facts: Iterable[str]) -> dict[str, Value]:
        """The values a z3 model gives to some facts."""
        return {name: self._value(model, name) for name in sorted(facts) if name in self.variables}

    def day(self, model: Formula) -> date | None:
        """The day a z3 model chose, where any rule is dated."""
        if self.today is None:
            return None
        return date.fromordinal(model.eval(self.today, model_completion=True).as_long())

    def _formula(self, node: Node) -> Formula:
        match node:
            case Constant():
                return z3.BoolVal(node.value)
            case Flag(fact, wanted):
                return self.variables[fact] if wanted else z3.Not(self.variables[fact])
            case Compare(fact, operator, Name(other)):
                left, right = self.variables[fact], self.variables[other]
                if FACTS[fact].type not in ("text", "flag"):
                    shared = min(self.steps[fact], self.steps[other])
                    left = left * int(self.steps[fact] / shared)
                    right = right * int(self.steps[other] / shared)
                return compared(left, operator, right)
            case Compare("probability", operator, literal) if "points" in self.variables:
                return self._by_points(operator, float(literal))  # type: ignore[arg-type]  # a number
            case Compare(fact, operator, str() as literal):
                code = self.texts.code(literal)
                return compared(self.variables[fact], operator, code)
            case Compare(fact, operator, literal):
                step = self.steps[fact]
                return on_grid(self.variables[fact], operator, fraction(literal) / step)
            case Within(fact, values, wanted):
                tests = [self.formula(Compare(fact, "==", value)) for value in values]
                return z3.Or(*tests) if wanted else z3.Not(z3.Or(*tests))
            case All(parts):
                return z3.And(*(self.formula(part) for part in parts))
            case Any(parts):
                return z3.Or(*(self.formula(part) for part in parts))
        assert_never(node)

    def _declare(self, fact: Fact) -> None:
        if fact.type == "flag":
            self.variables[fact.name] = z3.Bool(fact.name)
            return
        variable = self.variables[fact.name] = z3.Int(fact.name)
        if fact.type == "text":
            self.ranges.append(z3.Or(*(variable == code for code in self.texts.codes(fact.name))))
            return
        step = self.steps[fact.name] = step_of(fact, self.literals.get(fact.name, ()))
        self.ranges.append(variable >= ceil(Fraction(fact.low) / step))
        self.ranges.append(variable <= floor(Fraction(fact.high) / step))

    def _declare_days(self, days: tuple[date, date]) -> Formula:
        today = z3.Int("today")
        first, last = days
        self.ranges += [today >= first.toordinal(), today <= last.toordinal()]
        month = self.variables.get("month")
        if month is not None:
            day = first
            while day <= last:
                nearest = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
                inside = z3.And(today >= day.toordinal(), today < nearest.toordinal())
                self.ranges.append(z3.Implies(inside, month == day.month))
                day = nearest
        return today

    def _imply(self) -> None:
        have = self.variables
        if "grade" in have and "fit_grade" in have:
            pairs = [(grade, grade[0]) for grade in GRADES]
            self.ranges += self._each_implies("grade", "fit_grade", pairs)
        if "country" in have and "region" in have:
            values = self.texts.values("country")
            pairs = [(code, region) for code in values if (region := region_of(code))]
            self.ranges += self._each_implies("country", "region", pairs)

    def _each_implies(
        self, left: str, right: str, pairs: Iterable[tuple[str, str]]
    ) -> list[Formula]:
        return [
            z3.Implies(self.is_text(left, [one]), self.is_text(right, [other]))
            for one, other in pairs
        ]

    def _by_points(self, operator: str, probability: float) -> Formula:
        points, step = self.variables["points"], self.steps["points"]
        at = first_point(probability, step, above=False)
        above = first_point(probability, step, above=True)
        return {
            ">=": points >= at,
            ">": points >= above,
            "<": points < at,
            "<=": points < above,
            "==": z3.And(points >= at, points < above),
            "!=": z3.Or(points < at, points >= above),
        }[operator]

    def _value(self, model: Formula, name: str) -> Value:
        fact = FACTS[name]
        if name == "probability" and "points" in self.variables:
            return probability_of(float(str(self._value(model, "points"))))
        found = model.eval(self.variables[name], model_completion=True)
        if fact.type == "flag":
            return bool(z3.is_true(found))
        if fact.type == "text":
            return self.texts.value(found.as_long())
        if fact.type == "whole":
            return int(found.as_long())
        exact = found.as_long() * self.steps[name]
        return float(Decimal(exact.numerator) / Decimal(exact.denominator))


def _literals(nodes: Iterable[Node]) -> dict[str, list[Whatever]]:
    found: dict[str, list[Whatever]] = {}
    for node in nodes:
        match node:
            case Flag(fact):
                found.setdefault(fact, [])
            case Compare(fact, _, Name(other)):
                found.setdefault(fact, [])
                found.setdefault(other, [])
            case Compare(fact, _, literal):
                found.setdefault(fact, []).append(literal)
            case Within(fact, values):
                found.setdefault(fact, []).extend(values)
            case All(parts) | Any(parts):
                for fact, literals in _literals(parts).items():
                    found.setdefault(fact, []).extend(literals)
    return found
