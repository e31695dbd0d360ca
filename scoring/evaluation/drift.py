"""Whether the leads a model sees now are like those it learnt from.

A model carries its training background: each feature's shares over a few bins, and those of its
score. The population stability index compares shares, `Σ (now − then) · ln(now / then)`; below
0.1 nothing happened, above 0.25 the leads are others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.evaluation import metrics
from scoring.evaluation.metrics import Labels
from scoring.leads.columns import Column, NumberColumn, codes_among, frequent
from scoring.model.model import Model
from scoring.model.points import probabilities

MOVED = 0.25
_BINS = 10
_LEAST_SHARE = 1e-3
"""An empty bin counts as one lead in a thousand: a logarithm needs something."""


def background(
    columns: Mapping[str, Column], scores: NDArray[np.int64], y: Labels
) -> dict[str, Any]:
    """What `compare` needs of the training rows; JSON-able, and names nobody."""
    return {
        "rows": len(scores),
        "base_rate": round(float(y.mean()), 6),
        "score": _shares_of_numbers(scores.astype(np.float64)),
        "features": {name: feature_shares(column) for name, column in columns.items()},
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Live leads against training: PSI of the score and of each feature, worst first.

    Where outcomes are given, `said` is the mean probability and `came` the share that converted.
    """

    rows: int
    score_psi: float
    feature_psi: tuple[tuple[str, float], ...]
    base_rate_then: float
    said: float
    came: float | None
    alarms: tuple[str, ...]


def compare(model: Model, columns: Mapping[str, Column], rows: int, y: Labels | None) -> Comparison:
    """Hold `rows` new leads against the model's background; raises `KeyError` if it has none."""
    then = model.facts["background"]
    scores = model.table_model.score(columns, rows)
    score_psi = psi(
        then["score"]["shares"], _placed_numbers(scores.astype(np.float64), then["score"])
    )
    feature_psi = tuple(
        sorted(
            (
                (name, psi(kept["shares"], shares_like(columns[name], kept)))
                for name, kept in then["features"].items()
                if name in columns
            ),
            key=lambda pair: -pair[1],
        )
    )
    p = probabilities(scores)
    said, came = float(p.mean()), None if y is None else float(y.mean())
    return Comparison(
        rows=rows,
        score_psi=score_psi,
        feature_psi=feature_psi,
        base_rate_then=then["base_rate"],
        said=said,
        came=came,
        alarms=tuple(_alarms(score_psi, then["base_rate"], p, y)),
    )


def score_psi(model: Model, above_base: Sequence[int]) -> float | None:
    """The PSI of the scores that new sign-ups got, told in hundredths above the base.

    None without any, or of a model without a background.
    """
    then = model.facts.get("background")
    if not then or not above_base:
        return None
    scores = np.asarray(above_base, dtype=np.float64) + model.table_model.base
    return psi(then["score"]["shares"], _placed_numbers(scores, then["score"]))


def _alarms(
    score_psi: float, base_rate: float, p: NDArray[np.float64], y: Labels | None
) -> list[str]:
    found = []
    if score_psi > MOVED:
        found.append(
            f"the scores are spread otherwise than in training (PSI {score_psi:.2f}, limit {MOVED})"
        )
    if y is None:
        return found
    said, came = float(p.mean()), float(y.mean())
    error = math.sqrt(float((p * (1 - p)).sum())) / len(p)
    if abs(said - came) > max(3 * error, 0.1 * came):
        found.append(f"calibration in the large: {said:.1%} said, {came:.1%} converted")
    noise = math.sqrt(base_rate * (1 - base_rate) / len(y))
    if abs(came - base_rate) > max(3 * noise, 0.25 * base_rate):
        found.append(f"the base rate moved, {base_rate:.1%} → {came:.1%}")
    if len(set(y.tolist())) == 2 and metrics.auc(y, p) < 0.5:
        found.append("the ranking is worse than chance")
    return found


def psi(then: Sequence[float], now: Sequence[float]) -> float:
    """Population stability index of two lists of shares over the same bins."""
    pairs = ((max(a, _LEAST_SHARE), max(b, _LEAST_SHARE)) for a, b in zip(then, now, strict=True))
    return sum((b - a) * math.log(b / a) for a, b in pairs)


def feature_shares(column: Column) -> dict[str, Any]:
    """The bins of a training column and the share of rows in each; the last is missing."""
    if isinstance(column, NumberColumn):
        return _shares_of_numbers(column.values)
    levels = frequent(column)
    return {"levels": list(levels), "shares": shares_like(column, {"levels": levels})}


def _shares_of_numbers(values: NDArray[np.float64]) -> dict[str, Any]:
    known = values[~np.isnan(values)]
    edges: list[float] = []
    if len(known):
        edges = np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1])).tolist()
    return {"edges": edges, "shares": _placed_numbers(values, {"edges": edges})}


def shares_like(column: Column, kept: Mapping[str, Any]) -> list[float]:
    """The shares of a column over the bins of `kept`; the last bin is missing."""
    if isinstance(column, NumberColumn):
        return _placed_numbers(column.values, kept)
    codes = codes_among(column, kept["levels"])
    places = len(kept["levels"]) + 1
    return _counted(np.where(codes < 0, places, codes), places + 1)


def _placed_numbers(values: NDArray[np.float64], kept: Mapping[str, Any]) -> list[float]:
    places = len(kept["edges"]) + 1
    where = np.searchsorted(kept["edges"], values, side="left")
    return _counted(np.where(np.isnan(values), places, where), places + 1)


def _counted(where: NDArray[np.int64], places: int) -> list[float]:
    counts = np.bincount(where, minlength=places)
    return [round(float(share), 6) for share in counts / max(int(counts.sum()), 1)]
