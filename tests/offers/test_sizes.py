"""Sizes of an extra: drawn for each account by chance, judged and proved with each of them."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from typer.testing import CliRunner

from offers.decide import decide, decide_offer
from offers.diff import differences
from offers.holdout import assign
from offers.outline import outline
from offers.policy import Policy, PolicyError, parse_policy
from offers.prove import prove
from offers.sizes import drawn_size, size_draw
from service.cli import app
from tests.support.policies import a_situation

NOW = datetime(2026, 12, 10, 12, tzinfo=UTC)
TEXT = """
[policy]
id = "sized"
currency = "USD"
[price_book.business]
list = 2000
floor = 1500
[guardrails]
max_percent_off = 25
budget_minor_per_month = 10_000_000
[[rule]]
id = "months"
why = "Time costs little to give."
when = 'lane == "offer"'
get = { seats = 10, term_months = 12 }
give = { extra_months = [1, 2, 3] }
valid_days = 14
"""


def a_policy(give: str = "extra_months = [1, 2, 3]") -> Policy:
    return parse_policy(TEXT.replace("extra_months = [1, 2, 3]", give))


@pytest.mark.parametrize(("draw", "months"), [(0.0, 1), (0.3333, 1), (0.34, 2), (0.999999, 3)])
def test_an_offer_is_of_the_size_that_the_account_draws(draw: float, months: int) -> None:
    situation = a_situation(size_draw=draw, seats_requested=10)

    terms = decide_offer(situation, a_policy(), NOW)

    assert terms is not None
    assert terms.gives == {"extra_months": months}
    assert terms.quote is not None
    assert (terms.quote.extra_months, terms.quote.cost_minor) == (months, months * 20_000)
    assert terms.reserve_minor == months * 20_000
    assert terms.sentence.startswith(("one", "two", "three")[months - 1] + " extra month")
    assert decide(situation, a_policy(), NOW).offer == terms
    assert terms.give_terms()[0].value == months


def test_where_the_draw_is_not_known_the_largest_size_counts() -> None:
    terms = decide_offer(a_situation(), a_policy(), NOW)

    assert terms is not None
    assert terms.gives == {"extra_months": 3}


def test_sizes_are_as_likely_as_each_other_and_independent_of_the_arm() -> None:
    rule = a_policy().rules[0]
    drawn: Counter[tuple[str, object]] = Counter()
    for number in range(30_000):
        account = f"a{number}.example"
        size = drawn_size(rule, size_draw(account, "sized"))
        assert size is not None
        assert Fraction(str(size["propensity"])) == Fraction(1, 3)
        drawn[assign(account, "sized", Fraction(1, 2)).arm, size["size"]] += 1

    assert {size for _, size in drawn} == {1, 2, 3}
    for count in drawn.values():
        assert abs(count - 5_000) < 4 * (30_000 / 6) ** 0.5  # four standard deviations


def test_a_draw_is_the_same_whenever_it_is_asked_for_and_another_under_another_salt() -> None:
    """Written down, so that no release moves an account to another size."""
    assert size_draw("acme.example", "sized") == size_draw("acme.example", "sized")
    assert size_draw("acme.example", "sized") != size_draw("acme.example", "other")
    assert drawn_size(a_policy("extra_months = 3").rules[0], 0.5) is None


@pytest.mark.parametrize(
    ("give", "said"),
    [
        ("percent_off = [5, 10]", "chance draws sizes of extras only"),
        ("payment_days = [14, 30]", "never of a price or of credit"),
        ("price_lock_months = [12, 24]", "chance draws sizes of extras only"),
        ("extra_months = [2]", "must be 2 to 10 sizes, from the smallest up"),
        ("extra_months = [3, 1]", "from the smallest up"),
        ("extra_months = [1, 1]", "from the smallest up"),
        ("extra_months = []", "must be 2 to 10 sizes"),
        ("extra_months = [0, 1]", "extra_months 0 is outside 1–60"),
        ("extra_months = [1, 2.5]", "must be a whole number"),
        ("extra_months = [1, true]", "must be a whole number"),
        ("extra_months = [1, 2], extra_seats = [1, 2]", "draws the size of one give only"),
        ("extra_months = [" + ", ".join(map(str, range(1, 12))) + "]", "2 to 10 sizes"),
    ],
)
def test_what_chance_may_not_draw_does_not_load(give: str, said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        a_policy(give)


@pytest.mark.parametrize("give", ["extra_seats = [1, 2, 4]", "trial_days = [7, 14]"])
def test_every_extra_may_come_in_sizes(give: str) -> None:
    (rule,) = a_policy(give).rules

    assert rule.sized is not None
    assert [each.sized for each in rule.at_each_size()] == [None] * len(rule.sized.sizes)
    assert outline(rule).gives[0].phrase in (
        "one, two or four extra seats",
        "7 or 14 more days of trial",
    )


def test_one_size_that_breaks_the_floor_or_the_cap_refutes_the_rule() -> None:
    """Three months on twelve are 20 % off, five are 29 %: 1,600 and 1,412 a seat and month."""
    fine = {(p.name, p.verdict) for p in prove(a_policy())}
    broken = {(p.name, p.verdict) for p in prove(a_policy("extra_months = [1, 2, 5]"))}

    assert {("floor", "proved"), ("max_percent_off", "proved")} <= fine
    assert {("floor", "refuted"), ("max_percent_off", "refuted")} <= broken


def test_a_changed_size_is_a_difference() -> None:
    (change,) = differences(a_policy(), a_policy("extra_months = [1, 2, 4]"))

    assert "one, two or four extra months instead of one, two or three extra months" in change


def test_policy_check_tells_what_each_size_costs(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text(TEXT)

    told = CliRunner().invoke(app, ["policy", "check", str(file), "--json"])
    said = CliRunner().invoke(app, ["policy", "check", str(file)]).stdout

    (rule,) = json.loads(told.stdout)["rules"]
    assert [(each["size"], each["cost_minor"]) for each in rule["sizes"]] == [
        (1, 20_000),
        (2, 40_000),
        (3, 60_000),
    ]
    assert "chance draws the size for each account, proved with each: 1 (costs 200.00 USD)" in said
    assert "one, two or three extra months" in said
