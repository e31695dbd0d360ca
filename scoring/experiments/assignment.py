"""Whether arms were drawn as planned: else a difference would show nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scoring.experiments.trial import Floats

MISMATCH = 0.001
"""Arms of sizes this unlikely were not drawn as planned (Fabijan et al., KDD 2019)."""


class NotRandom(ValueError):  # noqa: N818  # a refusal, said in a sentence
    """The comparison was not drawn by chance, so a difference would show nothing."""


def must_fit_the_plan(is_control: NDArray[np.bool_], control_share: Floats) -> None:
    """Raises `NotRandom` unless the controls among accounts are about as many as their chances.

    Both of shape (accounts,), the chances between 0 and 1; each chance is judged by itself.
    """
    if not len(control_share):
        raise NotRandom("no account was drawn into a group: without a holdout nothing is shown")
    for share in np.unique(control_share).tolist():
        arms = is_control[control_share == share]
        chance = _chance_of(int(arms.sum()), len(arms), share)
        if chance < MISMATCH:
            raise NotRandom(
                f"{arms.sum()} of {len(arms)} accounts are controls where {share:.0%} were "
                f"planned (p = {chance:.1g}): the arms were not drawn as assigned"
            )


def _chance_of(count: int, n: int, share: float) -> float:
    from scipy.stats import binomtest  # a second and 60 MB: see `differences`

    return float(binomtest(count, n, share).pvalue)
