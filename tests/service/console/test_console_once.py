"""A form of the console pressed twice does its work once, and says the same both times."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
import sqlalchemy as sa
from httpx2 import Response

from service.db.tables.leads import publications
from service.db.tables.people import audit
from tests.service.console.test_console import field, pressed, sign_in
from tests.support.service import World

_ANY_TIMES = ("/sign-in", "/sign-out", "/role", "/prove")
"""What may be done again: coming, going, and a proof that changes nothing."""


def test_every_form_that_changes_something_names_itself() -> None:
    pages = files("service.api").joinpath("pages")
    seen = 0
    for entry in pages.iterdir():
        text = entry.read_text(encoding="utf-8")
        if "public.html" in text or entry.name == "public.html":
            continue  # a customer's token is the name
        for tag, body in re.findall(r'(<form[^>]*method="post"[^>]*>)(.*?)</form>', text, re.S):
            action = re.search(r'action="([^"]*)"', tag)
            assert action is not None
            if not action[1].endswith(_ANY_TIMES):
                assert 'name="once"' in body, f"{entry.name}: {tag}"
                seen += 1
    assert seen >= 12


def twice(world: World, path: str, **fields: str) -> list[Response]:
    return [pressed(world, path, once="1" * 16, **fields) for _ in range(2)]


def noted(world: World, what: str) -> int:
    return len(world.rows(sa.select(audit.c.at).where(audit.c.what == what)))


@pytest.mark.parametrize(
    ("path", "fields", "what"),
    [
        ("/mail/pause", {"reason": "a wrong price"}, "mail.paused"),
        ("/objections", {"list": "price: The price"}, "objections.changed"),
    ],
)
def test_a_second_press_leaves_no_second_trace(
    world: World, path: str, fields: dict[str, str], what: str
) -> None:
    sign_in(world, "manager")

    pressed_twice = twice(world, path, **fields)

    assert [answer.status_code for answer in pressed_twice] == [303, 303]
    assert len({answer.headers["location"] for answer in pressed_twice}) == 1
    assert noted(world, what) == 1


def test_a_draft_is_kept_and_published_once(world: World) -> None:
    text = world.runtime.policy.text.replace("rep_above_percent = 5", "rep_above_percent = 6")
    sign_in(world, "manager")
    kept = twice(world, "/policy/draft", text=text)
    path = kept[0].headers["location"].partition("?")[0]
    sign_in(world, "admin")
    assert field(world.client.get(path).text, "once")

    published = twice(world, f"{path}/publish", reason="Reps asked for more room")

    assert [answer.status_code for answer in (*kept, *published)] == [303] * 4
    assert world.count(publications) == 1
    assert world.runtime.policy.approval.rep_above_percent == 6
