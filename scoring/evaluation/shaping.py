"""Which shape pays: expected directions, leaning categories, both or neither, judged on slices.

Each shape is given to the learners that have a vote each, and their mean is judged on the slices
on which candidates are chosen. The shape of the lowest mean log loss serves for all of them, if it
is lower than that of tables as learnt by more than two standard errors over the slices: these
overlap, so that one error is soon passed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scoring.dataset.dataset import Dataset
from scoring.evaluation import metrics
from scoring.evaluation.evaluate import Floats
from scoring.learners.calibration_by_age import settled_by_stage
from scoring.learners.candidates import Candidate
from scoring.learners.shapes import Shape, as_learnt
from scoring.model.points import probabilities
from scoring.model.table_algebra import mixed

_CLEARLY = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaped:
    """The shape chosen, and what each of them gave, in a sentence a shape."""

    shape: Shape
    sentences: tuple[str, ...] = ()


def best_shape(data: Dataset, learners: Sequence[Candidate], shapes: Sequence[Shape]) -> Shaped:
    """The shape that pays most over the slices for the learners' mean; `shapes[0]` if none does."""
    if len(shapes) == 1:
        return Shaped(shape=shapes[0])
    losses = np.array(
        [
            _losses(data.past(first), data.between(first, last), learners, shapes)
            for first, last in data.slices()
            if len(set(data.past(first).y.tolist())) == 2
        ]
    )
    if not len(losses):
        return Shaped(shape=shapes[0])
    gains = losses[:, :1] - losses
    errors = np.array([_error(gains[:, i]) for i in range(len(shapes))])
    pays = gains.mean(axis=0) > _CLEARLY * errors
    best = int(np.argmax(np.where(pays, gains.mean(axis=0), 0.0)))
    return Shaped(
        shape=shapes[best],
        sentences=tuple(
            _sentence(shape, gains[:, i], is_chosen=i == best)
            for i, shape in enumerate(shapes)
            if i
        ),
    )


def _losses(
    past: Dataset, following: Dataset, learners: Sequence[Candidate], shapes: Sequence[Shape]
) -> list[float]:
    """The log loss on one slice of the learners' mean in each shape."""
    fitted = [learner.fit(as_learnt(past)) for learner in learners]
    losses = []
    for shape in shapes:
        settled = shape.settled(past)
        models = [settled_by_stage(settled.applied(model, past), past) for model in fitted]
        mean = mixed([(1 / len(models), model) for model in models])
        p = probabilities(mean.score(following.columns, len(following.y)))
        losses.append(metrics.log_loss(following.y, p))
    return losses


def _error(gains: Floats) -> float:
    return float(gains.std(ddof=1)) / math.sqrt(len(gains)) if len(gains) > 1 else math.inf


def _sentence(shape: Shape, gains: Floats, *, is_chosen: bool) -> str:
    gain, error = float(gains.mean()), _error(gains)
    way = "lower" if gain > 0 else "higher"
    served = "it serves" if is_chosen else "it does not serve"
    words = shape.in_words[0].upper() + shape.in_words[1:]
    return (
        f"{words}: the log loss over {len(gains)} slices of older leads is {abs(gain):.4f} {way} "
        f"than with tables as learnt (standard error {error:.4f}); {served}."
    )


def in_words(shape: Shape, captions: Mapping[str, str]) -> tuple[str, ...]:
    """What was held, what the leads contradict, and what leans on what."""
    found = []
    ways = shape.directions
    held = [captions[name] for name in ways.names if name not in ways.contradicted]
    if held:
        found.append(f"Held to the direction a person expects: {', '.join(held)}.")
    found += [
        f"{captions[name]} is not held to its expected direction: the leads contradict it by "
        f"{errors:.1f} standard errors."
        for name, errors in ways.contradicted.items()
    ]
    if shape.parents:
        chains = [
            f"{captions[child]} on {captions[parent] if parent else 'the average of all leads'}"
            for child, parent in shape.parents.items()
            if child in captions
        ]
        found.append(
            f"Rare values lean on what they are part of: {', '.join(chains)}; a value never seen "
            "has the cell of what it is part of."
        )
    return tuple(found)
