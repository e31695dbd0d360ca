from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from service.cli import app
from tests.support.service import World


def giveget(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def a_key(url: str, *arguments: str) -> dict[str, Any]:
    made = giveget("keys", *arguments, "--db", url)
    assert made.exit_code == 0, made.output
    return dict(json.loads(made.stdout))


def test_a_key_made_on_the_command_line_works_until_it_is_revoked(store_url: str) -> None:
    made = a_key(store_url, "add", "ingest")
    rotated = a_key(store_url, "rotate", made["id"])
    assert made["secret"].startswith("whsec_")
    assert rotated["id"] == made["id"]
    with World(store_url) as world:
        body = {"email": "a@b.example"}
        for secret in (made["secret"], rotated["secret"]):
            assert world.send("/v1/signups", body, secret=secret).status_code == 200

    assert a_key(store_url, "revoke", made["id"], "--yes") == {"revoked": True}
    with World(store_url) as world:
        assert world.send("/v1/signups", body, secret=made["secret"]).status_code == 401


def test_a_reps_key_names_its_rep(store_url: str) -> None:
    made = a_key(store_url, "add", "rep", "--rep", "ada")

    assert (made["role"], made["rep"]) == ("rep", "ada")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add", "king"], '"king" is no role'),
        (["add", "rep"], "names its rep"),
        (["add", "manager", "--rep", "ada"], "names its rep"),
        (["rotate", "key_x"], "no such key"),
        (["revoke", "key_x"], "no such key"),
        (["end-old", "key_x"], "no such key"),
    ],
)
def test_a_mistake_with_keys_is_one_sentence_and_exit_code_2(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    result = giveget("keys", *arguments, "--db", f"sqlite:///{tmp_path}/x.db")

    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--db", "mysql://x"], "db: mysql is no store"),
        (["--model", "/nowhere"], "nowhere"),
        (["--policy", "/nowhere.toml"], "policy: /nowhere.toml"),
        (["--port", "70000"], "port"),
    ],
)
def test_a_service_that_cannot_start_says_why_in_one_sentence(
    tmp_path: Path, arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    result = giveget("serve", *arguments)

    assert result.exit_code == 2
    assert said in result.stderr


def test_keys_are_listed_with_whose_they_are_and_when_they_were_last_used(store_url: str) -> None:
    assert "no keys" in giveget("keys", "list", "--db", store_url).stdout
    login = ("people", "add", "mia@seller.example", "--name", "Mia Lind", "--role", "manager")
    assert giveget(*login, "--db", store_url).exit_code == 0
    system = a_key(store_url, "add", "ingest")
    mia = a_key(store_url, "add", "manager", "--person", "mia@seller.example")
    with World(store_url) as world:
        used = world.client.get("/v1/reps", headers={"authorization": f"Bearer {mia['secret']}"})
        assert used.status_code == 200
        world.work()

    shown = giveget("keys", "list", "--db", store_url).stdout
    rows = json.loads(giveget("keys", "list", "--json", "--db", store_url).stdout)

    lines = {line.partition("  ")[0]: line for line in shown.splitlines()}
    assert "manager, Mia Lind, made " in lines[mia["id"]]
    assert "last used 2026-11-02 09:0" in lines[mia["id"]]
    assert lines[system["id"]].endswith("never used")
    assert mia["secret"] not in shown
    told = {row["id"]: row for row in rows}
    assert (told[mia["id"]]["name"], told[system["id"]]["used_at"]) == ("Mia Lind", None)


def test_a_key_is_rolled_by_the_characters_that_the_console_shows(store_url: str) -> None:
    made = a_key(store_url, "add", "ingest")

    rolled = giveget("keys", "roll", f"…{made['id'][-6:]}", "--db", store_url)

    told = json.loads(rolled.stdout)
    assert told["id"] == made["id"]
    assert told["secret"] != made["secret"]
    assert "ingest, a system" in rolled.stderr
    unknown = giveget("keys", "roll", "key_x", "--db", store_url)
    assert (unknown.exit_code, made["id"] in unknown.stderr) == (2, True)
    with World(store_url) as world:
        for secret in (made["secret"], told["secret"]):
            sent = world.send("/v1/signups", {"email": "a@b.example"}, secret=secret)
            assert sent.status_code == 200


def test_an_old_secret_is_ended_and_the_new_one_works_on(store_url: str) -> None:
    made = a_key(store_url, "add", "ingest")
    new = a_key(store_url, "roll", made["id"])
    assert "replaced secrets work until 20" in giveget("keys", "list", "--db", store_url).stdout
    slip = giveget("keys", "revoke", made["id"], "--db", store_url)
    assert (slip.exit_code, f"giveget keys end-old {made['id']}" in slip.stderr) == (2, True)

    assert a_key(store_url, "end-old", made["id"]) == {"old_secrets_ended": True}

    with World(store_url) as world:
        world.clock.set(datetime.now(UTC) + timedelta(minutes=1))
        old, fresh = (
            world.send("/v1/signups", {"email": "a@b.example"}, secret=each["secret"]).status_code
            for each in (made, new)
        )
    assert (old, fresh) == (401, 200)
    assert a_key(store_url, "revoke", made["id"]) == {"revoked": True}
