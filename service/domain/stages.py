"""In which stage of its life an account is, with the evidence. Pure.

The whole life is played through, day by day, from what is known now: facts that come late or in
another order end alike. The definitions are in `service/lists/stages.toml`.
"""

from __future__ import annotations

import tomllib
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from itertools import accumulate, pairwise, zip_longest
from typing import Any, Literal

from scoring.leads.counters import Rollup
from service.domain.account_money import AccountMoney, Standing
from service.domain.days import day_in

Name = Literal["unknown", "introduction", "growth", "maturity", "dormancy", "churn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where an account stands, since which day, and by what evidence."""

    name: Name
    since: date | None
    why: str


UNKNOWN = Stage(name="unknown", since=None, why="nothing was bought yet")
GIVEN_BACK = Stage(name="unknown", since=None, why="all that was bought was given back")


@cache
def definitions() -> Mapping[str, Any]:
    """What begins and ends each stage."""
    return tomllib.loads(files("service").joinpath("lists/stages.toml").read_text(encoding="utf-8"))


def silent_days() -> int:
    """After how many days of silence a customer is dormant."""
    return int(definitions()["dormancy"]["silent_days"])


def stage_of(money: AccountMoney, rollups: Iterable[Rollup], now: datetime, zone: str) -> Stage:
    """The stage of an account whose people did what these rollups count.

    Where no event of it was ever counted nothing is said of silence.
    """
    return stages_of(money, rollups, now, zone)[-1]


def stages_of(
    money: AccountMoney, rollups: Iterable[Rollup], now: datetime, zone: str
) -> list[Stage]:
    """All stages an account has been in, in order; told by the days of a zone."""
    if money.first_sale_at is None:
        return [GIVEN_BACK if money.undone else UNKNOWN]
    life = _Life(money.course, rollups, now, zone)
    stages = [UNKNOWN]
    for day in range(life.began[0], _day(now) + 1):
        name, why = life.look(day, stages[-1])
        if name != stages[-1].name:
            stages.append(Stage(name=name, since=date.fromordinal(day), why=why))
    return [UNKNOWN, *map(life.told, stages[1:])]


_BEGINS = {"introduction": "began", "growth": "rose", "churn": "ended"}
"""Which event begins a stage on its day."""


class _Life:
    """What is known of each day; days are proleptic ordinals, in UTC, and told in a zone."""

    def __init__(
        self, course: Sequence[Standing], rollups: Iterable[Rollup], now: datetime, zone: str
    ) -> None:
        self._zone = zone
        self._told: dict[tuple[str, int], date] = {}
        self.began: list[int] = []
        """The days of sales that began or began again."""
        self._ended: list[int] = []
        self._rises: list[int] = []
        """The days on which seats were added to what was held before."""
        for before, after in pairwise([Standing(at=now, seats=None, is_customer=False), *course]):
            if after.is_customer != before.is_customer:
                days, event = (self.began, "began") if after.is_customer else (self._ended, "ended")
                days.append(self._note(event, after.at))
        settled = [last for last, after in zip_longest(course, course[1:]) if _is_last(last, after)]
        for before, after in pairwise(settled):
            if _adds_seats(before, after) and _day(after.at) not in self.began:
                self._rises.append(self._note("rose", after.at))
        people: dict[int, int] = {}
        for rollup in rollups:
            for day, counts in rollup.days.items():
                if counts[0] and day <= _day(now):
                    people[day] = people.get(day, 0) + 1
        self._active = sorted(people)
        self._sums = list(accumulate((people[day] for day in self._active), initial=0))

    def _note(self, event: str, at: datetime) -> int:
        """The day of an event, whose day in the zone is kept."""
        self._told[event, _day(at)] = day_in(at, self._zone)
        return _day(at)

    def told(self, stage: Stage) -> Stage:
        """A stage since the day in the zone: of what began it, else of the day's beginning."""
        assert stage.since is not None
        event = _BEGINS.get(stage.name, "")
        begins = datetime.combine(stage.since, time(), UTC)
        day = self._told.get((event, stage.since.toordinal()), day_in(begins, self._zone))
        return replace(stage, since=day)

    def look(self, day: int, stage: Stage) -> tuple[Name, str]:
        """The stage on a day, after the one of the day before."""
        rules = definitions()
        begun, over = _last(self.began, day), _last(self._ended, day)
        if over >= begun:
            return "churn", rules["churn"]["why"].format(day=self._told["ended", over])
        bought = self._told["began", begun]
        if self._is_silent(day, begun, stage):
            last = _last(self._active, day)
            quiet = bought if begun > last else date.fromordinal(last)
            return "dormancy", rules["dormancy"]["why"].format(day=quiet)
        if day - begun < rules["introduction"]["days"]:
            return "introduction", rules["introduction"]["why"].format(day=bought)
        grows = self._growth(day, stage)
        name: Name = "maturity" if grows is None else "growth"
        if stage.name in ("growth", "maturity") and stage.since is not None:
            stays = day - stage.since.toordinal() < rules["hysteresis"]["stay_days"]
            name = stage.name if stays else name
        what = grows or ("in steady use" if self._active else "no event of it was counted")
        return name, rules[name]["why"].format(since=bought, what=what)

    def _is_silent(self, day: int, begun: int, stage: Stage) -> bool:
        rule = definitions()["dormancy"]
        last = _last(self._active, day)
        if not last:
            return False
        if day - max(last, begun) >= rule["silent_days"]:
            return True
        if stage.name != "dormancy" or (stage.since and begun > stage.since.toordinal()):
            return False
        lasts = stage.since is not None and day - stage.since.toordinal() < rule["least_days"]
        return lasts or self._days(day, rule["back_days"]) < int(rule["back_active"])

    def _growth(self, day: int, stage: Stage) -> str | None:
        """Why an account grows, or None."""
        rule = definitions()["growth"]
        added = _last(self._rises, day)
        if added > day - rule["seats_days"]:
            return f"seats were added on {self._told['rose', added]}"
        window = rule["window_days"]
        now, before = self._people(day, window), self._people(day - window, window)
        percent = rule["keeps_percent"] if stage.name == "growth" else rule["rise_percent"]
        if before >= rule["least_active"] and now * 100 > before * (100 + percent):
            return f"{now} days of active people in {window} days, {before} in those before"
        return None

    def _days(self, last: int, days: int) -> int:
        """On how many of some days anybody was active."""
        return bisect_right(self._active, last) - bisect_right(self._active, last - days)

    def _people(self, last: int, days: int) -> int:
        """The same, counted for each person."""
        until, since = (bisect_right(self._active, day) for day in (last, last - days))
        return self._sums[until] - self._sums[since]


def _is_last(standing: Standing, after: Standing | None) -> bool:
    """Whether it is how a moment left the account, not what came between its entries."""
    return after is None or after.at != standing.at


def _adds_seats(before: Standing, after: Standing) -> bool:
    """Whether a customer, whose seats were told, has more of them."""
    if not before.is_customer or before.seats is None or after.seats is None:
        return False
    return after.seats > before.seats


def _last(days: Sequence[int], day: int) -> int:
    """The newest of some days up to a day; 0 before the first."""
    place = bisect_right(days, day)
    return days[place - 1] if place else 0


def _day(at: datetime) -> int:
    return at.astimezone(UTC).date().toordinal()


def dormant_from(active_at: datetime) -> datetime:
    """When a customer who was last active then is dormant: the beginning of that UTC day."""
    day = active_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(days=silent_days())
