"""Amounts as Stripe writes them and as ISO 4217 does: the two differ for a few currencies.

Source: docs.stripe.com/currencies, "Zero-decimal currencies" and "Special cases". Our `minor` is
ISO's minor unit everywhere else.
"""

from __future__ import annotations

from offers.money import THREE_DECIMALS, minor_digits

_DIGITS = {"ISK": 2, "UGX": 2, "MGA": 0}
"""Krónur and shillings are written with two decimals that must be 00; ariary without any,
though ISO gives the ariary two."""
_STEPS = {"ISK": 100, "UGX": 100}


def from_stripe(amount: int, currency: str) -> int:
    """Stripe's amount in ISO minor units, rounded down where it is no whole number of them."""
    return amount * _power(minor_digits(currency)) // _power(_digits(currency))


def to_stripe(minor: int, currency: str) -> int:
    """ISO minor units as the least amount that Stripe takes and that is not below them."""
    amount = -(-minor * _power(_digits(currency)) // _power(minor_digits(currency)))
    step = _STEPS.get(currency, 10 if currency in THREE_DECIMALS else 1)
    return -(-amount // step) * step


def _digits(currency: str) -> int:
    return _DIGITS.get(currency, minor_digits(currency))


def _power(digits: int) -> int:
    return (1, 10, 100, 1000)[digits]
