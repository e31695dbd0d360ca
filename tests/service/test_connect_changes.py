"""What the tools are told of leads that changed: each once a page, found along an index."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from service.connect import tell
from service.store import changes
from service.store.schema import leads
from tests.connect_town import Town
from tests.service_world import MONDAY, World


@pytest.mark.parametrize("place", [(MONDAY, ""), (MONDAY, "lead-1")])
def test_leads_that_changed_are_found_along_an_index(world: World, place: changes.Place) -> None:
    plans: list[str] = []

    def explain(connection: sa.Connection) -> None:
        def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            if statement.startswith("SELECT"):
                asked.append((statement, parameters))

        asked: list[tuple[str, Any]] = []
        sa.event.listen(connection, "before_cursor_execute", note)
        changes.leads_after(connection, place, 500)
        sa.event.remove(connection, "before_cursor_execute", note)
        is_sqlite = connection.dialect.name == "sqlite"
        if not is_sqlite:  # an empty table is read as a whole, whatever indexes there are
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        for statement, parameters in asked:
            how = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
            told = connection.exec_driver_sql(how + statement, parameters)
            plans.append(" ".join(str(row) for row in told))

    world.parts.store.read_now(explain)

    assert len(plans) == 2
    for plan, index in zip(plans, ("ix_leads_scored_at", "ix_offers_changed_at"), strict=True):
        assert index in plan
        assert "TEMP B-TREE" not in plan
        assert "Sort" not in plan


def test_more_leads_than_a_page_that_changed_at_one_moment_are_all_told(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tell, "_MOST", 3)
    for number in range(8):
        contact = str(600 + number)
        town.hubspot.put(contact, town.world.clock.now(), email=f"p{number}@large.example")
        town.world.sign_up(email=f"p{number}@large.example", external_ids={"hubspot": contact})
    assert len(town.world.rows(sa.select(leads.c.scored_at).distinct())) == 1

    town.world.work()

    told = [c["properties"].get("giveget_lane") for c in town.hubspot.contacts.values()]
    assert len(told) == 8
    assert None not in told
