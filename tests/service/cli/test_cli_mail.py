"""`giveget mail preview` shows what a reader gets."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.cli.app import app

RUN = CliRunner()


def test_a_preview_shows_the_mail_in_its_language(tmp_path: Path) -> None:
    shown = RUN.invoke(app, ["mail", "preview", "extra-months", "--locale", "pt-BR"])
    assert shown.exit_code == 0
    assert "Subject: Três meses extras" in shown.output
    assert "US$ 29.760,00".replace(" ", "\u00a0") in shown.output

    out = tmp_path / "mail.eml"
    RUN.invoke(app, ["mail", "preview", "win-back", "--locale", "de", "--out", str(out)])
    read = message_from_bytes(out.read_bytes(), policy=default)
    assert read["Subject"] == "7 weitere Testtage für Ihre Meinung"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nope"], 'no mail "nope"; there are confirm-consent, currency-fell'),
        (["win-back", "--out", "mail.pdf"], "must end in .html, .eml or .txt"),
        (["win-back", "--out", "/nowhere/mail.eml"], "cannot write"),
    ],
)
def test_a_mistake_says_what_to_do(arguments: list[str], said: str) -> None:
    refused = RUN.invoke(app, ["mail", "preview", *arguments])
    assert refused.exit_code == 2
    assert said in refused.output
