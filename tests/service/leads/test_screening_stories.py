"""The table of screening calls: what follows each result, each with a twin that is not called."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from service.domain.screening import RESULTS
from tests.support.service import CONSENT, World

TABLE = Path(__file__).parents[2] / "cases" / "screenings.toml"
STORIES = tomllib.loads(TABLE.read_text(encoding="utf-8"))["story"]
TWINS = [{**story, "lane": "self_serve", "claimed": False, **story["twin"]} for story in STORIES]


def test_every_result_has_a_line_and_every_line_a_twin() -> None:
    assert {each["result"] for each in (*STORIES, *TWINS)} == set(RESULTS)
    assert all(story["twin"] for story in STORIES)


@pytest.mark.parametrize("told", [*STORIES, *TWINS], ids=lambda told: told["why"][:50])
def test_a_call_leads_where_the_table_says(world: World, told: dict[str, Any]) -> None:
    world.hire("ada", languages=["en"])
    facts = {"phone": "+1 201 555 0123", "locale": "en", "consent": CONSENT} | told.get("from", {})
    lead = world.sign_up(**facts)["lead_id"]
    call = {
        "id": "c-1",
        "lead_id": lead,
        "result": told["result"],
        "answers": told.get("answers", {}),
        "by_machine": True,
        "at": world.clock.now().isoformat(),
    }

    assert world.send("/v1/screenings", call).status_code == 200

    seen = world.get("manager", f"/v1/leads/{lead}").json()["lead"]
    claimed = world.post("ada", "/v1/reps/ada/claim").status_code == 200
    assert seen["lane"] == told["lane"]
    assert claimed is told["claimed"]
    if "unreached" in told:
        assert seen["unreached"] == told["unreached"]
