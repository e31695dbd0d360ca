"""Our score beside theirs: shares held with ties in no order, and intervals that cover."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scoring.errors import DataError
from scoring.evaluation.against import against, decimal_of, their_scores
from scoring.evaluation.metrics import auc
from scoring.files.export import read_export
from scoring.files.numbers import Decimal
from scoring.files.reading import Asked


def world(leads: int, noise: tuple[float, float], seed: int) -> tuple[np.ndarray, ...]:
    """Outcomes, and two scores that know the truth but for so much noise."""
    chance = np.random.default_rng(seed)
    truth = chance.normal(size=leads)
    y = (chance.random(leads) < 1 / (1 + np.exp(1.2 - 1.5 * truth))).astype(np.int64)
    return y, *(truth + amount * chance.normal(size=leads) for amount in noise)


def test_the_share_held_by_the_best_fifth_is_counted() -> None:
    y = np.array([1, 1, 0, 0, 1, 0, 0, 0, 1, 0])
    ours = np.array([9, 8, 7, 6, 5, 4, 3, 2, 1, 0.0])
    found = against(y, ours, -ours)
    fifth = next(held for held in found.held if held.part == 0.2)
    assert (fifth.ours, fifth.theirs) == (0.5, 0.25)
    assert found.sentences()[0].startswith(
        "Of 100 buyers, the best 20% of the leads held: theirs 25, ours 50; difference +25"
    )


def test_equal_scores_hold_what_a_random_order_would() -> None:
    y = np.array([1, 0] * 50)
    found = against(y, np.arange(100.0), np.zeros(100))
    for held in found.held:
        assert held.theirs == pytest.approx(held.part)
    assert found.theirs == 0.5


def test_the_figures_are_those_of_the_metrics() -> None:
    y, ours, theirs = world(3000, (0.3, 2.0), seed=5)
    rounded = np.round(theirs, 1)
    found = against(y, ours, rounded)
    assert found.ours == pytest.approx(auc(y, ours))
    assert found.theirs == pytest.approx(auc(y, rounded))


def test_the_interval_covers_the_planted_difference() -> None:
    """90 of 100 at least, the truth measured on a world of 400,000 leads."""
    y, ours, theirs = world(400_000, (0.5, 1.2), seed=999)
    best = [score >= np.quantile(score, 0.8) for score in (ours, theirs)]
    truth = float((y[best[0]].sum() - y[best[1]].sum()) / y.sum())
    covered = 0
    for seed in range(100):
        found = against(*world(500, (0.5, 1.2), seed))
        low, high = next(held.difference for held in found.held if held.part == 0.2)
        covered += low <= truth <= high
    assert covered >= 90


def test_one_kind_of_outcome_compares_nothing() -> None:
    with pytest.raises(DataError, match="of 3 leads 0 converted"):
        against(np.zeros(3, dtype=np.int64), np.arange(3.0), np.arange(3.0))


def held_in(folder: Path, *cells: str, decimal: Decimal | None = None) -> list[float]:
    """The scores of a file of these cells."""
    path = folder / "leads.csv"
    path.write_text("id;theirs\n" + "".join(f"{i};{cell}\n" for i, cell in enumerate(cells)))
    export = read_export(path)
    form = decimal_of(export, "theirs", Asked(decimal=decimal))
    scores: list[float] = their_scores(export, "theirs", form).tolist()
    return scores


@pytest.mark.parametrize(
    ("cells", "scores"),
    [
        (["35,2", "7,25", "100"], [35.2, 7.25, 100.0]),
        (["35.2%", "7.25 %", "100%"], [35.2, 7.25, 100.0]),
        (["1,234.5", "12", "10,000.25"], [1234.5, 12.0, 10000.25]),
        (["1.234,5", "12", "-"], [1234.5, 12.0, np.nan]),
        (["0.352", "1e-3", "7"], [0.352, 0.001, 7.0]),
    ],
)
def test_a_score_is_read_as_training_reads_numbers(
    tmp_path: Path, cells: list[str], scores: list[float]
) -> None:
    assert held_in(tmp_path, *cells) == pytest.approx(scores, nan_ok=True)


def test_a_score_that_reads_two_ways_asks_for_the_decimal_sign(tmp_path: Path) -> None:
    cells = ("1,234", "2,500")
    with pytest.raises(DataError, match=r"reads two ways: .*--decimal comma or --decimal point"):
        held_in(tmp_path, *cells)
    assert held_in(tmp_path, *cells, decimal="comma") == [1.234, 2.5]
    assert held_in(tmp_path, *cells, decimal="point") == [1234.0, 2500.0]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["hot", "warm", "12"], '2 of 3 cells of "theirs" are no numbers'),
        (["n/a", "?", "4"], '2 of 3 cells of "theirs" are no numbers'),
        (["50", "50.0", "-", "50"], '"theirs" is the same number for every lead compared, so'),
    ],
)
def test_what_ranks_nobody_is_no_score(tmp_path: Path, cells: list[str], said: str) -> None:
    with pytest.raises(DataError, match=said):
        held_in(tmp_path, *cells)


def test_a_score_whose_lowest_number_is_the_best_is_said_to_be_upside_down() -> None:
    y, ours, theirs = world(600, (0.5, 0.7), 3)
    assert not against(y, ours, theirs).is_reversed
    turned = against(y, ours, -theirs)
    assert turned.is_reversed
    assert turned.sentences()[-1].startswith("Their score ranks buyers last")
    noise = np.random.default_rng(5).normal(size=600)
    assert not against(y, ours, noise).is_reversed
