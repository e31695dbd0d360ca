"""When a rule's readers dislike its mail so much that it pauses."""

from __future__ import annotations

from scoring.model.intervals import wilson

LEAST_MAILED = 50
"""People a rule's mail must have reached before it is judged."""


def is_disliked(
    mailed: int, complaints: int, limit: float, *, controls: int, controls_complaints: int
) -> bool:
    """Whether more than `limit` of a rule's readers complain, for all that chance can explain.

    The lower end of Wilson's 95 % interval must lie above the limit (at 1 %: two of fifty, not
    one), and the share above that of the accounts held out, who complain of our other mail.
    """
    if mailed < LEAST_MAILED:
        return False
    low, _ = wilson(complaints, mailed, 0.95)
    usual = controls_complaints / controls if controls else 0.0
    return low > limit and complaints / mailed > usual
