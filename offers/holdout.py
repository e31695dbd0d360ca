"""Who gets no offer, so that the effect can be measured: assignment, and what it can show.

An account's arm is a salted hash: the same on every machine and for every colleague. It is
analysed as assigned, never as treated.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from math import ceil, sqrt
from statistics import NormalDist
from typing import Literal

from offers.rules import Policy, Rule

Arm = Literal["offer", "control"]

BUCKETS = 1_000_000
"""Shares are exact to a millionth."""


USUAL_BASE, USUAL_RISE = 0.05, 1.5
"""The rate and the rise that are planned for where nobody says."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """An account's arm and the chance it had of it; store both."""

    arm: Arm
    propensity: Decimal
    """The probability with which this account got this arm."""


def assign(account: str, salt: str, share: Decimal) -> Assignment:
    """The arm of an account when `share` of all accounts are controls."""
    digest = sha256(f"{salt}\0{account}".encode()).digest()
    bucket = int.from_bytes(digest[:8], "big") % BUCKETS
    if bucket < share * BUCKETS:
        return Assignment("control", share)
    return Assignment("offer", 1 - share)


def share_of(policy: Policy, rule: Rule | None, today: date) -> Decimal:
    """The share of controls: larger while a dated rule is young, else the policy's.

    The buckets nest, so an account that is a control at the smaller share is one at the larger.
    """
    limits = policy.guardrails
    usual = limits.holdout or Decimal(0)
    if rule is None or rule.starts is None or limits.holdout_while_young is None:
        return usual
    is_young = 0 <= (today - rule.starts).days < limits.young_days
    return max(usual, limits.holdout_while_young) if is_young else usual


def accounts_needed(
    base: float, treated: float, control_share: float, *, power: float = 0.8, level: float = 0.05
) -> int:
    """Accounts in both arms for a two-sided test of two conversion rates to find them different.

    The normal approximation with each arm's own variance (Chow, Shao and Wang, "Sample Size
    Calculations in Clinical Research", 2008, section 4.2.1).
    """
    spread = base * (1 - base) / control_share + treated * (1 - treated) / (1 - control_share)
    z = NormalDist().inv_cdf(1 - level / 2) + NormalDist().inv_cdf(power)
    return ceil(z**2 * spread / (treated - base) ** 2)


def chance_to_know(
    base: float, treated: float, control_share: float, accounts: float, *, level: float = 0.05
) -> float:
    """The power of the comparison that `accounts_needed` plans, at so many accounts.

    The same normal approximation, solved for the power.
    """
    if accounts <= 0 or not 0 < control_share < 1:
        return 0.0
    spread = base * (1 - base) / control_share + treated * (1 - treated) / (1 - control_share)
    error = sqrt(spread / accounts)
    return NormalDist().cdf(abs(treated - base) / error - NormalDist().inv_cdf(1 - level / 2))


def share_for_chance(base: float, treated: float, accounts: float, chance: float) -> float | None:
    """The smallest share of controls at which the chance to know is so high; `None` at none.

    Sought up to the share that splits the accounts best, where each arm's share goes by its
    standard deviation (Neyman's allocation, 1934).
    """
    of_controls, of_offers = (sqrt(p * (1 - p)) for p in (base, treated))
    low, high = 0.0, of_controls / (of_controls + of_offers)
    if chance_to_know(base, treated, high, accounts) < chance:
        return None
    for _ in range(60):
        middle = (low + high) / 2
        if chance_to_know(base, treated, middle, accounts) < chance:
            low = middle
        else:
            high = middle
    return high


def planned_accounts(policy: Policy) -> int | None:
    """The accounts over which the effect is read; `None` where nobody is held out.

    Those the policy plans, else those that show a rise by half of a usual rate.
    """
    share = max(policy.guardrails.holdout or 0, policy.guardrails.holdout_while_young or 0)
    if not 0 < share < 1:
        return None
    planned = policy.readings.planned
    return planned or accounts_needed(USUAL_BASE, USUAL_RISE * USUAL_BASE, float(share))


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallReading:
    """A first reading whose smaller arm is not expected to hold enough, and what would do."""

    accounts: int
    share: float
    """The smallest share of controls that the policy has."""
    fewest: float
    planned: int
    """So many planned accounts would do, in as many readings."""
    count: int
    """So many readings would do, over as many accounts; 0 where not one would."""


def small_reading(policy: Policy, least: int) -> SmallReading | None:
    """The first planned reading, where it cannot hold `least` accounts in each arm; else None."""
    planned, limits = planned_accounts(policy), policy.guardrails
    shares = [float(each) for each in (limits.holdout, limits.holdout_while_young) if each]
    if planned is None:
        return None
    share = min(shares)
    smaller = min(share, 1 - share)
    accounts, needed = ceil(planned / policy.readings.count), ceil(round(least / smaller, 6))
    if accounts >= needed:
        return None
    return SmallReading(
        accounts=accounts,
        share=share,
        fewest=accounts * smaller,
        planned=needed * policy.readings.count,
        count=planned // needed,
    )


def days_needed(base: float, treated: float, control_share: float, accounts_per_day: float) -> int:
    """Days, to the nearest, until a difference can be shown at 80 % power."""
    return round(accounts_needed(base, treated, control_share) / accounts_per_day)


def smallest_effect(base: float, control_share: float, accounts: int) -> float:
    """The smallest rise over `base` that so many accounts show with 80 % power."""
    low, high = 0.0, 1 - base
    for _ in range(60):
        middle = (low + high) / 2
        if middle > 0 and accounts_needed(base, base + middle, control_share) <= accounts:
            high = middle
        else:
            low = middle
    return high
