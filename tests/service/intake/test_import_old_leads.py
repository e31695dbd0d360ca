"""Leads of an old list take no rep's time and draw no arm until somebody of them comes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from typer.testing import CliRunner

from service.cli import app
from service.db.tables.leads import queue
from service.db.tables.offers import assignments
from service.store.leads import leads
from tests.support.service import World


def lead(world: World, id: str) -> dict[str, Any]:
    return dict(world.get("manager", f"/v1/leads/{id}").json()["lead"])


def test_only_who_tried_it_lately_or_came_back_is_a_reps(store_url: str, tmp_path: Path) -> None:
    now = datetime.now(UTC)

    def row(id: str, days: int) -> str:
        at, ends = now - timedelta(days=days), now - timedelta(days=days - 14)
        return f"{id},a@{id}.example,CTO,200,{at.isoformat()},{ends.isoformat()}"

    with World(store_url) as world:
        world.hire("ada")
    file = tmp_path / "people.csv"
    head = "id,email,title,seats,signed_up_at,trial_ends_at"
    rows = [row("old", 400), row("back", 390), row("late", 150), row("young", 3)]
    file.write_text("\n".join((head, *rows)), encoding="utf-8")
    done = CliRunner().invoke(app, ["import", "leads", str(file), "--yes", "--db", store_url])
    assert done.exit_code == 0, done.output
    with World(store_url) as world:
        world.clock.set(now + timedelta(minutes=5))
        world.work()
        assert {row.lead for row in world.rows(sa.select(queue.c.lead))} == {"young", "late"}
        assert lead(world, "old")["unreached"] == "past_trial"
        assert lead(world, "old")["lane_why"].startswith(
            "came in more than half a year after the trial"
        )
        assert world.count(assignments) == 0
        day = now - timedelta(days=1)
        count = world.runtime.store.read_now(lambda c: leads.cut_off(c, since=day, minutes=480)[1])
        assert count == 2  # who is old competes with nobody for a rep's minutes
        world.did("back", "pricing viewed")
        world.work()
        assert {row.lead for row in world.rows(sa.select(queue.c.lead))} == {
            "young",
            "late",
            "back",
        }
