"""The pages' curl examples work as they stand, against a service set up as they say."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.service.cli.test_cli_keys import a_key
from tests.service.ops.test_crash import served
from tests.support.doc_pages import ROOT

DOCS = ROOT / "docs"
START = (DOCS / "start" / "engineer.md").read_text(encoding="utf-8")
RAW = re.findall(r"```sh\n(SECRET=whsec_….*?)```", START, flags=re.DOTALL)[0]
REP = re.findall(r"```sh\n(MANAGER=gg_….*?)```", START, flags=re.DOTALL)[0]
EXAMPLES = {
    page.stem: found[0]
    for page in sorted((DOCS / "connect").glob("*.md"))
    if (found := re.findall(r"```sh\n(.*?/v1/connect/.*?)```", page.read_text("utf-8"), re.DOTALL))
}


def test_every_tool_has_an_example() -> None:
    assert EXAMPLES.keys() == {"aircall", "segment", "hubspot", "stripe"}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service set up as all of the examples say."""
    folder = tmp_path_factory.mktemp("pages")
    with pytest.MonkeyPatch.context() as patch:
        for script in EXAMPLES.values():
            for name, value in re.findall(r"(GIVEGET_\w+)=(\S+)", script.splitlines()[0]):
                patch.setenv(name, value)
        url = f"sqlite:///{folder}/giveget.db"
        for role in ("ingest", "manager"):
            patch.setenv(role.upper(), a_key(url, "add", role)["secret"])
        with served(url, "--no-worker") as (_, address):
            yield address


def test_the_signed_sign_up_is_scored_at_once(address: str) -> None:
    here = RAW.replace("curl -s localhost:8080", f"curl -s {address}")
    here = here.replace("SECRET=whsec_…", 'SECRET="$INGEST"')
    done = subprocess.run(["bash", "-euc", here], capture_output=True, text=True, timeout=30)
    answer = json.loads(done.stdout)
    assert answer["lead_id"] == "42"
    assert 0 < answer["score"]["probability"] < 1


def test_the_rep_is_told_of(address: str) -> None:
    here = REP.replace("curl -s -X PUT localhost:8080", f"curl -s -X PUT {address}")
    here = re.sub(r"MANAGER=gg_….*\n", "", here)
    done = subprocess.run(["bash", "-euc", here], capture_output=True, text=True, timeout=30)
    assert json.loads(done.stdout)["name"] == "Ana"


@pytest.mark.parametrize("tool", sorted(EXAMPLES))
def test_the_example_of_a_tool_is_taken(tool: str, address: str) -> None:
    here = EXAMPLES[tool].replace("curl -s localhost:8080", f"curl -s {address}")
    done = subprocess.run(["bash", "-euc", here], capture_output=True, text=True, timeout=30)
    assert done.stdout == '{"taken":1,"rejected":[]}', done.stdout + done.stderr


def test_the_python_that_signs_is_understood(address: str) -> None:
    (text,) = re.findall(
        r"```python\n(.*?)```", (DOCS / "connect" / "signed-calls.md").read_text("utf-8"), re.DOTALL
    )
    there: dict[str, Any] = {}
    exec(text, there)  # our own page
    secret = os.environ["INGEST"]
    first = there["send"](f"{address}/v1/signups", secret, "m-1", {"id": "by-python"})
    assert json.loads(first)["lead_id"] == "by-python"
    assert there["send"](f"{address}/v1/signups", secret, "m-1", {"id": "by-python"}) == first
