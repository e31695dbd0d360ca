"""What an author reads of each rule before publishing: its trade, its break-even, the chance."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from offers.break_even import break_even, months_of_equal_cost
from offers.holdout import accounts_needed, chance_to_know, share_for_chance
from offers.outline import outline
from offers.policy import PolicyError, default_policy
from service.cli import app
from tests.support.policies import RULE, a_policy, policy_text

ORDER = "{ seats = 100, term_months = 12, pay_by = 'month_end' }"
MARGIN = "[value]\nmargin_percent = {percent}\n"


def a_rule(get: str, give: str, more: str = "") -> str:
    lines = RULE.splitlines()
    changed = [f"get = {get}" if line.startswith("get = ") else line for line in lines]
    changed = [f"give = {give}" if line.startswith("give = ") else line for line in changed]
    return "\n".join([*changed, "valid_days = 14", more])


@pytest.mark.parametrize(
    ("get", "shown_by", "within"),
    [
        ("{ seats = 9 }", "order", None),
        ("{ self_serve_purchase = true }", "order", None),
        ("{ prepay = true }", "order", None),
        ("{ talk_to_rep = true }", "seen", None),
        ("{ invite_teammates = 2 }", "seen", None),
        ('{ campaign_code = "AB1" }', "seen", None),
        ("{ case_study = true }", "confirmed", None),
        ('{ partner_purchase = "acme" }', "confirmed", None),
        ("{ reference_call = { within_days = 45 } }", "confirmed", 45),
        ("{ feedback_call = { within_days = 9 } }", "seen", 9),
    ],
)
def test_what_shows_a_get_and_when(get: str, shown_by: str, within: int | None) -> None:
    (asked,) = outline(a_policy(a_rule(get, "{ extra_months = 1 }")).rules[0]).gets
    assert (asked.shown_by, asked.within_days) == (shown_by, within)


@pytest.mark.parametrize(
    ("get", "give", "needs_order", "committed"),
    [
        (ORDER, "{ extra_months = 3 }", True, 12),
        ("{ talk_to_rep = true }", "{ extra_months = 3 }", True, None),
        ("{ talk_to_rep = true }", "{ trial_days = 3 }", False, None),
        ("{ feedback_call = { within_days = 9 } }", "{ trial_days = 3 }", True, None),
        ("{ term_months = 24 }", "{ trial_days = 3 }", True, 24),
        ("{ term_months = 24, prepay = true }", "{ extra_months = 3 }", True, None),
    ],
)
def test_what_needs_an_order_and_what_commits(
    get: str, give: str, needs_order: bool, committed: int | None
) -> None:
    found = outline(a_policy(a_rule(get, give)).rules[0])
    assert (found.needs_order, found.committed_months) == (needs_order, committed)


@pytest.mark.parametrize(
    ("give", "percent", "base", "rise"),
    [
        # three months on twelve: cost 3/12 of the price; at 75 % margin 0.25 / (0.75 − 0.25)
        ("{ extra_months = 3 }", 75, 0.10, 0.05),
        ("{ extra_months = 3 }", 100, 0.06, 0.02),
        ("{ percent_off = 20 }", 60, 0.20, 0.10),
        ("{ percent_off = 20 }", 20, 0.01, None),  # costs the whole margin
        ("{ percent_off = 50 }", 30, 0.10, None),
        ("{ percent_off = 20 }", 21, 0.20, None),  # more than everybody would have to buy
        ("{ trial_days = 7 }", 50, 0.30, 0.0),
    ],
)
def test_the_rise_that_pays(give: str, percent: int, base: float, rise: float | None) -> None:
    policy = a_policy(a_rule(ORDER, give), more=MARGIN.format(percent=percent))
    found = break_even(policy.rules[0], policy)
    assert found is not None
    assert found.rise(base) == (None if rise is None else pytest.approx(rise))
    if rise:  # at the break-even both worlds earn the same
        with_offer = (base + rise) * (found.margin_minor - found.cost_minor)
        assert with_offer == pytest.approx(base * found.margin_minor)


def test_without_a_price_there_is_no_break_even_and_without_a_margin_all_is_margin() -> None:
    bookless = a_policy(a_rule(ORDER, "{ trial_days = 7 }"), books="")
    assert break_even(bookless.rules[0], bookless) is None
    plain = a_policy()
    found = break_even(plain.rules[0], plain)
    assert found is not None
    assert found.margin_minor == 100 * 12 * 2480


@pytest.mark.parametrize(
    ("give", "term", "months"),
    [
        ("{ percent_off = 10 }", 12, 1.2),
        ("{ percent_off = 31 }", 12, 3.72),
        ("{ percent_off = 50 }", 24, 12.0),
        ("{ percent_off = 100 }", 12, 12.0),
        ("{ percent_off = 20, extra_seats = 1 }", 12, 2.4 / 2),
        ("{ percent_off = 20, extra_seats = [1, 3] }", 12, 2.4 / 4),
        ("{ extra_months = 2 }", 12, None),
    ],
)
def test_the_extra_of_equal_cost(give: str, term: int, months: float | None) -> None:
    rule = a_policy(a_rule(f"{{ seats = 1, term_months = {term} }}", give)).rules[0]
    assert months_of_equal_cost(rule) == (None if months is None else pytest.approx(months))


@pytest.mark.parametrize("beside", ["", ", extra_seats = 20"])
def test_the_extra_of_equal_cost_costs_as_much_in_the_same_printout(beside: str) -> None:
    gives = ("{ percent_off = 25 BESIDE }", "{ extra_months = MONTHS BESIDE }")
    off = a_policy(a_rule(ORDER.replace("12", "24"), gives[0].replace(" BESIDE", beside)))
    months = months_of_equal_cost(off.rules[0])
    assert months is not None
    whole = gives[1].replace("MONTHS", f"{months:.0f}").replace(" BESIDE", beside)
    extra = a_policy(a_rule(ORDER.replace("12", "24"), whole))
    found = [break_even(each.rules[0], each) for each in (off, extra)]
    assert months == int(months)
    assert found[0] is not None
    assert found[0] == found[1]


@pytest.mark.parametrize("share", [0.05, 0.1, 0.5])
def test_the_planned_number_of_accounts_gives_the_planned_chance(share: float) -> None:
    accounts = accounts_needed(0.04, 0.06, share)
    assert chance_to_know(0.04, 0.06, share, accounts) == pytest.approx(0.8, abs=1e-3)
    assert chance_to_know(0.04, 0.06, share, 0) == chance_to_know(0.04, 0.06, 0, 900) == 0


@pytest.mark.parametrize(
    ("base", "treated", "share", "accounts"),
    [(0.1, 0.15, 0.2, 1500), (0.05, 0.075, 0.5, 2000), (0.3, 0.36, 0.3, 900)],
)
def test_the_chance_is_what_worlds_drawn_at_random_show(
    base: float, treated: float, share: float, accounts: int
) -> None:
    random = np.random.default_rng(20270301)
    controls = round(share * accounts)
    offered = accounts - controls
    held = random.binomial(controls, base, 40_000) / controls
    given = random.binomial(offered, treated, 40_000) / offered
    error = np.sqrt(held * (1 - held) / controls + given * (1 - given) / offered)
    shown = float(np.mean((given - held) / error > NormalDist().inv_cdf(0.975)))
    assert chance_to_know(base, treated, share, accounts) == pytest.approx(shown, abs=0.03)


def test_the_share_that_makes_the_chance_does_and_a_smaller_one_does_not() -> None:
    share = share_for_chance(0.05, 0.075, 3000, 0.6)
    assert share is not None
    assert 0 < share < 0.5
    assert chance_to_know(0.05, 0.075, share, 3000) == pytest.approx(0.6, abs=1e-6)
    assert chance_to_know(0.05, 0.075, share - 0.01, 3000) < 0.6
    assert share_for_chance(0.05, 0.075, 300, 0.6) is None


def run(file: Path, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["policy", "check", str(file), *words])
    return result.exit_code, result.output


def written(folder: Path, rules: str, **parts: str) -> Path:
    file = folder / "p.toml"
    file.write_text(policy_text(rules, **parts))
    return file


def test_check_prints_each_rules_trade_and_what_it_must_change(tmp_path: Path) -> None:
    get = "{ seats = 2, term_months = 12, referral = { count = 1, within_days = 60 } }"
    file = written(
        tmp_path,
        a_rule(get, "{ percent_off = 20 }"),
        guardrails="holdout = 0.1",
        more=MARGIN.format(percent=80),
    )
    code, printed = run(file)
    assert code == 0
    for line in (
        "for 2 or more seats: shown by the order",
        "for one referral that starts a trial: shown by a deed",
        ", within 60 days after the order",
        "gives 20% off: needs an order; handed over by a person's task",
        "billed by the month it commits to 12 months; the first one paid redeems",
        "costs 119.04 of a sale's 476.16 USD (two seats for 12 months): pays from 5.0% → 6.7%, "
        "10.0% → 13.3%, 20.0% → 26.7% (if so many buy without it); its percent off costs what "
        "2.4 extra months cost",
        "chance to know by",
        "a holdout of 9% is enough for 60%",
    ):
        assert line in printed, printed
    few = run(file, "--accounts-per-day", "40")[1]
    assert "31% with a holdout of 10%, 60% with a holdout of 39% (2.0% → 3.0%, 4,800 " in few
    assert "no holdout makes it 60%" in run(file, "--accounts-per-day", "4")[1]
    assert run(file, "--know-by", "soon")[0] == run(file, "--know-by", "2020-01-01")[0] == 2


def test_check_says_what_it_assumed_and_what_never_pays(tmp_path: Path) -> None:
    thin = written(tmp_path, a_rule(ORDER, "{ percent_off = 20 }"), more=MARGIN.format(percent=20))
    assert ": never pays; its percent off" in run(thin)[1]
    assert "margin_percent the whole price" not in run(thin)[1]
    bare = written(tmp_path, RULE)
    assert "without [value] margin_percent the whole price counts as margin" in run(bare)[1]
    service = a_rule("{ talk_to_rep = true }", '{ service = "setup" }')
    paid = written(tmp_path, service, more="[cost.service]\nsetup = 3000")
    assert "costs 30.00 USD whether or not they buy" in run(paid)[1]


def test_who_hands_over_is_who_is_connected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(
        tmp_path,
        a_rule(ORDER, '{ extra_months = 1, service = "setup" }'),
        more="[cost.service]\nsetup = 1",
    )

    def by() -> list[str]:
        (rule,) = json.loads(run(file, "--json")[1])["rules"]
        return [give["by"] for give in rule["gives"]]

    assert by() == ["a person's task", "a person's task"]
    monkeypatch.setenv("GIVEGET_STRIPE_KEY", "sk_test_12345678")
    assert by() == ["Stripe on a subscription it billed, else a person's task", "a person's task"]
    monkeypatch.setenv("GIVEGET_WEBHOOK_URL", "https://hooks.example/giveget")
    monkeypatch.setenv("GIVEGET_WEBHOOK_SECRET", "whsec_" + "QUJD" * 8)
    told = "your system, asked by webhook"
    assert by() == [f"Stripe on a subscription it billed, else {told}", told]


def test_json_tells_the_same_figures(tmp_path: Path) -> None:
    file = written(tmp_path, a_rule(ORDER, "{ extra_months = 3 }"), guardrails="holdout = 0.1")
    in_100_days = (datetime.now(UTC) + timedelta(days=100)).date().isoformat()
    answer: dict[str, Any] = json.loads(run(file, "--json", "--know-by", in_100_days)[1])
    (rule,) = answer["rules"]
    assert rule["break_even"]["rises"][1] == {"base": 0.1, "rise": pytest.approx(0.1 / 3)}
    assert rule["knowing"]["accounts"] == 4000  # of 100 a day, those 60 days old by then
    assert rule["months_of_equal_cost"] is None


def test_rules_behind_others_are_folded_into_one_line(tmp_path: Path) -> None:
    rules = "".join(
        RULE.replace("three-more", f"r{n}").replace("60", str(60 - n)) for n in (1, 2, 3)
    )
    printed = run(written(tmp_path, rules))[1]
    assert "overlap: r1-months comes before 2 others: r2-months, r3-months" in printed
    assert printed.count("overlap:") == 2


def test_a_margin_is_a_percent() -> None:
    assert default_policy().margin_percent == 80
    for wrong in ("0", "101", '"80"'):
        with pytest.raises(PolicyError):
            a_policy(more=MARGIN.format(percent=wrong))
