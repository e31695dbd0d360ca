"""Kept figures from their first count to an erasure; what is wrong shows and is mended."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from service.cli import app
from service.db.tables import leads as tables
from service.store.leads import kept_counts, kept_lives, stale
from service.use_cases.views.lead_figures import LeadFigures
from tests.support.service import MONDAY, World

KEPT = (
    *(tables.lead_counts, tables.kept_counts, tables.kept_lives, tables.kept_orders),
    *(tables.kept_renewals, tables.kept_sums, tables.kept_seats, tables.stale_figures),
)


def counted(world: World) -> bool:
    """Whether nothing is left to count."""
    return not world.rows(sa.select(tables.stale_figures.c.id).limit(1))


def words_kept(world: World) -> str:
    return json.dumps(
        [list(map(str, row)) for table in KEPT for row in world.rows(sa.select(table))]
    )


def some_months(world: World) -> None:
    world.hire("ada")
    world.sign_up(id="kim", email="kim@kim.example", country="DE", source={"utm_source": "fair"})
    sold = {"id": "k1", "lead_id": "kim", "kind": "converted", "at": MONDAY.isoformat()}
    money = {"amount": {"minor": 9_900, "currency": "USD"}, "invoice": "K-1", "seats": 3}
    assert world.send("/v1/outcomes", sold | money).status_code == 200
    world.sign_up(id="lou", email="lou@lou.example", country="FR")


def findings(world: World) -> set[str]:
    shown = CliRunner().invoke(app, ["doctor", "--json", "--db", world.settings.db])
    codes = {finding["code"] for finding in json.loads(shown.stdout)["findings"]}
    return codes & {"wrong_figures", "figures_not_counted", "unreadable_books"}


def test_a_worker_counts_what_changed_and_pages_say_it_before(world: World) -> None:
    some_months(world)
    before = world.get("manager", "/v1/rates?by=country").json()
    assert not counted(world)

    world.work()

    assert counted(world)
    assert world.get("manager", "/v1/rates?by=country").json() == before
    assert (
        words_kept(world).count("kim.example") == 5
    )  # its life, an order, a renewal, a sum and seats


def test_whoever_writes_into_the_store_leaves_a_mark(world: World) -> None:
    some_months(world)
    world.work()
    change = sa.text("UPDATE leads SET contact = '{\"country\": \"BR\"}' WHERE id = 'lou'")
    world.runtime.store.write_now(lambda c: c.execute(change) and None)

    groups = world.get("manager", "/v1/rates?by=country&from=2026-01-01&to=2027-01-01").json()

    assert not counted(world)
    marked = world.runtime.store.read_now(stale.accounts)
    assert marked == {"lou.example"}
    assert groups["groups"] == []  # nobody is old enough yet
    world.wait(days=100)
    told = world.get("manager", "/v1/rates?by=country").json()["groups"]
    assert [group["group"] for group in told] == ["BR", "DE"]


def test_an_erasure_leaves_nothing_kept_under_the_names_that_go(world: World) -> None:
    some_months(world)
    world.work()
    erased = CliRunner().invoke(app, ["person", "erase", "kim", "--db", world.settings.db])
    assert erased.exit_code == 0, erased.output

    for name in ("kim", "kim.example", '"DE"'):
        assert name not in words_kept(world)
    world.work()
    lanes = world.runtime.store.read_now(lambda c: LeadFigures(c).lanes())
    assert sum(lane.converted for lane in lanes) == 1  # the figures keep what was bought


def test_a_clock_that_goes_on_makes_a_coming_end_past(world: World) -> None:
    some_months(world)
    end = {"id": "k2", "lead_id": "kim", "kind": "churned", "at": "2026-12-02T00:00:00Z"}
    assert world.send("/v1/outcomes", end).status_code == 200
    world.work()
    assert counted(world)

    def left() -> Any:
        told = world.get("manager", "/v1/channels").json()["channels"]
        (fair,) = (channel for channel in told if channel["source"] == "fair")
        return fair["churn"]["value"]

    world.wait(days=1)
    assert left() == 0
    world.wait(days=40)
    assert left() == 1  # before a worker looked
    world.work()
    assert left() == 1
    assert (
        world.runtime.store.read_now(lambda c: kept_lives.overtaken(c, world.clock.now(), 9)) == []
    )


def test_the_doctor_finds_a_wrong_figure_and_a_recount_mends_it(world: World) -> None:
    some_months(world)
    world.work()
    assert findings(world) == set()
    wrong = sa.update(tables.kept_counts).where(tables.kept_counts.c.name == "lane_leads")
    world.runtime.store.write_now(lambda c: c.execute(wrong.values(amount=77)) and None)
    assert findings(world) == {"wrong_figures"}

    done = CliRunner().invoke(app, ["recount", "--db", world.settings.db])

    assert done.exit_code == 0, done.output
    assert "2 leads are to be counted again" in done.stdout
    world.work()
    assert counted(world)
    assert findings(world) == set()


def test_the_doctor_finds_a_wrong_life(world: World) -> None:
    some_months(world)
    world.work()
    wrong = sa.update(tables.kept_orders).values(minor=1)
    world.runtime.store.write_now(lambda c: c.execute(wrong) and None)
    assert findings(world) == {"wrong_figures"}
    world.runtime.store.write_now(lambda c: c.execute(sa.delete(tables.kept_lives)) and None)
    assert findings(world) == {"wrong_figures"}  # there are fewer of them than accounts


def test_while_too_much_is_stale_every_row_is_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    some_months(world)
    before = world.get("manager", "/v1/channels").json()
    monkeypatch.setattr(stale, "MOST", 1)

    assert world.runtime.store.read_now(kept_counts.look) is None
    assert world.get("manager", "/v1/channels").json() == before
    assert findings(world) == {"figures_not_counted"}
