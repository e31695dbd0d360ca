"""Each guardrail has a kept and a refused case; the refusal says its limit and what was found."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offers.decide import decide, decide_offer
from offers.guardrails import CLAUSES, GUARDRAILS
from offers.identity import is_alias, plain_mailbox
from offers.policy import Policy
from offers.reasons import SENTENCES, in_words
from tests.offer_builders import BOOKS, CASES, NOW, RULE, a_policy, a_situation

TABLE = tomllib.loads((CASES / "guardrails.toml").read_text())["case"]

LIMITS = """
max_percent_off = 30
open_offers_per_account = 1
days_between_offers = 180
audience_share = 0.05
budget_minor_per_month = 5_000_000
holdout = 0.10
live_days_per_year = 120
account_minor_per_year = 2_000_000
rep_minor_per_month = 1_000_000
"""

STARTER = BOOKS + "[price_book.starter]\nlist = 1000\nfloor = 701\n"


def _rule(**changes: str) -> str:
    rule = RULE
    for old, new in changes.items():
        key = {"when": "when = '", "give": "give = ", "get": "get = "}[old]
        start = rule.index(key)
        rule = rule[:start] + f"{old} = {new}" + rule[rule.index("\n", start) :]
    return rule


POLICIES: dict[str, Policy] = {
    "usual": a_policy(guardrails=LIMITS),
    "talks": a_policy(_rule(when="'seats_requested >= 60'")),
    "geo": a_policy(_rule(when="'country == \"BR\"'"), guardrails=LIMITS),
    "steep": a_policy(
        _rule(
            give='{ percent_off = 30, service = "setup" }', get="{ seats = 1, pay_by = 2027-01-01 }"
        ),
        guardrails="max_percent_off = 31",
        books=STARTER,
        more="[cost.service]\nsetup = 20",
    ),
    "deferred": a_policy(
        _rule(give="{ payment_days = 60 }"),
        guardrails=LIMITS,
        more="[cost.payment_days]\npercent_per_year = 9",
    ),
    "by_date": a_policy(_rule(get="{ seats = 100, term_months = 12, pay_by = 2026-12-10 }")),
    "dated": a_policy(
        RULE
        + "from = 2026-12-01\nuntil = 2027-03-20\n"
        + _rule(when="'seats_requested >= 75'").replace("three-more-months", "again")
        + "from = 2027-03-21\nuntil = 2027-04-20\n",
        guardrails=LIMITS,
    ),
}


def _result(case: dict[str, Any], facts: dict[str, Any]) -> Any:
    policy = POLICIES[case.get("policy", "usual")]
    decision = decide(a_situation(**facts), policy, NOW)
    named = [result for result in decision.guardrails if result.name == case["guardrail"]]
    assert named, decision.verdicts
    offered = decide_offer(a_situation(**facts), policy, NOW)
    assert offered == decision.offer
    return named[0], decision


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case["guardrail"])
def test_a_guardrail_holds_in_its_kept_case(case: dict[str, Any]) -> None:
    result, decision = _result(case, case["kept"])
    assert result.held
    assert decision.offer is not None


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case["guardrail"])
def test_a_guardrail_refuses_in_its_refused_case_and_says_why(case: dict[str, Any]) -> None:
    result, decision = _result(case, case["refused"])
    assert not result.held
    assert decision.offer is None
    assert result.limit is not None or case["guardrail"] == "credit_limit"
    assert in_words(result).startswith(f"{result.name}: ")


def test_every_guardrail_has_a_case_and_a_sentence() -> None:
    assert {case["guardrail"] for case in TABLE} == set(GUARDRAILS) == set(SENTENCES)


def test_mail_does_not_go_to_a_lead_whose_talks_with_a_rep_are_unknown() -> None:
    decision = decide(a_situation(rep_contacted=None), POLICIES["talks"], NOW)
    assert decision.offer is None
    assert [r.name for r in decision.guardrails if not r.held] == ["rep_contacted"]


def test_unrecorded_state_is_no_reason_to_refuse() -> None:
    decision = decide(a_situation(), POLICIES["usual"], NOW)
    assert decision.offer is not None
    assert {r.name for r in decision.guardrails} >= set(CLAUSES) - {"geo_agreement"}


def test_a_control_of_the_holdout_gets_nothing_and_its_offer_is_kept_for_the_record() -> None:
    decision = decide(a_situation(arm="control"), POLICIES["usual"], NOW)
    assert decision.offer is None
    assert decision.withheld is not None
    assert decision.withheld.rule == "three-more-months"
    refused_twice = decide(a_situation(arm="control", open_deal=True), POLICIES["usual"], NOW)
    assert refused_twice.withheld is None


@pytest.mark.parametrize(
    ("email", "plain"),
    [
        ("Ann.Lee+trial2@Example.com", "ann.lee@example.com"),
        ("a.n.n+x@googlemail.com", "ann@gmail.com"),
        ("ann@example.com", "ann@example.com"),
    ],
)
def test_aliases_of_one_mailbox_are_one_person(email: str, plain: str) -> None:
    assert plain_mailbox(email) == plain
    assert is_alias(email) is (email != plain)


@settings(max_examples=1000, deadline=None)
@given(st.lists(st.sampled_from(["ask", "redeem", "wait", "month"]), max_size=12))
def test_no_order_of_calls_stacks_offers_or_spends_beyond_the_budget(calls: list[str]) -> None:
    policy, now = POLICIES["usual"], NOW
    given_at: datetime | None = None
    is_open, used = False, 4_000_000
    for call in calls:
        now += timedelta(days={"wait": 100, "month": 31}.get(call, 1))
        if call == "redeem":
            is_open = False
            continue
        if call == "month":
            used = 4_000_000
        days = None if given_at is None else (now - given_at).days
        state = {
            "open_offers": int(is_open),
            "days_since_last_offer": days,
            "budget_used_minor": used,
        }
        terms = decide_offer(a_situation(**state), policy, now)
        if terms is not None:
            assert not is_open
            assert days is None or days >= 180
            used += terms.reserve_minor
            assert used <= 5_000_000
            given_at, is_open = now, True
