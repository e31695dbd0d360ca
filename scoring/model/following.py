"""A base that follows the newest settled outcomes: the same tables in a market that moves.

The shift of the base is the maximum-likelihood one over the leads whose outcome is settled, each
weighing half after every `half_life` later ones, with a ridge that keeps it near 0 while there are
few. It depends on those leads' scores and outcomes alone, so it can be worked out again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.model.points import HUNDREDTHS_PER_LOGIT

RIDGE = 5.0
"""As much as 20 leads of even odds, or 55 where one in ten converts, would know."""
_STEPS = 60
_FLAT = 500.0
"""Log-odds beyond which the exponential overflows; the probability is 0 or 1 long before."""
_HALVINGS = 10
_BLOCKS = 20
Ints = NDArray[np.int64]


def missing_shift(scores: Ints, y: Ints, weights: NDArray[np.float64] | None = None) -> int:
    """The hundredths by which scores, shape (rows,), must move to meet outcomes 0/1.

    By Newton, halving where a step leaves what can still hold the answer: far from the outcomes
    the sigmoid is flat, and bare Newton steps run away.
    """
    if weights is None:
        weights = np.ones(len(y))
    shift = 0.0
    high = float(weights.sum()) * HUNDREDTHS_PER_LOGIT / RIDGE  # all that outcomes can outweigh
    low = -high
    for _ in range(_STEPS):
        logits = np.clip((scores + shift) / HUNDREDTHS_PER_LOGIT, -_FLAT, _FLAT)
        p = 1 / (1 + np.exp(-logits))
        missing = float((weights * (y - p)).sum()) - RIDGE * shift / HUNDREDTHS_PER_LOGIT
        low, high = (shift, high) if missing > 0 else (low, shift)
        curve = float((weights * p * (1 - p)).sum()) + RIDGE
        next_ = shift + missing / curve * HUNDREDTHS_PER_LOGIT
        if not low <= next_ <= high:
            next_ = (low + high) / 2
        step, shift = next_ - shift, next_
        if abs(step) < 1:
            break
    return round(shift)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowingBase:
    """`half_life` counts leads; `lag` of the newest are not settled yet."""

    half_life: int
    lag: int = 0

    def shift(self, scores: Ints, y: Ints) -> int:
        """The shift, in hundredths, that settled leads ask for; oldest first, one row a lead."""
        last = min(len(y), _HALVINGS * self.half_life)
        if not last:
            return 0
        weights = 0.5 ** (np.arange(last)[::-1] / self.half_life)
        return missing_shift(scores[-last:], y[-last:], weights)

    def followed(self, scores: Ints, y: Ints, lead: Ints) -> Ints:
        """Scores as they would have been served, had the base followed while these leads came.

        Rows, oldest lead first, of which `lead` numbers each one's lead; a lead's first row
        teaches. The base moves twenty times.
        """
        _, first, of_row = np.unique(lead, return_index=True, return_inverse=True)
        leads = len(first)
        shifts = np.zeros(leads, dtype=np.int64)
        for block in np.array_split(np.arange(leads), min(_BLOCKS, leads)):
            taught = first[: max(0, int(block[0]) - self.lag)]
            shifts[block] = self.shift(scores[taught], y[taught])
        moved: Ints = scores + shifts[of_row]
        return moved
