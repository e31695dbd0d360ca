"""What `giveget policy check` says to an author besides the proof."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from service.cli import app
from service.cli.policy_notes import MENDS
from tests.offers.test_policy_commands import SEEDED
from tests.support.policies import RULE, policy_text


def check(folder: Path, text: str) -> Result:
    policy = folder / "p.toml"
    policy.write_text(text)
    return CliRunner().invoke(app, ["policy", "check", str(policy)])


@pytest.mark.parametrize("name", SEEDED)
def test_what_is_refuted_is_said_in_words_with_a_mend(name: str, tmp_path: Path) -> None:
    checked = check(tmp_path, SEEDED[name])
    assert checked.exit_code == 1
    assert MENDS[name] in checked.stdout


def test_a_mail_that_the_service_would_refuse_is_said_before_it_serves(tmp_path: Path) -> None:
    checked = check(tmp_path, policy_text(RULE.replace('"extra-months"', '"no-such-mail"')))
    assert checked.exit_code == 0  # every property is proved
    assert 'names the mail "no-such-mail"; there are currency-fell, ' in checked.stdout


def test_an_unknown_fact_says_where_all_facts_are_listed(tmp_path: Path) -> None:
    checked = check(tmp_path, policy_text(RULE.replace("seats_requested", "company_size")))
    assert checked.exit_code == 2
    assert "unknown fact `company_size`" in checked.stderr
    assert "giveget policy facts" in checked.stderr
