"""What a scraper reads at /metrics; counts and times only, never a person's data."""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from service.db import Store
from service.ops.gauges import Gauges

_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12)


class Metrics:
    """One process's counters, in a registry of their own."""

    def __init__(self, store: Store) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self.requests = Histogram(
            "giveget_request_seconds",
            "Answers, by route and status.",
            ("route", "method", "status"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._answers: dict[tuple[str, str, int], Histogram] = {}
        self.signups = Counter(
            "giveget_signups", "Sign-ups taken, by lane.", ("lane",), registry=self._registry
        )
        self.transitions = Counter(
            "giveget_lane_changes",
            "Leads that changed lanes, by the name of the change.",
            ("transition",),
            registry=self._registry,
        )
        self.events = Counter(
            "giveget_events",
            "Events taken, by what became of them.",
            ("result",),
            registry=self._registry,
        )
        self.mails = Counter(
            "giveget_mails",
            "Mails that left the outbox, by end.",
            ("end",),
            registry=self._registry,
        )
        self.reloads = Counter(
            "giveget_reloads",
            "Models and policies tried while running.",
            ("what", "result"),
            registry=self._registry,
        )
        self.gauges = Gauges(self._registry)
        self.versions = Gauge(
            "giveget_versions",
            "The model and policy in use.",
            ("model", "policy"),
            registry=self._registry,
        )
        commits = Gauge(
            "giveget_store_commits", "Commits, each one sync on SQLite.", registry=self._registry
        )
        commits.set_function(lambda: store.commits)
        jobs = Gauge(
            "giveget_store_jobs",
            "Requests' worth of work in those commits.",
            registry=self._registry,
        )
        jobs.set_function(lambda: store.jobs)
        writable = Gauge(
            "giveget_store_writable",
            "Whether the last write succeeded; 0 on a full disk or a read-only store.",
            registry=self._registry,
        )
        writable.set_function(lambda: store.is_writable)
        cut = Gauge(
            "giveget_store_cut",
            "Connections cut off because the store had fallen silent.",
            registry=self._registry,
        )
        cut.set_function(lambda: store.cut)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answer; the labelled histogram is looked up once a combination."""
        which = (route, method, status)
        histogram = self._answers.get(which)
        if histogram is None:
            histogram = self._answers[which] = self.requests.labels(*which)
        histogram.observe(seconds)

    def text(self) -> bytes:
        """The exposition."""
        return generate_latest(self._registry)
