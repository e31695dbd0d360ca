"""Each guardrail has a kept and a refused case; the refusal says its limit and what was found."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offers.aliases import is_alias, plain_mailbox
from offers.decide import decide, decide_offer
from offers.guardrails import CLAUSES, GUARDRAILS, GuardrailResult
from offers.guardrails.spent import most_days
from offers.policy import Policy
from offers.reasons import SENTENCES, in_words
from tests.support.policies import BOOKS, CASES, NOW, RULE, a_policy, a_situation

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
    "locked": a_policy(
        _rule(give='{ currency_lock = { day = "trial_start", max_percent = 20 } }'),
        guardrails=LIMITS,
    ),
    "by_date": a_policy(_rule(get="{ seats = 100, term_months = 12, pay_by = 2026-12-10 }")),
    "code": a_policy(
        _rule(get='{ campaign_code = "SITE20", term_months = 12 }') + "valid_days = 9"
    ),
    "any_kind": a_policy(guardrails="live_days_per_year_any = 180"),
    "one_after_the_other": a_policy(
        _rule(give="{ percent_off = 15 }")
        + "from = 2026-12-01\nuntil = 2027-03-10\n"
        + _rule(when="'seats_requested >= 75'").replace("three-more-months", "again")
        + "from = 2027-03-11\nuntil = 2027-06-18\n",
        guardrails=LIMITS,
    ),
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
    assert (result.limit, result.actual) == (case.get("limit"), case.get("actual"))
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
    assert {r.name for r in decision.guardrails} >= set(CLAUSES) - {
        *("geo_agreement", "credit_to_companies", "overdue", "currency_fell")
    }


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


@pytest.mark.parametrize(
    "when",
    [
        'country == "BR"',
        'region == "LATAM"',
        *(f"currency_drop_{days}d >= 0.1" for days in (30, 90, 180, 365)),
    ],
)
def test_whatever_rests_on_the_place_needs_a_second_fact(when: str) -> None:
    policy = a_policy(_rule(when=f"'{when} and not rep_contacted'"))
    drops = {f"currency_drop_{days}d": 0.2 for days in (30, 90, 180, 365)}
    alone = a_situation(country="BR", region="LATAM", **drops)
    assert decide(alone, policy, NOW).offer is None
    for witness in ("phone_country", "ip_country", "card_country"):
        offer = decide(alone | {witness: "BR"}, policy, NOW).offer
        assert offer is not None
        assert offer.needs_card_country == "BR"
    plain = decide(a_situation(country="BR"), a_policy(), NOW).offer
    assert plain is not None
    assert plain.needs_card_country is None


def test_a_policy_without_limits_asks_only_what_always_holds() -> None:
    names = {result.name for result in decide(a_situation(), a_policy(), NOW).guardrails}
    always = set(GUARDRAILS) - {
        *("open_offers_per_account", "days_between_offers", "audience_share", "holdout"),
        *("max_percent_off", "budget_minor_per_month", "account_minor_per_year"),
        *("rep_minor_per_month", "live_days_per_year", "geo_agreement", "credit_limit"),
        *(
            "code_stopped",
            "live_days_per_year_any",
            "credit_to_companies",
            "overdue",
            "currency_fell",
        ),
    }
    assert names == always


def test_a_rule_that_a_person_offers_asks_nothing_about_mail() -> None:
    rule = _rule(when="'lane == \"rep\"'").replace('email = "extra-months"', "")
    facts = {"lane": "rep", "rep_contacted": True, "do_not_email": True, "ground": "none"}
    decision = decide(a_situation(**facts), a_policy(rule), NOW)
    assert decision.offer is not None
    assert {"rep_contacted", "may_write"}.isdisjoint(r.name for r in decision.guardrails)


def test_a_policy_may_list_no_country_and_a_rule_may_be_made_for_a_second_trial() -> None:
    nowhere = a_policy(more="[countries]\n")
    found = decide(a_situation(country="KP"), nowhere, NOW)
    assert found.offer is not None
    assert "refused_countries" not in {r.name for r in found.guardrails}
    for fact in ("earlier_trials >= 1", 'lifecycle_stage == "lapsed"'):
        again = a_policy(_rule(when=f"'{fact} and not rep_contacted'"))
        situation = a_situation(earlier_trials=2, lifecycle_stage="lapsed")
        assert decide(situation, again, NOW).offer is not None


@pytest.mark.parametrize("fact", ["country", "phone_country", "ip_country", "card_country"])
def test_any_fact_that_names_a_refused_country_refuses(fact: str) -> None:
    assert decide(a_situation(**{fact: "IR"}), a_policy(), NOW).offer is None


@pytest.mark.parametrize(
    ("facts", "percent", "who"),
    [
        ({}, 20, "none"),
        ({"requested_by": "system"}, 20, "none"),
        ({"requested_by": "rep"}, 5, "none"),
        ({"requested_by": "rep"}, 6, "rep"),
        ({"requested_by": "rep"}, 15, "rep"),
        ({"requested_by": "rep"}, 16, "manager"),
        ({"requested_by": "manager"}, 15, "none"),
        ({"requested_by": "manager"}, 16, "manager"),
        ({"country": "RU"}, 1, "manager"),
        ({"country": "DE", "card_country": "RU"}, 1, "manager"),
    ],
)
def test_who_must_approve_depends_on_who_asks_how_much_and_where(
    facts: dict[str, Any], percent: int, who: str
) -> None:
    policy = a_policy(
        _rule(give=f"{{ percent_off = {percent} }}"),
        more="[approval]\nrep_above_percent = 5\nmanager_above_percent = 15",
    )
    offer = decide(a_situation(**facts), policy, NOW).offer
    assert offer is not None
    assert offer.approval == who


def test_a_plan_nobody_named_is_the_policys_or_has_no_price() -> None:
    one = decide(a_situation(plan=None), a_policy(), NOW).offer
    assert one is not None
    assert one.quote is not None
    assert one.quote.plan == "business"
    two = decide(a_situation(plan=None), a_policy(books=STARTER), NOW)
    assert two.offer is None
    assert [r.name for r in two.guardrails if not r.held] == ["public_price"]


def test_a_give_that_needs_no_price_is_offered_on_a_plan_without_one() -> None:
    policy = a_policy(_rule(give="{ trial_days = 7 }"))
    offer = decide(a_situation(plan="enterprise"), policy, NOW).offer
    assert offer is not None
    assert (offer.quote, offer.reserve_minor) == (None, 0)


def test_the_quote_is_for_the_seats_asked_for_and_never_fewer_than_the_get() -> None:
    for facts, seats in (
        ({"seats_requested": 250}, 250),
        ({"seats_requested": 70}, 100),
        ({"seats_requested": None, "seats_active": 130}, 130),
        ({"seats_requested": None}, 100),
    ):
        policy = a_policy(_rule(when="'lane == \"offer\" and not rep_contacted'"))
        offer = decide(a_situation(**facts), policy, NOW).offer
        assert offer is not None
        assert offer.quote is not None
        assert (offer.quote.seats, offer.quote.term_months) == (seats, 12)


@pytest.mark.parametrize(
    ("spans", "days"),
    [
        ([("2027-01-01", "2027-01-01")], 1),
        ([("2027-01-01", "2027-01-31")], 31),
        ([("2027-01-01", "2027-01-31"), ("2027-01-15", "2027-02-10")], 41),
        ([("2027-01-01", "2027-01-31"), ("2027-01-10", "2027-01-20")], 31),
        ([("2027-01-01", "2027-01-31"), ("2027-02-01", "2027-02-28")], 59),
        ([("2026-01-01", "2026-01-31"), ("2027-01-01", "2027-01-31")], 31),
        ([("2026-02-01", "2026-02-10"), ("2027-01-25", "2027-02-10")], 17),
        ([("2026-02-01", "2026-02-10"), ("2027-01-25", "2027-01-30")], 16),
        ([("2026-01-01", "2027-12-31")], 365),
        ([("2026-01-01", "2026-01-01"), ("2026-12-31", "2027-01-05")], 6),
        ([("2026-01-01", "2026-01-09"), ("2026-12-31", "2027-01-05")], 10),
    ],
)
def test_days_are_counted_once_within_any_year(spans: list[tuple[str, str]], days: int) -> None:
    rules = "".join(
        RULE.replace("three-more-months", f"r{index}") + f"from = {first}\nuntil = {last}\n"
        for index, (first, last) in enumerate(spans)
    )
    assert most_days(a_policy(rules).rules) == days


def test_a_rule_dated_on_one_side_only_counts_no_days() -> None:
    assert most_days(a_policy(RULE + "from = 2027-01-01\n").rules) == 0
    assert most_days(a_policy(RULE + "until = 2027-01-31\n").rules) == 0


def test_a_deferred_payment_among_other_gives_still_needs_a_known_credit_limit() -> None:
    policy = a_policy(
        _rule(give="{ payment_days = 60, extra_months = 1 }"),
        guardrails=LIMITS,
        more="[cost.payment_days]\npercent_per_year = 9",
    )
    result = _named(policy, "credit_limit")
    assert result is not None
    assert not result.held


def _named(policy: Policy, name: str, **facts: Any) -> GuardrailResult | None:
    results = decide(a_situation(**facts), policy, NOW).guardrails
    return next((result for result in results if result.name == name), None)


def test_a_percent_that_is_not_whole_is_shown_in_hundredths() -> None:
    for months, shown in ((1, 7.7), (3, 20), (2, 14.29)):
        policy = a_policy(_rule(give=f"{{ extra_months = {months} }}"), guardrails=LIMITS)
        result = _named(policy, "max_percent_off")
        assert result is not None
        assert result.actual == shown


def test_a_reps_limit_is_only_for_what_reps_ask() -> None:
    assert _named(POLICIES["usual"], "rep_minor_per_month", requested_by="system") is None
    asked = _named(POLICIES["usual"], "rep_minor_per_month", requested_by="rep")
    assert asked is not None
    assert asked.actual == 892_800


def test_sums_that_nobody_recorded_start_at_nothing() -> None:
    for name in ("budget_minor_per_month", "account_minor_per_year"):
        result = _named(POLICIES["usual"], name)
        assert result is not None
        assert result.actual == 892_800
    undated = _named(POLICIES["usual"], "live_days_per_year")
    assert undated is not None
    assert (undated.held, undated.actual) == (True, 0)


def test_as_many_days_as_the_limit_are_kept() -> None:
    dates = "from = 2026-12-01\nuntil = 2027-03-30\n"
    at_limit = a_policy(RULE + dates, guardrails="live_days_per_year = 120")
    result = _named(at_limit, "live_days_per_year")
    assert result is not None
    assert (result.held, result.actual) == (True, 120)
    used = _named(at_limit, "live_days_per_year", live_days_used=1)
    assert used is not None
    assert (used.held, used.actual) == (True, 1)


def test_a_whole_percent_is_shown_without_decimals() -> None:
    decision = decide(a_situation(), POLICIES["usual"], NOW)
    (shown,) = [each.actual for each in decision.guardrails if each.name == "max_percent_off"]
    assert (shown, type(shown)) == (20, int)
