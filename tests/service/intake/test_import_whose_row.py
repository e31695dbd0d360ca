"""Whose row it is: ids of owners and accounts name no lead, and "-" is no answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from service.cli import app
from service.db.tables.leads import metadata
from service.importers.vocabulary import usual_lead_fields
from tests.support.service import World


def an_import(folder: Path, text: str, url: str, *options: str) -> Result:
    path = folder / "people.csv"
    path.write_text(text, encoding="utf-8")
    command = ["import", "leads", str(path), "--db", url, *(options or ("--yes",))]
    return CliRunner().invoke(app, command)


def fields_of(url: str) -> dict[str, dict[str, Any]]:
    """What is stored of each lead, by id."""
    with World(url) as world:
        return {
            row.id: json.loads(row.record)["fields"]
            for row in world.rows(sa.select(metadata.tables["leads"]))
        }


@pytest.mark.parametrize(
    ("heading", "is_id"),
    [
        *(("Record Id", True), ("Datensatz-ID", True), ("ID de fiche d’informations", True)),
        *(("ID do registro", True), ("Lead.Id", True), ("Person - ID", True), ("ID", True)),
        *(("Lead Owner.id", False), ("Owner: ID", False), ("Campaign - ID", False)),
        *(("Created By.id", False), ("Deal - ID", False), ("Form - ID", False)),
    ],
)
def test_which_ids_are_a_leads(heading: str, is_id: bool) -> None:
    assert (usual_lead_fields([heading]).get(heading) == "id") is is_id


def test_leads_of_one_owner_stay_as_many_as_they_are(store_url: str, tmp_path: Path) -> None:
    rows = "".join(f"z{i},u1,Kim,k{i}@tea.example\n" for i in range(30))
    done = an_import(tmp_path, f"Record Id,Lead Owner.id,Last Name,Email\n{rows}", store_url)
    assert done.exit_code == 0
    assert set(fields_of(store_url)) == {f"z{i}" for i in range(30)}


def test_an_id_that_most_rows_share_is_asked_about(store_url: str, tmp_path: Path) -> None:
    text = "ID,Last Name,Email\n" + "".join(f"u{i % 3},Kim,k{i}@tea.example\n" for i in range(30))
    done = an_import(tmp_path, text, store_url)
    assert done.exit_code == 2
    assert '"ID" looks like the id, but 30 rows hold 3 different values' in done.output
    assert not fields_of(store_url)
    right = tmp_path / "map.toml"
    right.write_text('[fields]\n"Email" = "email"\n"Last Name" = "last_name"\n')
    assert an_import(tmp_path, text, store_url, "--map", str(right)).exit_code == 0
    assert len(fields_of(store_url)) == 30


def test_an_account_names_no_lead(store_url: str, tmp_path: Path) -> None:
    done = an_import(
        tmp_path, "opportunity,account,sector\nO1,Acme,food\nO2,Acme,food\n", store_url
    )
    assert done.exit_code == 2
    assert "no column names the lead: save the map above as a file" in done.output
    done = an_import(tmp_path, "email,account\nk@tea.example,Acme\n,Acme\n", store_url)
    assert "line 3: names nobody" in done.output
    assert len(fields_of(store_url)) == 1


def test_a_dash_is_no_phone_and_no_id(store_url: str, tmp_path: Path) -> None:
    text = "id,email,phone,title,company,region,last name\n"
    text += "D1,k@tea.example,-,k. A.,unbekannt,ND,Ka\n-,-,+49 30 901820,-,-,-,-\n"
    done = an_import(tmp_path, text, store_url)
    assert "line 3: names nobody" in done.output
    fields = fields_of(store_url)["D1"]
    assert {name for name in ("phone", "title", "company") if fields.get(name)} == set()
    assert (fields["region"], fields["last_name"]) == ("ND", "Ka")


def test_leads_without_a_time_of_sign_up_are_said_to_count_from_now(
    store_url: str, tmp_path: Path
) -> None:
    without = an_import(tmp_path, "id,email\nT1,k@tea.example\n", store_url, "--dry-run")
    assert "no column says when they signed up" in without.output
    text = "id,email,created at\nT1,k@tea.example,2026-01-05\n"
    assert "no column says" not in an_import(tmp_path, text, store_url, "--dry-run").output
