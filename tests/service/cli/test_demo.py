"""The demo: a folder it may use again, and a story that runs to its end."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

GIVEGET = Path(sys.executable).with_name("giveget")


def demo(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [GIVEGET, "demo", "--once", "--dir", "demo", *more],
        cwd=folder,
        capture_output=True,
        text=True,
    )


def test_a_folder_with_files_of_others_is_refused_at_once_and_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    (folder / "giveget.db").write_text("an older demo's")

    refused = demo(tmp_path)

    assert refused.returncode == 2
    assert "thesis.txt" in refused.stderr
    assert "--dir" in refused.stderr
    assert "trials" not in refused.stdout  # before anything is simulated or trained
    assert sorted(path.name for path in folder.iterdir()) == ["giveget.db", "thesis.txt"]


@pytest.mark.long
def test_the_demo_runs_twice_in_one_folder_and_no_step_fails(tmp_path: Path) -> None:
    for _ in range(2):
        done = demo(tmp_path)
        assert done.returncode == 0, done.stderr
        assert "step_failed" not in done.stdout + done.stderr
        mails = re.search(r"mails in the captured mailbox: (\d+)", done.stdout)
        assert mails is not None
        assert int(mails[1]) > 0
        assert re.search(r"offers by rule: .*\d", done.stdout)
