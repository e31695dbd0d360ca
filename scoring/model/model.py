"""A trained model: `Model.load(dir).score(lead, rollup, now)` gives points with exact reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from scoring.errors import ModelError
from scoring.features import BUILT_IN, Feature, Moment
from scoring.leads.colleagues import FEATURE as COLLEAGUES
from scoring.leads.columns import Column
from scoring.leads.counters import Rollup
from scoring.leads.lead import Lead
from scoring.model import artifact
from scoring.model.account_part import AccountPart
from scoring.model.feature_values import moment
from scoring.model.schema import Schema
from scoring.model.score import Label, Reason, Said, Score, Scores
from scoring.model.tables import CategoryTable, TableModel

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
    captions: Mapping[str, str] = field(default_factory=dict)
    """How its features were called when it was saved: a new name makes no other model."""
    account: AccountPart | None = None
    """How accounts are scored; None in a model made before that, or of leads without accounts."""

    @cached_property
    def id(self) -> str:
        """The digest of the model's text: equal models have equal ids."""
        return artifact.digest(self._text)[:12]

    @cached_property
    def name(self) -> str:
        """What a score says of the model: its id, and the scorecard's weight where it has one."""
        weight = self.facts.get("scorecard", {}).get("weight", 0.0)
        return f"{self.id} ({weight:.0%} scorecard)" if weight else self.id

    def levels(self) -> dict[str, frozenset[str]]:
        """The values of each feature's categories that training had often enough to learn from."""
        tables = (t for t in self.table_model.tables if isinstance(t, CategoryTable))
        return {table.feature: frozenset(table.cells) for table in tables}

    @cached_property
    def _text(self) -> str:
        return artifact.text(
            kind=self.kind,
            verdict=self.verdict,
            why=self.why,
            table_model=self.table_model,
            features=[
                replace(feature, caption=self.captions.get(feature.name, feature.caption))
                for feature in self.features
            ],
            schema=self.schema,
            facts=self.facts,
            account=self.account,
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
        account: AccountPart | None = None,
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
            account=account,
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
            captions = {entry["name"]: entry["caption"] for entry in stored["features"]}
            made = cls.assembled(
                kind=stored["kind"],
                verdict=stored["verdict"],
                why=stored["why"],
                table_model=artifact.table_model(stored),
                features=tuple(known.values()),
                schema=schema,
                facts=stored["facts"],
                account=artifact.account_part(stored),
            )
            return replace(made, captions=captions)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(
                f"{directory.name}/model.json lacks or garbles a part ({error}): damaged, "
                "or trained by a newer version; train the model again"
            ) from error

    def save(self, directory: Path, *, report: str) -> None:
        """Write `model.json`, `report.html` and their checksums, all or nothing.

        Raises `ModelError` when `directory` exists and holds anything but a model.
        """
        artifact.write(Path(directory), self._text, report)

    def score(
        self, lead: Lead, rollup: Rollup | None, now: datetime, *, colleagues: int | None = None
    ) -> Score:
        """The lead's score as of `now`, from what was known by then.

        `rollup` is `None` where no events are connected at all; a lead that did nothing has an
        empty one. `colleagues` are those active in the last seven days (`asks_for_colleagues`
        says whether that is looked at), `None` for a lead without account.
        """
        then = self._moment(lead, rollup, now, colleagues)
        values: list[Said] = [feature.value(then) for feature in self.features]
        total, cells = self.table_model.explain(values)  # type: ignore[arg-type]  # no pair yet
        fit = sum([cells[i] for i in self._fit_places])
        fit += sum([cells[i] // 2 for i in self._shared_places])
        base = self.table_model.base
        values.extend([(values[i], values[j]) for i, j in self._pair_places])  # type: ignore[misc]
        return Score(
            lead_id=lead.id,
            base=base,
            fit=fit,
            engagement=total - base - fit,
            labels=self._labels,
            cells=cells,
            values=values,
            model=self.name,
            as_of=now,
        )

    @cached_property
    def asks_for_colleagues(self) -> bool:
        """Whether a score depends on what the others of an account do."""
        return any(feature.name == COLLEAGUES for feature in self.features)

    def _moment(
        self, lead: Lead, rollup: Rollup | None, now: datetime, colleagues: int | None
    ) -> Moment:
        then = moment(self.schema.admit(lead.as_of(now)), None, now)
        counters = None if rollup is None else rollup.counters(now)
        if counters is not None and colleagues is not None:
            counters = replace(counters, colleagues_active_7d=colleagues)
        return Moment(lead=then.lead, contact=then.contact, counters=counters, now=now)

    def score_columns(self, columns: Mapping[str, Column], rows: int) -> Scores:
        """Scores of `rows` leads from their features' columns, contributions included."""
        fit, engagement = np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=np.int64)
        reasons = {}
        cells = self.table_model.contributions(columns)
        for i, (label, added) in enumerate(zip(self._labels, cells, strict=True)):
            if i in self._shared_places:
                fit += added // 2
                engagement += added - added // 2
            else:
                group = fit if i in self._fit_places else engagement
                group += added
            reasons[label.name] = added
        return Scores(base=self.table_model.base, fit=fit, engagement=engagement, reasons=reasons)

    @cached_property
    def _labels(self) -> tuple[Label, ...]:
        captions = {feature.name: feature.caption for feature in self.features}
        pairs = (
            Label(pair.name, " & ".join(captions[name] for name in pair.features))
            for pair in self.table_model.pairs
        )
        return (*(Label(f.name, f.caption) for f in self.features), *pairs)

    @cached_property
    def _pair_places(self) -> tuple[tuple[int, int], ...]:
        """Where the two features of each pair are among the features."""
        place = {feature.name: i for i, feature in enumerate(self.features)}
        return tuple((place[a], place[b]) for a, b in (p.features for p in self.table_model.pairs))

    @cached_property
    def _fit_places(self) -> frozenset[int]:
        """Which contributions are about who they are, pairs of two such features among them."""
        fit = {i for i, feature in enumerate(self.features) if feature.group == "fit"}
        pairs = enumerate(self._pair_places, start=len(self.features))
        return frozenset((*fit, *(i for i, pair in pairs if fit.issuperset(pair))))

    @cached_property
    def _shared_places(self) -> tuple[int, ...]:
        """The pairs of who they are with what they do: half of their points go to each."""
        groups = [feature.group for feature in self.features]
        pairs = enumerate(self._pair_places, start=len(self.features))
        return tuple(i for i, (first, other) in pairs if groups[first] != groups[other])
