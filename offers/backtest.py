"""A policy over past situations: who would get what, and what it could cost at most.

This is exposure, never an effect: what an offer changes shows only against a holdout.
Guardrails over the situation and the price are applied row by row; the month's budget and
limits that add up are shown beside their sums, because past rows knew no such ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from offers.conditions.nodes import facts_of, written
from offers.conditions.vectors import as_situations, is_held, is_true
from offers.guardrails import Clause, clauses_of, priced_results
from offers.lints import lints_of_rule
from offers.plans import spelling_of
from offers.rules import Policy, Rule
from offers.trade import priced, smallest_trade

BOOK = ("plan", "currency")
MONEY_FACTS = frozenset({"plan", "currency", "seats_requested", "seats_active"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """What one rule would have done."""

    rule: str
    matched: int
    offered: int
    exposure_minor: int
    """The highest possible cost of its offers, in the policy's currency."""
    refused: Mapping[str, int]
    """Matched leads that each guardrail refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """What a policy would have done over a table of situations."""

    situations: int
    rules: tuple[RuleResult, ...]
    winners: pl.Series
    """For each situation the position of the rule that would win, or null."""
    notes: tuple[str, ...]

    @property
    def offered(self) -> int:
        """Situations with an offer."""
        return sum(result.offered for result in self.rules)

    def to_json(self) -> dict[str, Any]:
        """The answer of `policy backtest`."""
        return {
            "situations": self.situations,
            "offered": self.offered,
            "exposure_minor": sum(result.exposure_minor for result in self.rules),
            "rules": [
                {
                    "rule": result.rule,
                    "matched": result.matched,
                    "offered": result.offered,
                    "share": round(result.offered / self.situations, 6) if self.situations else 0,
                    "exposure_minor": result.exposure_minor,
                    "refused": dict(result.refused),
                }
                for result in self.rules
            ],
            "notes": list(self.notes),
        }


def backtest(policy: Policy, table: pl.DataFrame, today: date) -> Backtest:
    """Try a policy on every row of a table whose columns are facts; rules open on `today`."""
    guards = {rule.id: clauses_of(rule, policy) for rule in policy.rules}
    used = [rule.facts for rule in policy.rules]
    used += [facts_of(clause.holds) for found in guards.values() for clause in found]
    situations = _as_the_policy_spells(as_situations(table, MONEY_FACTS.union(*used)), policy)
    books = situations.select(BOOK).unique().with_row_index("book")
    tried = (
        situations.lazy()
        .join(books.lazy(), on=BOOK, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(_guard_columns(guards))
        .with_columns(
            (is_true(rule.when) & pl.lit(rule.is_open(today))).alias(_matched(rule))
            for rule in policy.rules
        )
    )
    winner = pl.lit(None, dtype=pl.Int16)
    counts = []
    for index, rule in reversed(list(enumerate(policy.rules))):
        holds = {clause.name: pl.col(_key(clause)) for clause in guards[rule.id]}
        holds |= _price_columns(rule, policy, books)
        matched = pl.col(_matched(rule))
        winner = pl.when(matched & pl.all_horizontal(*holds.values())).then(index).otherwise(winner)
        counts.append(matched.sum())
        counts += [
            (matched & ~held).sum().alias(f"{rule.id}\0{name}") for name, held in holds.items()
        ]
    done = tried.with_columns(winner=winner.cast(pl.Int16)).collect()
    sums = done.select(counts).row(0, named=True) if counts else {}
    exposure = _exposures(policy, done)
    return Backtest(
        situations=table.height,
        rules=tuple(
            RuleResult(
                rule=rule.id,
                matched=sums[_matched(rule)],
                offered=exposure.get(index, (0, 0))[0],
                exposure_minor=exposure.get(index, (0, 0))[1],
                refused={
                    name.split("\0")[1]: count
                    for name, count in reversed(sums.items())
                    if name.startswith(f"{rule.id}\0") and count
                },
            )
            for index, rule in enumerate(policy.rules)
        ),
        winners=done["winner"],
        notes=_notes(policy, situations, sums),
    )


def _guard_columns(guards: Mapping[str, tuple[Clause, ...]]) -> list[pl.Expr]:
    distinct = {_key(clause): clause for found in guards.values() for clause in found}
    return [is_held(c.holds, c.unknown_holds).alias(key) for key, c in distinct.items()]


def _key(clause: Clause) -> str:
    return f"{written(clause.holds)} else {clause.unknown_holds}"


def _matched(rule: Rule) -> str:
    return f"matched\0{rule.id}"


def _price_columns(rule: Rule, policy: Policy, books: pl.DataFrame) -> dict[str, pl.Expr]:
    """For each priced guardrail, where the row's plan and currency keep it."""
    kept: dict[str, list[int]] = {}
    for book, plan, currency in books.select("book", *BOOK).iter_rows():
        for result in priced_results(smallest_trade(rule, policy, plan, currency), policy):
            numbers = kept.setdefault(result.name, [])
            if not result.held:
                numbers.append(book)
    return {name: ~pl.col("book").is_in(broken) for name, broken in kept.items()}


def _exposures(policy: Policy, done: pl.DataFrame) -> dict[int, tuple[int, int]]:
    """For each rule how many rows it wins and their highest possible cost."""
    orders = (
        done.filter(pl.col("winner").is_not_null())
        .group_by("winner", *BOOK, "seats_requested", "seats_active")
        .len()
    )
    total: dict[int, tuple[int, int]] = {}
    for winner, plan, currency, requested, active, count in orders.iter_rows():
        seats = {"seats_requested": requested, "seats_active": active}
        _, cost = priced(policy.rules[winner], policy, plan, currency, seats)
        rows, minor = total.get(winner, (0, 0))
        total[winner] = (rows + count, minor + count * cost)
    return total


def _notes(policy: Policy, situations: pl.DataFrame, sums: Mapping[str, int]) -> tuple[str, ...]:
    """What a policy's author should look at: facts mostly unknown, rules for nobody or for all."""
    rows = max(situations.height, 1)
    notes: list[str] = []
    for rule in policy.rules:
        unknown = {fact: situations[fact].null_count() for fact in sorted(rule.facts)}
        notes.extend(lints_of_rule(rule.id, rows, sums[_matched(rule)], unknown))
    return tuple(notes)


def _as_the_policy_spells(situations: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    told = situations["plan"].drop_nulls().unique().to_list()
    written = {plan: spelling_of(plan, policy) for plan in told}
    return situations.with_columns(pl.col("plan").replace(written)) if written else situations
