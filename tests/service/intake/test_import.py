"""Files of other tools come in row by row."""

from __future__ import annotations

import csv
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from service.db import Store
from service.db.tables.leads import leads
from tests.support.imports import a_damaged_file, an_import, everything, giveget, the_lead
from tests.support.service import World


def test_a_damaged_file_gives_its_good_rows_and_names_the_others(
    store_url: str, tmp_path: Path
) -> None:
    file = a_damaged_file(tmp_path)

    done = giveget("leads", str(file), "--yes", "--db", store_url)

    assert "3 leads imported" in done.stdout
    with (tmp_path / "leads.csv.rejects.csv").open(encoding="latin-1", newline="") as written:
        rejected = list(csv.DictReader(written))
    assert [row["rejected_line"] for row in rejected] == ["3", "4", "5", "6", "7", "10"]
    told = " | ".join(row["rejected_why"] for row in rejected)
    for why in (
        "3 fields where the header has 7",
        "signed_up_at",
        "seats",
        "never closed",
        "names nobody",
        "not in the file's encoding",
    ):
        assert why in told
    assert "31" not in told  # a reason holds no value
    with World(store_url) as world:
        lead = world.get("manager", "/v1/leads/L2").json()["lead"]
    assert lead["title"] == "Head of\nOperations"
    assert lead["signed_up_at"] == "2026-10-02T00:00:00Z"
    assert lead["attributes"] == {"Industry": "food"}  # and not how it ended


def test_the_map_is_shown_before_anything_is_stored(store_url: str, tmp_path: Path) -> None:
    file = a_damaged_file(tmp_path)
    before = everything(store_url)

    shown = giveget("leads", str(file), "--db", store_url)
    tried = giveget("leads", str(file), "--dry-run", "--db", store_url)

    assert '"Job Title" = "title"' in shown.stdout
    assert "nothing imported yet" in shown.stdout
    assert "3 rows can be imported" in tried.stdout
    assert everything(store_url) == before
    saved = tmp_path / "map.toml"
    saved.write_text(shown.stdout.split("\n#")[0], encoding="utf-8")
    again = giveget("leads", str(file), "--map", str(saved), "--db", store_url)
    assert "3 leads imported" in again.stdout


def test_a_mended_rejects_file_is_imported_as_it_stands(store_url: str, tmp_path: Path) -> None:
    giveget("leads", str(a_damaged_file(tmp_path)), "--yes", "--db", store_url)
    rejects = tmp_path / "leads.csv.rejects.csv"
    mended = rejects.read_bytes().replace(b"2026-02-31", b"2026-02-28")
    rejects.write_bytes(mended)

    done = giveget("leads", str(rejects), "--yes", "--db", store_url)

    assert "1 leads imported" in done.stdout
    with World(store_url) as world:
        assert world.get("manager", "/v1/leads/L5").json()["lead"]["seats"] == 80


def test_a_packed_utf_16_file_with_title_and_totals_is_imported(
    store_url: str, tmp_path: Path
) -> None:
    text = "Leads of May\n\nid\temail\nP1\tpia@acme-foods.example\nTotal\t1\n"
    packed = tmp_path / "leads.ZIP"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("leads.csv", text.encode("utf-16"))
    done = giveget("leads", str(packed), "--yes", "--db", store_url)
    assert "1 leads imported" in done.stdout, done.output
    assert "looks like totals" in done.stderr
    assert the_lead(store_url, "P1")["email"] == "pia@acme-foods.example"


def test_who_imports_with_another_model_than_the_store_has_is_told(
    store_url: str, tmp_path: Path
) -> None:
    first = an_import(tmp_path, "leads", "id,email\nL1,a@firm.example\n", store_url)
    assert "GIVEGET_MODEL" not in first.stderr
    with closing(Store(store_url)) as store:
        score = sa.func.replace(leads.c.score, '"model":"', '"model":"other ')
        store.write_now(lambda c: c.execute(sa.update(leads).values(score=score)) and None)

    second = an_import(tmp_path, "leads", "id,email\nL2,b@firm.example\n", store_url)

    assert second.exit_code == 0, second.output
    assert "while the leads here were scored with other " in second.stderr
    assert "set GIVEGET_MODEL as the service has it" in second.stderr


@pytest.mark.parametrize(
    ("heading", "won", "lost", "open_one"),
    [
        ("Deal Stage", "Closed Won", "Closed Lost", "Negotiation"),
        ("StageName", "closedwon", "closedlost", "presentationscheduled"),
        ("Status", "Won", "Lost", "Open"),
        ("Phase", "Gewonnen", "Verloren", "Angebot"),
        ("Result", "converted", "lost", "someday"),
    ],
)
def test_a_deals_export_says_who_was_won_and_lost_and_open_deals_are_refused(
    store_url: str, tmp_path: Path, heading: str, won: str, lost: str, open_one: str
) -> None:
    an_import(tmp_path, "leads", "id,email\nL1,a@one.example\nL2,b@two.example\n", store_url)
    deals = (
        f"Email,{heading},Closed on\na@one.example,{won},2026-05-01\n"
        f"b@two.example,{lost},2026-05-02\nb@two.example,{open_one},2026-05-03\n"
    )
    done = an_import(tmp_path, "outcomes", deals, store_url)
    assert (done.exit_code, "2 outcomes imported" in done.stdout) == (0, True), done.output
    assert f'line 4: kind (column "{heading}"): none of converted, ' in done.stderr
    assert "[values.kind]" in done.stderr
    assert open_one not in done.stderr
    with closing(Store(store_url)) as store:
        rows = store.read_now(lambda c: c.execute(sa.select(leads.c.id, leads.c.outcome)).all())
    assert dict(map(tuple, rows)) == {"L1": "converted", "L2": "lost"}


@pytest.mark.parametrize(
    ("kind", "text", "lacks"),
    [
        ("outcomes", "Email,Note,Close date\na@one.example,won,2026-05-01\n", "kind"),
        ("outcomes", "Email,Status\na@one.example,won\n", "at"),
        ("events", "Email,Date\na@one.example,2026-05-01\n", "name"),
        ("touches", "Email,Date\na@one.example,2026-05-01\n", "kind"),
    ],
)
def test_a_file_without_what_every_row_needs_is_refused_once(
    store_url: str, tmp_path: Path, kind: str, text: str, lacks: str
) -> None:
    done = an_import(tmp_path, kind, text, store_url)
    assert done.exit_code == 2
    assert f"no column says the {lacks}" in done.stderr
    assert f'"COLUMN" = "{lacks}"' in done.stderr
    assert "--map" in done.stderr
    assert list(tmp_path.glob("*.rejects.csv")) == []
