"""A command that looks for something does not make a store where it was sent by mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.cli.app import app


@pytest.mark.parametrize(
    "command",
    [
        ("connect", "status"),
        ("events", "resend", "msg_1"),
        ("export", "leads", "--to", "leads.csv"),
        ("import", "list"),
        ("logs", "tail"),
        ("person", "export", "a@b.example"),
        ("policy", "situations", "trials.csv"),
        ("recount",),
    ],
)
def test_a_command_that_looks_for_something_makes_no_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GIVEGET_DB", raising=False)
    done = CliRunner().invoke(app, list(command))
    assert done.exit_code == 2, done.output
    assert "there is no store at giveget.db: name yours with --db or GIVEGET_DB" in done.output
    assert list(tmp_path.iterdir()) == []
