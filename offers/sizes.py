"""Which size of an extra an account gets, where a rule lets chance draw it.

A salted hash, as the arm is, and independent of it: the same on every machine, for every
colleague, and whenever the account is looked at again.
"""

from __future__ import annotations

from hashlib import sha256

from offers.holdout import BUCKETS
from offers.rules import Rule


def size_draw(account: str, salt: str) -> float:
    """The account's draw in [0, 1), in millionths."""
    digest = sha256(f"{salt}\0size\0{account}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % BUCKETS / BUCKETS


def drawn_size(rule: Rule, draw: float) -> dict[str, object] | None:
    """What is kept of a draw: the give, its size, among which, the chance of it."""
    sized = rule.sized
    if sized is None:
        return None
    return {
        "give": sized.kind,
        "size": sized.drawn(draw).value,
        "of": list(sized.sizes),
        "propensity": f"1/{len(sized.sizes)}",
    }
