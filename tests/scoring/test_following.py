"""The base follows the settled outcomes, sees none before its time, and only where it pays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq

from scoring.errors import DataError
from scoring.evaluation.following import follow, moved_by, unsettled
from scoring.evaluation.metrics import log_loss
from scoring.evaluation.selection import Trial, choose, judged
from scoring.files.export import Export, read_export
from scoring.learners.candidates import Logistic
from scoring.model.following import RIDGE, FollowingBase, missing_shift
from scoring.model.model import Model
from scoring.model.points import HUNDREDTHS_PER_LOGIT, hundredths, probabilities
from scoring.model.schema import Schema
from scoring.model.tables import TableModel
from tests.support.scoring_data import a_dataset


def outcomes(rate: float, rows: int, seed: int = 3) -> np.ndarray:
    return (np.random.default_rng(seed).random(rows) < rate).astype(np.int64)


def test_the_shift_meets_what_came_and_few_leads_move_it_little() -> None:
    scores = np.full(20_000, hundredths(0.1))
    y = outcomes(0.3, 20_000)
    moved = probabilities(scores + missing_shift(scores, y))
    assert moved.mean() == pytest.approx(y.mean(), abs=0.002)
    few = missing_shift(scores[:5], np.ones(5, dtype=np.int64))
    assert 0 < few < missing_shift(scores, y)


@pytest.mark.parametrize("said", [-7.0, -4.0, 0.0, 5.0])
@pytest.mark.parametrize("came", [0.02, 0.5, 0.9])
@pytest.mark.parametrize("rows", [5, 144, 5000])
def test_the_shift_is_found_however_far_the_outcomes_are(
    said: float, came: float, rows: int
) -> None:
    rng = np.random.default_rng(rows)
    scores = np.rint((said + 1.5 * rng.normal(size=rows)) * HUNDREDTHS_PER_LOGIT).astype(np.int64)
    y = outcomes(came, rows)

    def missing(logits: float) -> float:
        p = 1 / (1 + np.exp(-(scores / HUNDREDTHS_PER_LOGIT + logits)))
        return float((y - p).sum()) - RIDGE * logits

    expected = brentq(missing, -60, 60) * HUNDREDTHS_PER_LOGIT
    assert missing_shift(scores, y) == pytest.approx(expected, abs=2)


def test_no_score_knows_its_own_or_a_later_outcome_nor_one_not_settled() -> None:
    scores, y = np.full(1000, hundredths(0.2)), outcomes(0.5, 1000)
    base, lead = FollowingBase(half_life=100, lag=30), np.arange(1000)
    known = base.followed(scores, y, lead)
    later = np.where(lead >= 570, 1 - y, y)
    again = base.followed(scores, later, lead)
    assert (known[:600] == again[:600]).all()
    assert (known[650:] != again[650:]).any()
    assert (known[:50] == scores[:50]).all(), "nothing was settled yet"


def test_the_rows_of_a_lead_move_together_and_its_first_one_teaches() -> None:
    lead = np.repeat(np.arange(400), 2)
    scores, y = np.full(800, hundredths(0.2)), np.repeat(outcomes(0.5, 400), 2)
    base = FollowingBase(half_life=100)
    moved = base.followed(scores, y, lead)
    assert (moved[::2] == moved[1::2]).all()
    assert (moved[::2] == base.followed(scores[::2], y[::2], np.arange(400))).all()


def test_following_is_chosen_where_the_rate_swings_and_helps_the_leads_to_come() -> None:
    data = a_dataset(4000, weight=1.0)
    swing = 1.5 * np.sin(np.arange(4000) / 200)
    drawn = np.random.default_rng(8).random(4000)
    odds = np.exp(-1 + swing + data.columns["x0"].values)  # type: ignore[union-attr]
    data = replace(data, y=(drawn < odds / (1 + odds)).astype(np.int64))
    followed = follow(choose(data, [Logistic()]).trials[0], unsettled(data))
    assert followed.base is not None
    newest = data.between(0.8, 1)
    scores = Logistic().fit(data.between(0, 0.8)).score(newest.columns, len(newest.y))
    moved = followed.base.followed(scores, newest.y, newest.lead)
    still, now = (log_loss(newest.y, probabilities(s)) for s in (scores, moved))
    assert now < still - 0.02


def test_where_the_rate_held_a_small_price_is_paid_and_a_market_that_moves_then_costs_less() -> (
    None
):
    data = a_dataset(6000, weight=1.0)
    odds = np.exp(-1 + data.columns["x0"].values)  # type: ignore[union-attr]
    odds[4800:] *= 5  # the market moves when the slices are over
    drawn = np.random.default_rng(9).random(6000)
    data = replace(data, y=(drawn < odds / (1 + odds)).astype(np.int64))
    followed = follow(choose(data, [Logistic()]).trials[0], unsettled(data))
    assert followed.base is not None
    assert "would have cost" in followed.sentence
    newest = data.between(0.8, 1)
    scores = Logistic().fit(data.between(0, 0.8)).score(newest.columns, len(newest.y))
    moved = followed.base.followed(scores, newest.y, newest.lead)
    still, now = (log_loss(newest.y, probabilities(s)) for s in (scores, moved))
    assert now < still - 0.05


def test_a_base_that_would_cost_more_than_the_price_stays() -> None:
    leads = 40  # so few that following is noise
    scores = tuple(np.full(leads, hundredths(0.05)) for _ in range(5))
    labels = tuple((np.arange(leads) < leads // 20).astype(np.int64) for _ in scores)
    slices = tuple(judged(0.4, 0.5, y, s) for s, y in zip(scores, labels, strict=True))
    places = tuple(np.arange(leads) + leads * i for i in range(5))
    trial = Trial(name="x", slices=slices, scores=scores, labels=labels, leads=places)
    followed = follow(trial, 0)
    assert followed.base is None
    assert "the base stays" in followed.sentence


def test_a_lead_whose_horizon_crosses_the_border_is_not_settled_there() -> None:
    day = 86_400_000_000
    settled = (np.arange(1000) // 10 + 7) * day
    data = replace(a_dataset(1000, weight=1.0), settled_us=settled, horizon_us=7 * day)
    assert 60 <= unsettled(data) <= 70


def a_model(horizon_days: float | None) -> Model:
    following = None if horizon_days is None else {"half_life": 200, "horizon_days": horizon_days}
    return Model.assembled(
        kind="base rate",
        verdict="skill",
        why="for tests",
        table_model=TableModel(hundredths(0.1), ()),
        features=(),
        schema=Schema(fields={"at": "signed_up_at"}, time_column="at", target_column="won"),
        facts={"following": following},
    )


@pytest.fixture
def export(tmp_path: Path) -> Export:
    """A lead a day, newest first; who is older than the last 30 days converted."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [f"{(start + timedelta(days=i)).isoformat()},{int(i < 70)}" for i in range(100)]
    path = tmp_path / "leads.csv"
    path.write_text("at,won\n" + "\n".join(reversed(rows)) + "\n")
    return read_export(path)


def test_only_settled_outcomes_move_the_base_of_a_model(export: Export) -> None:
    y = np.array([int(value) for value in export.columns["won"]])  # type: ignore[arg-type]
    settled, sentence = moved_by(a_model(30), {}, export, y)
    every, _ = moved_by(a_model(0), {}, export, y)
    shift = settled.table_model.base - hundredths(0.1)
    assert sentence.startswith("The base follows 70 settled outcomes of leads up to 11 March 2026")
    assert f"{shift / 100:+.2f} points" in sentence
    assert shift > every.table_model.base - hundredths(0.1) > 0


def test_a_base_that_cost_too_much_stays_and_says_so(export: Export) -> None:
    with pytest.raises(DataError, match="cost too much on its older slices; score without --base"):
        moved_by(a_model(None), {}, export, np.zeros(100, dtype=np.int64))
