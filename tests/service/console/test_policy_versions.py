"""The versions of the policy: which waits for whom, which was live, which is outdated."""

from __future__ import annotations

import re

from service.use_cases.access.keys import add_key
from tests.service.access.test_heads import a_person
from tests.service.console.test_console import page, pressed, sign_in
from tests.support.service import World


def drafted(world: World, above: int) -> str:
    """The path of a draft with another limit, by who is signed in."""
    text = world.runtime.policy.text
    text = re.sub(r"rep_above_percent = \d+", f"rep_above_percent = {above}", text)
    return pressed(world, "/policy/draft", text=text).headers["location"].partition("?")[0]


def spaced(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_a_draft_waits_on_the_overview_of_who_may_publish_it_until_somebody_does(
    world: World,
) -> None:
    sign_in(world, "manager")
    first = drafted(world, 6)
    world.wait(minutes=1)
    draft = drafted(world, 7)
    waits = f'<a href="{draft}">'
    assert "of the policy to publish" not in page(world)  # one's own

    sign_in(world, "admin")
    seen = page(world)
    assert "draft of the policy to publish, by an API key (…" in seen
    assert waits in seen  # an author's newest alone
    assert first not in seen
    pressed(world, f"{draft}/publish", reason="more room")

    assert "of the policy to publish" not in page(world)


def test_each_version_says_whether_it_is_live_was_live_or_is_outdated(world: World) -> None:
    sign_in(world, "manager")
    drafts = [drafted(world, 6), drafted(world, 7), drafted(world, 8)]
    sign_in(world, "admin")
    world.wait(minutes=10)
    assert pressed(world, f"{drafts[0]}/publish", reason="more room").status_code == 303
    world.wait(minutes=10)
    assert pressed(world, f"{drafts[1]}/publish", reason="still more").status_code == 303
    until = world.clock.now()
    sign_in(world, "manager")

    versions = world.client.get("/versions.json").json()["versions"]

    by_path = {f"/policy/{each['version']}": each for each in versions}
    states = [by_path[draft]["state"] for draft in drafts]
    assert states == ["was_live", "live", "outdated_draft"]
    assert by_path[drafts[0]]["live_until"] == f"{until:%Y-%m-%dT%H:%M:%S}Z"
    outdated = spaced(world.client.get(drafts[2]).text)
    assert "written before the live version was published" in outdated
    for published in drafts[:2]:
        assert published.rpartition("/")[2] in outdated
    was = spaced(world.client.get(drafts[0]).text)
    assert f"was live until {until:%-d %b %Y, %H:%M}" in was
    assert "Publishing it again takes back what was published since" in was


def test_a_draft_made_with_somebodys_key_names_them(world: World) -> None:
    a_person(world, "ana@team.example", "manager")
    now, vault = world.clock.now(), world.runtime.vault
    key = world.runtime.store.write_now(
        lambda c: add_key(c, vault, role="manager", rep=None, person="ana@team.example", now=now)
    )
    world.runtime.keyring.forget()
    world.client.post("/sign-in", data={"secret": key.secret})
    draft = drafted(world, 6)

    assert "By ana@team.example (API key …" in spaced(world.client.get(draft).text)
    sign_in(world, "admin")
    assert "of the policy to publish, by ana@team.example (API key …" in page(world)
