"""The README's curl examples work as they stand, against a service set up as they say."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.service.test_crash import served

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
_SECTION = README.split("## The tools you have")[1].split("## Files of other tools")[0]
EXAMPLES = dict(re.findall(r"\*\*(\w+)\.\*\*.*?```sh\n(.*?)```", _SECTION, flags=re.DOTALL))


def test_every_tool_has_an_example() -> None:
    assert EXAMPLES.keys() == {"Segment", "HubSpot", "Stripe"}


@pytest.mark.parametrize("tool", sorted(EXAMPLES))
def test_the_example_of_a_tool_is_taken(
    tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = EXAMPLES[tool]
    for name, value in re.findall(r"(GIVEGET_\w+)=(\S+)", script.splitlines()[0]):
        monkeypatch.setenv(name, value)
    with served(f"sqlite:///{tmp_path}/giveget.db", "--no-worker") as (_, address):
        here = script.replace("curl -s localhost:8080", f"curl -s {address}")
        done = subprocess.run(
            ["bash", "-euc", here], capture_output=True, text=True, timeout=30, env=os.environ
        )
    assert done.stdout == '{"taken":1,"rejected":[]}', done.stdout + done.stderr
