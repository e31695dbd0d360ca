"""No page reads through a table that grows with the leads: its plans say so on both stores."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from service.auth.keyring import Caller
from service.console import (
    figures_page,
    find_page,
    leads_page,
    ledger_page,
    overview_page,
    team_page,
)
from service.console.page_context import PageContext
from service.db.tables import leads as tables
from service.use_cases.tx import Tx
from service.use_cases.views.kept_figures import count_anew
from tests.bench import big_store
from tests.bench.many_leads import Looks, settle
from tests.support.query_plans import SCANS, plans
from tests.support.service import World

_BIG = (
    *("leads", "claims", "touches", "events", "outcomes", "lane_changes", "screenings"),
    *("offers", "redemptions", "account_ledger", "search_terms", "scores", "lead_versions"),
    "lead_counts",
)
_WHOLE = re.compile(rf"(?:SCAN|Seq Scan on) (?:{'|'.join(_BIG)})\b(?! USING)")
_INDEX = re.compile(rf"SCAN (?:{'|'.join(_BIG)}) USING|Index (?:Only )?Scan")
Page = Callable[[PageContext], Any]


def plans_of(
    world: World, page: Page, *, without: tuple[str, ...] = SCANS, **asked: str
) -> list[str]:
    def look(connection: sa.Connection) -> None:
        page(
            PageContext(
                connection=connection,
                runtime=world.runtime,
                caller=Caller(key="k", role="manager"),
                now=world.clock.now() + timedelta(minutes=1),
                asked=asked,
            )
        )

    return plans(world.runtime.store, look, without=without)


@pytest.fixture
def full(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Some hundred leads and what became of them, all counted."""
    world.hire("rep-7")
    lead = world.sign_up(email="ines@duarte.example", first_name="Ines", title="CEO", seats=80)
    c = tables.leads.c
    kept = sa.select(c.record, c.contact, c.score).where(c.id == lead["lead_id"])
    (row,) = world.rows(kept)
    for name in ("LEADS", "ACCOUNTS"):
        monkeypatch.setattr(big_store, name, 600)
    world.runtime.store.write_now(partial(big_store.fill, looks=Looks(*row)))
    while world.runtime.store.write_now(
        lambda c: count_anew(Tx(c, world.runtime, world.clock.now()), 5_000)
    ):
        pass
    settle(world.runtime.store)
    # so is what a process that serves keeps of its own: the cut-off, looked at in the background
    world.runtime.store.read_now(lambda c: world.runtime.board.look(c, world.clock.now()))
    return world


@pytest.mark.parametrize(
    ("page", "asked"),
    [
        (overview_page.page, {}),
        (overview_page.page, {"from": "2026-08-05"}),
        (team_page.page, {}),
        (ledger_page.page, {}),
        (figures_page.page, {"by": "month"}),
        (figures_page.page, {"by": "country"}),
        (find_page.page, {"q": "ines dua"}),
    ],
)
def test_a_page_of_figures_looks_up_what_it_shows(
    full: World, page: Page, asked: dict[str, str]
) -> None:
    found = plans_of(full, page, without=("seqscan",), **asked)
    assert found
    assert [plan for plan in found if _WHOLE.search(plan)] == []


@pytest.mark.parametrize("sort", ["newest", "likely"])
@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"rep": "rep-7"},
        {"grade": "A1"},
        {"lane": "offer", "outcome": "lost"},
        {"outcome": "open", "grade": "D4"},
        {"rep": "rep-7", "outcome": "converted", "grade": "B2", "lane": "rep"},
        {"country": "DE", "source": "google"},
        {"country": "DE", "rep": "rep-7", "outcome": "open"},
        {"unreached": "no_eligible_rep"},
    ],
)
def test_a_filtered_list_reads_rows_of_the_leads_it_shows_only(
    full: World, sort: str, asked: dict[str, str]
) -> None:
    found = plans_of(full, leads_page.page, sort=sort, **asked)
    assert [plan for plan in found if _WHOLE.search(plan)] == []
    assert any(_INDEX.search(plan) or "SEARCH leads" in plan for plan in found)


def test_leads_that_nobody_reached_are_found_in_their_order(full: World) -> None:
    how = ("COVERING INDEX", "Index Only Scan using")
    found = plans_of(full, leads_page.page, unreached="no_eligible_rep")
    assert any(f"{each} ix_leads_unreached_received_at" in plan for plan in found for each in how)


def test_postgresql_plans_what_is_read_for_its_values(full: World) -> None:
    """Prepared, it would soon take one plan for all, however rare what is looked for."""
    store = full.runtime.store
    if store.is_sqlite:
        return  # it plans when a statement is prepared, with the values of its first use

    def look(connection: sa.Connection) -> Sequence[Any]:
        for number in range(20):
            connection.execute(
                sa.select(tables.leads.c.id).where(tables.leads.c.rep == f"r{number}")
            )
        return connection.exec_driver_sql("SELECT statement FROM pg_prepared_statements").all()

    assert list(store.read_now(look)) == []
