"""All that one randomised file shows, as values and as the JSON of `giveget effect read`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from scoring.experiments.differences import Difference
from scoring.experiments.doses import Dose, best_of, doses
from scoring.experiments.effect import Effect, read_effect
from scoring.experiments.from_file import Randomised
from scoring.experiments.readings import Plan
from scoring.experiments.trial import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An effect for each treated arm, by its name, and the sizes where some were given."""

    arms: Mapping[str, int]
    left_out: Mapping[str, int]
    effects: Mapping[str, Effect]
    doses: Sequence[Dose] | None
    began: Floats | None = None
    """When each account came, in their order, in seconds since 1970, where that is known."""

    def day_of(self, accounts: int) -> date | None:
        """The day on which so many accounts were there, or will be at the pace so far."""
        if self.began is None or len(self.began) < 2 or np.isnan(self.began).any():
            return None
        there = len(self.began)
        at = float(self.began[min(accounts, there) - 1])
        at += (self.began[-1] - self.began[0]) / (there - 1) * max(accounts - there, 0)
        return datetime.fromtimestamp(at, UTC).date()

    @property
    def best_dose(self) -> Dose | None:
        return None if self.doses is None else best_of(self.doses)

    def to_json(self) -> dict[str, Any]:
        """One effect with a verdict; of more than two arms, a list of them without one."""
        best = self.best_dose
        dose = None
        if best is not None:
            dose = {"best": best.dose, "table": [asdict(each) for each in self.doses or ()]}
        named = list(self.effects.items())
        if len(named) == 1:
            told = {"n": dict(self.arms)} | effect_json(named[0][1]) | {"dose": dose}
        else:
            control = next(iter(self.arms))
            effects = [
                {"arm": name, "n": {each: self.arms[each] for each in (control, name)}}
                | effect_json(effect)
                | {"dose": None}
                for name, effect in named
            ]
            told = {"n": dict(self.arms), "effects": effects, "dose": dose}
        return told | {"left_out": dict(self.left_out)}


def answered(found: Randomised, *, plan: Plan | None, value: float | None) -> Answer:
    """Every arm against the controls, and the doses where `value` says what a conversion brings."""
    table = None
    if found.dose is not None and value is not None:
        table = doses(found.whole, found.dose, value)
    _, *treated = found.arms
    return Answer(
        arms=found.arms,
        left_out=found.left_out,
        effects={name: read_effect(found.trial_of(name), plan) for name in treated},
        doses=table,
        began=found.began,
    )


def effect_json(effect: Effect) -> dict[str, Any]:
    """The estimates, the verdict, the readings and the next one."""
    following = effect.next_reading
    return {
        "conversion": difference_json(effect.conversion),
        "money": None if effect.money is None else difference_json(effect.money),
        "verdict": effect.verdict,
        "why": effect.why,
        "readings": [asdict(each) for each in effect.readings],
        "next_reading": None if following is None else {"accounts": following.accounts},
    }


def difference_json(found: Difference) -> dict[str, Any]:
    """`{value, low, high}`, and why where there are no limits."""
    told: dict[str, Any] = {"value": found.value, "low": found.low, "high": found.high}
    return told | ({"why": found.why} if found.why else {})
