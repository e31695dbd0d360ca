"""A policy compiled once for many decisions: conditions, guardrails, prices by plan.

`decide` and `decide_offer` walk the same `Match`; only what they report differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from offers.concession_days import ConcessionDays, any_days_lived, days_lived
from offers.conditions.compiled import all_held, all_matching, failures, held
from offers.conditions.explain import Reason, holding
from offers.conditions.nodes import Node, clauses, facts_of
from offers.guardrails import GuardrailResult, Spending, clauses_of, priced_results, spent_results
from offers.issue import issue_terms
from offers.reasons import is_movable
from offers.rules import Policy, Rule
from offers.situation import Situation
from offers.terms.offer import Terms
from offers.terms.windows import zone_name
from offers.trade import priced, smallest_trade

Failures = tuple[Reason | None, ...]
"""For each distinct clause of a policy why it does not hold, or `None` when it does."""


class Moment:
    """One situation at one time: the account's zone and day, worked out when first needed."""

    def __init__(
        self,
        policy: Policy,
        situation: Situation,
        now: datetime,
        past: Sequence[ConcessionDays] = (),
    ) -> None:
        if now.tzinfo is None:
            raise ValueError(f"naive time {now.isoformat()}: give it a zone")
        self.past = past
        self.policy = policy
        self.situation = situation
        self.now = now

    @cached_property
    def policy_day(self) -> date:
        """The day in the policy's zone: what `from` and `until` are counted by."""
        return self.policy.day(self.now)

    @cached_property
    def zone(self) -> str:
        """The account's zone."""
        told, country = self.situation.get("timezone"), self.situation.get("country")
        return zone_name(
            str(told) if told else None,
            str(country) if country else None,
            self.policy.timezone,
            self.now.astimezone(UTC).date(),
        )

    @cached_property
    def day(self) -> date:
        """The day in the account's zone: what an offer's end is counted from."""
        return self.now.astimezone(ZoneInfo(self.zone)).date()


class CompiledRule:
    """One rule with its guardrails, compiled."""

    def __init__(self, rule: Rule, policy: Policy) -> None:
        self.rule = rule
        self.policy = policy
        self.clauses = clauses_of(rule, policy)
        guarded = [(clause.holds, clause.unknown_holds) for clause in self.clauses]
        self.held = held(guarded)
        self.may_pass = all_held(guarded)
        self.is_sized = rule.sized is not None
        self.is_always_open = rule.starts is None and rule.until is None
        self.places: tuple[int, ...] = ()
        """Where its clauses stand among those of all rules."""
        self.reasons: Callable[[Failures], tuple[Reason, ...]] = _picker((), False)
        """From the failures of all clauses to those of this rule's."""
        self.prices: dict[tuple[object, object], tuple[GuardrailResult, ...]] = {}

    @property
    def open_days(self) -> str:
        """`from 2026-12-01 until 2026-12-31`."""
        starts = f"from {self.rule.starts}" if self.rule.starts else ""
        until = f"until {self.rule.until}" if self.rule.until else ""
        return f"{starts} {until}".strip()

    def holding(self, situation: Situation) -> tuple[Reason, ...]:
        """What made the condition true."""
        return holding(self.rule.when, situation)

    def clause_results(self, situation: Situation) -> list[GuardrailResult]:
        """The guardrails over the situation."""
        rule = self.rule.id
        return [
            GuardrailResult(rule, clause.name, is_held, clause.limit, clause.actual(situation))
            for clause, is_held in zip(self.clauses, self.held(situation), strict=True)
        ]

    def price_results(self, situation: Situation) -> tuple[GuardrailResult, ...]:
        """The guardrails over the price, worked out once for each plan and currency."""
        plan, currency = situation.get("plan"), situation.get("currency")
        key = (plan, currency)
        if key not in self.prices:
            if len(self.prices) > MOST_PRICES:
                self.prices.clear()
            trade = smallest_trade(self.rule, self.policy, _text(plan), _text(currency))
            self.prices[key] = priced_results(trade, self.policy)
        return self.prices[key]


MOST_PRICES = 10_000
"""Plans and currencies remembered for a rule: plan names come from outside."""


class Match(NamedTuple):
    """A rule whose condition holds, with every guardrail's answer."""

    compiled: CompiledRule
    moment: Moment
    spending: Spending
    results: tuple[GuardrailResult, ...]

    @property
    def is_free(self) -> bool:
        """Whether every guardrail holds."""
        return all(result.held for result in self.results)

    @property
    def is_held_out(self) -> bool:
        """Whether the holdout is all that stands in the way."""
        return [result.name for result in self.results if not result.held] == ["holdout"]

    def terms(self) -> Terms:
        """The offer, frozen."""
        return issue_terms(self.spending, self.compiled.policy, self.moment.zone)


class Engine:
    """All rules of one policy."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.compiled = [CompiledRule(rule, policy) for rule in policy.rules]
        self.matching = all_matching([rule.when for rule in policy.rules])
        parts = [clauses(rule.when) for rule in policy.rules]
        distinct = list(dict.fromkeys(clause for each in parts for clause in each))
        places = {clause: index for index, clause in enumerate(distinct)}
        self.failures = failures(distinct)
        """Why each distinct clause of the policy does not hold: each is looked at once."""
        self._movable = [clause if is_movable(clause) else None for clause in distinct]
        for compiled, each in zip(self.compiled, parts, strict=True):
            compiled.places = tuple(places[clause] for clause in each)
            compiled.reasons = _picker(compiled.places, _repeats_a_fact(each))

    def only_failing(self, compiled: CompiledRule, found: Failures) -> Node | None:
        """The one clause that does not hold, of a rule that fails by one, if a lead can move it."""
        failing = next(place for place in compiled.places if found[place] is not None)
        return self._movable[failing]

    def match(self, compiled: CompiledRule, moment: Moment) -> Match:
        """Every guardrail's answer to a rule that matched."""
        situation = moment.situation
        spending = self._spending(_at_its_size(compiled, situation), moment)
        results = (
            *compiled.clause_results(situation),
            *compiled.price_results(situation),
            *spent_results(spending, self.policy),
        )
        return Match(compiled, moment, spending, results)

    def _spending(self, rule: Rule, moment: Moment) -> Spending:
        situation = moment.situation
        plan, currency = _text(situation.get("plan")), _text(situation.get("currency"))
        shown, reserve_minor = priced(rule, self.policy, plan, currency, situation)
        dated = self._dated(situation) if rule.is_dated else ()
        return Spending(
            rule=rule,
            situation=situation,
            reserve_minor=reserve_minor,
            quoted=shown,
            today=moment.day,
            alike=tuple(other for other in dated if other.is_like(rule)),
            days_lived=days_lived(rule, situation, moment.past) if moment.past else 0,
            dated=dated,
            any_days_lived=any_days_lived(situation, moment.past) if moment.past else 0,
        )

    def _dated(self, situation: Situation) -> tuple[Rule, ...]:
        met = (self.policy.rules[index] for index in self.matching(situation))
        return tuple(rule for rule in met if rule.is_dated)


def engine_of(policy: Policy) -> Engine:
    """The compiled form of a policy, made once and kept with it."""
    engine = policy.memo.get("engine")
    if not isinstance(engine, Engine):
        engine = policy.memo["engine"] = Engine(policy)
    return engine


def _picker(places: tuple[int, ...], repeats: bool) -> Callable[[Failures], tuple[Reason, ...]]:
    """A function that picks the failures at some places, without repeating one."""
    if len(places) < 2:
        return lambda found: tuple(filter(None, [found[place] for place in places]))
    pick = itemgetter(*places)
    if repeats:
        return lambda found: tuple(dict.fromkeys(filter(None, pick(found))))
    return lambda found: tuple(filter(None, pick(found)))


def _repeats_a_fact(parts: Iterable[Node]) -> bool:
    facts = [fact for part in parts for fact in facts_of(part)]
    return len(set(facts)) < len(facts)


def _at_its_size(compiled: CompiledRule, situation: Situation) -> Rule:
    """The rule with the size the account draws, the largest where its draw is not known."""
    if not compiled.is_sized:
        return compiled.rule
    draw = situation.get("size_draw")
    return compiled.rule.drawn(float(draw) if isinstance(draw, float | int) else None)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
