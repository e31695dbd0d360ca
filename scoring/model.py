"""A trained model: `Model.load(dir).score(lead, rollup, now)` gives points with exact reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from scoring import artifact
from scoring.columns import Column
from scoring.dataset import feature_columns, moment
from scoring.errors import ModelError
from scoring.features import BUILT_IN, Feature, Moment
from scoring.lead import Lead
from scoring.rollup import Rollup
from scoring.schema import Schema
from scoring.score import Reason, Score, Scores, in_words
from scoring.tables import TableModel

__all__ = ["Model", "Reason", "Score", "Scores"]


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
        values = [feature.value(then) for feature in self.features]
        _, cells = self.table_model.explain(values)
        for feature, value, cell in zip(self.features, values, cells, strict=True):
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
