"""One policy as formulas, and the questions prove.py asks of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import z3

from offers.conditions.evaluate import truth
from offers.conditions.nodes import Flag, Within, assuming, clauses, facts_of, written
from offers.conditions.solver import Formula, Space
from offers.guardrails import PRICED, Clause, clauses_of
from offers.prove_days import days_of, years
from offers.rules import Policy, Rule
from offers.trade import smallest_trade

Counterexample = dict[str, Any]
"""A situation with `now` where dates matter; for a rule out of reach, `{"clauses": […]}`."""


class Proof:
    """One policy as formulas. Rules are closed in file order: what they win is then taken."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        clauses_by_rule = {rule.id: clauses_of(rule, policy) for rule in policy.rules}
        known = _known_facts(policy.rules, clauses_by_rule)
        self.guards = {
            rule: [assuming(clause.holds, known, clause.unknown_holds) for clause in guards]
            for rule, guards in clauses_by_rule.items()
        }
        nodes = [rule.when for rule in policy.rules]
        nodes += [guard for guards in self.guards.values() for guard in guards]
        nodes.append(Within("plan", tuple(policy.price_books), True))
        nodes.append(Within("currency", self._currencies, True))
        nodes.append(Flag("rep_contacted", True))
        self.space = Space(nodes, days_of(policy.rules))
        self.matches = {
            rule.id: z3.And(
                self.space.formula(rule.when), self.space.is_open(rule.starts, rule.until)
            )
            for rule in policy.rules
        }
        self.all = self._solver()
        self.left = self._solver()
        """Situations in which no rule closed so far wins."""

    @cached_property
    def _currencies(self) -> tuple[str, ...]:
        books = (book for by_currency in self.policy.price_books.values() for book in by_currency)
        return tuple(dict.fromkeys([self.policy.currency, *books]))

    def unreachable(self, rule: Rule) -> Counterexample | None:
        """The clauses that exclude each other, when no situation meets the condition."""
        if self._model(self.all, self.matches[rule.id]) is not None:
            return None
        solver = self._solver()
        solver.set("core.minimize", True)
        names = {}
        for index, clause in enumerate(clauses(rule.when)):
            names[f"clause-{index}"] = clause
            solver.assert_and_track(self.space.formula(clause), f"clause-{index}")
        solver.check()
        core = sorted(str(tracked) for tracked in solver.unsat_core())
        return {"clauses": [written(names[name]) for name in core if name in names]}

    def shadowed(self, rule: Rule) -> Counterexample | None:
        """A situation the rule matches and an earlier one wins, when that is so everywhere."""
        wins = self._wins(rule)
        if self._model(self.left, wins) is not None:
            return None
        model = self._model(self.all, wins)
        if model is None:
            return None
        return self._situation(model, rule, beside=self._earlier(rule))

    def price_breach(self, rule: Rule, name: str) -> Counterexample | None:
        """A situation the rule matches where a priced guardrail does not hold."""
        breaches = [
            z3.And(self.space.is_text("plan", [plan]), self.space.is_text("currency", [currency]))
            for plan, currency in self._combinations
            if self._breaks(rule, name, plan, currency)
        ]
        if not breaches:
            return None
        condition = z3.And(self.matches[rule.id], z3.Or(*breaches))
        return self._counterexample(rule, condition, ("plan", "currency"))

    def mail_in_conversation(self, rule: Rule) -> Counterexample | None:
        """A situation where a rule that goes by itself matches a lead that a rep talks to."""
        if not rule.goes_by_itself:
            return None
        talks = self.space.formula(Flag("rep_contacted", True))
        condition = z3.And(self.matches[rule.id], talks)
        return self._counterexample(rule, condition, ("rep_contacted",))

    def too_many_days(self, rule: Rule, limit: int, *, of_any_kind: bool) -> Counterexample | None:
        """A situation whose audience could get concessions on too many days of a year.

        Like the rule's, or of any kind.
        """
        dated = [other for other in self.policy.rules if other.is_dated]
        counted = [other for other in dated if of_any_kind or other.is_like(rule)]
        meets = [(other, self.space.formula(other.when)) for other in counted]
        windows = [
            z3.Sum(*(z3.If(z3.Or(*open_in), days, 0) for days, open_in in spans)) > limit
            for spans in years(meets)
        ]
        condition = z3.And(self.matches[rule.id], z3.Or(*windows))
        return self._counterexample(rule, condition, (), beside=counted)

    def close(self, rule: Rule) -> None:
        """From here on, situations that this rule wins are taken."""
        self.left.add(z3.Not(self._wins(rule)))

    def _wins(self, rule: Rule) -> Formula:
        guards = [self.space.formula(guard) for guard in self.guards[rule.id]]
        return z3.And(self.matches[rule.id], *guards, self._price_holds(rule))

    def _price_holds(self, rule: Rule) -> Formula:
        broken = [
            (plan, currency)
            for plan, currency in self._combinations
            if any(self._breaks(rule, name, plan, currency) for name in PRICED)
        ]
        known = self.space.is_text("plan", list(self.policy.price_books))
        priced = known if rule.needs_price else z3.BoolVal(True)
        tests = [
            z3.Not(
                z3.And(
                    self.space.is_text("plan", [plan]), self.space.is_text("currency", [currency])
                )
            )
            for plan, currency in broken
        ]
        return z3.And(priced, *tests)

    @cached_property
    def _combinations(self) -> list[tuple[str, str]]:
        currencies = self.space.texts.values("currency")
        return [(plan, currency) for plan in self.policy.price_books for currency in currencies]

    def _breaks(self, rule: Rule, name: str, plan: str, currency: str) -> bool:
        trade = smallest_trade(rule, self.policy, plan, currency)
        result = PRICED[name](trade, self.policy)
        return result is not None and not result.held

    def _counterexample(
        self, rule: Rule, condition: Formula, facts: Iterable[str], beside: Iterable[Rule] = ()
    ) -> Counterexample | None:
        guards = [self.space.formula(guard) for guard in self.guards[rule.id]]
        model = self._model(self.all, z3.And(condition, *guards))
        if model is None:
            model = self._model(self.all, condition)
        return None if model is None else self._situation(model, rule, facts, beside)

    def _situation(
        self, model: Formula, rule: Rule, facts: Iterable[str] = (), beside: Iterable[Rule] = ()
    ) -> Counterexample:
        everything = self.space.situation(model, self.space.used)
        shown = {*facts, "plan", "currency"}
        for other in (rule, *beside):
            if truth(other.when, everything):
                shown |= other.facts
                shown |= {fact for guard in self.guards[other.id] for fact in facts_of(guard)}
        situation: Counterexample = {
            name: value for name, value in everything.items() if name in shown
        }
        day = self.space.day(model)
        if day is not None:
            noon = datetime.combine(day, time(12), ZoneInfo(self.policy.timezone))
            situation["now"] = noon.isoformat()
        return situation

    def _earlier(self, rule: Rule) -> list[Rule]:
        return list(self.policy.rules[: self.policy.rules.index(rule)])

    def _solver(self) -> Formula:
        solver = z3.SolverFor("QF_LIA")
        solver.add(*self.space.ranges)
        return solver

    def _model(self, solver: Formula, condition: Formula) -> Formula | None:
        solver.push()
        solver.add(condition)
        found = solver.check()
        model = solver.model() if found == z3.sat else None
        solver.pop()
        return model


def _known_facts(rules: Iterable[Rule], guards: Mapping[str, Iterable[Clause]]) -> frozenset[str]:
    """What any rule names or a guardrail insists on."""
    insisted = [c.holds for found in guards.values() for c in found if not c.unknown_holds]
    named = [rule.facts for rule in rules] + [facts_of(node) for node in insisted]
    return frozenset({"plan", "currency", "rep_contacted"}.union(*named))
