"""The table of usage reports: who gets what the team did, each with a twin that is refused."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.use_cases.intake.erasure import erase
from service.use_cases.tx import transact_now
from tests.support.service import World
from tests.support.teams import Team

TABLE = Path(__file__).parents[2] / "cases" / "usage_reports.toml"
STORIES = tomllib.loads(TABLE.read_text(encoding="utf-8"))["story"]
TWINS = [
    {**{k: v for k, v in story.items() if k not in ("then", "night")}, **story["twin"]}
    for story in STORIES
]


def unsubscribe(team: Team, person: int) -> None:
    (mail,) = [m for m in team.world.rows(_letters()) if m.lead == team.people[person]]
    path = mail.letter.partition("/u/")[2].partition("\\n")[0]
    assert team.world.client.post(f"/u/{path}").status_code == 200


def forget(team: Team, person: int) -> None:
    transact_now(team.world.runtime, lambda tx: erase(tx, team.people[person]))


HAPPENS: dict[str, Callable[[Team], object]] = {
    "nothing": lambda team: None,
    "boss leaves it": lambda team: team.press("leave"),
    "boss is deactivated": lambda team: team.say(1, attributes={"deactivated": True}),
    "boss objects to profiling": lambda team: team.say(1, do_not_profile=True),
    "boss unsubscribes": lambda team: unsubscribe(team, 1),
    "boss is erased": lambda team: forget(team, 1),
    "colleague is deactivated": lambda team: team.say(5, attributes={"deactivated": True}),
    "colleague is erased": lambda team: forget(team, 5),
    "admin works on": lambda team: team.works(people=[0]),
    "admin leaves": lambda team: team.say(0, attributes={"left_company": True}),
}


def test_every_line_has_a_twin_that_is_refused() -> None:
    for story, twin in zip(STORIES, TWINS, strict=True):
        assert set(twin["sent"]) < set(story["sent"])


@pytest.mark.parametrize("told", [*STORIES, *TWINS], ids=lambda told: told["line"][:60])
def test_a_report_goes_to_whom_the_table_says(
    make_world: Callable[..., World], told: dict[str, Any]
) -> None:
    team = Team(make_world(usage_report=True))
    team.order(readers=[1, 2])
    team.works(people=range(told["active"]))
    HAPPENS[told.get("then", "nothing")](team)
    team.turn(2026, 12, 2, 23)
    HAPPENS[told.get("night", "nothing")](team)
    team.turn(2026, 12, 3)

    assert [person for person in range(6) if team.got(person)] == told["sent"]
    report = team.state()["reports"][0]
    assert report["why"] == told.get("why")
    if "note_to" in told:
        (note,) = team.got(told["note_to"], "About your team")
        assert told["note"] in note["text"]
    withheld = [mail["reason"] for mail in report["mails"] if mail["state"] == "withheld"]
    assert all(withheld)  # whatever did not go says why


def _letters() -> Any:
    from service.db.tables.leads import report_letters

    return report_letters.select()
