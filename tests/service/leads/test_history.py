"""A lead's past scores: what changed between them, and each worked out again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from scoring.learners.scorecard import Scorecard
from scoring.model.model import Model
from scoring.model.score_diff import changed_since
from service.cli import app
from service.db.tables.leads import events, lead_versions, scores
from service.use_cases.views.score_replay import Replayed, replay
from tests.support.batch import a_model
from tests.support.service import World


def a_score(base: float, model: str = "m", **points: float) -> dict[str, Any]:
    reasons = [
        {"feature": name, "caption": name.title(), "value": f"{name} {said}", "points": said}
        for name, said in points.items()
    ]
    total = round(base + sum(points.values()), 2)
    return {"points": total, "base_points": base, "model": model, "reasons": reasons}


def test_a_change_is_the_sum_of_its_parts() -> None:
    changed = changed_since(a_score(-60.1, seats=3.07, mail=8.1), a_score(-60.1, seats=5, logins=2))
    assert changed["points"] == -4.17
    assert [(r["feature"], r["points"]) for r in changed["reasons"]] == [
        ("mail", -8.1),
        ("logins", 2.0),
        ("seats", 1.93),
    ]
    gone = changed["reasons"][0]
    assert (gone["caption"], gone["before"], gone["after"]) == ("Mail", "mail 8.1", None)
    assert not changed["another_model"]


def test_another_model_moves_the_base_too_and_is_named() -> None:
    changed = changed_since(a_score(-60, seats=3), a_score(-58.5, model="n", seats=3))
    assert (changed["points"], changed["base_points"], changed["reasons"]) == (1.5, 1.5, [])
    assert changed["another_model"]


def lived(world: World) -> str:
    """A lead that signed up, acted, was joined to what it did before, and told more of itself."""
    colleague = world.sign_up(id="C1", email="ana@acme-foods.com")["lead_id"]
    world.clock.advance(timedelta(hours=1))
    world.did(colleague, "login", "teammate invited")
    parked = {
        "id": "p1",
        "name": "pricing page viewed",
        "at": "2026-11-02T08:30:00Z",
        "external_ids": {"anonymous": "b7"},
        "consent": True,
    }
    world.send("/v1/events", {"events": [parked]})
    world.clock.advance(timedelta(hours=1))
    lead = world.sign_up(id="L1", email="jo@acme-foods.com", title="VP Operations", seats=40)
    world.clock.advance(timedelta(hours=2))
    world.did("L1", "login", "pricing page viewed")
    world.clock.advance(timedelta(days=1))
    world.sign_up(id="L1", email="jo@acme-foods.com", external_ids={"anonymous": "b7"}, seats=400)
    world.clock.advance(timedelta(days=3))
    world.did("L1", "data exported")
    return str(lead["lead_id"])


def past_scores(world: World, lead: str, *models: Model) -> list[Replayed]:
    given = models or (world.runtime.model,)
    return world.runtime.store.read_now(lambda connection: replay(connection, lead, given))


def test_every_line_of_the_history_says_what_changed_since_the_one_before(world: World) -> None:
    lead = lived(world)
    history = world.get("manager", f"/v1/leads/{lead}").json()["score_history"]
    assert len(history) == 4
    assert history[0]["changed"] is None
    for before, after in pairwise(history):
        changed = after["changed"]
        moved = round(100 * after["points"]) - round(100 * before["points"])
        runtime = [changed["base_points"], *(reason["points"] for reason in changed["reasons"])]
        assert round(100 * changed["points"]) == moved == sum(round(100 * p) for p in runtime)
        assert changed["reasons"]


@pytest.fixture(scope="module")
def full_model(leads_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model on disk that uses every feature there is, colleagues and pairs included."""
    directory = tmp_path_factory.mktemp("full") / "m"
    a_model(leads_csv).save(directory, report="")
    return directory


def test_past_scores_come_out_the_same_to_the_last_reason(
    make_world: Callable[..., World], full_model: Path
) -> None:
    world = make_world(model=full_model)
    found = past_scores(world, lived(world))
    assert len(found) == 4
    assert [one.why for one in found] == [None] * 4
    assert [one.points for one in found] == [one.again for one in found]


def test_the_colleagues_of_that_moment_count_online_too(
    make_world: Callable[..., World], full_model: Path
) -> None:
    world = make_world(model=full_model)
    lead = lived(world)
    kept = world.rows(sa.select(scores.c.score).where(scores.c.lead == lead).order_by(scores.c.id))
    said = [{r["feature"]: r["value"] for r in json.loads(text)["reasons"]} for (text,) in kept]
    assert [reasons["colleagues_active_7d"] for reasons in said] == ["1"] * 4


def test_a_score_that_cannot_be_replayed_says_why(world: World) -> None:
    lead = lived(world)
    assert {one.why for one in past_scores(world, lead, Scorecard.shipped())} == {None}
    nobodys = world.runtime.store.read_now(lambda connection: replay(connection, lead, []))
    assert all("which was not given (--model)" in str(one.why) for one in nobodys)
    world.runtime.store.write_now(
        lambda connection: connection.execute(sa.delete(events).where(events.c.name == "login"))
    )
    assert "changed, removed or merged since" in str(past_scores(world, lead)[-1].why)
    world.runtime.store.write_now(lambda connection: connection.execute(sa.delete(lead_versions)))
    assert "no longer kept" in str(past_scores(world, lead)[0].why)


def test_the_command_replays_a_lead_and_ends_by_what_it_found(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path}/replayed.db"
    with World(db) as world:
        lead = lived(world)
        told = CliRunner().invoke(app, ["model", "replay", lead, "--db", db])
        assert told.exit_code == 0, told.output
        assert "all 4 past scores of L1 come out the same" in told.output
        world.runtime.store.write_now(lambda c: c.execute(sa.delete(lead_versions)))
        told = CliRunner().invoke(app, ["model", "replay", lead, "--db", db])
        assert told.exit_code == 1
        assert "4 of 4 past scores do not come out again" in told.stderr
        asked = CliRunner().invoke(app, ["model", "replay", lead, "--db", db, "--json"])
        assert (asked.exit_code, len(json.loads(asked.stdout))) == (1, 4)
        unknown = CliRunner().invoke(app, ["model", "replay", "nobody", "--db", db])
        assert unknown.exit_code == 2
        assert "no such lead" in unknown.stderr
