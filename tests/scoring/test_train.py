from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scoring.dataset.dataset import CUTS, TRAIN_SHARE
from scoring.evaluation.metrics import log_loss
from scoring.evaluation.recalibration import Recalibration, recalibrate
from scoring.evaluation.selection import choose, chosen
from scoring.evaluation.tuning import Budget
from scoring.learners.candidates import BaseRate, Logistic
from scoring.model.points import probabilities
from scoring.report.report import render_report
from scoring.training.train import Trained, train
from service.demo.simulate import Trial
from tests.support.scoring_data import SCHEMA, a_dataset, trained_on


def test_a_planted_truth_is_found_and_approached(trained: Trained, trials: list[Trial]) -> None:
    served = next(j for j in trained.judged if j.is_served)
    y = trained.newest.y
    leads = len(trained.data.y)
    truth = np.array([t.probability for t in trials[leads - len(y) : leads]])
    best = float(-np.where(y == 1, np.log(truth), np.log(1 - truth)).mean())
    base = next(j for j in trained.judged if j.name == "base rate")
    assert trained.model.verdict == "skill"
    assert best < served.log_loss < base.log_loss


def test_columns_without_signal_give_no_skill_and_the_scorecard() -> None:
    trained = trained_on(a_dataset(1000, weight=0.0))
    assert trained.model.verdict == "no skill"
    assert trained.model.kind == "scorecard"
    assert "nothing is shown to beat it" in trained.model.why


def test_a_moved_base_rate_is_said_in_words() -> None:
    trained = trained_on(a_dataset(1500, weight=1.0, late_shift=1.5))
    assert any("The base rate moved, 2" in s and "ranks hold" in s for s in trained.sentences)


def test_without_an_order_the_report_says_that_time_was_not_tested() -> None:
    trained = trained_on(replace(a_dataset(600, weight=1.0), is_ordered=False))
    assert any("No --time" in sentence for sentence in trained.sentences)


def test_the_choice_never_sees_the_newest_fifth() -> None:
    data = a_dataset(1000, weight=1.0)
    spoilt = replace(data, y=np.where(np.arange(1000) >= 800, 1 - data.y, data.y))
    chosen = [choose(d, [Logistic(), BaseRate()]) for d in (data, spoilt)]
    assert [s.log_loss for t in chosen[0].trials for s in t.slices] == [
        s.log_loss for t in chosen[1].trials for s in t.slices
    ]


def test_a_candidate_that_knows_nothing_has_no_vote() -> None:
    choice = choose(a_dataset(2000, weight=2.0), [BaseRate(), Logistic()])
    assert choice.winner == "logistic"
    assert choice.shares == {"logistic": 1.0}
    noise = choose(a_dataset(2000, weight=0.0), [BaseRate(), Logistic()])
    assert noise.shares.get("base rate", 0) >= 0.5


def test_candidates_that_err_differently_share_the_votes_and_do_better_together() -> None:
    data = a_dataset(3000, weight=1.0)
    trial = choose(data, [Logistic()]).trials[0]
    chance = np.random.default_rng(0)
    one, other = (
        replace(
            trial,
            name=name,
            scores=tuple(s + chance.normal(0, 2000, len(s)).astype(np.int64) for s in trial.scores),
            slices=tuple(replace(s, log_loss=s.log_loss + 1) for s in trial.slices),
        )
        for name in ("one", "other")
    )
    choice = chosen([one, other])
    assert set(choice.shares) == {"one", "other"}
    assert sum(choice.shares.values()) == pytest.approx(1)
    y = np.concatenate(trial.labels)
    losses = [
        log_loss(y, probabilities(np.concatenate(t.scores)))
        for t in (choice.trial("blend"), one, other)
    ]
    assert losses[0] < min(losses[1:])


def test_a_slice_follows_its_past_for_as_long_as_the_newest_fifth_does() -> None:
    slices = a_dataset(1000, weight=1.0).slices()
    assert [round((last - first) / first, 3) for first, last in slices] == [0.25] * len(CUTS)
    assert max(last for _, last in slices) == TRAIN_SHARE


def test_a_good_calibration_is_left_alone_and_a_bad_one_mended() -> None:
    data = a_dataset(4000, weight=1.5)
    trial = choose(data, [Logistic()]).trials[0]
    overconfident = replace(trial, scores=tuple(3 * s for s in trial.scores))
    assert recalibrate(trial) is None
    mended = recalibrate(overconfident)
    assert mended is not None
    assert mended.slope == pytest.approx(1 / 3, abs=0.06)


def test_recalibrating_turns_the_scores_and_leaves_their_mean_probability() -> None:
    data = a_dataset(3000, weight=2.0)
    model = Logistic().fit(data)
    before = model.score(data.columns, len(data.y))
    after = Recalibration(slope=0.5).apply(model, data).score(data.columns, len(data.y))
    assert after.std() == pytest.approx(before.std() / 2, rel=0.01)
    means = [float(probabilities(scores).mean()) for scores in (before, after)]
    assert means[1] == pytest.approx(means[0], abs=1e-4)


def test_slices_of_a_rising_market_do_not_teach_a_higher_rate() -> None:
    data = a_dataset(6000, weight=1.5)
    rising = np.linspace(-1.5, 1.5, 6000)
    chance = np.random.default_rng(4).random(6000)
    odds = np.exp(-1 + rising + 1.5 * data.columns["x0"].values)  # type: ignore[union-attr]
    data = replace(data, y=(chance < odds / (1 + odds)).astype(np.int64))
    trial = choose(data, [Logistic()]).trials[0]
    scores = trial.scores[-1]
    moved = Recalibration(slope=1.2).of(scores)
    assert probabilities(moved).mean() == pytest.approx(probabilities(scores).mean(), abs=1e-4)
    learnt = recalibrate(trial)
    assert learnt is None or learnt.slope == pytest.approx(1, abs=0.2)


def test_training_twice_gives_the_same_model() -> None:
    data = a_dataset(700, weight=1.0)
    assert trained_on(data).model.id == trained_on(data).model.id


def test_a_row_whose_horizon_reaches_over_a_border_does_not_teach_before_it() -> None:
    day = 86_400_000_000
    signed_up = np.arange(1000) * day // 10  # ten leads a day
    data = replace(a_dataset(1000, weight=1.0), settled_us=signed_up + 7 * day, horizon_us=7 * day)
    past = data.past(0.5)
    border = signed_up[500]
    assert past.lead.max() == 430
    assert past.settled_us is not None
    assert past.settled_us.max() <= border
    assert len(data.between(0, 0.5).y) == 500, "nothing else looks at the horizon"
    sentences = trained_on(data).sentences
    assert any("69 taught nothing for this judgement" in sentence for sentence in sentences)


def test_rows_are_said_beside_the_leads_they_are_of() -> None:
    data = a_dataset(1000, weight=1.0)
    assert "Judged on the newest 200 rows, out of 1,000 rows; no choice saw them." in (
        trained_on(data).sentences
    )

    sentences = trained_on(replace(data, lead=data.lead // 4)).sentences

    assert (
        "Judged on the newest 200 rows of 50 leads, out of 1,000 rows of 250 leads; no choice saw "
        "them."
    ) in sentences
    assert any("at its sign-up and one more 1, 3, 7 and 14 days later" in s for s in sentences)


def test_without_settling_times_every_older_row_teaches() -> None:
    data = a_dataset(1000, weight=1.0)
    assert len(data.past(0.5).y) == 500


def test_what_the_score_is_worth_is_said_in_plain_words(trained: Trained) -> None:
    outranks, calls = trained.model.facts["in_words"]
    served = next(j for j in trained.judged if j.is_served)
    low, high = served.auc_interval
    assert outranks == (
        f"A buyer outranks a non-buyer {served.auc:.0%} of the time ({low:.0%}–{high:.0%}), "
        "measured on leads newer than any it learnt from."
    )
    p, y = trained.predictions[served.name], trained.newest.y
    best = np.argsort(-p, kind="stable")[: round(0.2 * len(p))]
    assert calls == f"Call the best 20% and you meet {y[best].sum() / y.sum():.0%} of the buyers."
    page = render_report(trained, title="t")
    assert page.index(outranks) < page.index("<svg") < page.index("<h2>Method</h2>")


def test_without_skill_nobody_is_told_to_rank_by_the_score() -> None:
    (said,) = trained_on(a_dataset(800, weight=0.0)).model.facts["in_words"]
    assert "do not rank by it yet" in said


def test_training_says_how_long_it_will_take() -> None:
    steps: list[str] = []
    train(a_dataset(600, weight=1.0), SCHEMA, budget=Budget(seconds=0), progress=steps.append)
    left = [s for s in steps if "seconds to go" in s]
    assert len(left) == len(CUTS)


def test_the_sentence_on_the_choice_counts_the_slices_that_the_table_shows(
    trained: Trained,
) -> None:
    assert trained.choice is not None
    assert trained.model.why == trained.choice.why
    slices = trained.choice.trials[0].slices
    assert f"over {len(slices) - 1} slices of older leads and the newest leads" in trained.model.why
    page = render_report(trained, title="t")
    assert page.count("–100%</th>") == 1
    assert {len(each["slices"]) for each in trained.model.facts["slices"]} == {len(slices)}
