"""The command line itself: its help at once, its version, what it completes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

HEAVY = ("sqlalchemy", "numpy", "polars", "fastapi", "uvicorn", "pydantic", "httpx2", "z3", "scipy")


def ran(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # our own command
        [sys.executable, "-m", "service.cli", *words], capture_output=True, text=True, check=False
    )


def test_the_version_is_that_of_the_package() -> None:
    done = ran("--version")
    assert (done.returncode, done.stdout) == (0, f"giveget {version('giveget')}\n")


def test_help_names_every_command_in_its_panel() -> None:
    done = ran("--help")
    assert done.returncode == 0
    for panel in ("See what it does", "Run it", "Scores, offers, effects", "Data and tools"):
        assert panel in done.stdout
    for command in ("demo", "serve", "doctor", "model", "policy", "effect", "import", "keys"):
        assert f" {command} " in done.stdout
    assert "Commands" not in done.stdout  # none is without a panel


def test_no_help_waits_for_what_only_commands_need() -> None:
    """`giveget --help` and completion take as long as their imports do."""
    code = (
        "import json, sys, service.cli.app; print(json.dumps(sorted(m for m in sys.modules "
        "if '.' not in m or m.split('.')[0] in ('scoring', 'offers'))))"
    )
    done = subprocess.run(  # our own module
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded = set(json.loads(done.stdout))
    assert loaded & set(HEAVY) == set()
    assert {name for name in loaded if name.startswith(("scoring.", "offers."))} == set()


def test_a_shell_completes_commands() -> None:
    asked = {"_GIVEGET_COMPLETE": "complete_bash", "COMP_WORDS": "giveget po", "COMP_CWORD": "1"}
    done = subprocess.run(  # our own command
        [str(Path(sys.executable).with_name("giveget"))],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | asked,
    )
    assert done.stdout.split() == ["policy"]
