"""What a person should know of a training, each in a sentence; nothing where there is nothing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from scoring.dataset.dataset import LANDMARK_DAYS, TRAIN_SHARE, Dataset
from scoring.evaluation.black_box import FREE_TREES, BlackBox
from scoring.evaluation.evaluate import Floats, Judged, gain_of_leads
from scoring.evaluation.lift import lift
from scoring.evaluation.metrics import log_losses
from scoring.evaluation.selection import Choice

CALL = 0.2


def in_words(served: Judged, verdict: str, newest: Dataset, p: Floats) -> tuple[str, ...]:
    """What the score is worth, as one would tell a boss; nothing where it is not shown to be."""
    if verdict == "no skill" or np.isnan(served.auc):
        return (
            "Nothing is shown to tell buyers from the others on leads newer than those it learnt "
            "from: do not rank by it yet.",
        )
    low, high = served.auc_interval
    measured = (
        "measured on leads newer than any it learnt from"
        if newest.is_ordered
        else "measured on leads it did not learn from; which leads are newest is not known"
    )
    best = next(called for called in lift(newest, p) if called.part == CALL)
    return (
        f"A buyer outranks a non-buyer {served.auc:.0%} of the time ({low:.0%}–{high:.0%}), "
        f"{measured}.",
        f"Call the best {CALL:.0%} and you meet {best.of_all_conversions:.0%} of the buyers.",
    )


def price_of_glass(
    choice: Choice, box: BlackBox, newest: Dataset, predictions: Mapping[str, Floats]
) -> tuple[str, ...]:
    """What was chosen against the best black box, on the same slices and newest leads, paired."""
    ours = choice.trial(choice.winner)
    gain, interval = gain_of_leads(
        ours, box.trial, newest, predictions[choice.winner], predictions[FREE_TREES]
    )
    side, way = ("lower", 1.0) if gain >= 0 else ("higher", -1.0)
    low, high = sorted(way * end for end in interval)
    slices = ours.log_loss - box.trial.log_loss
    return (
        f"The price of glass: beside the best black box ({box.setting}, chosen on older slices, "
        f"free to cross all features), {choice.winner} has a log loss {side} by "
        f"{way * gain:.4f} on the leads of {len(ours.slices)} slices and the newest "
        f"(95%, paired by lead: {low:+.4f} to {high:+.4f}); on the slices alone {slices:+.4f}.",
    )


def rows_of(data: Dataset) -> str:
    """How many rows it has, and of how many leads where one lead is several: "938 rows of 191
    leads"."""
    leads = len(np.unique(data.lead))
    rows = f"{len(data.y):,} rows"
    return rows if leads == len(data.y) else f"{rows} of {leads:,} leads"


def time(data: Dataset, newest: Dataset) -> tuple[str, ...]:
    """Whether the judgement is out of time, and on how much of the data."""
    if data.is_ordered:
        return (
            f"Judged on the newest {rows_of(newest)}, out of {rows_of(data)}; no choice saw them.",
            *_several_rows(data),
        )
    return (
        "No --time and no --order file: which leads are newest is not known, so a random fifth "
        "judges. The probabilities are not shown to hold out of time.",
    )


def _several_rows(data: Dataset) -> tuple[str, ...]:
    """Why there are more rows than leads."""
    if len(np.unique(data.lead)) == len(data.y):
        return ()
    *days, last = (str(day) for day in LANDMARK_DAYS if day)
    return (
        f"A lead is one row at its sign-up and one more {', '.join(days)} and {last} days later, "
        "until it converts.",
    )


def borders(data: Dataset) -> tuple[str, ...]:
    """How many rows were left out of learning because their label was not settled in time."""
    if data.settled_us is None:
        return ()
    left_out = len(data.between(0, TRAIN_SHARE).y) - len(data.past(TRAIN_SHARE).y)
    return (
        f"Of the older rows, {left_out:,} taught nothing for this judgement: their horizon reaches "
        "into the newest 20%; the same at the border of every slice.",
    )


def base_rate(oldest: Dataset, newest: Dataset) -> tuple[str, ...]:
    """A base rate that moved by more than chance, in words."""
    before, after = float(oldest.y.mean()), float(newest.y.mean())
    error = float(np.sqrt(before * (1 - before) / len(newest.y)))
    if abs(after - before) <= max(3 * error, 0.1 * before):
        return ()
    return (
        f"The base rate moved, {before:.1%} → {after:.1%}: probabilities are unreliable, "
        "ranks hold.",
    )


def base_rate_serves(
    why: str, newest: Dataset, predictions: Mapping[str, Floats], name: str
) -> str:
    """Why the base rate serves in the place of the scorecard, or of what it has a part in."""
    found = why.partition(", so the scorecard serves")[0]
    theirs, base = (float(log_losses(newest.y, predictions[n]).mean()) for n in (name, "base rate"))
    return (
        f"{found}. On the newest leads {name} is worse than the base rate (log loss {theirs:.4f} "
        f"against {base:.4f}), so the base rate serves: every lead has one grade, and the queue "
        "goes by age"
    )
