"""What a store knows of each rule's audience: how many accounts a day, how many buy without."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from offers.policy import Policy
from service.store.offers import holdout
from service.use_cases.tx import Tx
from service.use_cases.views.measured_effects import measured

LEAST_CONTROLS = 20
"""Fewer say nothing of what happens without an offer."""
_TRAFFIC_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """One rule's audience; `None` where too few accounts were seen."""

    accounts_per_day: float | None
    base_rate: float | None
    """The share of controls that bought within the days an effect is measured over."""


def observed(tx: Tx, policy: Policy) -> dict[str, Observed]:
    """Each rule's audience under this policy's name: its own controls, else everybody's."""
    since = tx.now - timedelta(days=_TRAFFIC_DAYS)
    assigned = holdout.of_policy(tx.connection, policy.id)
    recent = [each.rule for each in assigned if each.at > since]
    everybody = _base_rate(tx, policy, None)
    found = {}
    for rule in policy.rules:
        own = _base_rate(tx, policy, rule.id)
        found[rule.id] = Observed(
            accounts_per_day=recent.count(rule.id) / _TRAFFIC_DAYS or None,
            base_rate=everybody if own is None else own,
        )
    return found


def _base_rate(tx: Tx, policy: Policy, rule: str | None) -> float | None:
    made = measured(tx.connection, policy.id, now=tx.now, rule=rule)
    controls = [each.converted for each in made.mature if each.is_control]
    return sum(controls) / len(controls) if len(controls) >= LEAST_CONTROLS else None
