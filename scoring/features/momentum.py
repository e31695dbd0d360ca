"""Whether their use grows or fades, as of now: a stale lead's score falls without new events."""

from __future__ import annotations

from scoring.features.usage import counter

FEATURES = (
    counter("events_1d", "Actions today and yesterday", lambda c: c.events_1d),
    counter("events_3d", "Actions in the last 3 days", lambda c: c.events_3d),
    counter("days_since_last", "Days since the last action", lambda c: c.days_since_last),
    counter(
        "momentum_3d",
        "Actions in the last 3 days less those in the 3 before",
        lambda c: c.events_3d - c.events_3d_before,
    ),
)
