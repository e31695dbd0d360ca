"""Chooses among candidates on old rows, so that the newest can still judge the choice.

Each candidate is fitted on a growing past and judged on the slice that follows it, five times,
all inside the oldest 80 %. Another than the first is taken only when it is better by more than
one standard error over the slices: a choice on old slices is unstable under drift.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from scoring.dataset.dataset import TRAIN_SHARE, Dataset
from scoring.evaluation import metrics
from scoring.learners.candidates import BaseRate, Candidate
from scoring.learners.ensembles import fit_all
from scoring.model.points import HUNDREDTHS_PER_LOGIT, probabilities
from scoring.model.table_algebra import rescaled
from scoring.model.tables import TableModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One candidate on one slice: `first`–`last` are shares of all leads by age."""

    first: float
    last: float
    log_loss: float
    auc: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A candidate's record over the slices, with its predictions for recalibration."""

    name: str
    slices: tuple[Slice, ...]
    scores: tuple[NDArray[np.int64], ...]
    labels: tuple[NDArray[np.int64], ...]

    @property
    def log_loss(self) -> float:
        """Mean over the slices."""
        return float(np.mean([s.log_loss for s in self.slices]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The winner, the reason in one sentence, and every trial."""

    winner: str
    why: str
    trials: tuple[Trial, ...]

    def trial(self, name: str) -> Trial:
        """The record of the candidate of that name."""
        return next(trial for trial in self.trials if trial.name == name)

    def learnt(self) -> tuple[Trial, ...]:
        """The records of all but the scorecard and the base rate."""
        return tuple(t for t in self.trials if t.name not in ("scorecard", "base rate"))


def choose(
    data: Dataset, candidates: Sequence[Candidate], beside: Sequence[Candidate] = ()
) -> Choice:
    """Judge `candidates` (the first is the default) on rolling slices of the oldest 80 %.

    Those `beside` them are judged for the record and never chosen.
    """
    trials = _trials(data, (*candidates, *beside))
    default, *others = trials[: len(candidates)]
    better: list[tuple[float, Trial, float]] = []
    for other in others:
        gains = [a.log_loss - b.log_loss for a, b in zip(default.slices, other.slices, strict=True)]
        gain, error = float(np.mean(gains)), float(np.std(gains, ddof=1) / math.sqrt(len(gains)))
        if gain > error:
            better.append((gain, other, error))
    if not better:
        why = (
            f"Chosen: {default.name}, since no other candidate was better by more than "
            f"one standard error over {len(default.slices)} slices of the oldest {TRAIN_SHARE:.0%}"
        )
        return Choice(winner=default.name, why=why, trials=trials)
    gain, winner, error = max(better, key=lambda b: b[0])
    why = (
        f"Chosen: {winner.name}, since its log loss over {len(winner.slices)} slices of the oldest "
        f"{TRAIN_SHARE:.0%} is {gain:.4f} below {default.name}'s, more than one standard error "
        f"({error:.4f})"
    )
    return Choice(winner=winner.name, why=why, trials=trials)


def _trials(data: Dataset, candidates: Sequence[Candidate]) -> tuple[Trial, ...]:
    """Every candidate's record: fitted on all that was settled before a slice, judged on it."""
    slices: dict[str, list[Slice]] = {c.name: [] for c in candidates}
    scores: dict[str, list[NDArray[np.int64]]] = {c.name: [] for c in candidates}
    labels = []
    for first, last in data.slices():
        past, following = data.past(first), data.between(first, last)
        one_class = len(set(past.y.tolist())) < 2
        fitted = {} if one_class else fit_all(candidates, past)
        for candidate in candidates:
            model = BaseRate().fit(past) if one_class else fitted[candidate.name]
            score = model.score(following.columns, len(following.y))
            scores[candidate.name].append(score)
            slices[candidate.name].append(_judged(first, last, following.y, score))
        labels.append(following.y)
    return tuple(
        Trial(
            name=c.name,
            slices=tuple(slices[c.name]),
            scores=tuple(scores[c.name]),
            labels=tuple(labels),
        )
        for c in candidates
    )


def _judged(first: float, last: float, y: metrics.Labels, score: NDArray[np.int64]) -> Slice:
    p = probabilities(score)
    return Slice(first=first, last=last, log_loss=metrics.log_loss(y, p), auc=metrics.auc(y, p))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalibration:
    """A slope and an intercept (in log-odds) on the log-odds; they keep the sum exact."""

    slope: float
    intercept: float

    def apply(self, model: TableModel) -> TableModel:
        """The model with its odds recalibrated."""
        return rescaled(model, self.slope, round(self.intercept * HUNDREDTHS_PER_LOGIT))


def recalibrate(trial: Trial) -> Recalibration | None:
    """A recalibration learnt on all slices, if recalibrating has paid on each later one.

    It is tried forward: learnt on the slices before, judged on the next. It must have lowered
    the loss of the newest slice, and on average by more than two standard errors over the
    slices: an intercept learnt from a passing base rate is wrong for the leads to come.
    """
    gains = []
    for k in range(1, len(trial.scores)):
        learnt = _fit(np.concatenate(trial.scores[:k]), np.concatenate(trial.labels[:k]))
        moved = np.rint(
            trial.scores[k] * learnt.slope + learnt.intercept * HUNDREDTHS_PER_LOGIT
        ).astype(np.int64)
        before = metrics.log_loss(trial.labels[k], probabilities(trial.scores[k]))
        gains.append(before - metrics.log_loss(trial.labels[k], probabilities(moved)))
    error = float(np.std(gains, ddof=1)) / math.sqrt(len(gains))
    if gains[-1] <= 0 or float(np.mean(gains)) <= 2 * error:
        return None
    return _fit(np.concatenate(trial.scores), np.concatenate(trial.labels))


def _fit(scores: NDArray[np.int64], y: NDArray[np.int64]) -> Recalibration:
    """Platt scaling: a logistic regression of the outcome on the log-odds."""
    log_odds = (scores / HUNDREDTHS_PER_LOGIT).reshape(-1, 1)
    fitted = LogisticRegression(C=1e4).fit(log_odds, y)
    return Recalibration(slope=float(fitted.coef_[0, 0]), intercept=float(fitted.intercept_[0]))
