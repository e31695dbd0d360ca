"""What a scraper reads of the store: queues, outbox, score drift; looked up when it asks.

With a million leads the sums take a while, so they are at least ten seconds apart, and further
where they take long.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Gauge

from scoring.evaluation.drift import score_psi
from scoring.model.model import Model
from scoring.model.points import points
from service.store.leads import bases, leads
from service.store.ops import audit, outbox, switches
from service.store.queue import listing

_LEAST_SECONDS = 10.0
_STATES = ("waiting", "held", "snoozed")
_NEWEST = 500
_FEWEST = 50
"""Below so many leads a drift would be noise."""
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One look at the store."""

    places: dict[str, int]
    oldest_waiting: datetime | None
    overdue: int
    mails_due: int
    oldest_mail: datetime | None
    signup_scores: Sequence[int]
    unsealed: int
    is_mail_held: bool
    rules_paused: int
    codes_public: int
    base_hundredths: int


class Gauges:
    """Set before each scrape."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, says: str, *labels: str) -> Gauge:
            return Gauge(f"giveget_{name}", says, labels, registry=registry)

        self._places = gauge("queue_places", "Leads in queues, by state.", "state")
        self._waiting = gauge("queue_oldest_seconds", "How long the oldest lead has waited.")
        self._overdue = gauge("queue_overdue", "Waiting leads past their due time.")
        self._mails = gauge("outbox_due", "Mails due.")
        self._mail_age = gauge("outbox_oldest_seconds", "How long the oldest due mail has waited.")
        self._drift = gauge(
            "score_drift_psi", "Last week's scores at sign-up against training's; NaN: unknown."
        )
        self._unsealed = gauge("audit_unsealed", "Lines of the audit not sealed yet.")
        self._held = gauge("mail_held", "Whether mail waits because the mail server refuses us.")
        self._paused = gauge("rules_paused", "Rules paused by their readers' complaints.")
        self._public = gauge("codes_public", "Codes that strangers present and nobody stopped.")
        self._base = gauge("base_shift_points", "By how much outcomes moved the model's base.")
        self.store_up = gauge("store_up", "Whether the store answered the last scrape.")
        self._stale_at = 0.0

    def is_stale(self) -> bool:
        """Whether it is time to look again."""
        return time.monotonic() >= self._stale_at

    def show(self, seen: Seen, model: Model, now: datetime, *, took: float) -> None:
        """Set every gauge from one look."""
        for state in _STATES:
            self._places.labels(state).set(seen.places.get(state, 0))
        self._waiting.set(_age(seen.oldest_waiting, now))
        self._overdue.set(seen.overdue)
        self._mails.set(seen.mails_due)
        self._mail_age.set(_age(seen.oldest_mail, now))
        self._drift.set(drift(model, seen.signup_scores))
        self._unsealed.set(seen.unsealed)
        self._held.set(seen.is_mail_held)
        self._paused.set(seen.rules_paused)
        self._public.set(seen.codes_public)
        self._base.set(points(seen.base_hundredths))
        self._stale_at = time.monotonic() + max(_LEAST_SECONDS, 20 * took)


def look(connection: sa.Connection, model: Model, now: datetime) -> Seen:
    """Count what the gauges show."""
    mails_due, oldest_mail = outbox.due_since(connection, now)
    base = bases.learnt(connection, model.id)
    places: Counter[str] = Counter()
    for _, state, number in listing.depth(connection):
        places[state] += number
    return Seen(
        places=places,
        oldest_waiting=listing.oldest_waiting(connection),
        overdue=listing.overdue_count(connection, now),
        mails_due=mails_due,
        oldest_mail=oldest_mail,
        signup_scores=leads.signup_scores(
            connection, model=model.name, since=now - _WEEK, limit=_NEWEST
        ),
        unsealed=audit.unsealed_count(connection),
        is_mail_held=switches.is_on(connection, switches.MAIL_HELD),
        rules_paused=len(switches.on_under(connection, switches.RULE_PAUSED)),
        codes_public=len(switches.public_codes(connection)),
        base_hundredths=0 if base is None else base.hundredths,
    )


def drift(model: Model, signup_scores: Sequence[int]) -> float:
    """How far the newest scores are from the training's; NaN without a background or few leads."""
    found = None if len(signup_scores) < _FEWEST else score_psi(model, signup_scores)
    return float("nan") if found is None else found


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
