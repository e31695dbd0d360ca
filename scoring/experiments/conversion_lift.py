"""What a random assignment shows: the difference two arms make, with its interval or "undecided".

Analysed as assigned, never as treated. Where the chance of an arm changed over time, accounts
are compared within equal chances only (strata), weighted by their number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, variance
from typing import Literal

from scoring.model.intervals import wilson

Arm = Literal["offer", "control"]
LEAST_IN_AN_ARM = 20
LEAST_PAYERS = 10
"""In each arm, before the mean of money is near enough to normal for an interval."""
MISMATCH = 0.001
"""Arms of sizes this unlikely were not drawn as planned (Fabijan et al., KDD 2019)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One account, as assigned."""

    arm: Arm
    control_share: float
    """The chance it had of being a control."""
    converted: bool
    money: float | None
    """What it brought, less what was conceded; `None` when that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A difference, offer arm less control; no numbers where too little is known."""

    value: float | None
    low: float | None
    high: float | None
    verdict: Literal["more", "less", "undecided"]
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What the offers changed, an account."""

    offered: int
    controls: int
    offered_converted: int
    controls_converted: int
    conversion: Estimate
    money: Estimate
    left_out: int
    """Accounts that had no chance of the other arm."""


class NotRandom(ValueError):  # noqa: N818  # a refusal, said in a sentence
    """The comparison was not drawn by chance, so a difference would show nothing."""


def effect(samples: Iterable[Sample], level: float = 0.95) -> Effect:
    """The difference between the arms; raises NotRandom."""
    everything = list(samples)
    drawn = [s for s in everything if 0 < s.control_share < 1]
    strata = _strata(drawn)
    if not drawn:
        raise NotRandom("no account had a chance of both arms: without a holdout nothing is shown")
    _must_fit_the_plan(strata)
    offered = [s for s in drawn if s.arm == "offer"]
    controls = [s for s in drawn if s.arm == "control"]
    return Effect(
        offered=len(offered),
        controls=len(controls),
        offered_converted=sum(s.converted for s in offered),
        controls_converted=sum(s.converted for s in controls),
        conversion=_conversion(strata, offered, controls, level),
        money=_money(strata, offered, controls, level),
        left_out=len(everything) - len(drawn),
    )


_Stratum = tuple[Sequence[Sample], Sequence[Sample]]


def _strata(drawn: Sequence[Sample]) -> list[_Stratum]:
    by_share: dict[float, tuple[list[Sample], list[Sample]]] = {}
    for sample in drawn:
        offered, controls = by_share.setdefault(sample.control_share, ([], []))
        (offered if sample.arm == "offer" else controls).append(sample)
    return list(by_share.values())


def _must_fit_the_plan(strata: Sequence[_Stratum]) -> None:
    for offered, controls in strata:
        share = (*offered, *controls)[0].control_share
        n = len(offered) + len(controls)
        chance = _chance_of(len(controls), n, share)
        if chance < MISMATCH:
            raise NotRandom(
                f"{len(controls)} of {n} accounts are controls where {share:.0%} were planned "
                f"(p = {chance:.1g}): the arms were not drawn as assigned"
            )


def _conversion(
    strata: Sequence[_Stratum], offered: Sequence[Sample], controls: Sequence[Sample], level: float
) -> Estimate:
    """Newcombe's hybrid score interval (Statistics in Medicine 1998, method 10), over strata."""
    if min(len(offered), len(controls)) < LEAST_IN_AN_ARM:
        return _too_little(f"fewer than {LEAST_IN_AN_ARM} accounts in an arm")
    pairs = [pair for pair in strata if all(pair)]
    total = sum(len(a) + len(b) for a, b in pairs)
    value = below = above = 0.0
    for treated, held in pairs:
        weight = (len(treated) + len(held)) / total
        p1, low1, high1 = _share(treated, level)
        p0, low0, high0 = _share(held, level)
        value += weight * (p1 - p0)
        below += weight**2 * ((p1 - low1) ** 2 + (high0 - p0) ** 2)
        above += weight**2 * ((high1 - p1) ** 2 + (p0 - low0) ** 2)
    return _estimate(value, value - sqrt(below), value + sqrt(above))


def _money(
    strata: Sequence[_Stratum], offered: Sequence[Sample], controls: Sequence[Sample], level: float
) -> Estimate:
    """Welch's interval for a difference of means, over strata."""
    if any(s.money is None for s in (*offered, *controls)):
        return _too_little("some amounts are missing or in another currency")
    if min(sum(s.converted for s in arm) for arm in (offered, controls)) < LEAST_PAYERS:
        return _too_little(f"fewer than {LEAST_PAYERS} payers in an arm")
    pairs = [pair for pair in strata if min(map(len, pair)) >= 2]
    if not pairs:
        return _too_little("fewer than two accounts of equal chances in an arm")
    total = sum(len(a) + len(b) for a, b in pairs)
    value = spread = freedom = 0.0
    for pair in pairs:
        weight = (len(pair[0]) + len(pair[1])) / total
        for sign, arm in zip((1, -1), pair, strict=True):
            known = [s.money for s in arm if s.money is not None]
            value += sign * weight * fmean(known)
            part = weight**2 * variance(known) / len(known)
            spread += part
            freedom += part**2 / (len(known) - 1)
    if spread == 0:
        return _too_little("every account brought the same")
    half = _t_quantile((1 + level) / 2, spread**2 / freedom) * sqrt(spread)
    return _estimate(value, value - half, value + half)


def _share(arm: Sequence[Sample], level: float) -> tuple[float, float, float]:
    count = sum(sample.converted for sample in arm)
    return count / len(arm), *wilson(count, len(arm), level)


def _estimate(value: float, low: float, high: float) -> Estimate:
    verdict: Literal["more", "less", "undecided"] = "undecided"
    if low > 0:
        verdict = "more"
    elif high < 0:
        verdict = "less"
    why = "the interval holds zero" if verdict == "undecided" else ""
    return Estimate(value=value, low=low, high=high, verdict=verdict, why=why)


def _too_little(why: str) -> Estimate:
    return Estimate(value=None, low=None, high=None, verdict="undecided", why=why)


# scipy.stats takes a second and 60 MB to import: too much for every process that may never ask


def _chance_of(count: int, n: int, share: float) -> float:
    from scipy.stats import binomtest

    return float(binomtest(count, n, share).pvalue)


def _t_quantile(p: float, freedom: float) -> float:
    from scipy.stats import t

    return float(t.ppf(p, freedom))
