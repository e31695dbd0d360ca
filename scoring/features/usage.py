"""How much of the product they use."""

from __future__ import annotations

from collections.abc import Callable

from scoring.features.feature import Feature, Moment
from scoring.leads.counters import Counters


def counter(name: str, caption: str, read: Callable[[Counters], float | None]) -> Feature:
    """A feature read off the lead's counters; unknown while no events are connected."""

    def value(moment: Moment) -> float | None:
        return None if moment.counters is None else read(moment.counters)

    return Feature(
        name=name, caption=caption, group="engagement", kind="number", value=value, counted=read
    )


FEATURES = (
    counter("events_total", "Actions so far", lambda c: c.total["any"]),
    counter("events_7d", "Actions in the last 7 days", lambda c: c.last_7d["any"]),
    counter("active_days_total", "Days active so far", lambda c: c.active_days_total),
    counter("active_days_7d", "Days active in the last 7", lambda c: c.active_days_7d),
    counter("distinct_actions", "Different things done", lambda c: c.distinct_names),
)
