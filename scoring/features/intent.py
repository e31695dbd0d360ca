"""Signs of buying: the kinds of event named in `lists/intents.toml`."""

from __future__ import annotations

from scoring.features.feature import Feature
from scoring.features.usage import counter
from scoring.leads.intents import INTENTS


def _intent(kind: str, caption: str) -> tuple[Feature, Feature]:
    return (
        counter(f"{kind}_total", caption, lambda c: c.total[kind]),
        counter(f"{kind}_7d", f"{caption}, last 7 days", lambda c: c.last_7d[kind]),
    )


FEATURES = tuple(feature for intent in INTENTS for feature in _intent(intent.kind, intent.caption))
