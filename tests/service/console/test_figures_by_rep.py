"""What each rep did is shown by name only once that was agreed; until then as the team's."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.service.console.test_console import sign_in
from tests.service.queue.test_company import end
from tests.support.service import MONDAY, World

DAY = MONDAY.date().isoformat()


@pytest.mark.parametrize(
    ("settings", "is_named"),
    [
        ({}, False),
        ({"rep_figures": "named"}, False),
        ({"rep_figures": "named", "rep_figures_agreed_on": "2100-01-01"}, False),
        ({"rep_figures": "named", "rep_figures_agreed_on": DAY}, True),
    ],
)
def test_how_claims_ended_is_by_rep_only_once_agreed(
    make_world: Callable[..., World], settings: dict[str, Any], *, is_named: bool
) -> None:
    world = make_world(**settings)
    for rep in ("ada", "bob"):
        world.hire(rep)
    for _ in range(4):
        world.sign_up(title="CFO", seats=80)
    for rep in ("ada", "ada", "bob"):
        end(world, world.claim(rep), "done", rep, disposition="bad_fit")
    sign_in(world, "manager")

    shown = " ".join(re.sub(r"<[^>]+>", " ", world.client.get("/team").text).split())
    rows = world.client.get("/reps.json").json()["reps"]

    assert ("Done, 7 days" in shown) is is_named
    assert ("done" in rows[0]) is is_named
    assert "In the last 7 days all reps together: 3 done, 0 given back, 0 missed." in shown
