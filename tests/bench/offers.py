"""Speed of `offers`, each figure beside its aim or its reference, timed in the same run.

    python -m tests.bench offers

The references `common-expression-language` and `zen-engine` are timed where they are installed.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from random import Random
from time import process_time
from typing import Any

import polars as pl

from offers.backtest import backtest
from offers.conditions import parse_condition
from offers.conditions.compiled import all_held
from offers.decide import decide, decide_offer
from offers.policy import Policy, parse_policy
from offers.prove import prove
from offers.situation import GRADES
from tests.bench.harness import Figure, times

NOW = datetime(2026, 12, 10, 12, tzinfo=UTC)
HEAD = """
[policy]
id = "bench"
currency = "USD"
[price_book.business]
list = 2480
floor = 1600
[guardrails]
max_percent_off = 30
open_offers_per_account = 1
days_between_offers = 180
audience_share = 0.05
budget_minor_per_month = 500_000_000_000
holdout = 0.1
live_days_per_year = 120
"""
OURS = (
    'lane == "offer" and seats_requested >= 60 '
    'and grade in ("A1", "A2", "B1") and not rep_contacted'
)
ZEN = OURS.replace("(", "[").replace(")", "]")
CEL = ZEN.replace(" and not ", " && !").replace(" and ", " && ")


def a_policy(rules: int, seed: int = 3) -> Policy:
    """A policy of many rules with four or five clauses each."""
    random = Random(seed)
    text = HEAD
    for index in range(rules):
        seats = random.choice([10, 20, 50, 60, 100, 200]) + index % 7
        lane = random.choice(["offer", "offer", "rep"])
        when = (
            f'lane == "{lane}" and seats_requested >= {seats} and not rep_contacted '
            f"and trial_day >= {random.randint(2, 12)} "
            f'and grade in ("A1", "A2", "B{random.randint(1, 4)}")'
        )
        if index % 5 == 0:
            when = (
                f'country in ("BR", "TR", "IN") and currency_drop_180d >= 0.1{index % 10} '
                f'and lane == "{lane}" and not rep_contacted'
            )
        if index % 7 == 3:
            when += " and (employees >= 500 or departments_active >= 2)"
        text += (
            f'[[rule]]\nid = "r{index}"\nwhy = "w"\nwhen = \'{when}\'\nemail = "x"\n'
            f'get = {{ seats = {seats}, term_months = 12, pay_by = "month_end" }}\n'
            f"give = {{ extra_months = {random.randint(1, 3)} }}\n"
        )
    return parse_policy(text)


def some_situations(count: int, seed: int = 5) -> list[dict[str, Any]]:
    """Leads of all lanes and grades; about one in ten gets an offer."""
    random = Random(seed)
    found = []
    for _ in range(count):
        country = random.choice(["BR", "US", "DE", "IN", "FR"])
        found.append(
            {
                "lane": random.choice(["offer", "rep", "self_serve"]),
                "seats_requested": int(random.paretovariate(1) * 3),
                "trial_day": random.randint(1, 30),
                "grade": random.choice(GRADES),
                "rep_contacted": random.random() < 0.2,
                "country": country,
                "phone_country": country,
                "currency_drop_180d": random.random() * 0.2,
                "plan": "business",
                "employees": random.randint(1, 2000),
                "departments_active": random.randint(0, 4),
                "open_offers": 0,
                "paying_account": False,
                "open_deal": False,
                "do_not_email": False,
                "ground": "consent",
                "fit_for_use": True,
                "arm": random.choice(["offer"] * 9 + ["control"]),
            }
        )
    return found


def seconds(work: Callable[[], object], repeats: int = 5) -> float:
    """The shortest processor time of a few runs: other programs only make it longer."""
    best = float("inf")
    for _ in range(repeats):
        started = process_time()
        work()
        best = min(best, process_time() - started)
    return best


def run() -> list[Figure]:
    """The figures of `offers`."""
    policy, situations = a_policy(20), some_situations(20_000)
    whole = seconds(lambda: _each(situations, lambda each: decide(each, policy, NOW)))
    alone = seconds(lambda: _each(situations, lambda each: decide_offer(each, policy, NOW)))
    table = pl.concat([pl.DataFrame(situations, infer_schema_length=None)] * 50)
    tried = seconds(lambda: backtest(policy, table, NOW.date()), repeats=2)
    proved = seconds(lambda: prove(a_policy(200)), repeats=2)
    figures = [
        Figure("decide, 20 rules, all verdicts", _rate(len(situations), whole), "≥ 20,000/s"),
        Figure("decide, 20 rules, offer alone", _rate(len(situations), alone), "≥ 100,000/s"),
        Figure("backtest, 1,000,000 × 20 rules", f"{tried:.2f} s of processor", "≤ 10 s"),
        Figure("policy check, 200 rules", f"{proved:.2f} s", "≤ 2 s"),
    ]
    return figures + _one_condition(situations)


def _one_condition(situations: list[dict[str, Any]]) -> list[Figure]:
    node, _ = parse_condition(OURS)
    holds = all_held([(node, False)])
    others = {"common-expression-language": _cel, "zen-engine": _zen}
    answers = [holds(each) for each in situations]
    ours = seconds(lambda: _each(situations, holds))
    figures = []
    for name, load in others.items():
        evaluate = load()
        if evaluate is None:
            figures.append(Figure(f"one condition, beside {name}", "", "not installed"))
            continue
        assert [evaluate(each) for each in situations[:500]] == answers[:500]
        theirs = seconds(partial(_each, situations, evaluate))
        figures.append(
            Figure(
                f"one condition, beside {name}",
                _rate(len(situations), ours),
                _rate(len(situations), theirs),
                times(theirs, ours),
            )
        )
    return figures


def _each(situations: list[dict[str, Any]], work: Callable[[dict[str, Any]], object]) -> None:
    for situation in situations:
        work(situation)


def _cel() -> Callable[[dict[str, Any]], object] | None:
    try:
        cel = importlib.import_module("cel")
    except ImportError:
        return None
    program = cel.compile(CEL)
    return lambda situation: program.execute(situation)


def _zen() -> Callable[[dict[str, Any]], object] | None:
    try:
        zen = importlib.import_module("zen")
    except ImportError:
        return None
    expression = zen.compile_expression(ZEN)
    return lambda situation: expression.evaluate(situation)


def _rate(count: int, spent: float) -> str:
    return f"{count / spent:,.0f}/s"
