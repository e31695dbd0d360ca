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
from typing import Any

import pytest

from service.db.tables.leads import events, leads
from service.errors import ConfigurationError
from service.integrations.contract import load_connectors
from service.settings import Settings
from tests.support.service import World

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "giveget-calendly"
KEY = "a-signing-key-of-calendly"
OWN = {"calendly": {"signing_key": KEY}}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, installed into a folder of its own as pip installs it."""
    folder = tmp_path_factory.mktemp("calendly")
    source = folder / "source"
    source.mkdir()
    for path in EXAMPLE.iterdir():
        if path.is_file():
            (source / path.name).write_bytes(path.read_bytes())
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", str(folder / "there"), str(source)], check=True)
    return folder / "there"


@pytest.fixture
def beside(installed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(installed))
    yield
    sys.modules.pop("giveget_calendly", None)


def test_ours_are_registered_as_anybodys_are() -> None:
    assert set(load_connectors(Settings())) >= {
        *("segment", "hubspot", "stripe", "aircall"),
        *("ses", "postmark", "sendgrid", "mailgun", "resend"),
    }


def test_the_example_passes_the_published_contract(installed: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_contract.py"],
        cwd=EXAMPLE,
        env={**os.environ, "PYTHONPATH": f"{installed}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert "6 passed" in done.stdout


@pytest.mark.usefixtures("beside")
def test_a_booking_becomes_a_lead_and_an_event_once(make_world: Callable[..., World]) -> None:
    world = make_world(connectors=OWN)

    for _ in range(2):
        answer = send(world, booking())
        assert answer.json() == {"taken": 1, "rejected": []}

    assert world.count(leads) == 1
    assert world.count(events) == 1


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
