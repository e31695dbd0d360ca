"""Whoever must not be written to is known after an import, in whatever column the file says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from service.cli import app
from service.db.tables.leads import metadata
from tests.support.service import World


def an_import(folder: Path, text: str, url: str, *options: str) -> Result:
    path = folder / "people.csv"
    path.write_text(text, encoding="utf-8")
    command = ["import", "leads", str(path), "--db", url, *(options or ("--yes",))]
    return CliRunner().invoke(app, command)


def objecting(url: str) -> dict[str, object]:
    """Whether each lead objects to mail, by id; `None` where it says nothing."""
    with World(url) as world:
        return {
            row.id: json.loads(row.record)["fields"].get("do_not_email")
            for row in world.rows(sa.select(metadata.tables["leads"]))
        }


def test_of_several_objections_one_is_enough(store_url: str, tmp_path: Path) -> None:
    text = "id,email,Unsubscribed,Email Opt Out,Do not mail\n"
    text += (
        "M1,kim@tea.example,no,no,x\nM2,lou@tea.example,0,2026-03-01,\nM3,max@tea.example,,0,no\n"
    )
    assert an_import(tmp_path, text, store_url).exit_code == 0
    assert objecting(store_url) == {"M1": True, "M2": True, "M3": False}
    listed = CliRunner().invoke(app, ["import", "list", "--db", store_url, "--json"])
    (one,) = json.loads(listed.stdout)
    assert (one["kind"], one["state"], one["taken"], one["rejected"]) == ("leads", "done", 3, 0)
    assert (one["file"], one["at"][-6:]) == ("people.csv", "+00:00")


@pytest.mark.parametrize(
    ("heading", "no"),
    [
        ("Subscribed", "No"),
        ("Email Opt In", "0"),
        ("GDPR consent", "false"),
        ("Newsletter", "nein"),
        ("Accepts Email Marketing", "no"),
        ("Email Marketing Consent", "NEVER_SUBSCRIBED"),
        ("Do you agree to our marketing emails?", "N"),
        ("Dürfen wir Sie kontaktieren?", "Nein"),
        ("Acceptez-vous de recevoir nos offres ?", "non"),
        ("Aceita receber e-mails", "não"),
        ("E-posta izni", "Hayır"),
    ],
)
def test_a_permission_that_says_no_is_asked_about(
    store_url: str, tmp_path: Path, heading: str, no: str
) -> None:
    text = f'id,email,"{heading}"\nM1,kim@tea.example,{no}\nM2,lou@tea.example,yes\n'
    done = an_import(tmp_path, text, store_url)
    assert done.exit_code == 2
    assert f'"{heading}" holds "{no}", which may say that somebody must not be' in done.stderr
    assert objecting(store_url) == {}


def test_the_answer_to_that_question_is_a_map(store_url: str, tmp_path: Path) -> None:
    text = "id,email,Subscribed\nM1,kim@tea.example,No\nM2,lou@tea.example,Yes\n"
    answer = tmp_path / "map.toml"
    answer.write_text(
        '[fields]\nid = "id"\nemail = "email"\nSubscribed = "do_not_email"\n'
        "[values.do_not_email]\nNo = true\nYes = false\n",
        encoding="utf-8",
    )
    assert an_import(tmp_path, text, store_url, "--map", str(answer)).exit_code == 0
    assert objecting(store_url) == {"M1": True, "M2": False}


def test_a_column_that_only_sounds_so_is_kept_where_the_map_says(
    store_url: str, tmp_path: Path
) -> None:
    text = "id,email,Has subscription\nM1,kim@tea.example,No\nM2,lou@tea.example,Yes\n"
    answer = tmp_path / "map.toml"
    answer.write_text(
        '[fields]\nid = "id"\nemail = "email"\n'
        '"Has subscription" = "attributes.Has subscription"\n',
        encoding="utf-8",
    )
    assert an_import(tmp_path, text, store_url, "--map", str(answer)).exit_code == 0
    assert objecting(store_url) == {"M1": None, "M2": None}


@pytest.mark.parametrize("heading", ["Unsubscribe Date", "Uitgeschreven", "メール配信停止"])
def test_an_objection_by_its_day_or_in_another_language_is_kept(
    store_url: str, tmp_path: Path, heading: str
) -> None:
    text = f"id,email,{heading}\nM1,kim@tea.example,2026-03-04\nM2,lou@tea.example,\n"
    assert an_import(tmp_path, text, store_url).exit_code == 0
    assert objecting(store_url) == {"M1": True, "M2": None}


def test_an_imports_times_are_read_in_the_zone_of_their_heading(
    store_url: str, tmp_path: Path
) -> None:
    text = "id,email,Create Date (GMT+1)\nM1,kim@tea.example,2026-03-04 00:30\n"
    done = an_import(tmp_path, text, store_url)
    assert "Create Date (GMT+1): time (in GMT+1), 1 of 1 cells read" in done.output
    with World(store_url) as world:
        (row,) = world.rows(sa.select(metadata.tables["leads"]))
    assert json.loads(row.record)["fields"]["signed_up_at"] == "2026-03-03T23:30:00Z"


def test_the_count_of_subscriptions_is_no_refusal(store_url: str, tmp_path: Path) -> None:
    text = "id,email,subscriptions.mrr\nU1,una@acme-foods.example,0\nU2,ute@acme-foods.example,49\n"
    done = an_import(tmp_path, text, store_url)
    assert done.exit_code == 0, done.output


def test_a_state_that_is_no_region_is_asked_about(store_url: str, tmp_path: Path) -> None:
    text = "id,email,state\nU1,una@acme-foods.example,expired\nU2,ute@acme-foods.example,active\n"
    done = an_import(tmp_path, text, store_url)
    assert done.exit_code == 2
    assert '"state" looks like the region, but holds "expired", "active"' in done.output


def test_a_time_of_an_unknown_zone_is_refused_by_what_is_wrong(
    store_url: str, tmp_path: Path
) -> None:
    text = (
        "id,email,Created at\nU1,una@acme-foods.example,Jan 5 2026 9:00 AM IST\n"
        "U2,ute@acme-foods.example,Jan 5 2026 9:00 AM ET\n"
    )
    done = an_import(tmp_path, text, store_url)
    assert done.exit_code == 0, done.output
    rejects = (tmp_path / "people.csv.rejects.csv").read_text(encoding="utf-8")
    assert "its zone is not known; write an offset, such as +05:30" in rejects
    assert rejects.count("example") == 1
