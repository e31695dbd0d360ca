"""`giveget doctor`: each finding with its mend; nothing is changed by looking."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from service.cli import app
from service.cli.checks import examine
from service.db.tables.leads import ledger, outbox
from service.settings import Settings
from tests.support.service import CONSENT, World
from tests.support.service_offers import a_lead_due_an_offer, the_policy
from tests.support.smtp_server import Postbox


@pytest.fixture(autouse=True)
def an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def giveget(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def findings(*arguments: str) -> dict[str, dict[str, Any]]:
    shown = giveget("doctor", "--json", *arguments)
    return {finding["code"]: finding for finding in json.loads(shown.stdout)["findings"]}


def codes(world: World) -> set[str]:
    return {finding.code for finding in examine(world.settings, world.clock.now())}


def test_before_anything_is_there_it_says_how_to_start(tmp_path: Path) -> None:
    found = findings("--db", f"sqlite:///{tmp_path}/none.db")

    assert found["no_store"]["mend"] == "giveget serve"
    assert found["no_model"]["level"] == "note"
    assert list(tmp_path.iterdir()) == []


def test_a_healthy_store_has_notes_only_and_exit_code_0(world: World, tmp_path: Path) -> None:
    world.bearer("manager")
    world.hire("ada")
    world.sign_up(consent=CONSENT)
    world.work()
    for file in tmp_path.glob("giveget.db*"):
        file.chmod(0o600)
    db = world.settings.db
    assert giveget("backup", str(tmp_path / "copy"), "--db", db).exit_code == 0
    world.clock.set(datetime.now(UTC))
    world.work()

    beside = {"key_beside_store"} if db.startswith("sqlite") else set()
    always = {"no_brand", "no_model", "not_live"}
    assert set(findings("--db", db)) - {"old_rates"} == always | beside
    assert giveget("doctor", "--db", db).exit_code == 0


def test_trials_that_nobody_may_mail_are_a_warning_until_one_may(world: World) -> None:
    world.sign_up()
    assert "no_ground" in codes(world)

    world.sign_up(email="eva@lakeside.example", consent=CONSENT)

    assert "no_ground" not in codes(world)


def test_each_missing_thing_is_named(world: World) -> None:
    assert {"no_manager_key", "no_rep"} <= codes(world)
    world.sign_up()
    assert "no_backup" in codes(world)
    world.hire("ada")
    assert not {"no_manager_key", "no_ingest_key", "no_rep"} & codes(world)


def test_work_that_waits_means_that_no_worker_runs(world: World) -> None:
    the_policy(world)
    world.did(a_lead_due_an_offer(world), "project created")
    assert world.count(outbox) == 1
    assert "no_worker" not in codes(world)

    world.wait(minutes=11)

    assert "no_worker" in codes(world)


def test_a_changed_ledger_is_an_error_that_names_the_entry(world: World) -> None:
    the_policy(world)
    world.did(a_lead_due_an_offer(world), "project created")
    world.runtime.store.write_now(
        lambda c: c.execute(sa.update(ledger).values(facts='{"n":1}')) and None
    )

    (broken,) = [f for f in examine(world.settings, world.clock.now()) if "broken" in f.code]

    assert (broken.code, broken.level) == ("broken_ledger", "error")
    assert "entry 1" in broken.says


def test_going_live_with_the_shipped_example_is_an_error() -> None:
    settings = Settings(live=True, db="sqlite:///none.db")

    found = {finding.code for finding in examine(settings, datetime.now(UTC))}

    assert {"example_mail_from", "example_mail_postal_address", "public_url"} <= found


def test_going_live_asks_the_mail_server_without_sending(postbox: tuple[Postbox, int]) -> None:
    kept, port = postbox

    def said(**given: Any) -> list[tuple[str, str]]:
        settings = Settings(live=True, db="sqlite:///none.db", **given)
        found = examine(settings, datetime.now(UTC))
        return [(f.says, f.mend) for f in found if f.code == "mail_server"]

    assert said(smtp_port=port, smtp_starttls=False) == []
    ((lacking, mend),) = said(smtp_port=port)
    assert "STARTTLS" in lacking
    assert mend == "export GIVEGET_SMTP_STARTTLS=false"
    ((refused, mend),) = said(smtp_port=port, smtp_starttls=False, smtp_user="ada")
    assert "AUTH" in refused
    assert "GIVEGET_SMTP_PASSWORD" in mend
    ((gone, mend),) = said(smtp_port=1)
    assert "127.0.0.1:1 takes no mail" in gone
    assert "GIVEGET_SMTP_HOST" in mend
    assert kept.taken == []


def test_wrong_files_settings_and_names_are_findings_not_crashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIVEGET_MODEL", str(tmp_path / "no-model"))
    monkeypatch.setenv("GIVEGET_POLICY", str(tmp_path / "no-policy.toml"))
    monkeypatch.setenv("GIVEGET_LEASE_SECOND", "5")
    assert {"bad_model", "bad_policy", "unknown_setting"} <= findings().keys()
    assert "did you mean lease_seconds?" in findings()["unknown_setting"]["says"]

    monkeypatch.setenv("GIVEGET_PORT", "many")
    assert list(findings()) == ["bad_settings"]
    assert giveget("doctor").exit_code == 1


def test_a_store_that_cannot_be_reached_is_a_finding() -> None:
    found = findings("--db", "postgresql://nobody@127.0.0.1:1/none")

    assert found["store_unavailable"]["level"] == "error"


def test_a_store_others_can_read_is_a_warning(tmp_path: Path) -> None:
    with World(f"sqlite:///{tmp_path}/x.db") as world:
        assert "readable_store" not in codes(world)  # made so
        (tmp_path / "x.db").chmod(0o644)
        assert "readable_store" in codes(world)
        (tmp_path / "x.db").chmod(0o600)
        assert "readable_store" not in codes(world)


def test_every_setting_is_listed_with_its_name_default_and_meaning() -> None:
    rows = json.loads(giveget("doctor", "--settings", "--json").stdout)

    assert [row["name"] for row in rows] == list(Settings.model_fields)
    assert all(row["says"] for row in rows)
    text = giveget("doctor", "--settings").stdout
    assert all(f"GIVEGET_{name.upper()}" in text for name in Settings.model_fields)


def test_rates_that_the_policy_rests_on_are_missed_when_they_are_old(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = datetime.now(UTC).date()
    named = ("BRL", "TRY", "INR", "ZAR", "MXN", "USD")
    rates = tmp_path / "rates.csv"
    for age, is_old in ((40, True), (1, False)):
        day = today - timedelta(days=age)
        rows = [f"{day},{code},5.5" for code in named]
        rates.write_text("\n".join(["date,currency,per_eur", *rows]) + "\n")
        monkeypatch.setenv("GIVEGET_RATES", str(rates))
        assert ("old_rates" in findings("--db", world.settings.db)) is is_old

    rates.write_text(f"date,currency,per_eur\n{today},BRL,5,5\n")
    told = findings("--db", world.settings.db)
    assert "line 2" in told["bad_rates"]["says"]
