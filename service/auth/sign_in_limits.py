"""How often a password may be tried: by account and address, and by account for strangers.

Ten tries a minute from one address, whoever it is. All addresses that the account never signed in
from share a slower allowance, so that guessing from many of them is slow too; an address that it
did sign in from keeps its own, so that strangers lock nobody out of where they usually are.
"""

from __future__ import annotations

from service.auth.rate_limit import Rates
from service.errors import TooMany

_FROM_ONE_ADDRESS = 10
_FROM_STRANGERS = 30


def spend_try(rates: Rates, *, account: str, address: str, is_known: bool) -> None:
    """Count one try of an account's password. Raises TooMany with the seconds to wait."""
    try:
        rates.spend(f"login:{account}:{address}", _FROM_ONE_ADDRESS)
        if not is_known:
            rates.spend(f"login:{account}", _FROM_STRANGERS)
    except TooMany as error:
        raise TooMany(
            "too_many_tries",
            f"Too many tries for this log-in. Wait {error.retry_after} seconds, or sign in from "
            "where you signed in before, with your company's account or with a key.",
            retry_after=error.retry_after,
        ) from None
