"""What `policy check` adds to its proof: the holdout's power, and lints from live trials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from service.cli.fail import fail

if TYPE_CHECKING:
    import sqlalchemy as sa

    from offers.audience import Audience
    from offers.policy import Policy
    from service.use_cases.policies.observed import Observed

LOOK_AFTER_DAYS = 90
MENDS = {
    "reachable": "no lead can fit its `when`; these clauses exclude each other",
    "not_shadowed": "a rule before it takes every lead that it fits; move it up, or narrow that "
    "rule's `when`",
    "max_percent_off": "it can take more off than `max_percent_off` allows; give less",
    "floor": "it can sell below a plan's `floor`; give less, or ask for more",
    "rep_contacted": "it fits leads that a rep is in touch with; add `and not rep_contacted` to "
    "its `when`",
    "live_days_per_year": "like concessions can last on more days of a year than "
    "`live_days_per_year` allows; shorten `from` to `until`",
    "live_days_per_year_any": "concessions of any kind can last on more days of a year than "
    "`live_days_per_year_any` allows; shorten `from` to `until`",
}
"""What a refuted property means to the policy's author, and what mends it."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What a store says of a policy: its lints, and each rule's audience, measured and fitting."""

    lints: dict[str, Any]
    seen: dict[str, Observed]
    fits: dict[str, Audience]


def from_store(db: str, policy: Policy) -> Live:
    """The lints over a store's live trials and what it saw of each rule's audience.

    Or one sentence and exit code 2.
    """
    from service.app import build_runtime
    from service.clock import SystemClock
    from service.errors import ConfigurationError, Refusal
    from service.settings import read_settings
    from service.use_cases.policies.lints import lints, live_audiences
    from service.use_cases.policies.observed import observed
    from service.use_cases.tx import Tx

    def look(connection: sa.Connection) -> Live:
        tx = Tx(connection, runtime, clock.now())
        return Live(
            lints=lints(tx, policy),
            seen=observed(tx, policy),
            fits={found.rule: found for found in live_audiences(tx, policy)},
        )

    clock = SystemClock()
    try:
        runtime = build_runtime(read_settings(db=db), clock)
    except (ConfigurationError, Refusal) as error:
        fail(str(error))
    try:
        return runtime.store.read_now(look)
    finally:
        runtime.store.close()
