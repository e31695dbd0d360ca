"""How often one caller may call: a key by its role, an address that shows no key by itself.

Each name has one number, the moment at which its allowance is whole again (the generic cell rate
algorithm): a call moves it by `60 / calls a minute`, and is refused while it lies more than a
minute ahead. The `limits` package keeps a window of hits for each name, in a store of its own;
this is one number and no lock. Kept by a process for itself, so several `serve` processes allow
as many times more.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections.abc import Callable

from service.errors import TooMany

_SPAN_SECONDS = 60.0
_MOST_NAMES = 20_000  # two megabytes; beyond it those with most of their allowance left are dropped


class Rates:
    """Call budgets by name of the caller, refilled as time passes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._whole_at: dict[str, float] = {}

    def spend(self, name: str, a_minute: int) -> None:
        """Count one call. Raises TooMany with the seconds to wait."""
        now = self._clock()
        at = max(now, self._whole_at.get(name, now)) + _SPAN_SECONDS / a_minute
        early = at - now - _SPAN_SECONDS
        if early > 1e-6:  # a rounding error is no call too many
            raise TooMany(
                "too_many_calls",
                f"{a_minute} calls a minute are allowed; wait and send it again",
                retry_after=math.ceil(early),
            )
        self._whole_at[name] = at
        if len(self._whole_at) > _MOST_NAMES:
            self._forget(now)

    def _forget(self, now: float) -> None:
        self._whole_at = {name: at for name, at in self._whole_at.items() if at > now}
        if len(self._whole_at) > _MOST_NAMES // 2:
            by_use = sorted(self._whole_at.items(), key=lambda each: each[1], reverse=True)
            self._whole_at = dict(by_use[: _MOST_NAMES // 2])


def address_name(host: str | None) -> str:
    """What an address is counted by: itself, or its /64 network, which one IPv6 caller owns."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return f"address:{host or 'unknown'}"
    if address.version == 6:
        mapped = address.ipv4_mapped
        if mapped is None:
            return f"address:{ipaddress.ip_network((int(address), 64), strict=False)}"
        address = mapped
    return f"address:{address}"
