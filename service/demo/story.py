"""Plays simulated trials hour by hour: sign-ups, events and outcomes come in, reps work."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import numpy as np

from service.demo.caller import Caller
from service.demo.clock import StoryClock
from service.demo.simulate import Trial

REPS: Mapping[str, Mapping[str, Any]] = {
    "ana": {"name": "Ana Ribeiro", "email": "ana@giveget.example", "capacity": 3},
    "ben": {"name": "Ben Carter", "email": "ben@giveget.example", "capacity": 3},
    "chloe": {"name": "Chloé Martin", "email": "chloe@giveget.example", "capacity": 3},
}
_WORKING_HOURS = range(8, 18)
_DISPOSITIONS = ("reached", "no_answer", "meeting_booked", "not_now", "bad_fit", "wrong_contact")
_CHANCES = (0.36, 0.3, 0.16, 0.1, 0.05, 0.03)
_BATCH = 100
_NOON = 12

T = TypeVar("T")
Progress = Callable[[datetime, "Counts"], None]


@dataclass(slots=True)
class Counts:
    """What was sent and done so far."""

    signups: int = 0
    events: int = 0
    outcomes: int = 0
    claims: int = 0
    done: int = 0
    lanes_at_signup: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Story:
    """The trials, the people and the clock of one replay; seeded, so it can be told again."""

    caller: Caller
    clock: StoryClock
    trials: Sequence[Trial]
    rep_keys: Mapping[str, str]
    work: Callable[[], None]
    """Lets the worker do what is due."""
    each_day: Callable[[datetime], None] = lambda _: None
    """What happens at noon of a day."""
    worker_every_hours: int = 3
    step_hours: int = 1
    counts: Counts = field(default_factory=Counts)
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(5))

    def pace(self, *, step_hours: int, worker_every_hours: int) -> None:
        """How often things are sent, and how often the worker works, from now on."""
        self.step_hours, self.worker_every_hours = step_hours, worker_every_hours

    def play(self, start: datetime, end: datetime, progress: Progress) -> Counts:
        """Send everything that happened from `start` to `end`, in the order it happened."""
        signups = deque(sorted((_time(t.signup["signed_up_at"]), i, t) for i, t in self._numbered))
        events = deque(
            sorted(
                (_time(event["at"]), event["id"], event)
                for trial in self.trials
                for event in trial.events
            )
        )
        sales = deque(sorted((t.converted_at, i, t) for i, t in self._numbered if t.converted_at))
        _until(signups, start)  # played before
        _until(events, start)
        _until(sales, start)
        hour, next_work = start, start + timedelta(hours=_NOON)  # no mail leaves by night
        while hour < end:
            until = min(hour + timedelta(hours=self.step_hours), end)
            for at, _, trial in _until(signups, until):
                self._sign_up(trial, at)
            self.clock.set(until)
            self._did([event for _, _, event in _until(events, until)])
            for at, _, trial in _until(sales, until):
                self.caller.signed("/v1/outcomes", _outcome(trial, at))
                self.counts.outcomes += 1
            if until.hour in _WORKING_HOURS and until.weekday() < 5:
                for rep, key in self.rep_keys.items():
                    self._work(rep, key)
            if until >= next_work or until == end:
                self.work()
                next_work = until + timedelta(hours=self.worker_every_hours)
            if until.hour == _NOON:
                self.each_day(until)
            progress(until, self.counts)
            hour = until
        return self.counts

    @property
    def _numbered(self) -> list[tuple[int, Trial]]:
        return list(enumerate(self.trials))

    def _sign_up(self, trial: Trial, at: datetime) -> None:
        self.clock.set(at + timedelta(seconds=2))
        answer = self.caller.signed("/v1/signups", trial.signup)
        self.counts.signups += 1
        lanes = self.counts.lanes_at_signup
        lanes[answer["lane"]] = lanes.get(answer["lane"], 0) + 1

    def _did(self, happened: Sequence[Mapping[str, Any]]) -> None:
        for first in range(0, len(happened), _BATCH):
            answer = self.caller.signed("/v1/events", {"events": happened[first : first + _BATCH]})
            self.counts.events += answer["accepted"]

    def _work(self, rep: str, key: str) -> None:
        claim = self.caller.person("POST", f"/v1/reps/{rep}/claim", key, {})
        if claim is None:
            return
        self.counts.claims += 1
        disposition = str(self.rng.choice(_DISPOSITIONS, p=_CHANCES))
        seen = self.caller.person("GET", f"/v1/leads/{claim['lead']['id']}", key)
        accepted = [offer["id"] for offer in seen["offers"] if offer["state"] == "accepted"]
        if accepted:  # no rep turns away who has just said yes
            disposition = "meeting_booked"
        ended = {"version": claim["version"], "disposition": disposition}
        if disposition == "not_now":
            ended["objection"] = "no_budget"
        self.caller.person("POST", f"/v1/claims/{claim['claim']}/done", key, ended)
        self.counts.done += 1
        for offer in accepted:
            self._talked(offer, key)

    def _talked(self, offer: str, key: str) -> None:
        """Tick off that an accepted offer was followed up with a call."""
        for task in self.caller.person("GET", f"/v1/offers/{offer}", key)["tasks"]:
            is_call = task["kind"] == "accepted" or task["give"] == "talk_to_rep"
            if is_call and task["state"] == "open":
                self.caller.person("POST", f"/v1/tasks/{task['id']}/done", key, {})


def _until(waiting: deque[tuple[datetime, Any, T]], end: datetime) -> list[tuple[datetime, Any, T]]:
    """What happened before `end`, taken out of what waits."""
    due = []
    while waiting and waiting[0][0] < end:
        due.append(waiting.popleft())
    return due


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _outcome(trial: Trial, at: datetime) -> dict[str, Any]:
    seats = trial.signup.get("seats") or 5
    return {
        "id": f"order-{trial.signup['id']}",
        "lead_id": trial.signup["id"],
        "kind": "converted",
        "at": at.isoformat(timespec="seconds"),
        "plan": trial.signup["plan"],
        "seats": seats,
        "term_months": 12,
        "prepaid": False,
        "amount": {"minor": 2480 * seats, "currency": "USD"},
    }
