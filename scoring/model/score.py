"""A score and its reasons: what a model says of one lead, and of many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.model.points import grade, points, probabilities, probability


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


@dataclass(frozen=True, slots=True)
class Label:
    """What a contribution is called: a feature, or a pair of them."""

    name: str
    caption: str


Said = float | str | None | tuple[float | str | None, float | str | None]
"""What the lead's feature says, or its two features of a pair."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A lead's score at one moment; `base + fit + engagement` and `base + Σ reasons` are exact.

    All counts are hundredths of points. `cells` holds what each of `labels` adds and `values`
    what the lead says there; they are put into words only when somebody reads them.
    """

    lead_id: str
    base: int
    fit: int
    engagement: int
    labels: tuple[Label, ...]
    cells: Sequence[int]
    values: Sequence[Said]
    model: str
    as_of: datetime
    base_at: date | None = None
    """The day whose outcomes moved the base; None: it is where training put it."""

    @classmethod
    def from_json(cls, lead_id: str, kept: Mapping[str, Any]) -> Score:
        """The score of `to_json`; what the lead said stays in the words it was kept in."""
        reasons, base_at = kept["reasons"], kept.get("base_at")
        return cls(
            lead_id=lead_id,
            base=_counted(kept["base_points"]),
            fit=_counted(kept["fit_points"]),
            engagement=_counted(kept["engagement_points"]),
            labels=tuple(Label(each["feature"], each["caption"]) for each in reasons),
            cells=[_counted(each["points"]) for each in reasons],
            values=[each["value"] for each in reasons],
            model=kept["model"],
            as_of=datetime.fromisoformat(kept["as_of"]),
            base_at=None if base_at is None else date.fromisoformat(base_at),
        )

    def with_base_moved(self, hundredths: int, at: date) -> Score:
        """The score with a base moved by so many hundredths of a point, as learnt on a day."""
        return replace(self, base=self.base + hundredths, base_at=at)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Every feature and pair that adds something, strongest first."""
        labels, values, cells = self.labels, self.values, self.cells
        return tuple(
            Reason(
                feature=labels[i].name,
                caption=labels[i].caption,
                value=in_words(values[i]),
                hundredths=cells[i],
            )
            for i in self._strongest()
        )

    def _strongest(self) -> list[int]:
        sizes = [abs(cell) for cell in self.cells]
        order = sorted(range(len(sizes)), key=sizes.__getitem__, reverse=True)
        return order[: len(sizes) - sizes.count(0)]

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
        labels, values, cells = self.labels, self.values, self.cells
        return {
            "probability": self.probability,
            "points": self.points,
            "grade": self.grade,
            "base_points": points(self.base),
            "base_at": None if self.base_at is None else self.base_at.isoformat(),
            "fit_points": points(self.fit),
            "engagement_points": points(self.engagement),
            "reasons": [
                {
                    "feature": labels[i].name,
                    "caption": labels[i].caption,
                    "value": in_words(values[i]),
                    "points": points(cells[i]),
                }
                for i in self._strongest()
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
    reasons: Mapping[str, NDArray[np.int32]]

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


def _counted(value: float) -> int:
    """Points with two decimals as hundredths."""
    return round(value * 100)


def in_words(value: Said) -> str:
    """A feature's value as a rep reads it; a pair's two with a dot between."""
    if isinstance(value, str):
        return _word(value)
    if value is None:
        return "not given"
    if isinstance(value, tuple):
        return f"{in_words(value[0])} · {in_words(value[1])}"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4g}"


@lru_cache(maxsize=4096)
def _word(value: str) -> str:
    return _SPELT.get(value, value.replace("_", " "))
