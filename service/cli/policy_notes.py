"""What `policy check` adds to its proof: the holdout's power, and lints from live trials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from service.cli.fail import fail

if TYPE_CHECKING:
    from offers.policy import Policy

LOOK_AFTER_DAYS = 90


def power(policy: Policy, base: float, per_day: float) -> list[dict[str, Any]]:
    """How soon a rise by half shows, and the smallest that shows after 90 days, by holdout.

    The policy's own share beside one half, the share that shows it soonest.
    """
    from offers.holdout import days_needed, smallest_effect

    share = policy.guardrails.holdout
    if not share:
        return []
    shares = {share, policy.guardrails.holdout_while_young or share}
    return [
        {
            "holdout": control,
            "days": days_needed(base, 1.5 * base, control, per_day),
            "smallest_rise": smallest_effect(base, control, round(LOOK_AFTER_DAYS * per_day)),
        }
        for control in sorted({float(each) for each in shares} | {0.5})
    ]


def live_lints(db: str, policy: Policy) -> dict[str, Any]:
    """The lints over a store's live trials, or one sentence and exit code 2."""
    from service.bootstrap import build_parts
    from service.clock import SystemClock
    from service.errors import ConfigurationError, Refusal
    from service.settings import read_settings
    from service.use_cases.lints import lints

    clock = SystemClock()
    try:
        parts = build_parts(read_settings(db=db), clock)
    except (ConfigurationError, Refusal) as error:
        fail(str(error))
    try:
        return parts.store.read_now(
            lambda connection: lints(connection, parts, policy, clock.now())
        )
    finally:
        parts.store.close()
