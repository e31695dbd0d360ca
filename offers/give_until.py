"""Until when a give that was granted lasts."""

from __future__ import annotations

from datetime import datetime

from offers.months import add_months
from offers.order_check import Grant

_FOR_THE_TERM = frozenset({"percent_off", "extra_seats", "currency_lock"})


def lasts_until(
    grant: Grant, *, since: datetime, committed_until: datetime | None, zone: str
) -> datetime | None:
    """The end of a give granted at `since`; None where it has none, or none that we know.

    `committed_until` is the end of the term that was bought, which extra months come after.
    """
    if grant.give in _FOR_THE_TERM:
        return committed_until
    if grant.give == "extra_months" and committed_until is not None:
        return add_months(committed_until, int(str(grant.value)), zone)
    if grant.give == "price_lock_months":
        return add_months(since, int(str(grant.value)), zone)
    return None
