"""An import that is taken back weighs on nobody: neither on the cut-off nor on other leads."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from service import capacity
from service.db.tables.leads import leads
from tests.service.intake.test_import import an_id, giveget
from tests.support.service import World

FAR_MORE = 250
"""More than a day's leads up to which every decision counts what the store holds."""


def cut_off(world: World) -> Any:
    return world.get("manager", "/v1/unreached").json()["cut_off"]["minor_per_minute"]


def test_the_cut_off_and_who_was_below_it_forget_an_undone_import(
    world: World, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.clock.set(datetime.now(UTC))
    world.hire("ada", capacity=4)
    now = world.clock.now().isoformat()
    rows = [f"l{n},l{n}@firm-{n}.example,CFO,500,{now}\n" for n in range(FAR_MORE)]
    file = tmp_path / "leads.csv"
    file.write_text("id,email,title,seats,signed_up_at\n" + "".join(rows))
    assert cut_off(world) is None
    imported = an_id(giveget("leads", str(file), "--yes", "--db", store_url))
    assert cut_off(world) is not None
    world.clock.set(datetime.now(UTC))
    late = world.sign_up(title="CFO", seats=20)
    assert late["lane"] != "rep"

    undone = giveget("undo", imported, "--db", store_url)
    monkeypatch.setattr(
        capacity, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + 3600)
    )

    assert "1 other lead came below the cut-off" in undone.stdout
    assert "today's cut-off within seconds" in undone.stdout
    assert cut_off(world) is None
    world.clock.set(datetime.now(UTC))
    world.work()
    (row,) = world.rows(sa.select(leads.c.lane).where(leads.c.id == late["lead_id"]))
    assert row.lane == "rep"
