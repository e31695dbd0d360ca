"""Chooses among candidates on old rows, so that the newest can still judge the choice.

Each candidate is fitted on a growing past and judged on what follows it for a quarter of that
past, as the newest 20 % follow the oldest 80 %: a model serves leads that come long after those
it learnt from, and a slice right behind the border would flatter what only holds for a moment.

What serves is a mean of candidates by forward selection (Caruana et al. 2004, Ensemble selection
from libraries of models). Unlike learners that are named first have a vote each: under a drift no
slice has shown, the mean of models that err differently holds better than the one that was best
on old slices. Then, vote by vote, the candidate that lowers the mean log loss over the slices
most, also the base rate and the scorecard, as long as it pays. The first votes are given up only
where a choice without them is clearly better, as where most is said by features together.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scoring.dataset.dataset import TRAIN_SHARE, Dataset
from scoring.evaluation import metrics
from scoring.learners.candidates import BaseRate, Candidate
from scoring.learners.ensembles import fit_all
from scoring.learners.shapes import AS_LEARNT, Shape
from scoring.model.points import HUNDREDTHS_PER_LOGIT, probabilities

BLEND = "blend"
VOTES = 6
_CLEARLY = 0.02
"""A log loss lower by less than 2 % may be an accident of the slices."""
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One candidate on one slice: `first`–`last` are shares of all leads by age."""

    first: float
    last: float
    log_loss: float
    auc: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A candidate's record over the slices, with its scores of their rows."""

    name: str
    slices: tuple[Slice, ...]
    scores: tuple[Ints, ...]
    labels: tuple[metrics.Labels, ...]
    leads: tuple[Ints, ...]

    @property
    def log_loss(self) -> float:
        """Mean over the slices."""
        return float(np.mean(self.losses))

    @property
    def losses(self) -> list[float]:
        """The log loss of each slice."""
        return [s.log_loss for s in self.slices]

    def followed_by(self, newest: Dataset, scores: Ints) -> Trial:
        """The record with the newest leads as one more slice."""
        return replace(
            self,
            slices=(*self.slices, judged(TRAIN_SHARE, 1.0, newest.y, scores)),
            scores=(*self.scores, scores),
            labels=(*self.labels, newest.y),
            leads=(*self.leads, newest.lead),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What serves: one candidate, or the mean of those with a share; why, and every trial."""

    winner: str
    shares: Mapping[str, float]
    why: str
    trials: tuple[Trial, ...]

    def trial(self, name: str) -> Trial:
        """The record of the candidate of that name."""
        return next(trial for trial in self.trials if trial.name == name)

    def learnt(self) -> tuple[Trial, ...]:
        """The records of all but the scorecard and the base rate."""
        return tuple(t for t in self.trials if t.name not in ("scorecard", "base rate"))


def choose(
    data: Dataset,
    candidates: Sequence[Candidate],
    *,
    first: int = 0,
    shape: Shape = AS_LEARNT,
    told: Callable[[float], None] = lambda done: None,
) -> Choice:
    """Judge `candidates`, given a shape, on rolling slices of the oldest 80 % and choose.

    The `first` so many candidates have a vote each. After each slice `told` hears how much has
    been fitted, as a share of all leads.
    """
    return chosen(_trials(data, candidates, shape, told), first=first)


def chosen(trials: Sequence[Trial], *, first: int = 0) -> Choice:
    """What serves, by the records of all candidates on the same slices."""
    shares = _shares(trials, first)
    free = _shares(trials, 0)
    held, alone = (np.array(_blend(trials, by).losses) for by in (shares, free))
    gains = held - alone
    if gains.mean() > _CLEARLY * held.mean() and gains.mean() > 2 * _standard_error(gains):
        shares = free
    best = min(trials, key=lambda trial: trial.log_loss)
    slices = _slices_said(best.slices)
    if len(shares) == 1:
        why = f"Chosen: {best.name}, whose log loss over {slices} is lowest, {best.log_loss:.4f}"
        return Choice(winner=best.name, shares=shares, why=why, trials=tuple(trials))
    blend = _blend(trials, shares)
    parts = ", ".join(f"{name} ({share:.0%})" for name, share in shares.items())
    why = (
        f"Chosen: the mean of {parts}, with a log loss of {blend.log_loss:.4f} over {slices}; "
        f"the best of them alone, {best.name}, has {best.log_loss:.4f}"
    )
    return Choice(winner=BLEND, shares=shares, why=why, trials=(blend, *trials))


def _slices_said(slices: Sequence[Slice]) -> str:
    """`5 slices of older leads and the newest leads`."""
    older = [each for each in slices if each.last < 1]
    newest = " and the newest leads" if len(older) < len(slices) else ""
    return f"{len(older)} slices of older leads{newest}"


def _standard_error(gains: NDArray[np.float64]) -> float:
    return float(gains.std(ddof=1)) / math.sqrt(len(gains)) if len(gains) > 1 else math.inf


def _shares(trials: Sequence[Trial], first: int) -> dict[str, float]:
    """Shares by forward selection with replacement, up to the number that was best."""
    outcomes = [np.where(y == 1, -1.0, 1.0) for y in trials[0].labels]
    said = [
        [
            side * scores / HUNDREDTHS_PER_LOGIT
            for side, scores in zip(outcomes, trial.scores, strict=True)
        ]
        for trial in trials
    ]
    votes: list[str] = []
    reached: list[float] = []
    total = [np.zeros(len(y)) for y in outcomes]
    for vote in range(1, VOTES + 1):
        losses = [
            float(
                np.mean(
                    [
                        np.logaddexp(0, (so_far + one) / vote).mean()
                        for so_far, one in zip(total, each, strict=True)
                    ]
                )
            )
            for each in said
        ]
        best = vote - 1 if vote <= first else int(np.argmin(losses))
        reached.append(losses[best])
        votes.append(trials[best].name)
        total = [so_far + one for so_far, one in zip(total, said[best], strict=True)]
    least = max(first - 1, 0)
    counted = Counter(votes[: least + 1 + int(np.argmin(reached[least:]))])
    return {name: count / counted.total() for name, count in counted.most_common()}


def _blend(trials: Sequence[Trial], shares: Mapping[str, float]) -> Trial:
    """The record of the mean."""
    members = [(shares[trial.name], trial) for trial in trials if trial.name in shares]
    first = members[0][1]
    slices, scores = [], []
    for i, each in enumerate(first.slices):
        mean = np.sum([share * trial.scores[i] for share, trial in members], axis=0)
        scores.append(np.rint(mean).astype(np.int64))
        slices.append(judged(each.first, each.last, first.labels[i], scores[-1]))
    return replace(first, name=BLEND, slices=tuple(slices), scores=tuple(scores))


def _trials(
    data: Dataset, candidates: Sequence[Candidate], shape: Shape, told: Callable[[float], None]
) -> tuple[Trial, ...]:
    """Every candidate's record: fitted on all that was settled before a slice, judged on it."""
    slices: dict[str, list[Slice]] = {c.name: [] for c in candidates}
    scores: dict[str, list[Ints]] = {c.name: [] for c in candidates}
    labels, leads, done = [], [], 0.0
    for first, last in data.slices():
        past, following = data.past(first), data.between(first, last)
        one_class = len(set(past.y.tolist())) < 2
        fitted = {} if one_class else fit_all(candidates, past, shape.settled(past))
        for candidate in candidates:
            model = BaseRate().fit(past) if one_class else fitted[candidate.name]
            score = model.score(following.columns, len(following.y))
            scores[candidate.name].append(score)
            slices[candidate.name].append(judged(first, last, following.y, score))
        labels.append(following.y)
        leads.append(following.lead)
        done += first
        told(done)
    return tuple(
        Trial(
            name=c.name,
            slices=tuple(slices[c.name]),
            scores=tuple(scores[c.name]),
            labels=tuple(labels),
            leads=tuple(leads),
        )
        for c in candidates
    )


def judged(first: float, last: float, y: metrics.Labels, score: Ints) -> Slice:
    """The record of scores on one slice."""
    p = probabilities(score)
    return Slice(first=first, last=last, log_loss=metrics.log_loss(y, p), auc=metrics.auc(y, p))
