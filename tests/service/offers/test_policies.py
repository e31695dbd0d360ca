"""Policies as versions: written by one, published by another, proved, followed and restored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from offers.policy import parse_policy
from service.cli import app
from service.store.offers import ledger, policies
from service.use_cases.policies.active import follow
from tests.support.service import World
from tests.support.service_offers import POLICY

OTHER = POLICY.replace("extra_months = 3", "extra_months = 2")
BELOW_FLOOR = POLICY.replace("floor = 1600", "floor = 2400")
WHY = {"reason": "The year's end is near."}


def version(text: str) -> str:
    return parse_policy(text).version


def written(world: World, text: str = POLICY, who: str = "manager") -> str:
    answer = world.post(who, "/v1/policies", {"text": text})
    assert answer.status_code == 200, answer.text
    assert answer.json()["id"] == version(text)
    return version(text)


def published(world: World, which: str, who: str = "admin") -> Any:
    return world.post(who, f"/v1/policies/{which}/publish", WHY)


def giveget(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_policy_written_by_one_and_published_by_another_works_at_once(world: World) -> None:
    which = written(world)
    assert world.runtime.policy.version != which

    done = published(world, which).json()

    assert world.runtime.policy.version == which
    assert (done["number"], done["reason"], done["restored"]) == (1, WHY["reason"], False)
    told = world.get("manager", f"/v1/policies?version={which}").json()
    assert told["serving"] == which
    assert told["text"] == POLICY
    assert [each["id"] for each in told["publications"]] == [which]
    (entry,) = world.runtime.store.read_now(lambda c: list(ledger.entries(c)))
    assert (entry.step, entry.offer) == ("policy_published", f"policy:{which}")
    assert entry.facts["by"] != entry.facts["author"]


def test_nobody_publishes_their_own_policy_even_when_another_posts_it_again(world: World) -> None:
    which = written(world, who="manager")
    written(world, who="admin")

    refused = published(world, which, who="manager")

    assert (refused.status_code, refused.json()["code"]) == (403, "own_policy")
    assert world.runtime.store.read_now(policies.newest) is None


def test_a_refuted_policy_is_kept_but_not_published_and_the_answer_holds_the_proof(
    world: World,
) -> None:
    answer = world.post("manager", "/v1/policies", {"text": BELOW_FLOOR}).json()
    assert [found["name"] for found in answer["refuted"]] == ["floor"]

    refused = published(world, answer["id"])

    assert (refused.status_code, refused.json()["code"]) == (409, "policy_refuted")
    (found,) = refused.json()["proof"]
    assert (found["name"], found["verdict"]) == ("floor", "refuted")
    assert found["counterexample"]["plan"] == "business"
    assert world.runtime.store.read_now(policies.newest) is None


def test_a_publication_needs_a_reason_and_a_version_that_is_there(world: World) -> None:
    which = written(world)
    path = f"/v1/policies/{which}/publish"

    assert [world.post("admin", path, body).status_code for body in ({}, {"reason": " "})] == [
        422,
        422,
    ]
    assert published(world, "nowhere").status_code == 404
    assert published(world, which).status_code == 200
    assert published(world, which).json()["code"] == "already_published"


def test_a_repeated_publication_gets_the_first_answer(world: World) -> None:
    path = f"/v1/policies/{written(world)}/publish"

    first, again = (world.post("admin", path, WHY, **{"Idempotency-Key": "k"}) for _ in "ab")

    assert (first.status_code, again.text) == (200, first.text)
    assert len(world.runtime.store.read_now(policies.history)) == 1


def test_a_text_that_does_not_load_is_told_every_mistake_with_its_place(world: World) -> None:
    text = POLICY.replace("seats_requested", "seats_requsted").replace("percent_off", "percent_of")

    refused = world.post("manager", "/v1/policies", {"text": text})

    assert refused.status_code == 422
    assert refused.json()["code"] == "policy_does_not_load"
    assert refused.json()["detail"] == "2 errors in the policy"
    assert len(refused.json()["errors"]) == 2
    assert refused.json()["errors"][0]["path"].startswith("line ")
    one = POLICY.replace("seats_requested", "seats_requsted")
    refused = world.post("manager", "/v1/policies", {"text": one})
    assert refused.json()["detail"] == "1 error in the policy"


def test_another_process_follows_what_is_published_and_a_new_one_starts_with_it(
    world: World,
) -> None:
    with World(world.settings.db) as other:
        which = written(world)
        published(world, which)
        assert other.runtime.policy.version != which

        other.work()

        assert other.runtime.policy.version == which
    with World(world.settings.db) as later:
        assert later.runtime.policy.version == which


def test_a_policy_file_given_at_the_start_is_served_whatever_is_published(
    world: World, tmp_path: Path
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(OTHER)
    published(world, written(world))

    with World(world.settings.db, policy=file) as with_file:
        with_file.work()
        assert with_file.runtime.policy.version == version(OTHER)
        assert with_file.client.portal is not None
        assert with_file.client.portal.call(follow, with_file.runtime) == 0
        assert with_file.runtime.policy.version == version(OTHER)


def test_a_refuted_file_does_not_start_and_says_where_it_fails_in_one_sentence(
    tmp_path: Path,
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(BELOW_FLOOR)

    result = giveget("serve", "--policy", file, "--db", f"sqlite:///{tmp_path}/x.db")

    assert result.exit_code == 2
    assert 'floor of rule "three-more-months" is refuted by {' in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def a_log_in(url: str, login: str, name: str, role: str = "manager") -> None:
    rep = ("--rep", "ben") if role == "rep" else ()
    made = giveget("people", "add", login, "--name", name, "--role", role, *rep, "--db", url)
    assert made.exit_code == 0, made.output


def test_the_command_line_publishes_tells_the_history_and_restores(
    store_url: str, tmp_path: Path
) -> None:
    file, other = tmp_path / "a.toml", tmp_path / "b.toml"
    file.write_text(POLICY)
    other.write_text(OTHER)
    a_log_in(store_url, "mia@seller.example", "Mia Lind")
    names = ("--db", store_url, "--by", "mia@seller.example", "--reason", "The year ends.")

    assert giveget("policy", "publish", file, *names, "--author", "olga").exit_code == 0
    assert giveget("policy", "publish", other, *names, "--author", "olga").exit_code == 0
    restored = giveget("policy", "restore", version(POLICY), *names)
    assert (restored.exit_code, "(restored)" in restored.stdout) == (0, True), restored.output

    told = giveget("policy", "history", "--json", "--db", store_url)
    lines = json.loads(told.stdout)
    assert [line["id"] for line in lines] == [version(t) for t in (POLICY, OTHER, POLICY)]
    assert len({line["by"] for line in lines}) == 1
    assert lines[0]["by"].startswith("person_")
    said = giveget("policy", "history", "--db", store_url).stdout
    assert said.count("mia@seller.example (Mia Lind): The year ends.") == 3
    shown = giveget("policy", "history", "--show", version(OTHER), "--db", store_url)
    assert shown.stdout == OTHER


def test_the_command_line_publishes_by_nobody_but_who_may(store_url: str, tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(POLICY)

    def publish(by: str, author: str = "olga") -> Result:
        names = ("--by", by, "--reason", "Why not.", "--author", author, "--db", store_url)
        return giveget("policy", "publish", file, *names)

    nobody = publish("mia")
    assert (nobody.exit_code, "giveget people add" in nobody.stderr) == (2, True), nobody.output

    a_log_in(store_url, "mia@seller.example", "Mia Lind")
    a_log_in(store_url, "ben@seller.example", "Ben Ott", "rep")
    for unknown in ("anybody", "Ben Ott", "ben@seller.example"):
        refused = publish(unknown)
        assert refused.exit_code == 2
        assert f"{unknown} may not publish" in refused.stderr
        assert "these may: mia@seller.example (Mia Lind)" in refused.stderr

    told = giveget("policy", "history", "--json", "--db", store_url)
    assert json.loads(told.stdout) == []
    assert publish("Mia Lind").exit_code == 0


def test_an_author_is_one_person_by_name_and_by_mail_address(
    store_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "a.toml"
    file.write_text(POLICY)
    a_log_in(store_url, "mia@seller.example", "Mia Lind")
    names = ("--reason", "Why not.", "--db", store_url)

    for author in ("mia lind", "MIA@seller.example"):
        own = giveget(
            "policy", "publish", file, "--by", "mia@seller.example", "--author", author, *names
        )
        assert (own.exit_code, "another person than its author" in own.stderr) == (2, True)


def test_a_mistake_on_the_command_line_publishes_nothing(tmp_path: Path) -> None:
    file, refuted = tmp_path / "a.toml", tmp_path / "b.toml"
    file.write_text(POLICY)
    refuted.write_text(BELOW_FLOOR)
    db = ("--db", f"sqlite:///{tmp_path}/x.db")
    a_log_in(db[1], "mia@seller.example", "mia")
    names = (*db, "--by", "mia", "--reason", "Why not.")

    for arguments, said in (
        ((file, *names), "who wrote it"),
        ((file, *names, "--author", "mia"), "another person than its author"),
        ((refuted, *names, "--author", "olga"), "floor of rule"),
        ((file, *db, "--by", "mia", "--reason", " ", "--author", "olga"), "needs a reason"),
    ):
        result = giveget("policy", "publish", *arguments)
        assert (result.exit_code, said in result.stderr) == (2, True), result.output
    result = giveget("policy", "restore", version(POLICY), *names)
    assert (result.exit_code, "never published" in result.stderr) == (2, True), result.output
    assert "nothing is published" in giveget("policy", "history", *db).stdout
