"""A policy over a table does what it does one by one; two policies differ in words and leads."""

from __future__ import annotations

import json
from collections import Counter
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from typer.testing import CliRunner

from offers.backtest import backtest
from offers.conditions import parse_condition, truth
from offers.conditions.vectors import as_situations, column
from offers.decide import decide
from offers.diff import differences, moved
from offers.overlaps import overlaps
from offers.policy import Policy, default_policy, load_policy, parse_policy
from offers.situation import FACTS, GRADES
from service.cli import app
from tests.offers.test_conditions import SITUATIONS, TEXTS
from tests.support.policies import CASES, NOW, RULE, a_policy, policy_text

STORIES = load_policy(CASES / "policies" / "stories.toml")


def random_situations(count: int, seed: int = 1) -> list[dict[str, Any]]:
    random = Random(seed)

    def value(name: str) -> Any:
        fact = FACTS[name]
        if random.random() < 0.1:
            return None
        if fact.type == "flag":
            return random.random() < (0.95 if name == "fit_for_use" else 0.03)
        choices = {
            "lane": ["rep", "offer", "offer", "offer"],
            "grade": GRADES,
            "country": ["BR"] * 6 + ["US"] * 3 + ["KP"],
            "phone_country": ["BR", "BR", "US"],
            "plan": ["business", "business", "team", "enterprise"],
            "currency": ["USD", "EUR", "BRL", "CHF"],
            "partner": ["sitebuilder", "other"],
            "campaign_code": ["SITE20", "X"],
            "lifecycle_stage": ["trial", "lapsed"],
            "requested_by": ["system", "rep"],
            "arm": ["offer"] * 9 + ["control"],
            "ground": ["consent"] * 9 + ["none"],
        }
        if name in choices:
            return random.choice(list(choices[name]))
        if name == "currency_drop_180d":
            return round(random.random() * 0.3, 3)
        if name == "credit_limit_minor":
            return random.randint(0, 10**7)
        if name == "days_since_last_offer":
            return random.choice([None, 10, 400, 500])
        if name == "open_offers":
            return int(random.random() < 0.05)
        return random.randint(0, 120) if fact.high > 200 else random.randint(0, 3)

    names = ["lane", "grade", "country", "phone_country", "plan", "currency", "partner", "arm"]
    names += ["campaign_code", "lifecycle_stage", "requested_by", "ground", "currency_drop_180d"]
    names += ["credit_limit_minor", "seats_requested", "seats_active", "trial_day", "invites"]
    names += ["active_users", "departments_active", "employees", "open_offers", "open_deal"]
    names += ["days_since_last_offer", "rep_contacted", "paying_account", "other_discount"]
    names += ["do_not_email", "fit_for_use", "hidden_price"]
    return [{name: value(name) for name in names} for _ in range(count)]


@pytest.mark.parametrize("policy", [STORIES, default_policy()], ids=lambda policy: policy.id)
def test_a_backtest_agrees_with_deciding_one_by_one(policy: Policy) -> None:
    situations = random_situations(1500)
    result = backtest(policy, pl.DataFrame(situations, infer_schema_length=None), NOW.date())
    matched: Counter[str] = Counter()
    refused: Counter[tuple[str, str]] = Counter()
    beyond = {"credit_limit", "account_minor_per_year"}
    for situation, winner in zip(situations, result.winners, strict=True):
        decision = decide(situation, policy, NOW)
        matched.update(verdict.rule for verdict in decision.verdicts if verdict.matched)
        free = [
            verdict.rule
            for verdict in decision.verdicts
            if verdict.matched
            and all(
                result.held or result.name in beyond
                for result in decision.guardrails
                if result.rule == verdict.rule
            )
        ]
        refused.update((r.rule, r.name) for r in decision.guardrails if not r.held)
        assert (policy.rules[winner].id if winner is not None else None) == next(iter(free), None)
    assert {row.rule: row.matched for row in result.rules if row.matched} == dict(matched)
    told = {(row.rule, name): count for row in result.rules for name, count in row.refused.items()}
    assert told == {key: count for key, count in refused.items() if key[1] not in beyond}
    assert result.offered == sum(winner is not None for winner in result.winners) > 100
    assert sum(row.exposure_minor for row in result.rules) > 0


@settings(max_examples=300, deadline=None)
@given(TEXTS, SITUATIONS)
def test_a_column_agrees_with_the_plain_reading(text: str, situation: dict[str, Any]) -> None:
    node, _ = parse_condition(text)
    table = as_situations(
        pl.DataFrame([situation or {"lane": None}, {"lane": "rep"}], infer_schema_length=None),
        frozenset(FACTS),
    )
    shown = table.select(column(node).alias("answer"))["answer"]
    assert shown[0] is truth(node, situation)


def test_a_table_without_a_column_and_with_nan_is_unknown_there() -> None:
    policy = a_policy(RULE.replace("seats_requested >= 60", "probability >= 0.1"))
    table = pl.DataFrame(
        {"lane": "offer", "probability": [float("nan"), 0.2], "rep_contacted": False}
    )
    assert backtest(policy, table, NOW.date()).winners.to_list() == [None, 0]


def test_notes_name_facts_mostly_unknown_and_rules_for_nobody_or_for_all() -> None:
    table = pl.DataFrame({"lane": ["offer"] * 10, "rep_contacted": [False] * 10})
    (unknown, nobody) = backtest(a_policy(), table, NOW.date()).notes
    assert unknown == 'rule "three-more-months": seats_requested is unknown for 100%'
    assert nobody == 'rule "three-more-months" matched nobody'
    broad = a_policy(RULE.replace(" and seats_requested >= 60", ""))
    assert "nearly everybody" in backtest(broad, table, NOW.date()).notes[0]
    assert backtest(parse_policy(policy_text("")), table, NOW.date()).offered == 0


def test_a_rule_that_is_not_open_that_day_matches_nobody() -> None:
    policy = a_policy(RULE + "from = 2027-01-01\n")
    table = pl.DataFrame([{"lane": "offer", "rep_contacted": False, "seats_requested": 90}])
    assert backtest(policy, table, NOW.date()).offered == 0


CHANGED = (
    policy_text(RULE)
    .replace(">= 60", ">= 70")
    .replace("extra_months = 3", "extra_months = 2")
    .replace("floor = 1600", "floor = 1500")
    .replace("[guardrails]", "[guardrails]\nmax_percent_off = 25")
)


def test_a_diff_says_every_change_in_words() -> None:
    old = parse_policy(policy_text(RULE + RULE.replace("three-more", "more")))
    new = parse_policy(CHANGED + RULE.replace("three-more", "other"))
    assert differences(old, new) == (
        "max_percent_off: none → 25",
        "price of business in USD (list, floor): (2480, 1600) → (2480, 1500)",
        'rule "more-months" is gone',
        'rule "three-more-months" when: no longer seats_requested >= 60; now seats_requested >= 70',
        'rule "three-more-months" gives: two extra months instead of three extra months',
        'rule "other-months" is new: extra_months 3 for seats 100, term_months 12, '
        "pay_by {'by': 'month_end', 'min_days': 3}, when lane == \"offer\" and "
        "seats_requested >= 60 and not rep_contacted",
    )
    assert differences(old, old) == ()


def test_rules_in_another_order_are_a_difference() -> None:
    other = RULE.replace("three-more", "more")
    (swapped,) = differences(a_policy(RULE + other), a_policy(other + RULE))
    assert swapped == "order: more-months, three-more-months (was three-more-months, more-months)"


def test_a_diff_counts_who_gains_loses_and_changes() -> None:
    table = pl.DataFrame(
        [
            {"lane": "offer", "rep_contacted": False, "seats_requested": seats}
            for seats in (50, 65, 80)
        ]
    )
    old, new = a_policy(), parse_policy(CHANGED)
    renamed = a_policy(RULE.replace("three-more", "more"))
    assert moved(old, new, table, NOW.date()).lost == 1
    assert moved(new, old, table, NOW.date()).gained == 1
    assert moved(old, renamed, table, NOW.date()).changed == 2
    dearer = a_policy(RULE.replace("extra_months = 3", "extra_months = 4"))
    assert moved(old, dearer, table, NOW.date()).changed == 2


def test_the_commands_print_a_backtest_and_a_diff(tmp_path: Path) -> None:
    old, new, data = tmp_path / "a.toml", tmp_path / "b.toml", tmp_path / "s.csv"
    old.write_text(policy_text(RULE))
    new.write_text(CHANGED)
    data.write_text("lane,rep_contacted,seats_requested\noffer,false,65\noffer,false,100\n")
    run = CliRunner().invoke
    result = run(app, ["policy", "backtest", str(old), "--situations", str(data), "--json"])
    assert json.loads(result.stdout)["offered"] == 2
    shown = run(app, ["policy", "backtest", str(old), "--situations", str(data)]).stdout
    assert "exposure, not effect" in shown
    found = run(app, ["policy", "diff", str(old), str(new), "--on", str(data), "--json"])
    assert json.loads(found.stdout)["moved"] == {"gained": 0, "lost": 1, "changed": 1}
    shown = run(app, ["policy", "diff", str(old), str(new), "--on", str(data)]).stdout
    assert "1 lose theirs" in shown
    data.write_text("lane,seats_requested\noffer,many\n")
    for path in (data, tmp_path / "none.csv", tmp_path / "s.xlsx"):
        broken = run(app, ["policy", "backtest", str(old), "--situations", str(path)])
        assert broken.exit_code == 2, broken.output


def test_overlaps_are_those_that_trying_finds() -> None:
    conditions = [
        'lane == "offer" and seats_requested >= 60',
        "seats_requested < 60",
        "seats_requested <= 60",
        "20 < seats_requested < 21",
        'lane != "offer" and not rep_contacted',
        'rep_contacted and lane in ("offer", "rep")',
        'lane not in ("rep", "self_serve")',
        "seats_requested != 60 and seats_requested >= 60",
        "seats_requested == 60 or rep_contacted",
        "seats_requested in (59, 61)",
        "not (seats_requested > 20 or rep_contacted)",
    ]
    rules = "".join(
        RULE.replace("three-more-months", f"r{index}").replace(
            'lane == "offer" and seats_requested >= 60 and not rep_contacted', when
        )
        for index, when in enumerate(conditions)
    )
    policy = a_policy(rules)
    found = set()
    for seats, lane, rep in product(
        (0, 20, 21, 59, 60, 61, 10**6), ("rep", "offer", "self_serve"), (True, False)
    ):
        situation = {"seats_requested": seats, "lane": lane, "rep_contacted": rep}
        met = [rule.id for rule in policy.rules if truth(rule.when, situation)]
        found |= {(one, other) for i, one in enumerate(met) for other in met[i + 1 :]}
    assert set(overlaps(policy)) == found


def test_rules_that_are_never_open_together_do_not_overlap() -> None:
    first = RULE + "from = 2027-01-01\nuntil = 2027-01-31\n"
    second = RULE.replace("three-more", "more") + "from = 2027-02-01\nuntil = 2027-02-28\n"
    assert overlaps(a_policy(first + second)) == ()
    assert len(overlaps(a_policy(first + second.replace("02-01", "01-31")))) == 1
