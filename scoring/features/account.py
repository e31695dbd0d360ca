"""What the others of the lead's account do."""

from __future__ import annotations

from scoring.features.usage import counter

FEATURES = (
    counter(
        "colleagues_active_7d",
        "Colleagues active in the last 7 days",
        lambda c: c.colleagues_active_7d,
    ),
)
