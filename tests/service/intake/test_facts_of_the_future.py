"""A touch of a time to come counts as of now, an outcome as it was told; their sender reads so."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from service.db.tables.leads import leads, outcomes, touches
from service.domain.lead_record import time_text
from service.domain.situations import trusted
from service.schemas.parsing import read_model
from service.schemas.signup import Signup
from service.schemas.signup_record import record_of
from tests.support.imports import giveget
from tests.support.service import MONDAY, World

AHEAD = "2027-06-01T00:00:00Z"
LATE = {
    "field": "at",
    "code": "time_in_future",
    "message": "lies in the future; set to when it was received",
}


def kept(world: World) -> Any:
    (row,) = world.rows(sa.select(leads.c.touched_at, leads.c.outcome_at, leads.c.outcome))
    return row


def test_a_touch_to_come_counts_as_of_now(world: World) -> None:
    world.sign_up(id="L")
    now = world.clock.now()
    answer = world.touched("L", id="t1", at=AHEAD)

    assert answer.json() == {"lead_id": "L", "duplicate": False, "warnings": [LATE]}
    assert kept(world).touched_at == now
    assert [row.at for row in world.rows(sa.select(touches.c.at))] == [now]
    again = world.touched("L", id="t1", at=AHEAD)
    assert again.json() == {"lead_id": "L", "duplicate": True, "warnings": []}
    assert world.touched("L", at=time_text(now + timedelta(minutes=4))).json()["warnings"] == []


def test_a_touch_to_come_that_waits_for_its_lead_counts_as_of_when_it_came(world: World) -> None:
    now = world.clock.now()
    assert world.touched("L", at=AHEAD).json()["warnings"] == [LATE]
    world.wait(days=1)
    world.sign_up(id="L")
    assert kept(world).touched_at == now


@pytest.mark.parametrize("kind", ["converted", "lost"])
def test_an_outcome_to_come_is_kept_as_told_and_said(world: World, kind: str) -> None:
    world.sign_up(id="L")
    told = {"id": "o1", "lead_id": "L", "kind": kind, "at": AHEAD}
    answer = world.send("/v1/outcomes", told)

    assert answer.json()["warnings"] == [LATE | {"message": "lies in the future; kept as sent"}]
    assert (kept(world).outcome, time_text(kept(world).outcome_at)) == (kind, AHEAD)
    assert world.send("/v1/outcomes", told).json()["warnings"] == []


def test_an_end_of_access_may_lie_ahead(world: World) -> None:
    world.sign_up(id="L")
    told = {"id": "o1", "lead_id": "L", "kind": "churned", "at": AHEAD}
    assert world.send("/v1/outcomes", told).json()["warnings"] == []
    assert [time_text(row.at) for row in world.rows(sa.select(outcomes.c.at))] == [AHEAD]


def test_a_file_says_how_many_were_of_the_future(world: World, tmp_path: Path) -> None:
    world.sign_up(id="L")
    file = tmp_path / "outcomes.csv"
    file.write_text("lead_id,kind,at\nL,converted,2030-01-01T00:00:00Z\n", encoding="utf-8")
    done = giveget("outcomes", str(file), "--yes", "--db", world.settings.db)
    assert done.exit_code == 0, done.output
    assert "lies in the future; kept as sent" in " ".join(done.output.split())
    (row,) = world.rows(sa.select(outcomes.c.at))
    assert row.at.year == 2030


def test_an_attribute_decides_nothing_before_it_is_known() -> None:
    told = {"value": 80, "source": "enrichment", "known_at": AHEAD}
    record = record_of(read_model(Signup, {"attributes": {"employees": told}}), "1 m")[0]
    assert trusted(record, MONDAY) == {}
    assert trusted(record, MONDAY.replace(year=2027, month=6)) == {"employees": 80}
