"""A score and its reasons: what a model says of one lead, and of many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.points import grade, points, probabilities, probability


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What one feature adds to a score, against the average lead of the training data."""

    feature: str
    caption: str
    value: str
    hundredths: int

    @property
    def points(self) -> float:
        """In points, two decimals."""
        return points(self.hundredths)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A lead's score at one moment; `base + fit + engagement` and `base + Σ reasons` are exact.

    All counts are hundredths of points. `reasons` holds every feature that adds something,
    strongest first.
    """

    lead_id: str
    base: int
    fit: int
    engagement: int
    reasons: tuple[Reason, ...]
    model: str
    as_of: datetime

    @property
    def hundredths(self) -> int:
        """The score in hundredths of points."""
        return self.base + self.fit + self.engagement

    @property
    def points(self) -> float:
        """The score in points, two decimals."""
        return points(self.hundredths)

    @property
    def probability(self) -> float:
        """Probability of converting within the horizon, six decimals."""
        return probability(self.hundredths)

    @property
    def grade(self) -> str:
        """Letter for fit, digit for engagement: A1 … D4."""
        return grade(self.fit, self.engagement)

    def to_json(self) -> dict[str, Any]:
        """The `score` object of the HTTP contract."""
        return {
            "probability": self.probability,
            "points": self.points,
            "grade": self.grade,
            "base_points": points(self.base),
            "fit_points": points(self.fit),
            "engagement_points": points(self.engagement),
            "reasons": [
                {
                    "feature": r.feature,
                    "caption": r.caption,
                    "value": r.value,
                    "points": r.points,
                }
                for r in self.reasons
            ],
            "model": self.model,
            "as_of": self.as_of.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Many leads' scores: arrays of shape (rows,) in hundredths; `reasons` one array a feature."""

    base: int
    fit: NDArray[np.int64]
    engagement: NDArray[np.int64]
    reasons: Mapping[str, NDArray[np.int64]]

    @property
    def hundredths(self) -> NDArray[np.int64]:
        """Each row's score."""
        return self.base + self.fit + self.engagement

    @property
    def probability(self) -> NDArray[np.float64]:
        """Each row's probability, six decimals."""
        return probabilities(self.hundredths)

    @property
    def grade(self) -> list[str]:
        """Each row's grade."""
        pairs = zip(self.fit.tolist(), self.engagement.tolist(), strict=True)
        return [grade(fit, engagement) for fit, engagement in pairs]


_SPELT = {"vp": "VP", "c_level": "C-level", "it": "IT", "hr": "HR", "voip": "VoIP"}


def in_words(value: float | str | None) -> str:
    """A feature's value as a rep reads it."""
    if value is None:
        return "not given"
    if isinstance(value, str):
        return _SPELT.get(value, value.replace("_", " "))
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4g}"
