"""Which size of an extra is worth most, where a rule let chance draw it for each account."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from scoring.experiments.doses import Dose, best_of, doses
from scoring.experiments.readings import LEAST_IN_AN_ARM
from scoring.experiments.trial import Trial
from service.use_cases.views.assigned_accounts import Account

_WORTH = {"extra_months": "term_months", "extra_seats": "seats"}
"""What a sale brings, counted in what is given: the months or the seats it is quoted for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """One rule's sizes, each by the accounts that were offered it; `value` is a usual sale's.

    `best` is the smallest whose net is not clearly below the highest; None while a size has too
    few accounts, or nobody bought.
    """

    rule: str
    give: str
    value: float
    table: Sequence[Dose]
    best: Dose | None

    def to_json(self) -> dict[str, Any]:
        """With the best size by its number."""
        return {
            "rule": self.rule,
            "give": self.give,
            "value": self.value,
            "best": None if self.best is None else self.best.dose,
            "table": [asdict(each) for each in self.table],
        }


def measured_sizes(accounts: Sequence[Account]) -> list[Sizes]:
    """Every rule's sizes among accounts old enough; a rule without a price has no net worth."""
    groups: dict[tuple[str, str], list[tuple[Account, float, float]]] = {}
    for each in accounts:
        if each.is_control or not each.is_mature or each.first.dose is None:
            continue
        drawn, quoted = json.loads(each.first.dose), json.loads(each.first.terms)["quote"]
        if quoted is not None and drawn["give"] in _WORTH:
            worth = quoted[_WORTH[drawn["give"]]]
            kept = groups.setdefault((each.first.rule, drawn["give"]), [])
            kept.append((each, float(drawn["size"]), float(worth)))
    return [_sizes(rule, give, found) for (rule, give), found in sorted(groups.items())]


def _sizes(rule: str, give: str, found: Sequence[tuple[Account, float, float]]) -> Sizes:
    n = len(found)
    trial = Trial(
        treated=np.ones(n, dtype=np.bool_),
        converted=np.array([float(each.converted) for each, _, _ in found]),
        account=np.arange(n),
        accounts=n,
    )
    value = float(np.mean([worth for _, _, worth in found]))
    table = doses(trial, np.array([size for _, size, _ in found]), value)
    is_enough = trial.converted.any() and all(each.n >= LEAST_IN_AN_ARM for each in table)
    return Sizes(
        rule=rule, give=give, value=value, table=table, best=best_of(table) if is_enough else None
    )
