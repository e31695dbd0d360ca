"""What the tools are told of leads that changed: each once a page, found along an index."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from service.db.tables.leads import leads
from service.jobs import lead_changes
from service.store.leads import changes
from tests.support.connected_service import Town
from tests.support.query_plans import plans
from tests.support.service import MONDAY, World


@pytest.mark.parametrize("place", [(MONDAY, ""), (MONDAY, "lead-1")])
def test_leads_that_changed_are_found_along_an_index(world: World, place: changes.Place) -> None:
    found = plans(world.runtime.store, lambda c: changes.leads_after(c, place, 500))

    assert len(found) == 2
    for plan, index in zip(found, ("ix_leads_scored_at", "ix_offers_changed_at"), strict=True):
        assert index in plan
        assert "TEMP B-TREE" not in plan
        assert "Sort" not in plan


def test_more_leads_than_a_page_that_changed_at_one_moment_are_all_told(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lead_changes, "MOST", 3)
    for number in range(8):
        contact = str(600 + number)
        town.hubspot.put(contact, town.world.clock.now(), email=f"p{number}@large.example")
        town.world.sign_up(email=f"p{number}@large.example", external_ids={"hubspot": contact})
    assert len(town.world.rows(sa.select(leads.c.scored_at).distinct())) == 1

    town.world.work()

    told = [c["properties"].get("giveget_lane") for c in town.hubspot.contacts.values()]
    assert len(told) == 8
    assert None not in told
