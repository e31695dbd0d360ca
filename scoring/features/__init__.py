"""One file a theme; `BUILT_IN` is all of them, in the order reasons are computed."""

from __future__ import annotations

from scoring.features import account, company, contact, intent, momentum, trial_clock, usage
from scoring.features.feature import Feature, Group, Moment

BUILT_IN: tuple[Feature, ...] = (
    *contact.FEATURES,
    *company.FEATURES,
    *trial_clock.FEATURES,
    *usage.FEATURES,
    *momentum.FEATURES,
    *intent.FEATURES,
    *account.FEATURES,
)

__all__ = ["BUILT_IN", "Feature", "Group", "Moment"]
