from __future__ import annotations

import random

import pytest

from scoring.experiments.conversion_lift import NotRandom, Sample, effect


def an_arm(
    arm: str, n: int, converted: int, *, share: float = 0.5, each: float = 0
) -> list[Sample]:
    return [
        Sample(
            arm=arm,  # type: ignore[arg-type]  # one of two
            control_share=share,
            converted=number < converted,
            money=each + number % 7 if number < converted else 0.0,
        )
        for number in range(n)
    ]


def test_the_interval_of_two_rates_is_newcombes_own_example() -> None:
    """Newcombe 1998, table II, row (a): 56/70 against 48/80 gives 0.0524 to 0.3339."""
    found = effect([*an_arm("offer", 70, 56), *an_arm("control", 80, 48)]).conversion

    assert found.value == pytest.approx(0.2)
    assert (found.low, found.high) == (
        pytest.approx(0.0524, abs=5e-5),
        pytest.approx(0.3339, abs=5e-5),
    )
    assert found.verdict == "more"


def test_money_agrees_with_scipys_welch_interval() -> None:
    from scipy import stats

    samples = [*an_arm("offer", 120, 60, each=50), *an_arm("control", 110, 40, each=45)]
    money = [[s.money for s in samples if s.arm == arm] for arm in ("offer", "control")]
    theirs = stats.ttest_ind(*money, equal_var=False).confidence_interval()

    found = effect(samples).money

    assert (found.low, found.high) == (pytest.approx(theirs.low), pytest.approx(theirs.high))


def test_a_planted_rise_is_found_and_no_rise_is_undecided() -> None:
    rng = random.Random(4)

    def drawn(rise: float) -> list[Sample]:
        samples = []
        for _ in range(6000):
            arm = "control" if rng.random() < 0.3 else "offer"
            converted = rng.random() < 0.05 + (rise if arm == "offer" else 0)
            money = 1000.0 + rng.gauss(0, 100) if converted else 0.0
            samples.append(
                Sample(arm=arm, control_share=0.3, converted=converted, money=money)  # type: ignore[arg-type]  # one of two
            )
        return samples

    found, nothing = effect(drawn(0.05)), effect(drawn(0.0))

    assert (found.conversion.verdict, found.money.verdict) == ("more", "more")
    assert found.conversion.low is not None
    assert found.conversion.high is not None
    assert found.conversion.low < 0.05 < found.conversion.high
    assert (nothing.conversion.verdict, nothing.money.verdict) == ("undecided", "undecided")


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = random.Random(1)
    held = 0
    for _ in range(400):
        arms = {
            arm: sum(rng.random() < p for _ in range(100)) for arm, p in (("o", 0.1), ("c", 0.05))
        }
        found = effect([*an_arm("offer", 100, arms["o"]), *an_arm("control", 100, arms["c"])])
        assert found.conversion.low is not None
        assert found.conversion.high is not None
        held += found.conversion.low <= 0.05 <= found.conversion.high

    assert 0.92 <= held / 400 <= 0.99


def test_arms_are_compared_within_equal_chances_only() -> None:
    """A holdout that was cut when business got better would else look like an effect."""
    before = [*an_arm("offer", 500, 25), *an_arm("control", 500, 25)]
    after = [*an_arm("offer", 900, 180, share=0.1), *an_arm("control", 100, 20, share=0.1)]

    found = effect([*before, *after])

    assert found.conversion.value == pytest.approx(0)
    assert found.offered_converted / found.offered > found.controls_converted / found.controls


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        ([], "without a holdout"),
        (an_arm("offer", 500, 50, share=0), "without a holdout"),
        (an_arm("offer", 500, 50, share=0.1), "0 of 500 accounts are controls where 10%"),
        (
            [*an_arm("offer", 400, 1, share=0.1), *an_arm("control", 100, 1, share=0.1)],
            "100 of 500",
        ),
    ],
)
def test_what_was_not_drawn_by_chance_is_refused(samples: list[Sample], said: str) -> None:
    with pytest.raises(NotRandom, match=said):
        effect(samples)


def test_too_little_is_undecided_and_says_what_is_missing() -> None:
    few = effect([*an_arm("offer", 10, 9), *an_arm("control", 10, 1)])
    poor = effect([*an_arm("offer", 100, 50), *an_arm("control", 100, 5)])

    assert (few.conversion.verdict, few.conversion.value) == ("undecided", None)
    assert poor.conversion.verdict == "more"
    assert (poor.money.verdict, poor.money.why) == ("undecided", "fewer than 10 payers in an arm")
