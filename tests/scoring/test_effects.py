from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from scoring.experiments.assignment import NotRandom, must_fit_the_plan
from scoring.experiments.differences import of_money, of_rates
from scoring.experiments.effect import read_effect
from scoring.experiments.readings import Plan, Reading, too_few_in_words
from scoring.experiments.trial import Trial

Z95 = 1.959963984540054
RNG = np.random.default_rng


def a_trial(*arms: tuple[int, int, int, int], share: float | None = None) -> Trial:
    """An arm each as (treated, controls, treated converted, controls converted)."""
    treated = np.concatenate([np.arange(a + b) < a for a, b, _, _ in arms])
    converted = np.concatenate(
        [np.r_[np.arange(a) < x, np.arange(b) < y].astype(float) for a, b, x, y in arms]
    )
    n = len(treated)
    return Trial(
        treated=treated,
        converted=converted,
        account=np.arange(n),
        accounts=n,
        control_share=None if share is None else np.full(n, share),
    )


def a_world(
    rng: np.random.Generator,
    n: int = 1040,
    *,
    share: float = 0.5,
    base: float = 0.1,
    rise: float = 0.0,
    explained: float = 0.0,
) -> Trial:
    """Accounts as they come, with a score of two values that explains so much of the outcome."""
    treated = rng.random(n) >= share
    p = np.where(treated, base + rise, base)
    score = rng.choice([-1.0, 1.0], n)
    spread = np.sqrt(explained * p * (1 - p))
    return Trial(
        treated=treated,
        converted=(rng.random(n) < p + spread * score).astype(float),
        account=np.arange(n),
        accounts=n,
        score=score if explained else None,
    )


def test_the_interval_of_two_rates_is_newcombes_own_example() -> None:
    """Newcombe 1998, table II, row (a): 56/70 against 48/80 gives 0.0524 to 0.3339."""
    found = of_rates(a_trial((70, 80, 56, 48)), Z95)

    assert found.value == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert read_effect(a_trial((70, 80, 56, 48))).verdict == "more"
    assert read_effect(a_trial((80, 70, 48, 56))).verdict == "less"


def test_money_agrees_with_scipys_welch_interval() -> None:
    trial = a_trial((120, 110, 60, 40))
    money = trial.converted * (45 + np.arange(230) % 7)
    arms = money[trial.treated], money[~trial.treated]
    theirs = stats.ttest_ind(*arms, equal_var=False).confidence_interval()

    found = of_money(replace(trial, money=money), 0.95)

    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))


def test_money_with_a_score_is_the_analysis_of_covariance_and_narrower() -> None:
    rng = RNG(12)
    trial = a_world(rng, 600, base=0.4, explained=0.3)
    assert trial.score is not None
    money = trial.converted * (100 + 30 * trial.score + rng.normal(0, 10, 600))
    design = np.column_stack([np.ones(600), trial.treated, trial.score])
    theirs = np.linalg.lstsq(design, money, rcond=None)[0][1]

    found = of_money(replace(trial, money=money), 0.95)
    plain = of_money(replace(trial, money=money, score=None), 0.95)

    assert found.value == pytest.approx(theirs)
    for each in (found, plain):
        assert each.low is not None
        assert each.high is not None
    assert found.high - found.low < 0.9 * (plain.high - plain.low)


def test_money_of_accounts_written_often_is_as_unsure_as_written_once() -> None:
    once = a_world(RNG(13), 300, base=0.4)
    money = once.converted * RNG(1).normal(100, 20, 300)
    often = Trial(
        treated=np.repeat(once.treated, 4),
        converted=np.repeat(once.converted, 4),
        account=np.repeat(once.account, 4),
        accounts=300,
        is_clustered=True,
        money=np.repeat(money, 4),
    )

    one, four = of_money(replace(once, money=money), 0.95), of_money(often, 0.95)

    assert (four.value, four.low, four.high) == pytest.approx((one.value, one.low, one.high))


def test_money_without_payers_or_without_a_spread_has_no_limits() -> None:
    few = a_trial((100, 100, 50, 5))
    same = a_trial((100, 100, 100, 100))

    assert of_money(replace(few, money=few.converted * 7), 0.95).why == (
        "only 5 accounts of one group paid; each needs 10"
    )
    assert of_money(replace(same, money=np.full(200, 5.0)), 0.95).why == (
        "every account brought the same"
    )


def test_arms_are_compared_within_equal_chances_only() -> None:
    """A holdout that was cut when business got better would else look like an effect."""
    trial = a_trial((500, 500, 25, 25), (900, 100, 180, 20))
    shares = np.repeat([0.5, 0.1], 1000)

    assert of_rates(replace(trial, control_share=shares), Z95).value == pytest.approx(0)
    naive = of_rates(trial, Z95)
    assert naive.low is not None
    assert naive.low > 0


def test_a_score_narrows_the_interval_and_takes_out_an_imbalance() -> None:
    rng = RNG(3)
    trial = a_world(rng, 2000, base=0.3, explained=0.2)
    assert trial.score is not None
    lucky = trial.take(trial.treated | (trial.score < 0) | (rng.random(2000) < 0.3))

    without = of_rates(replace(lucky, score=None), Z95)
    adjusted = of_rates(lucky, Z95)

    for found in (without, adjusted):
        assert found.value is not None
        assert found.low is not None
        assert found.high is not None
    assert without.low > 0.02
    assert adjusted.low < 0 < adjusted.high
    assert adjusted.high - adjusted.low < 0.95 * (without.high - without.low)


def test_the_slope_of_a_score_is_that_of_least_squares_with_the_arm() -> None:
    """The adjusted difference is the arm's coefficient of an analysis of covariance."""
    trial = a_world(RNG(8), 400, share=0.3, base=0.4, rise=0.1, explained=0.3)
    assert trial.score is not None
    design = np.column_stack([np.ones(400), trial.treated, trial.score])
    theirs = np.linalg.lstsq(design, trial.converted, rcond=None)[0][1]

    assert of_rates(trial, Z95).value == pytest.approx(theirs)


def test_a_score_that_says_nothing_changes_nothing() -> None:
    trial = a_world(RNG(1), 300)

    assert of_rates(replace(trial, score=np.full(300, 7.0)), Z95) == of_rates(trial, Z95)


def test_rows_of_one_account_are_one_piece_of_evidence() -> None:
    """Each account's row written five times says what it says once."""
    once = a_world(RNG(5), 400, base=0.3, rise=0.1)
    often = Trial(
        treated=np.repeat(once.treated, 5),
        converted=np.repeat(once.converted, 5),
        account=np.repeat(once.account, 5),
        accounts=400,
        is_clustered=True,
    )

    one, five = of_rates(once, Z95), of_rates(often, Z95)

    assert five.value == pytest.approx(one.value)
    assert (five.low, five.high) == pytest.approx((one.low, one.high), abs=2e-3)
    assert often.least_accounts() == once.least_accounts()


def test_accounts_of_one_row_each_are_read_as_rows() -> None:
    trial = a_world(RNG(6), 500)

    assert of_rates(replace(trial, is_clustered=True), Z95) == of_rates(trial, Z95)


def test_the_earliest_of_many_readings_have_limits_with_few_accounts_too() -> None:
    account = np.arange(3000) // 3
    rng = RNG(7)
    trial = Trial(
        treated=(rng.random(1000) < 0.5)[account],
        converted=(rng.random(3000) < 0.3).astype(float),
        account=account,
        accounts=1000,
        is_clustered=True,
    )

    found = read_effect(trial, Plan(readings=20, planned=1000))

    told = [each for each in found.readings if each.low is not None and each.high is not None]
    assert len(told) >= 19
    assert all(-1 <= each.low <= each.high <= 1 for each in told)
    assert found.verdict == "undecided"


def test_the_interval_holds_the_truth_when_people_of_a_company_decide_alike() -> None:
    rng, held, worlds = RNG(9), 0, 300
    for _ in range(worlds):
        account = np.repeat(np.arange(150), rng.integers(1, 9, 150))
        treated = rng.random(150) < 0.5
        own = rng.beta(1, 4, 150)
        trial = Trial(
            treated=treated[account],
            converted=(rng.random(len(account)) < own[account]).astype(float),
            account=account,
            accounts=150,
            is_clustered=True,
        )
        found = of_rates(trial, Z95)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0 <= found.high

    assert 0.92 <= held / worlds <= 0.98


@pytest.mark.parametrize(
    ("controls", "of", "share", "said"),
    [(0, 0, 0.5, "without a holdout"), (0, 500, 0.1, "0 of 500"), (100, 500, 0.1, "100 of 500")],
)
def test_what_was_not_drawn_as_planned_is_refused(
    controls: int, of: int, share: float, said: str
) -> None:
    with pytest.raises(NotRandom, match=said):
        must_fit_the_plan(np.arange(of) < controls, np.full(of, share))


def test_below_20_accounts_an_arm_it_is_too_early_whatever_they_say() -> None:
    few = read_effect(a_trial((19, 500, 19, 0)))

    assert (few.verdict, few.why) == (
        "too early",
        "the smaller group has 19 accounts; each needs 20",
    )
    assert few.conversion.low is not None
    assert few.conversion.low > 0.5


# ------------------------------------------------------------------ readings


def test_a_verdict_falls_on_a_reading_only() -> None:
    """19 controls at the first reading, 21 at the second; all the rest is clear at once."""
    trial = a_trial((250, 19, 250, 0), (250, 2, 250, 0))
    plan = Plan(readings=4, planned=1076)

    before = read_effect(trial.first(268), plan)
    at_first = read_effect(trial.first(269), plan)
    between = read_effect(trial.first(520), plan)
    later = read_effect(trial, Plan(readings=4, planned=2084))

    assert (before.verdict, before.why) == (
        "too early",
        "the smaller group has 18 accounts; each needs 20",
    )
    assert [each.reached for each in at_first.readings] == [True, False, False, False]
    assert (at_first.verdict, at_first.readings[0].low) == ("too early", None)
    assert between.verdict == "too early"
    assert (later.verdict, later.readings[0].accounts, later.next_reading) == (
        "more",
        521,
        later.readings[1],
    )


def test_a_crossed_limit_stays_crossed() -> None:
    trial = a_trial((100, 100, 90, 10), (300, 300, 30, 300))

    found = read_effect(trial, Plan(readings=2, planned=400))

    assert [each.crossed for each in found.readings] == [True, True]
    assert found.verdict == "more"
    assert found.conversion.high is not None
    assert found.conversion.high < 0
    assert found.readings[1].high is not None


def test_a_reading_that_was_taken_stays_whatever_becomes_of_the_rows() -> None:
    """It crossed before; without it, these rows would say nothing."""
    trial = a_trial(*[(5, 5, 2, 2)] * 30)
    plan = Plan(readings=4, planned=400)
    first = Reading(accounts=100, reached=True, low=0.02, high=0.5)

    without, found = read_effect(trial, plan), read_effect(trial.first(90), plan, {100: first})

    assert (without.verdict, found.verdict) == ("undecided", "more")
    assert [each.crossed for each in found.readings] == [True, False, False, False]
    assert [each.reached for each in found.readings] == [True, False, False, False]
    assert found.readings[0].low == 0.02
    later = read_effect(trial, plan, {100: first})
    assert [each.crossed for each in later.readings] == [True, True, True, False]
    assert later.readings[1:] == tuple(
        replace(each, crossed=each.reached) for each in without.readings[1:]
    )


def test_readings_that_are_over_with_too_few_accounts_in_an_arm_are_said_to_be() -> None:
    """The planned accounts are there, and later ones fill the arm: no reading is to come."""
    trial = a_trial((90, 10, 9, 1), (10, 30, 1, 3))

    found = read_effect(trial, Plan(readings=2, planned=100))

    assert found.verdict == "too early"
    assert found.why == (
        "the planned readings are over, each with fewer than 20 accounts in one of the two groups"
    )
    assert [each.fewest for each in found.readings] == [0, 10]
    assert too_few_in_words(found.readings[1]) == (
        "one of the two groups had only 10 accounts; each needs 20"
    )
    taken_before = Reading(accounts=100, reached=True)
    assert read_effect(trial, Plan(readings=1, planned=100), {100: taken_before}).readings == (
        replace(taken_before, fewest=10),
    )
    assert found.next_reading is None
    assert found.conversion.low is not None


def test_more_accounts_than_planned_add_no_reading() -> None:
    trial = a_trial(*[(5, 5, 2, 2)] * 40, (5000, 5000, 3000, 1500))

    found = read_effect(trial, Plan(readings=4, planned=400))

    assert (found.verdict, found.next_reading) == ("undecided", None)
    assert found.why == "no reading has crossed its limits"
    assert [each.accounts for each in found.readings] == [100, 200, 300, 400]


def test_the_readings_limits_are_wider_than_the_interval_and_narrow_to_the_last() -> None:
    trial = a_world(RNG(2), 1000)

    found = read_effect(trial, Plan(readings=4, planned=1000))

    widths = [r.high - r.low for r in found.readings if r.low is not None and r.high is not None]
    assert found.conversion.low is not None
    assert found.conversion.high is not None
    shown = found.conversion.high - found.conversion.low
    assert len(widths) == 4
    assert widths == sorted(widths, reverse=True)
    assert shown < widths[-1] < 1.04 * shown


def test_looking_every_week_says_what_looking_at_the_end_says() -> None:
    """So that the worlds below may be read once, at their end."""
    plan = Plan(readings=4, planned=1040)
    for seed in range(8):
        trial = a_world(RNG(seed), rise=0.08)
        weekly = [read_effect(trial.first(40 * week), plan) for week in range(1, 27)]
        verdicts = [each.verdict for each in weekly if each.verdict in ("more", "less")]

        assert set(verdicts) <= {weekly[-1].verdict}
        assert weekly[-1].verdict in verdicts or not verdicts
        assert all(each.verdict == "too early" for each in weekly[:6])


@pytest.mark.parametrize(("readings", "planned"), [(0, 100), (51, 1000), (4, 3), (-1, 10)])
def test_a_plan_that_cannot_be_kept_is_refused(readings: int, planned: int) -> None:
    with pytest.raises(ValueError, match="readings"):
        Plan(readings=readings, planned=planned)


# ------------------------------------------------------------------ worlds


@pytest.mark.parametrize("explained", [0.0, 0.2])
@pytest.mark.parametrize("share", [0.1, 0.2, 0.5])
def test_without_an_effect_a_verdict_is_as_rare_as_it_says(share: float, explained: float) -> None:
    """1,000 worlds of 26 weeks; `make bench ARGS=effects` reads 10,000."""
    rng, plan, worlds = RNG(26), Plan(readings=4, planned=1040), 1_000
    false = held = 0
    for _ in range(worlds):
        found = read_effect(a_world(rng, share=share, explained=explained, base=0.2), plan)
        false += found.verdict in ("more", "less")
        assert found.conversion.low is not None
        assert found.conversion.high is not None
        held += found.conversion.low <= 0 <= found.conversion.high

    by_chance = 2.33 * np.sqrt(0.05 * 0.95 / worlds)  # one in a hundred seeds is further off
    assert false / worlds <= 0.05 + by_chance
    assert 0.93 - by_chance <= held / worlds <= 0.97 + by_chance


@pytest.mark.parametrize(("share", "least"), [(0.1, 0.6), (0.2, 0.85)])
def test_ten_points_are_found_in_26_weeks_of_40_accounts(share: float, least: float) -> None:
    rng, plan = RNG(10), Plan(readings=4, planned=1040)

    found = [read_effect(a_world(rng, share=share, rise=0.1), plan).verdict for _ in range(400)]

    assert found.count("more") / 400 >= least
    assert found.count("less") == 0


def test_a_score_that_explains_a_fifth_narrows_by_at_least_8_percent() -> None:
    rng, plan, widths = RNG(11), Plan(readings=4, planned=1040), {True: 0.0, False: 0.0}
    for _ in range(100):
        world = a_world(rng, base=0.3, explained=0.2)
        for has_score, trial in ((True, world), (False, replace(world, score=None))):
            last = read_effect(trial, plan).readings[-1]
            assert last.low is not None
            assert last.high is not None
            widths[has_score] += last.high - last.low

    assert widths[True] / widths[False] <= 0.92
