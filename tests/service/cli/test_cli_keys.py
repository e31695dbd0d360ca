from __future__ import annotations

import json
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

    assert a_key(store_url, "revoke", made["id"]) == {"revoked": True}
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
