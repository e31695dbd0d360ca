"""Kept figures are those of a count of every row, whatever changed since, and in whatever order."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from service.db.tables import leads as tables
from service.domain import channels, modes, rates
from service.domain.account_life import Cost, Target
from service.domain.rates import BYS, Window
from service.store.leads import stale, targets
from service.use_cases.tx import Tx
from service.use_cases.views import concessions, kept_figures
from service.use_cases.views.account_lives import lives
from service.use_cases.views.figure_sums import FigureSums
from service.use_cases.views.lead_figures import LeadFigures
from tests.support.service import MONDAY, World

AS_FOUND = (Phase.explicit, Phase.reuse, Phase.generate)
"""A failure is shown as it was found: making it smaller would take hundreds of stores' work."""
CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
ZONES = ("UTC", "Pacific/Auckland")
LEADS, ACCOUNTS = ("a", "b", "c", "d"), (None, None, "x.example", "y.example", "lead:ref-a")
WATCHED = (
    tables.leads,
    tables.accounts,
    tables.account_ledger,
    tables.touches,
    tables.claims,
    tables.lane_changes,
    tables.outcomes,
    tables.screenings,
    tables.offers,
    tables.redemptions,
    tables.targets,
)
Change = Callable[[sa.Connection], object]


def at(days: float) -> datetime:
    return MONDAY + timedelta(days=days)


days = st.sampled_from([-400.5, -200, -100, -61, -60, -31, -30, -1, 0, 0, 0.5, 1, 29, 40])
maybe_days = st.one_of(st.none(), days)
lead_names = st.sampled_from(LEADS)
objections = st.sampled_from([None, "price", "timing"])


@st.composite
def a_lead(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    name, began, sold = draw(lead_names), draw(days), draw(maybe_days)
    country, source, segment = (draw(st.sampled_from(c)) for c in _GROUPS)
    score = draw(st.sampled_from([None, '{"probability": 0.123457}', '{"probability": 0.5}']))
    record = {"source": {"utm_source": source}, "attributes": {"segment": segment}}
    outcome = draw(st.sampled_from(["converted", "lost"]))
    return name, {
        "id": name,
        "ref": f"ref-{name}",
        "account": draw(st.sampled_from(ACCOUNTS)),
        "record": json.dumps(record),
        "contact": json.dumps({"country": country}),
        "received_at": at(began),
        "moment": at(began),
        "score": score,
        "scored_at": MONDAY,
        "gain_minor": 0,
        "minutes": 0,
        "worth": 0.0,
        "hot_at": MONDAY,
        "lane": "rep",
        "lane_why": "[]",
        "unreached": draw(st.sampled_from([None, "no_eligible_rep", "below_cut_off"])),
        "rep": draw(st.sampled_from([None, "ada"])),
        "credit": draw(st.sampled_from([None, "ada", "ben"])),
        "touched_at": draw(st.sampled_from([None, MONDAY])),
        "outcome": None if sold is None else outcome,
        "outcome_at": None if sold is None else at(sold),
        "erased_at": draw(st.sampled_from([None, None, None, MONDAY])),
    }


_TERMS = {
    **{"policy_id": "p", "policy_version": "v", "rule": "r", "why": "w", "email": None},
    **{"gets": {}, "reserve_minor": 500, "reserve_currency": "USD", "timezone": "UTC"},
    **{"ends_at": "2026-12-01T00:00:00Z", "sentence": "A trade.", "quote": None},
}
_GROUPS = ((None, "DE", "FR"), (None, "", "google"), (None, "small", 7))


@st.composite
def an_entry(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["converted", "renewed", "changed", "refunded", "churned"]))
    minor = draw(st.sampled_from([None, 0, 100, 49_900])) if kind != "churned" else None
    return {
        "lead": draw(lead_names),
        "kind": kind,
        "at": at(draw(days)),
        "received_at": MONDAY,
        "subscription": draw(st.sampled_from([None, "s"])),
        "seats": draw(st.sampled_from([None, 0, 5])),
        "months": draw(st.sampled_from([None, 1, 12])),
        "minor": minor,
        "currency": None if minor is None else draw(st.sampled_from(["USD", "EUR"])),
        "invoice": draw(st.sampled_from([None, "i", "j"])),
        "by": draw(st.sampled_from([None, None, "ada"])),
    }


@st.composite
def a_claim(draw: st.DrawFn) -> dict[str, Any]:
    ended = draw(maybe_days)
    return {
        "lead": draw(lead_names),
        "rep": "ada",
        "claimed_at": at(draw(days)),
        "due_at": draw(st.sampled_from([None, MONDAY])),
        "ended_at": None if ended is None else at(ended),
        "ended": None if ended is None else draw(st.sampled_from(["done", "released"])),
        "disposition": draw(st.sampled_from([None, "no_answer", "not_now"])),
        "objection": None if ended is None else draw(objections),
        "minutes": 15,
    }


@st.composite
def an_offer(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "number": draw(st.integers(1, 10**9)),
        "lead": draw(lead_names),
        "account": draw(st.sampled_from(["x.example", "y.example", "lead:ref-a"])),
        "rule": "r",
        "policy_id": "p",
        "policy_version": "v",
        "terms": json.dumps(_TERMS | {"gives": draw(st.sampled_from([{}, {"extra_months": 2}]))}),
        "state": draw(st.sampled_from(["redeemed", "redeemed", "expired", "declined"])),
        "by": "policy",
        "invoice": draw(st.sampled_from([None, "i", "j"])),
        "reserve_minor": 500,
        "settled_minor": draw(st.sampled_from([None, 400])),
        "declined": draw(objections),
        "issued_at": at(draw(days)),
        "ends_at": MONDAY,
        "changed_at": at(draw(days)),
        "redeemed_at": at(draw(days)),
    }


steps = st.one_of(
    st.tuples(st.just("lead"), a_lead()),
    st.tuples(st.just("pay"), an_entry()),
    st.tuples(st.just("pay"), an_entry()),
    st.tuples(st.just("claim"), a_claim()),
    st.tuples(st.just("offer"), an_offer()),
    st.tuples(st.just("touch"), st.tuples(lead_names, days)),
    st.tuples(st.just("order"), st.tuples(lead_names, days, st.sampled_from([None, 3, 9]))),
    st.tuples(st.just("route"), st.tuples(lead_names, days, st.sampled_from(["unclaimed", "t"]))),
    st.tuples(st.just("screen"), st.tuples(lead_names, days, objections)),
    st.tuples(st.just("rep"), st.sampled_from(["ada", "ben"])),
    st.tuples(st.just("merge"), st.tuples(lead_names, lead_names)),
    st.tuples(st.just("forget"), lead_names),
    st.tuples(st.just("drop"), st.sampled_from(WATCHED[2:-1])),
    st.tuples(st.just("count"), st.sampled_from([1, 3, 100])),
    st.tuples(st.just("wait"), st.sampled_from([1, 30, 100])),
)


class Town:
    """A store whose rows change at random, as of a moment that goes on."""

    def __init__(self, world: World) -> None:
        self.world, self.now, self.number = world, MONDAY, 0

    def write(self, change: Change) -> None:
        self.world.runtime.store.write_now(change)

    def clear(self) -> None:
        aimed_at = [
            Target(account="x.example", seats=20),
            Target(account="z.example", seats=3),
            Target(account="lead:ref-a"),
        ]

        def clear(connection: sa.Connection) -> None:
            for table in (*WATCHED, *_KEPT):
                connection.execute(sa.delete(table))
            targets.replace_all(connection, aimed_at)

        self.write(clear)
        self.now = MONDAY

    def id(self) -> str:
        self.number += 1
        return f"id-{self.number}"

    def add(self, table: sa.Table, **row: Any) -> None:
        self.write(lambda c: c.execute(table.insert(), row) and None)

    def lead(self, told: tuple[str, dict[str, Any]]) -> None:
        """Sign up, or change."""
        name, row = told
        table = tables.leads
        if self.is_there(name):
            self.write(
                lambda c: c.execute(sa.update(table).where(table.c.id == name), row) and None
            )
        else:
            self.add(table, **row)

    def is_there(self, name: str) -> bool:
        return bool(self.world.rows(sa.select(1).where(tables.leads.c.id == name)))

    def pay(self, row: dict[str, Any]) -> None:
        self.add(tables.account_ledger, id=self.id(), **row)

    def claim(self, row: dict[str, Any]) -> None:
        self.add(tables.claims, id=self.id(), **row)

    def offer(self, told: dict[str, Any]) -> None:
        row = dict(told)
        redeemed_at, id = row.pop("redeemed_at"), self.id()
        self.add(tables.offers, id=id, **row | {"number": self.number})
        if row["state"] == "redeemed":
            self.add(
                tables.redemptions, offer=id, account=row["account"], invoice=id, at=redeemed_at
            )

    def touch(self, told: tuple[str, float]) -> None:
        when = at(told[1])
        self.add(tables.touches, id=self.id(), lead=told[0], kind="call", at=when, received_at=when)

    def order(self, told: tuple[str, float, int | None]) -> None:
        lead, when, seats = told
        row = {"lead": lead, "kind": "converted", "at": at(when), "received_at": MONDAY}
        self.add(tables.outcomes, id=self.id(), body=json.dumps({"seats": seats}), **row)

    def route(self, told: tuple[str, float, str]) -> None:
        lead, when, name = told
        self.add(tables.lane_changes, lead=lead, at=at(when), transition=name, lane="rep")

    def screen(self, told: tuple[str, float, str | None]) -> None:
        lead, when, objection = told
        row = {"lead": lead, "at": at(when), "received_at": MONDAY, "by_machine": False}
        row |= {"result": "busy", "objection": objection, "answers": "{}"}
        self.add(tables.screenings, id=self.id(), **row)

    def rep(self, rep: str) -> None:
        self.write(
            lambda c: (
                c.execute(sa.delete(tables.accounts).where(tables.accounts.c.rep != rep)) and None
            )
        )
        known = self.world.rows(sa.select(tables.accounts))
        if not known:
            self.add(tables.accounts, id="x.example", rep=rep, created_at=MONDAY)

    def merge(self, told: tuple[str, str]) -> None:
        gone, kept = told
        if gone == kept:
            return

        def move(connection: sa.Connection) -> None:
            for table in WATCHED[2:]:
                if "lead" in table.c:
                    mine = sa.update(table).where(table.c.lead == gone)
                    connection.execute(mine.values(lead=kept))
            connection.execute(sa.delete(tables.leads).where(tables.leads.c.id == gone))

        self.write(move)

    def forget(self, lead: str) -> None:
        """As an erasure does: another id, another account, and counted at once."""

        def rename(connection: sa.Connection) -> None:
            mine = tables.leads.c.id == lead
            row = connection.execute(sa.select(tables.leads).where(mine)).first()
            if row is None:
                return
            new = f"gone-{self.id()}"
            changed = {"id": new, "record": "{}", "score": None, "erased_at": MONDAY}
            connection.execute(sa.update(tables.leads).where(mine).values(ref=new, **changed))
            tx = Tx(connection, self.world.runtime, self.now)
            kept_figures.forget(tx, lead, row.account or f"lead:{row.ref}")

        self.write(rename)

    def drop(self, table: sa.Table) -> None:
        """A row that was taken back."""
        key = next(iter(table.primary_key))
        last = sa.select(sa.func.max(key)).scalar_subquery()
        self.write(lambda c: c.execute(sa.delete(table).where(key == last)) and None)

    def count(self, limit: int) -> None:
        def count(connection: sa.Connection) -> None:
            kept_figures.count_anew(Tx(connection, self.world.runtime, self.now), limit)

        self.write(count)

    def wait(self, length: int) -> None:
        self.now += timedelta(days=length)

    def figures(self, connection: sa.Connection) -> dict[str, Any]:
        """Everything that is made of kept figures."""
        tx, found = Tx(connection, self.world.runtime, self.now), {}
        for name, window in self.windows().items():
            sums = FigureSums(tx, window)
            for by in (*BYS, None):
                counts = sums.rates(by)
                found[f"rates {name} {by}"] = rates.told(counts, by)
                if by is not None:
                    of_all = rates.told(sums.rates_of_all(counts, by), None)
                    found[f"rates of all {name} by {by}"] = of_all
            found[f"modes {name}"] = sums.modes()
            told = channels.told(sums.brought(), _COSTS, sums.scored(), window, 80)
            found[f"channels {name}"] = told
        told = LeadFigures(connection)
        found["daily"] = told.daily(datetime(2025, 9, 1, tzinfo=UTC), 600)
        found["lanes"] = sorted(told.lanes(), key=lambda each: each.lane)
        found["again"], found["unreached"] = told.bought_again(), told.unreached()
        found["transitions"], found["heard"] = told.transitions(), sorted(told.heard(), key=str)
        found["books"] = told.books()
        if found["books"] is None:
            months = [f"{year}-{month:02}" for year in (2026, 2025) for month in range(12, 0, -1)]
            found["books"] = [one for m in months for one in concessions.sums(connection, m)]
        return found

    def windows(self) -> dict[str, Window]:
        """Everything so far, and a stretch of it in another zone."""
        zone = self.world.runtime.policy.timezone
        ever = Window(start=at(-4000), end=self.now, now=self.now, zone=zone, conversion_days=60)
        return {"ever": ever, "some": replace(ever, start=at(-100), end=at(30))}

    def counted(self, connection: sa.Connection) -> dict[str, Any]:
        """The same of every life by the pure functions, which know of nothing kept."""
        found: dict[str, Any] = {}
        aimed_at = targets.every(connection)
        for name, window in self.windows().items():
            every = lives(connection, self.now, window.zone, objected=(window.start, window.end))
            for by in (*BYS, None):
                found[f"rates {name} {by}"] = rates.rates(every, aimed_at, by, window)
                if by is not None:
                    of_all = rates.rates(every, aimed_at, None, window)
                    found[f"rates of all {name} by {by}"] = of_all
            found[f"modes {name}"] = modes.modes(every, window)
        return found


_KEPT = (
    *(tables.stale_figures, tables.lead_counts, tables.kept_counts),
    *(
        tables.kept_lives,
        tables.kept_orders,
        tables.kept_renewals,
        tables.kept_sums,
        tables.kept_seats,
    ),
)
_COSTS = [Cost(source="google", month="2026-07", minor=90_000, currency="USD")]


def check(town: Town) -> None:
    """Kept, kept beside what is stale, and counted whole are the same."""
    store = town.world.runtime.store
    shown = store.read_now(town.figures)
    pure = store.read_now(town.counted)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(stale, "MOST", -1)  # whatever is stale is too much
        whole = store.read_now(town.figures)
    differs = [name for name in shown if shown[name] != whole[name]]
    assert {name: shown[name] for name in differs} == {name: whole[name] for name in differs}
    differs = [name for name in pure if shown[name] != pure[name]]
    assert {name: shown[name] for name in differs} == {name: pure[name] for name in differs}


def play(town: Town, told: list[tuple[str, Any]]) -> None:
    town.clear()
    for name, value in told:
        getattr(town, name)(value)
    check(town)
    while town.world.rows(sa.select(tables.stale_figures.c.id).limit(1)):
        town.count(2)
    check(town)


def test_kept_figures_are_those_of_every_row_whatever_happens(world: World) -> None:
    town = Town(world)

    @settings(max_examples=60, deadline=None, phases=AS_FOUND, suppress_health_check=CHECKS)
    @given(st.lists(steps, min_size=4, max_size=25))
    def holds(told: list[tuple[str, Any]]) -> None:
        play(town, told)

    holds()


@pytest.mark.long
def test_kept_figures_are_those_of_every_row_in_many_more_towns(world: World) -> None:
    town = Town(world)

    @settings(max_examples=500, deadline=None, phases=AS_FOUND, suppress_health_check=CHECKS)
    @given(st.lists(steps, min_size=4, max_size=60))
    def holds(told: list[tuple[str, Any]]) -> None:
        play(town, told)

    holds()
