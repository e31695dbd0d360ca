"""A trained model: `Model.load(dir).score(lead, rollup, now)` gives points with exact reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring import artifact
from scoring.columns import Column
from scoring.dataset import feature_columns, moment
from scoring.errors import ModelError
from scoring.features import BUILT_IN, Feature, Moment
from scoring.lead import Lead
from scoring.points import grade, points, probabilities, probability
from scoring.rollup import Rollup
from scoring.schema import Schema
from scoring.tables import Table, TableModel


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


@dataclass(frozen=True, kw_only=True)
class Model:
    """Tables bound to their features and to the schema of the leads they were learnt from.

    `kind` is the candidate served, `verdict` what the report found, `why` the choice in a
    sentence; `facts` holds the figures of the training for reports.
    """

    kind: str
    verdict: str
    why: str
    table_model: TableModel
    features: tuple[Feature, ...]
    schema: Schema
    facts: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def id(self) -> str:
        """The digest of the model's text: equal models have equal ids."""
        return artifact.digest(self._text)[:12]

    @cached_property
    def _text(self) -> str:
        return artifact.text(
            kind=self.kind,
            verdict=self.verdict,
            why=self.why,
            table_model=self.table_model,
            features=self.features,
            schema=self.schema,
            facts=self.facts,
        )

    @cached_property
    def _steps(self) -> tuple[tuple[Feature, Table], ...]:
        return tuple(zip(self.features, self.table_model.tables, strict=True))

    @classmethod
    def assembled(
        cls,
        *,
        kind: str,
        verdict: str,
        why: str,
        table_model: TableModel,
        features: Sequence[Feature],
        schema: Schema,
        facts: Mapping[str, Any],
    ) -> Model:
        """A model that keeps, of `features`, those its tables use."""
        by_name = {f.name: f for f in features}
        return cls(
            kind=kind,
            verdict=verdict,
            why=why,
            table_model=table_model,
            features=tuple(by_name[t.feature] for t in table_model.tables),
            schema=schema,
            facts=facts,
        )

    @classmethod
    def load(cls, directory: Path) -> Model:
        """Read a model directory.

        Raises `ModelError`, before anything is parsed, when a file is missing or does not match
        its checksum, and when the model was made for features this version does not have.
        """
        directory = Path(directory)
        stored = artifact.read(directory)
        try:
            schema = artifact.schema(stored)
            known = {f.name: f for f in (*BUILT_IN, *schema.features())}
            for entry in stored["features"]:
                feature = known.get(entry["name"])
                if feature is None or (feature.kind, feature.group) != (
                    entry["kind"],
                    entry["group"],
                ):
                    raise ModelError(
                        f'{directory.name}/model.json uses the feature "{entry["name"]}", which '
                        "this version does not have in that form; train the model again"
                    )
            return cls.assembled(
                kind=stored["kind"],
                verdict=stored["verdict"],
                why=stored["why"],
                table_model=artifact.table_model(stored),
                features=tuple(known.values()),
                schema=schema,
                facts=stored["facts"],
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(
                f"{directory.name}/model.json lacks or garbles a part ({error}); "
                "train the model again"
            ) from error

    def save(self, directory: Path, *, report: str) -> None:
        """Write `model.json`, `report.html` and their checksums, all or nothing.

        Raises `ModelError` when `directory` exists and holds anything but a model.
        """
        artifact.write(Path(directory), self._text, report)

    def score(self, lead: Lead, rollup: Rollup | None, now: datetime) -> Score:
        """The lead's score as of `now`, from what was known by then.

        `rollup` is `None` where no events are connected at all; a lead that did nothing has an
        empty one.
        """
        then = self._moment(lead, rollup, now)
        sums = {"fit": 0, "engagement": 0}
        reasons = []
        for feature, table in self._steps:
            value = feature.value(then)
            cell = table.cell(value)
            if cell:
                sums[feature.group] += cell
                reasons.append(
                    Reason(
                        feature=feature.name,
                        caption=feature.caption,
                        value=in_words(value),
                        hundredths=cell,
                    )
                )
        reasons.sort(key=lambda r: -abs(r.hundredths))
        return Score(
            lead_id=lead.id,
            base=self.table_model.base,
            fit=sums["fit"],
            engagement=sums["engagement"],
            reasons=tuple(reasons),
            model=self.id,
            as_of=now,
        )

    def _moment(self, lead: Lead, rollup: Rollup | None, now: datetime) -> Moment:
        then = moment(self.schema.admit(lead.as_of(now)), None, now)
        counters = None if rollup is None else rollup.counters(now)
        return Moment(lead=then.lead, contact=then.contact, counters=counters, now=now)

    def score_moments(self, moments: Sequence[Moment]) -> Scores:
        """Scores of many moments whose leads this model's schema has admitted."""
        columns = feature_columns(self.features, moments)
        return self.score_columns(columns, len(moments))

    def score_columns(self, columns: Mapping[str, Column], rows: int) -> Scores:
        """Scores of `rows` leads from their features' columns, contributions included."""
        sums = {g: np.zeros(rows, dtype=np.int64) for g in ("fit", "engagement")}
        reasons = {}
        cells = self.table_model.contributions(columns)
        for feature, added in zip(self.features, cells, strict=True):
            sums[feature.group] += added
            reasons[feature.name] = added
        return Scores(
            base=self.table_model.base,
            fit=sums["fit"],
            engagement=sums["engagement"],
            reasons=reasons,
        )


_SPELT = {"vp": "VP", "c_level": "C-level", "it": "IT", "hr": "HR", "voip": "VoIP"}


def in_words(value: float | str | None) -> str:
    """A feature's value as a rep reads it."""
    if value is None:
        return "not given"
    if isinstance(value, str):
        return _SPELT.get(value, value.replace("_", " "))
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4g}"
