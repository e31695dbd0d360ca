"""The score of a company from the scores of its people: a part of a model, in integer tables.

A company's log-odds are its best lead's, spread by a slope, and one table each for what is known
of the others. All counts are hundredths of points, so its reasons add up exactly, as a lead's do.

To add what a company is judged by: an `Aspect` of `ASPECTS`. It is learnt and served from there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

from scoring.leads.columns import Kind
from scoring.model.points import points, probability
from scoring.model.score import Reason, Score, in_words
from scoring.model.tables import TableModel

ALONE = "best lead alone"
SLOPE_UNIT = 1000
AGE_DAYS = (0, 3, 7, 14, 28)
"""Since the first sign-up: at these an account is looked at in training, and its age changes."""
_AGES = (*(f"{one}–{after - 1}" for one, after in pairwise(AGE_DAYS)), f"{AGE_DAYS[-1]} or more")
MOST_PEOPLE = 50
"""Of a larger company the best so many are looked at: a look-up has an end."""
ROLES = ("business_owner", "evaluator", "buyer", "decision_maker")


class Member(NamedTuple):
    """What counts of one person: score, part in a purchase, whether active, and since when."""

    hundredths: int
    buying_role: str | None
    is_active: bool | None
    """In the last seven days; None where no events are connected at all."""
    days: int
    """Since the sign-up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aspect:
    """One thing about a company; `value` sees its people, the best first."""

    name: str
    caption: str
    kind: Kind
    value: Callable[[Sequence[Member]], float | str | None]


def _second(people: Sequence[Member]) -> float | None:
    return points(people[1].hundredths) if len(people) > 1 else None


def _active(people: Sequence[Member]) -> float | None:
    known = [one.is_active for one in people[1:] if one.is_active is not None]
    return float(sum(known)) if known or people[0].is_active is not None else None


def _age(people: Sequence[Member]) -> str:
    return _AGES[bisect_right(AGE_DAYS, max(one.days for one in people)) - 1]


def _plays(role: str) -> Callable[[Sequence[Member]], str]:
    return lambda people: "yes" if any(one.buying_role == role for one in people) else "no"


ASPECTS = (
    Aspect(name="second_best", caption="Second best lead, points", kind="number", value=_second),
    Aspect(
        name="others",
        caption="Other people of the account",
        kind="number",
        value=lambda people: float(len(people) - 1),
    ),
    Aspect(
        name="others_active_7d",
        caption="Other people active in 7 days",
        kind="number",
        value=_active,
    ),
    Aspect(
        name="account_age",
        caption="Days since the account's first sign-up",
        kind="category",
        value=_age,
    ),
    *(
        Aspect(
            name=f"has_{role}",
            caption=f"Somebody is {'an' if role == 'evaluator' else 'a'} {role.replace('_', ' ')}",
            kind="category",
            value=_plays(role),
        )
        for role in ROLES
    ),
)
_BY_NAME = {aspect.name: aspect for aspect in ASPECTS}
_BEST = "best_lead"
_BEST_CAPTION = "Weight of the best lead's score"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountScore:
    """A company's score; `base + Σ reasons` is exact, the best lead's reasons among them."""

    best: Score
    leads: tuple[str, ...]
    """Whose scores it is made of, the best first."""
    base: int
    """The best lead's base and the company's, in hundredths."""
    account_reasons: tuple[Reason, ...]
    hundredths: int

    @property
    def points(self) -> float:
        """In points, two decimals."""
        return points(self.hundredths)

    @property
    def probability(self) -> float:
        """Probability that anybody of it converts within the horizon, six decimals."""
        return probability(self.hundredths)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPart:
    """How a company's score comes of its people's.

    `kind` is the candidate served, `why` the choice in a sentence. The best lead's score counts
    `slope` thousandths, around `centre`.
    """

    kind: str = ALONE
    why: str = ""
    slope: int = SLOPE_UNIT
    centre: int = 0
    table_model: TableModel = field(default_factory=lambda: TableModel(0, ()))
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises `ValueError` for a table this version does not know, a pair or a slope below 0."""
        unknown = [t.feature for t in self.table_model.tables if t.feature not in _BY_NAME]
        if unknown or self.table_model.pairs or self.slope < 0:
            raise ValueError(f"an account's part with {unknown or 'pairs, or a falling slope'}")

    def hundredths(self, people: Sequence[Member]) -> int:
        """The company's score; `people`, at least one; of two as good the first is the best."""
        ranked = best_first(people)
        values = self._values(ranked)
        best = ranked[0].hundredths
        return best + self._spread(best) + self.table_model.explain(values)[0]

    def probability(self, people: Sequence[Member]) -> float:
        """Probability that anybody of the company converts within the horizon."""
        return probability(self.hundredths(people))

    def score(self, people: Mapping[str, tuple[Score, Member]]) -> AccountScore:
        """The score with its reasons; `people`, at least one, by lead."""
        order = sorted(people, key=lambda lead: (-people[lead][1].hundredths, lead))[:MOST_PEOPLE]
        best, ranked = people[order[0]][0], [people[lead][1] for lead in order]
        values = self._values(ranked)
        total, cells = self.table_model.explain(values)
        spread = self._spread(best.hundredths)
        reasons = [
            Reason(
                feature=table.feature,
                caption=_BY_NAME[table.feature].caption,
                value="nobody else" if value is None and len(ranked) == 1 else in_words(value),
                hundredths=cell,
            )
            for table, value, cell in zip(self.table_model.tables, values, cells, strict=True)
        ]
        reasons.append(
            Reason(
                feature=_BEST,
                caption=_BEST_CAPTION,
                value=f"{self.slope / SLOPE_UNIT:g}",
                hundredths=spread,
            )
        )
        reasons.sort(key=lambda reason: -abs(reason.hundredths))
        return AccountScore(
            best=best,
            leads=tuple(order),
            base=best.base + self.table_model.base,
            account_reasons=tuple(reason for reason in reasons if reason.hundredths),
            hundredths=best.hundredths + spread + total,
        )

    def _spread(self, best: int) -> int:
        return (best - self.centre) * (self.slope - SLOPE_UNIT) // SLOPE_UNIT

    def _values(self, ranked: Sequence[Member]) -> list[float | str | None]:
        return [_BY_NAME[table.feature].value(ranked) for table in self.table_model.tables]


def best_first(people: Sequence[Member]) -> list[Member]:
    """The people by their scores, no more of them than are looked at."""
    return sorted(people, key=lambda one: -one.hundredths)[:MOST_PEOPLE]
