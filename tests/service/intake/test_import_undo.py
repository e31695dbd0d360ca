"""An import that is taken back leaves the store, the cut-off and other leads as they were."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from service import capacity
from service.db.tables.leads import leads
from service.store.leads import search
from tests.support.connected_service import Town
from tests.support.imports import a_damaged_file, an_id, everything, giveget
from tests.support.service import World

FAR_MORE = 250
"""More than a day's leads up to which every decision counts what the store holds."""


def test_undoing_an_import_leaves_the_store_as_it_was(store_url: str, tmp_path: Path) -> None:
    file = a_damaged_file(tmp_path)
    facts = tmp_path / "facts.csv"
    with World(store_url) as world:
        world.hire("ada")
        world.sign_up(id="L1", email="ada@acme-foods.example", external_ids={"user": "u-1"})
        world.sign_up(id="L0", email="zoe@acme-foods.example")
        world.did("L1", "invited a colleague")
        world.touched("L3")  # waits for its lead
    before = everything(store_url)
    undone = []

    for kind, text in (
        ("leads", None),
        ("events", "lead_id,event,at\nL1,project created,2026-10-03\nnew,opened,2026-10-03\n"),
        ("touches", "email,type,date\nada@acme-foods.example,call,2026-10-04\n"),
        (
            "outcomes",
            "lead_id,kind,at,plan,amount,currency\nL1,converted,2026-10-05,business,1234.50,usd\n",
        ),
    ):
        if text is not None:
            facts.write_text(text, encoding="utf-8")
        path = file if text is None else facts
        undone.append(an_id(giveget(kind, str(path), "--yes", "--db", store_url)))
        again = giveget(kind, str(path), "--yes", "--db", store_url)
        if text is not None:
            assert "0 " + kind in again.stdout  # the same file again says nothing new
        undone.append(an_id(again))
    assert everything(store_url) != before
    for id in reversed(undone):
        done = giveget("undo", id, "--db", store_url)
        assert done.exit_code == 0, done.output
        assert "stay" not in done.stdout

    assert everything(store_url) == before
    assert giveget("undo", undone[0], "--db", store_url).exit_code == 2


def test_undo_gives_back_what_a_crm_told_of_the_address_before(
    town: Town, store_url: str, tmp_path: Path
) -> None:
    town.hubspot.put("501", town.world.clock.now(), email="ada@acme-foods.example")
    town.changed("501", "notes_last_contacted", town.ms())
    before = everything(store_url)

    done = giveget("leads", str(a_damaged_file(tmp_path)), "--yes", "--db", store_url)
    told = town.world.get("manager", "/v1/leads/L1").json()["timeline"]
    assert "touch" in [line["what"] for line in told]
    giveget("undo", an_id(done), "--db", store_url)

    assert everything(store_url) == before


def test_a_lead_of_which_more_was_told_since_stays(store_url: str, tmp_path: Path) -> None:
    done = giveget("leads", str(a_damaged_file(tmp_path)), "--yes", "--db", store_url)
    with World(store_url) as world:
        world.did("L2", "project created")

    undone = giveget("undo", an_id(done), "--db", store_url)

    assert "2 leads are as they were" in undone.stdout
    assert "L2" in undone.stdout
    with World(store_url) as world:
        assert world.get("manager", "/v1/leads/L2").status_code == 200
        assert world.get("manager", "/v1/leads/L1").status_code == 404


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


def test_nothing_that_names_a_person_is_left_of_an_import_that_is_taken_back(
    store_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "leads.csv"
    rows = "clara.hoffmann@lux.example,Clara,Hoffmann,+1 201 555 0199,Wexford Lumber"
    file.write_text(
        "email,first_name,last_name,phone,company\n"
        f"{rows}\nzoe@known.example,Zoraida,Quill,+1 201 555 0188,Known\n",
        encoding="utf-8",
    )
    with World(store_url) as world:
        world.hire("ada")
        world.sign_up(email="zoe@known.example", first_name="Zoe")
        world.work()
    made = an_id(giveget("leads", str(file), "--yes", "--db", store_url))
    with World(store_url) as world:
        world.clock.set(datetime.now(UTC) + timedelta(minutes=1))
        world.work()  # people are found by their names from now on
        assert found(world, "hoffmann") == found(world, "zoraida") == 1

    with World(store_url) as world:  # the service goes on meanwhile
        assert giveget("undo", made, "--db", store_url).exit_code == 0

        for part in tmp_path.glob("giveget.db*"):
            assert b"offmann" not in part.read_bytes(), part
        assert found(world, "hoffmann") == found(world, "zoraida") == 0
        assert found(world, "zoe") == 1
        told = " ".join(
            str(row).casefold()
            for table in leads.metadata.sorted_tables
            for row in world.rows(sa.select(table))
        )
    for name in ("clara", "hoffmann", "2015550199", "wexford", "zoraida", "quill"):
        assert name not in told


def found(world: World, word: str) -> int:
    return len(world.runtime.store.read_now(lambda c: search.find(c, [(word,)], rep=None, limit=9)))
