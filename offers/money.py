"""Money: whole minor units and a currency, one rounding rule, shares that sum exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NO_DECIMALS = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND")
) | {"VUV", "XAF", "XOF", "XPF"}
THREE_DECIMALS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
"""Currencies whose minor unit is not a hundredth (ISO 4217)."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents) of one currency."""

    minor: int
    currency: str

    def __str__(self) -> str:
        return f"{self.currency} {in_major_units(self.minor, self.currency)}"

    def to_json(self) -> dict[str, int | str]:
        """The `{minor, currency}` of the HTTP contract."""
        return {"minor": self.minor, "currency": self.currency}


def rounded(numerator: int, denominator: int) -> int:
    """`numerator / denominator` to the nearest whole number, halves away from zero.

    The one rounding rule: every amount that is not whole passes here exactly once.
    """
    sign = -1 if (numerator < 0) != (denominator < 0) else 1
    top, bottom = abs(numerator), abs(denominator)
    return sign * ((2 * top + bottom) // (2 * bottom))


def rounded_up(numerator: int, denominator: int) -> int:
    """The next whole number at or above; for costs and percents shown beside a limit."""
    return -(-numerator // denominator)


def share_out(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """`total` split by `weights` so that the shares sum to it exactly (largest remainder).

    Weights are not negative and at least one is positive; on equal remainders the earlier
    share gets the unit.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError(f"cannot share by weights {list(weights)}: give at least one above 0")
    shares = [total * weight // whole for weight in weights]
    remainders = [total * weight % whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda index: (-remainders[index], index))
    for index in order[: total - sum(shares)]:
        shares[index] += 1
    return tuple(shares)


def minor_digits(currency: str) -> int:
    """How many decimals the currency's minor unit has."""
    if currency in NO_DECIMALS:
        return 0
    return 3 if currency in THREE_DECIMALS else 2


def in_major_units(minor: int, currency: str) -> str:
    """`248000` as `2,480.00`, with the currency's own number of decimals."""
    digits = minor_digits(currency)
    sign, rest = ("-", -minor) if minor < 0 else ("", minor)
    if digits == 0:
        return f"{sign}{rest:,}"
    major, cents = divmod(rest, 10**digits)
    return f"{sign}{major:,}.{cents:0{digits}d}"
