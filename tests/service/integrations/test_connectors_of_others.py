"""A connector of another package: installed beside ours, tested by the contract, served."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from service.db.tables.leads import events, leads
from service.errors import ConfigurationError
from service.integrations import contract
from service.integrations.contract import load_connectors
from service.settings import Settings
from tests.support.service import World
from tests.support.tool_servers import Tool, running

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples"
KEY = "a-signing-key-of-calendly"
OWN = {"calendly": {"signing_key": KEY}}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples, installed into a folder of their own as pip installs them."""
    folder = tmp_path_factory.mktemp("examples")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    sources = []
    for example in ("giveget-calendly", "giveget-teams"):
        source = folder / example
        source.mkdir()
        for path in (EXAMPLES / example).iterdir():
            if path.is_file():
                (source / path.name).write_bytes(path.read_bytes())
        sources.append(str(source))
    subprocess.run([*pip, "--target", str(folder / "there"), *sources], check=True)
    return folder / "there"


@pytest.fixture
def beside(installed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(installed))
    yield
    for name in ("giveget_calendly", "giveget_teams"):
        sys.modules.pop(name, None)


def test_ours_are_registered_as_anybodys_are() -> None:
    assert set(load_connectors(Settings())) >= {
        *("segment", "hubspot", "stripe", "aircall", "slack"),
        *("ses", "postmark", "sendgrid", "mailgun", "resend"),
    }


@pytest.mark.parametrize(("example", "passed"), [("calendly", 6), ("teams", 11)])
def test_the_examples_pass_the_published_contract(
    installed: Path, example: str, passed: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_contract.py"],
        cwd=EXAMPLES / f"giveget-{example}",
        env={**os.environ, "PYTHONPATH": f"{installed}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert f"{passed} passed" in done.stdout


@pytest.mark.usefixtures("beside")
def test_a_booking_becomes_a_lead_and_an_event_once(make_world: Callable[..., World]) -> None:
    world = make_world(connectors=OWN)

    for _ in range(2):
        answer = send(world, booking())
        assert answer.json() == {"taken": 1, "rejected": []}

    assert world.count(leads) == 1
    assert world.count(events) == 1


@pytest.mark.usefixtures("beside")
def test_a_connector_of_others_is_told_once_who_comes_next(
    make_world: Callable[..., World],
) -> None:
    with running(Tool()) as teams:
        world = make_world(connectors={"teams": {"url": f"{teams.url}/workflows/1?sig=s"}})
        teams.faults = [(429, {"retry-after": "60"})]
        world.hire("ada")
        lead = world.sign_up(email="ada@large.example", title="CFO", seats=500, plan="enterprise")
        world.did(lead["lead_id"], *["invited a colleague", "viewed pricing", "integration"] * 9)
        for _ in range(3):
            world.work()
            world.wait(minutes=2)
        refused, card = teams.seen("POST", "/workflows/1")
        assert refused == card
        assert lead["lead_id"] in json.dumps(card)
        assert "large.example" not in json.dumps(card)
        there = world.client.post("/v1/connect/teams", json={})
        assert (there.status_code, there.json()["code"]) == (404, "unknown_connector")


@pytest.mark.parametrize(
    ("lacks", "says"),
    [
        (("tell",), "lacks, to be told: tell"),
        (("check", "read"), "lacks, to be heard: check, read"),
    ],
)
def test_a_connector_that_keeps_half_the_contract_stops_the_start(
    lacks: tuple[str, ...], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = ("media_types", "is_one", "at_once", "check", "read")
    parts += ("is_told", "at_a_time", "to_tell", "tell")
    half = SimpleNamespace(**dict.fromkeys(set(parts) - set(lacks)))
    point = SimpleNamespace(name="half", load=lambda: lambda setup: half)
    monkeypatch.setattr(contract, "_installed", lambda path: (point,))
    with pytest.raises(ConfigurationError, match=says):
        load_connectors(Settings())


@pytest.mark.usefixtures("beside")
@pytest.mark.parametrize("how", ["nothing", "other key", "other body", "too old"])
def test_a_forged_booking_changes_nothing(make_world: Callable[..., World], how: str) -> None:
    world = make_world(connectors=OWN)
    raw = json.dumps(booking()).encode()
    at = int(world.clock.now().timestamp()) - (3600 if how == "too old" else 0)
    headers = signed(raw, at, "another key" if how == "other key" else KEY)
    if how == "other body":
        raw = raw.replace(b"jo@", b"ed@")

    answer = post(world, raw, {} if how == "nothing" else headers)

    assert answer.status_code == 401
    assert answer.json()["code"] in ("wrong_signature", "old_timestamp")
    assert world.count(leads) == world.count(events) == 0


@pytest.mark.usefixtures("beside")
def test_without_its_part_of_the_settings_it_says_what_to_set(
    make_world: Callable[..., World],
) -> None:
    answer = send(make_world(), booking())
    assert (answer.status_code, answer.json()["code"]) == (401, "not_connected")
    assert "connectors.calendly.signing_key" in answer.json()["detail"]


def test_a_tool_that_nobody_installed_is_not_there(world: World) -> None:
    answer = send(world, booking())
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_connector")


def test_a_part_of_the_settings_for_nobody_stops_the_start() -> None:
    with pytest.raises(ConfigurationError, match="not installed: calendy"):
        load_connectors(Settings(connectors={"calendy": {"signing_key": KEY}}))


def test_the_setting_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIVEGET_CONNECTORS", json.dumps(OWN))
    assert Settings().connectors == OWN
    assert KEY not in repr(Settings())


def booking() -> dict[str, Any]:
    """As developer.calendly.com documents `invitee.created`."""
    return {
        "event": "invitee.created",
        "created_at": "2026-11-02T08:59:58.000000Z",
        "created_by": "https://api.calendly.com/users/AAA",
        "payload": {
            "uri": "https://api.calendly.com/scheduled_events/AAA/invitees/BBB",
            "email": "jo@acme-foods.example",
            "name": "Jo Reyes",
            "status": "active",
        },
    }


def signed(raw: bytes, at: int, key: str) -> dict[str, str]:
    made = hmac.new(key.encode(), f"{at}.".encode() + raw, hashlib.sha256).hexdigest()
    return {"calendly-webhook-signature": f"t={at},v1={made}"}


def send(world: World, body: Any) -> Any:
    raw = json.dumps(body).encode()
    return post(world, raw, signed(raw, int(world.clock.now().timestamp()), KEY))


def post(world: World, raw: bytes, headers: dict[str, str]) -> Any:
    kind = {"content-type": "application/json"}
    return world.client.post("/v1/connect/calendly", content=raw, headers=headers | kind)
