"""The table of a company's life: what is seen of it, each with a twin that is refused."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.account_parts import DECISION_MAKER, OTHERS, a_part, saved_with
from tests.support.service import World

TABLE = Path(__file__).parents[2] / "cases" / "accounts.toml"
STORIES = tomllib.loads(TABLE.read_text(encoding="utf-8"))["story"]
TWINS = [{**story, **story["twin"]} for story in STORIES]
SUBJECTS = {
    "one company, one item",
    "the account's score",
    "stages",
    "renewals",
    "rates",
    "modes",
    "channels",
}
PART = a_part(OTHERS, DECISION_MAKER)


def test_every_subject_has_a_story_and_every_story_a_twin_that_sees_something_else() -> None:
    assert {story["of"] for story in STORIES} == SUBJECTS
    for story, twin in zip(STORIES, TWINS, strict=True):
        assert (twin.get("status"), twin["sees"]) != (story.get("status"), story["sees"])


@pytest.fixture
def world(make_world: Callable[..., World], model_dir: Path, tmp_path: Path) -> World:
    """A service that scores accounts, with its first rep."""
    world = make_world(model=saved_with(PART, model_dir, tmp_path))
    world.hire("ada")
    return world


@pytest.mark.parametrize("told", [*STORIES, *TWINS], ids=lambda told: told["line"][:60])
def test_a_company_is_seen_as_the_table_says(world: World, told: dict[str, Any]) -> None:
    start = world.clock.now()
    for name, title, *more in told["people"]:
        facts = {"id": name, "email": f"{name}@acme.example", "title": title, "country": "DE"}
        world.sign_up(**facts, **(more[0] if more else {}))
    world.hire("bob")  # the company is the first rep's
    if "touched" in told:
        assert world.touched(told["touched"]).status_code == 200
    for name in told.get("did", ()):
        world.did(name, "report opened")
    for number, one in enumerate(told.get("told", ())):
        outcome(world, told["people"][0][0], f"o{number}", start, one)
    if "claimed_by" in told:
        world.claim(told["claimed_by"])
    world.wait(days=told.get("days", 0))

    ask = world.post if told["path"].endswith("/claim") else world.get
    answer = ask(told["who"], told["path"])
    assert answer.status_code == told.get("status", 200), answer.text
    for place, value in told["sees"].items():
        assert found_at(answer.json(), place) == value


def outcome(world: World, lead: str, id: str, start: Any, told: dict[str, Any]) -> None:
    fields = {name: value for name, value in told.items() if name not in ("days", "amount")}
    if "amount" in told:
        fields["amount"] = {"minor": told["amount"], "currency": "USD"}
    at = (start + timedelta(days=told["days"])).isoformat()
    answer = world.send("/v1/outcomes", {"id": id, "lead_id": lead, "at": at} | fields)
    assert answer.status_code == 200, answer.text


def found_at(answer: Any, place: str) -> Any:
    """What stands at `stage.name`; `#people` is how many, a reason is found by its feature, and
    null is "none", which TOML cannot say."""
    for part in place.removeprefix("#").split("."):
        if isinstance(answer, list) and part.isdigit():
            answer = answer[int(part)]
        elif isinstance(answer, list):
            answer = next(one["value"] for one in answer if one["feature"] == part)
        else:
            answer = answer[part]
    if place.startswith("#"):
        return len(answer)
    return "none" if answer is None else answer
