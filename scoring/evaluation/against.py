"""Our score beside the one they have, on the same leads: who finds more of the buyers first?

Equal scores are called in no order: a lead at the border of the best 20 % counts for the share of
its equals that fits in. Every difference comes with a paired 95 % interval, drawn by lead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scoring.errors import DataError
from scoring.evaluation.lift import CALLED
from scoring.evaluation.metrics import Floats, Labels
from scoring.files.export import Export
from scoring.files.numbers import Decimal
from scoring.files.reading import Asked, evidence_of
from scoring.files.values import as_number, present

HEADLINE = 0.2
_DRAWS = 500
_BEYOND_CHANCE = 3.0
"""Standard errors of an AUC without skill (Mann and Whitney 1947)."""
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The share of all buyers among the best `part` of the leads, by their score and by ours."""

    part: float
    theirs: float
    ours: float
    difference: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """Both scores on `leads` leads of whom `buyers` converted; AUCs, and their difference's."""

    leads: int
    buyers: int
    theirs: float
    ours: float
    difference: Interval
    held: tuple[Held, ...]

    @property
    def is_reversed(self) -> bool:
        """Whether their score ranks buyers last, beyond chance: its best number is the lowest."""
        others = self.leads - self.buyers
        error = np.sqrt((self.leads + 1) / (12 * self.buyers * others))
        return self.theirs < 0.5 - _BEYOND_CHANCE * float(error)

    def sentences(self) -> tuple[str, ...]:
        """What a boss asks first, the ranks' figure behind it, whether theirs is upside down."""
        called = next(held for held in self.held if held.part == HEADLINE)
        low, high = (100 * end for end in called.difference)
        way = "ours finds more" if low > 0 else "theirs finds more" if high < 0 else "undecided"
        turned = (
            "Their score ranks buyers last: if its lowest number is the best, as of a rank, turn "
            "it round, such as 100 less the number, and compare again",
        )
        return (
            f"Of 100 buyers, the best {HEADLINE:.0%} of the leads held: theirs "
            f"{100 * called.theirs:.0f}, ours {100 * called.ours:.0f}; difference "
            f"{100 * (called.ours - called.theirs):+.0f} (95%: {low:+.0f} to {high:+.0f}), {way}",
            f"A buyer outranks a non-buyer {self.theirs:.0%} of the time by theirs, "
            f"{self.ours:.0%} by ours (difference {100 * (self.ours - self.theirs):+.1f}, 95%: "
            f"{100 * self.difference[0]:+.1f} to {100 * self.difference[1]:+.1f}); "
            f"{self.buyers:,} buyers among {self.leads:,} leads",
            *(turned if self.is_reversed else ()),
        )


def against(y: Labels, ours: Floats, theirs: Floats) -> Against:
    """Compare two scores, higher is better, shape (leads,); raises `DataError` for one outcome."""
    buyers = int(y.sum())
    if buyers in (0, len(y)):
        raise DataError(
            f"of {len(y):,} leads {buyers:,} converted; a comparison needs both kinds of outcome"
        )
    ranked = [_Ranked.of(score, y) for score in (theirs, ours)]
    found = [ranks.figures(np.ones(len(y))) for ranks in ranked]
    chance = np.random.default_rng(0)
    drawn = []
    for _ in range(_DRAWS):
        times = np.bincount(chance.integers(0, len(y), len(y)), minlength=len(y))
        one, other = (ranks.figures(times) for ranks in ranked)
        drawn.append(other - one)
    low, high = np.nanquantile(np.array(drawn), [0.025, 0.975], axis=0).tolist()
    return Against(
        leads=len(y),
        buyers=buyers,
        theirs=float(found[0][0]),
        ours=float(found[1][0]),
        difference=(low[0], high[0]),
        held=tuple(
            Held(
                part=part,
                theirs=float(found[0][i]),
                ours=float(found[1][i]),
                difference=(low[i], high[i]),
            )
            for i, part in enumerate(CALLED, start=1)
        ),
    )


@dataclass(frozen=True, slots=True)
class _Ranked:
    """Leads from the best score to the worst; `begins` is where each group of equals does."""

    order: Labels
    begins: Labels
    buys: Labels

    @classmethod
    def of(cls, score: Floats, y: Labels) -> _Ranked:
        order = np.argsort(-score, kind="stable")
        new = np.flatnonzero(np.diff(score[order]))
        return cls(order, np.concatenate([[0], new + 1]), y[order])

    def figures(self, times: Floats | Labels) -> Floats:
        """The AUC, then the share of buyers held by each of `CALLED`, each lead so many times."""
        leads = np.asarray(times[self.order], dtype=np.float64)
        buyers = np.add.reduceat(leads * self.buys, self.begins)
        others = np.add.reduceat(leads, self.begins) - buyers
        found = np.concatenate([[0.0], np.cumsum(buyers)])
        passed = np.concatenate([[0.0], np.cumsum(others)])
        if not found[-1] or not passed[-1]:
            return np.full(1 + len(CALLED), np.nan)
        outranked = float((others * (found[1:] + found[:-1]) / 2).sum())
        held = np.interp(np.array(CALLED) * leads.sum(), found + passed, found)
        return np.concatenate([[outranked / (found[-1] * passed[-1])], held / found[-1]])


def decimal_of(export: Export, column: str, asked: Asked) -> Decimal | None:
    """The decimal sign of a column's numbers, told as training tells it; `None` of plain ones.

    Raises `DataError` when the column is not there, or reads two ways.
    """
    export.column(column, "--against")
    return evidence_of(export, (), asked).decimal(column)


def their_scores(export: Export, column: str, decimal: Decimal | None) -> Floats:
    """The numbers of a column, shape (leads,), NaN where there is none.

    Raises `DataError` when no number stands in half of it, or one and the same in all of it.
    """
    cells = export.column(column, "--against")
    read = [as_number(present(value, ()), decimal) for value in cells]
    scores = np.array([np.nan if value is None else value for value in read], dtype=np.float64)
    missing = int(np.isnan(scores).sum())
    if 2 * missing > len(scores):
        raise DataError(
            f'{export.path.name}: {missing:,} of {len(scores):,} cells of "{column}" are no '
            "numbers; a score to compare with is a number, higher for better leads"
        )
    if np.unique(scores[~np.isnan(scores)]).size == 1:
        raise DataError(
            f'{export.path.name}: "{column}" is the same number for every lead compared, so that '
            "score ranks nobody; name a column whose numbers differ"
        )
    return scores
