"""The proof agrees with trying every situation, finds seeded mistakes, and shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product
from random import Random
from time import process_time
from typing import Any

import pytest

from offers.decide import Decision, decide
from offers.policy import Policy, default_policy, parse_policy
from offers.prove import Property, prove
from tests.support.policies import NOW, RULE, a_policy, policy_text

BOOKS = """
[price_book.team]
list = 1000
floor = 790
[price_book.business]
list = 2480
floor = 1600
[price_book.business.EUR]
list = 2000
floor = 1600
"""


def refuted(policy: Policy) -> dict[tuple[str, str], Any]:
    found = prove(policy)
    return {(p.name, p.rule): p.counterexample for p in found if p.verdict == "refuted"}


def confirmed(policy: Policy, counterexample: dict[str, Any]) -> Decision:
    """What the real decision says of a counterexample."""
    situation = dict(counterexample)
    moment = situation.pop("now", NOW.isoformat())
    return decide(situation, policy, datetime.fromisoformat(moment))


def assert_shown(policy: Policy, name: str, rule: str, counterexample: dict[str, Any]) -> None:
    decision = confirmed(policy, counterexample)
    matched = {verdict.rule for verdict in decision.verdicts if verdict.matched}
    assert rule in matched, counterexample
    if name == "not_shadowed":
        assert decision.offer is not None
        assert decision.offer.rule != rule
        return
    named = [r for r in decision.guardrails if (r.rule, r.name) == (rule, name)]
    assert [result.held for result in named] == [False], counterexample


def test_the_default_policy_is_proved() -> None:
    assert refuted(default_policy()) == {}


def test_a_shadowed_rule_is_found() -> None:
    text = policy_text(RULE + RULE.replace("three-more", "more").replace(">= 60", ">= 100"))
    policy = parse_policy(text)
    found = refuted(policy)
    assert list(found) == [("not_shadowed", "more-months")]
    assert_shown(policy, "not_shadowed", "more-months", found["not_shadowed", "more-months"])


def test_a_rule_shadowed_only_by_two_others_together_is_found() -> None:
    low = RULE.replace("three-more", "low").replace(">= 60", "< 60")
    both = RULE.replace("three-more", "both").replace(" and seats_requested >= 60", "")
    assert ("not_shadowed", "both-months") in refuted(a_policy(RULE + low + both))
    assert refuted(a_policy(RULE + both + low)) != {}


def test_an_unreachable_rule_names_the_clauses_that_exclude_each_other() -> None:
    rule = RULE.replace("not rep_contacted", "seats_requested < 50 and not rep_contacted")
    found = refuted(a_policy(rule))
    assert found == {
        ("reachable", "three-more-months"): {
            "clauses": ["seats_requested >= 60", "seats_requested < 50"]
        }
    }


@pytest.mark.parametrize(
    ("when", "reachable"),
    [
        ('grade in ("A1", "A2") and fit_grade == "B"', False),
        ('grade in ("A1", "B2") and fit_grade == "B"', True),
        ('country == "BR" and region == "EMEA"', False),
        ('country == "BR" and region == "LATAM"', True),
        ('region == "LATAM" and country not in ("BR", "MX")', True),
        ("points >= 0 and probability < 0.5", False),
        ("points >= 0 and probability <= 0.5", True),
        ("points < 20 and probability > 0.6667", False),
        ("points < 20 and probability > 0.66", True),
        ("currency_drop_30d > 0.12345 and currency_drop_30d < 0.12346", True),
        ("currency_drop_30d > 0.12 and currency_drop_30d < 0.12", False),
        ('phone_country == country and country != "BR" and phone_country == "BR"', False),
        ('plan == partner and partner == domain and plan != "business"', True),
        ("seats_active > seats_requested > 999_999", False),
        ("probability > currency_drop_30d", True),
        ("seats_requested > employees and employees > 5", True),
    ],
)
def test_declared_implications_and_ranges_decide_what_can_be_reached(
    when: str, reachable: bool
) -> None:
    rule = RULE.replace('lane == "offer" and seats_requested >= 60', when)
    policy = a_policy(rule)
    found = {p.name: p for p in prove(policy)}
    assert (found["reachable"].verdict == "proved") is reachable


def test_a_floor_breach_at_the_smallest_plan_only_is_found() -> None:
    policy = a_policy(RULE, books=BOOKS.replace("790", "801"))
    found = refuted(policy)
    assert list(found) == [("floor", "three-more-months")]
    example = found["floor", "three-more-months"]
    assert example["plan"] == "team"
    assert_shown(policy, "floor", "three-more-months", example)
    fine = RULE.replace('lane == "offer"', 'lane == "offer" and plan == "business"')
    assert refuted(a_policy(fine, books=BOOKS.replace("790", "801"))) == {}


def test_a_floor_breach_in_one_currency_only_is_found() -> None:
    policy = a_policy(RULE, books=BOOKS.replace("list = 2000", "list = 1990"))
    example = refuted(policy)["floor", "three-more-months"]
    assert (example["plan"], example["currency"]) == ("business", "EUR")
    assert_shown(policy, "floor", "three-more-months", example)


def test_a_cap_that_effective_percent_breaks_is_found() -> None:
    policy = a_policy(RULE, guardrails="max_percent_off = 19")
    example = refuted(policy)["max_percent_off", "three-more-months"]
    assert_shown(policy, "max_percent_off", "three-more-months", example)
    assert refuted(a_policy(RULE, guardrails="max_percent_off = 20")) == {}


@pytest.mark.parametrize("email", ['email = "extra-months"', ""])
def test_a_mail_offer_to_a_reps_lead_is_found(email: str) -> None:
    rule = RULE.replace(" and not rep_contacted", "").replace('email = "extra-months"', email)
    policy = a_policy(rule)
    example = refuted(policy)["rep_contacted", "three-more-months"]
    assert example["rep_contacted"] is True
    assert_shown(policy, "rep_contacted", "three-more-months", example)


def test_a_rule_for_a_reps_own_lane_may_reach_a_lead_in_conversation() -> None:
    rule = RULE.replace('lane == "offer"', 'lane == "rep"').replace(" and not rep_contacted", "")
    assert refuted(a_policy(rule.replace('email = "extra-months"', ""))) == {}


def test_two_near_identical_promotions_following_each_other_are_found() -> None:
    first = RULE + "from = 2027-01-01\nuntil = 2027-03-31\n"
    again = (
        RULE.replace("three-more-months", "spring").replace(">= 60", ">= 90").replace("3 }", "2 }")
    )
    again += "from = 2027-04-01\nuntil = 2027-05-31\n"
    policy = a_policy(first + again, guardrails="live_days_per_year = 120")
    found = refuted(policy)
    assert set(found) == {
        ("live_days_per_year", "three-more-months"),
        ("live_days_per_year", "spring"),
    }
    for (name, rule), example in found.items():
        assert_shown(policy, name, rule, example)
    apart = again.replace(">= 90", "< 90").replace('"offer"', '"rep"')
    assert refuted(a_policy(first + apart, guardrails="live_days_per_year = 120")) == {}
    assert refuted(a_policy(first + again, guardrails="live_days_per_year = 151")) == {}


def test_promotions_of_different_years_do_not_add_up() -> None:
    first = RULE + "from = 2027-01-01\nuntil = 2027-03-31\n"
    later = RULE.replace("three-more-months", "next-year")
    later += "from = 2028-01-01\nuntil = 2028-03-31\n"
    assert refuted(a_policy(first + later, guardrails="live_days_per_year = 120")) == {}


SEATS = (20, 60, 100)
ATOMS = (
    *(f"seats_requested >= {seats}" for seats in SEATS),
    *(f"seats_requested < {seats}" for seats in SEATS),
    "20 <= seats_requested < 60",
    'lane == "offer"',
    'lane != "rep"',
    "rep_contacted",
    "not rep_contacted",
    'plan == "team"',
    'plan in ("team", "enterprise")',
    'grade in ("A1", "B1")',
    'not (grade == "A1" or seats_requested > 60)',
    'fit_grade == "A"',
    "month >= 6",
)
DAYS = (date(2027, 1, 1), date(2027, 3, 1), date(2027, 4, 30), date(2027, 9, 1))


def random_policy(random: Random) -> Policy:
    rules = ""
    dated = random.random() < 0.3
    for index in range(random.randint(1, 5)):
        joined = random.choice([" and ", " and ", " and ", " or "])
        when = joined.join(random.sample(ATOMS, random.randint(1, 3)))
        give = random.choice(["extra_months = 3", "extra_months = 1", "percent_off = 25"])
        email = random.choice(['email = "x"', "", ""])
        rules += f'[[rule]]\nid = "r{index}"\nwhy = "w"\nwhen = \'{when}\'\n{email}\n'
        rules += f"get = {{ term_months = 12 }}\ngive = {{ {give} }}\nvalid_days = 9\n"
        if dated and random.random() < 0.7:
            starts, until = sorted(random.sample(DAYS, 2))
            rules += f"from = {starts}\nuntil = {until}\n"
    books = BOOKS.replace("790", str(random.choice([700, 790, 850])))
    books = books.replace("list = 2000", random.choice(["list = 2000", "list = 1990"]))
    limits = f"max_percent_off = {random.choice([20, 24, 30])}\nlive_days_per_year = 120\n"
    return a_policy(rules, guardrails=limits, books=books)


def every_situation(policy: Policy) -> Iterator[tuple[dict[str, Any], datetime]]:
    """One situation of each class that no rule of these tells apart."""
    facts = frozenset().union(*(rule.facts for rule in policy.rules))
    domains: dict[str, list[Any]] = {
        "seats_requested": [0, 19, 20, 59, 60, 61, 99, 100],
        "lane": ["rep", "offer", "self_serve"],
        "grade": ["A1", "A2", "B1", "B2"],
        "month": [1, 6],
    }
    used = {name: values for name, values in domains.items() if name in facts}
    if "fit_grade" in facts:
        used.setdefault("grade", domains["grade"])
    used["rep_contacted"] = [True, False]
    used["book"] = [("team", "USD"), ("business", "USD"), ("business", "EUR"), ("none", "USD")]
    starts = {rule.starts for rule in policy.rules if rule.starts}
    ends = {rule.until + timedelta(days=1) for rule in policy.rules if rule.until}
    if starts and used.pop("month", None):
        ends |= {date(2026, 6, 1), date(2026, 12, 1), date(2027, 6, 1)}
    for day in sorted(starts | ends) or [None]:
        for values in product(*used.values()):
            situation = dict(zip(used, values, strict=True))
            situation["plan"], situation["currency"] = situation.pop("book")
            if "grade" in situation:
                situation["fit_grade"] = situation["grade"][0]
            if day is not None and "month" in facts:
                situation["month"] = day.month
            yield situation, datetime.combine(day or NOW.date(), NOW.time(), UTC)


def by_trying(policy: Policy) -> set[tuple[str, str]]:
    """The refuted properties, found by the real decision over every situation."""
    reached: set[str] = set()
    able: set[str] = set()
    wins: set[str] = set()
    broken: set[tuple[str, str]] = set()
    for situation, now in every_situation(policy):
        decision = decide(situation, policy, now)
        matched = [verdict.rule for verdict in decision.verdicts if verdict.matched]
        failed = {result.rule for result in decision.guardrails if not result.held}
        reached.update(matched)
        able.update(rule for rule in matched if rule not in failed)
        broken.update((r.name, r.rule) for r in decision.guardrails if not r.held)
        if decision.offer:
            wins.add(decision.offer.rule)
    names = {rule.id for rule in policy.rules}
    days = {"live_days_per_year", "live_days_per_year_any"}
    kept = {"floor", "max_percent_off", "rep_contacted"} | days
    found = {(name, rule) for name, rule in broken if name in kept}
    found |= {("reachable", rule) for rule in names - reached}
    return found | {("not_shadowed", rule) for rule in able - wins}


@pytest.mark.parametrize(("count", "seed"), [(40, 4), pytest.param(300, 5, marks=pytest.mark.long)])
def test_the_proof_agrees_with_trying_every_situation_on_random_policies(
    count: int, seed: int
) -> None:
    random = Random(seed)
    seen: Counter[str] = Counter()
    for _ in range(count):
        policy = random_policy(random)
        found, tried = refuted(policy), by_trying(policy)
        # a rule that is open on too many days never wins; the proof says so by that name alone
        tired = {rule for name, rule in found if name.startswith("live_days")}
        left_out = {"not_shadowed"} if tired else set()
        assert {key for key in found if key[0] not in left_out} == {
            key for key in tried if key[0] not in left_out
        }, policy.text
        for (name, rule), example in found.items():
            seen[name] += 1
            if name not in left_out | {"reachable"}:
                assert_shown(policy, name, rule, example)
    assert len(seen) == 7, seen


def many_rules(count: int) -> str:
    random = Random(1)
    rules = []
    for index in range(count):
        low = random.randint(1, 900)
        when = f'lane == "offer" and {low} <= seats_requested < {low + random.randint(2, 300)}'
        when += random.choice(
            [
                f" and trial_day >= {random.randint(1, 30)}",
                f' and grade in ("{random.choice("ABCD")}{random.randint(1, 4)}", "B2")',
                f" and currency_drop_180d >= 0.{random.randint(10, 40)}",
                f' and country == "{random.choice(["BR", "TR", "IN", "DE"])}"',
            ]
        )
        rules.append(
            f'[[rule]]\nid = "r{index}"\nwhy = "w"\nwhen = \'{when} and not rep_contacted\'\n'
            "get = { seats = 20, term_months = 12 }\ngive = { extra_months = 1 }\n"
            'email = "x"\nvalid_days = 9\n'
        )
    return "".join(rules)


def test_two_hundred_rules_are_proved_within_seconds() -> None:
    policy = a_policy(many_rules(200), guardrails="max_percent_off = 30")
    started = process_time()
    found: tuple[Property, ...] = prove(policy)
    assert len({p.rule for p in found}) == 200
    assert process_time() - started < 20  # measured 1 s; the aim of 2 s is timed by `make bench`
