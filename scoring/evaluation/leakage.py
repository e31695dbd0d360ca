"""Columns that know the outcome: found on old leads only, dropped or questioned with the evidence.

Each attribute is tried alone: learnt on the older half of the old leads, judged on the newer. A
column filled in because a lead converted betrays itself by being too good, or by being there for
converted leads only; of few conversions only by being next to perfect. One that leaks a little
looks like an honest strong one, and no number can tell them apart: so the strongest that remain
are named with a question for a person.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from scoring.dataset.dataset import Dataset
from scoring.evaluation import metrics
from scoring.leads.columns import CategoryColumn, NumberColumn
from scoring.learners.trees import AdditiveTrees
from scoring.model.points import probabilities

TOO_GOOD = 0.88
"""Alone, no honest column of any lead data we know ranks this well out of time."""
STRONG = 0.65
"""From here a column alone is strong enough to be worth a person's question."""
PURE, MIN_ROWS = 0.99, 20
FEWEST, SURE = 5, 0.98
"""Of fewer than `MIN_ROWS` conversions an honest column may rank well by chance, but not so."""

Verdict = Literal["dropped", "kept as asked", "questioned"]
QUESTION = "was it known when the lead is scored?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """One finding: the column, what was done about it, and the evidence in words."""

    column: str
    verdict: Verdict
    evidence: str

    def sentence(self) -> str:
        """One line for the report."""
        if self.verdict == "questioned":
            return f"{self.column}: {self.evidence}; {QUESTION}"
        return f"{self.column}: {self.verdict}, knows the outcome: {self.evidence}"


def find_leaks(
    data: Dataset, attributes: Collection[str], keep: Collection[str] = ()
) -> tuple[Leak, ...]:
    """Findings among `attributes` on the rows of `data`, strongest first.

    A column named in `keep` is never dropped. Rows at a lead's sign-up only should be given: a
    later row repeats the same attributes.
    """
    older, newer = data.between(0, 0.5), data.between(0.5, 0.8)
    conversions = min(int(part.y.sum()) for part in (older, newer))
    if conversions < FEWEST or any(part.y.all() for part in (older, newer)):
        return ()
    is_few = conversions < MIN_ROWS
    found: list[tuple[float, Leak]] = []
    for name in sorted(set(attributes) & set(data.columns)):
        auc = _auc_alone(name, older, newer)
        if is_few:  # which trees learn nothing from
            auc = max(auc, _auc_as_it_is(name, older, newer))
        presence, presence_evidence = _presence(name, data.between(0, 0.8))
        verdict: Verdict = "kept as asked" if name in keep else "dropped"
        if presence == "pure":
            found.append((1.0, Leak(column=name, verdict=verdict, evidence=presence_evidence)))
        elif auc >= (SURE if is_few else TOO_GOOD):
            evidence = f"alone it ranks newer leads with an AUC of {auc:.2f}"
            found.append((auc, Leak(column=name, verdict=verdict, evidence=evidence)))
        elif not is_few and (auc >= STRONG or presence == "tied"):
            evidence = f"alone it ranks newer leads with an AUC of {auc:.2f}"
            if presence == "tied":
                evidence += f", and {presence_evidence}"
            found.append((auc, Leak(column=name, verdict="questioned", evidence=evidence)))
    return tuple(leak for _, leak in sorted(found, key=lambda pair: -pair[0]))


def _auc_alone(name: str, older: Dataset, newer: Dataset) -> float:
    alone = replace(older, columns={name: older.columns[name]})
    model = AdditiveTrees(seeds=1, trees=60, rate=0.1).fit(alone)
    scores = model.score({name: newer.columns[name]}, len(newer.y))
    return metrics.auc(newer.y, probabilities(scores))


def _auc_as_it_is(name: str, older: Dataset, newer: Dataset) -> float:
    """How well a number ranks all by itself, up or down; a category, by its older leads' rates."""
    column, following = older.columns[name], newer.columns[name]
    if isinstance(column, NumberColumn) and isinstance(following, NumberColumn):
        values = np.nan_to_num(np.concatenate((column.values, following.values)), nan=-np.inf)
        auc = metrics.auc(np.concatenate((older.y, newer.y)), values)
        return max(auc, 1 - auc)
    assert isinstance(column, CategoryColumn)
    assert isinstance(following, CategoryColumn)
    rates = [
        float(older.y[column.codes == code].mean()) if (column.codes == code).any() else 0.0
        for code in range(-1, len(column.levels))
    ]
    return metrics.auc(newer.y, np.array(rates)[following.codes + 1])


def _presence(name: str, data: Dataset) -> tuple[Literal["pure", "tied", "free"], str]:
    """Whether being filled in goes with the outcome, and by how much in words."""
    missing = data.columns[name].is_missing()
    if min(int(missing.sum()), int((~missing).sum())) < MIN_ROWS:
        return "free", ""
    filled, empty = float(data.y[~missing].mean()), float(data.y[missing].mean())
    words = f"where it is filled in {filled:.0%} converted, where it is empty {empty:.0%}"
    if max(filled, empty) >= PURE or (min(filled, empty) <= 1 - PURE and _holds_all(data, missing)):
        return "pure", words
    low, high = sorted((filled, empty))
    return ("tied", words) if high - low >= 0.15 and high >= 1.5 * low else ("free", "")


def _holds_all(data: Dataset, missing: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> bool:
    """Whether nearly every conversion is on one side of being filled in."""
    share = float(missing[data.y == 1].mean())
    return max(share, 1 - share) >= PURE
