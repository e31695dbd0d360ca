"""The pages' commands run as they stand, and the places they name exist."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from offers.policy import parse_policy
from offers.prove import prove
from tests.support.doc_pages import PAGES, ROOT, WRITTEN, blocks, read

README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
GIVEGET = Path(sys.executable).with_name("giveget")


def commands() -> list[str]:
    lines = (line for block in blocks("sh") for line in block.splitlines())
    return [line for line in lines if line.startswith("giveget ")]


def test_the_readme_is_short_and_shows_two_pictures() -> None:
    assert len(README.split()) <= 700
    assert len(re.findall(r"!\[[^\]]+\]\([^)]+\)", README)) == 2


def test_the_pages_show_the_whole_way() -> None:
    shown = " ".join(commands())
    for step in (
        "demo --export",
        "model train",
        "model score",
        "keys add",
        "serve",
        "contact",
        "policy check",
    ):
        assert f"giveget {step}" in shown


@pytest.mark.long
@pytest.mark.timeout(900)  # a model is trained as a user would, with a minute for its settings
def test_every_command_of_the_pages_runs(tmp_path: Path) -> None:
    (tmp_path / "offers").symlink_to(ROOT / "offers")
    ran = []
    for command in commands():
        arguments = shlex.split(command)[1:]
        if arguments[0] == "trigger":
            continue  # needs a server: tests/service/cli/test_cli_trigger.py
        if arguments[0] == "serve":
            assert_it_serves([*arguments[:-1], "0"], tmp_path)
            continue
        done = subprocess.run(
            [GIVEGET, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=600
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        ran.append(arguments)
        if arguments[0] == "keys":
            assert json.loads(done.stdout)["role"] == arguments[2]
    assert len(ran) >= 7
    assert (tmp_path / "model" / "report.html").stat().st_size > 10_000
    assert len((tmp_path / "scores.csv").read_text().splitlines()) > 500


def test_the_smallest_policy_loads_and_breaks_nothing() -> None:
    (text,) = (block for block in blocks("toml") if block.startswith("[policy]"))
    policy = parse_policy(text)
    assert [rule.email for rule in policy.rules] == ["extra-seats"]
    assert {found.verdict for found in prove(policy)} == {"proved"}


def assert_it_serves(arguments: list[str], where: Path) -> None:
    server = subprocess.Popen([GIVEGET, *arguments], cwd=where, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        url = server.stdout.readline().split()[-1]
        assert httpx2.get(f"{url}/livez", trust_env=False).status_code == 200
    finally:
        server.terminate()
        server.communicate(timeout=20)


def places() -> Iterator[str]:
    for page in WRITTEN:
        text = read(page)
        if page.name == "architecture.md":  # its walks name use cases without their rooms
            text = text.split("## Where do I add")[1]
        yield from re.findall(r"`((?:scoring|offers|service|tests)/[^`]*)`", text)


@pytest.mark.parametrize("place", sorted(set(places())))
def test_every_place_the_pages_name_exists(place: str) -> None:
    assert (ROOT / place.replace("NNNN_what_changed.py", "").replace("TOOL.py", "")).exists()


def test_the_walks_name_files_that_exist() -> None:
    walked = ARCHITECTURE.split("## One sign-up")[1].split("## Where do I add")[0]
    names = set(re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)`", walked))
    assert len(names) > 15
    rooms = (ROOT, ROOT / "service", ROOT / "service/use_cases")
    assert not [name for name in names if not any((room / name).exists() for room in rooms)]


def test_the_ladder_is_the_one_that_is_held() -> None:
    drawn = ARCHITECTURE.split("## The ladder")[1].split("## One sign-up")[0]
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    (held,) = [c for c in contracts["contracts"] if c.get("containers") == ["service"]]
    order = [
        drawn.index(f"  {room.strip()}/")
        if (ROOT / "service" / room.strip()).is_dir()
        else drawn.index(f"  {room.strip()}.py")
        for line in held["layers"]
        for room in line.split("|")[:1]
    ]
    assert order == sorted(order)


def test_every_setting_is_read_under_the_name_the_pages_give() -> None:
    from service.settings import Settings

    ours = {"domain"}  # the proxy's, not the service's
    for page in PAGES:
        for name in set(re.findall(r"GIVEGET_([A-Z_]+)", read(page))):
            assert name.lower() in {*Settings.model_fields, *ours}, page
