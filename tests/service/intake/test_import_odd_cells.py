"""Rows that say less than they seem to, as an import refuses, counts or reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.imports import an_import, everything, the_lead
from tests.support.service import World

LEAD = "id,email\nM1,ann@acme-foods.example\n"


@pytest.mark.parametrize(
    ("at", "what"),
    [
        ("March 2026", "a month without a day"),
        ("FY26 Q3", "a quarter or half-year, which has no day"),
        ("2026-W14", "a week, which has no day"),
        ("2 hours ago", "so long before the export, whose time is not known"),
        ("00:12:33", "a length of time, or a time of day without a date"),
    ],
)
def test_what_is_no_moment_is_refused_by_what_it_is(
    store_url: str, tmp_path: Path, at: str, what: str
) -> None:
    an_import(tmp_path, "leads", LEAD, store_url)
    before = everything(store_url)
    text = f"email,event,date\nann@acme-foods.example,login,{at}\n"
    done = an_import(tmp_path, "events", text, store_url)
    assert f'line 2: at (column "date"): no time but {what}; write the day' in done.stderr
    assert "0 events imported" in done.stdout
    assert everything(store_url) == before


def test_an_objection_whose_formula_failed_is_refused(store_url: str, tmp_path: Path) -> None:
    text = "id,email,Do not email\nM1,ann@acme-foods.example,#REF!\nM2,bob@b-foods.example,ne\n"
    done = an_import(tmp_path, "leads", text, store_url)
    assert 'line 2: do_not_email (column "Do not email"): its formula failed' in done.stderr
    assert "1 leads imported" in done.stdout
    assert not the_lead(store_url, "M2").get("do_not_email")


@pytest.mark.parametrize("no", ["0.0", "ne", "unchecked", "Nem"])
def test_a_no_of_an_objection_is_none(store_url: str, tmp_path: Path, no: str) -> None:
    text = f"id,email,Unsubscribed\nM1,ann@acme-foods.example,{no}\n"
    done = an_import(tmp_path, "leads", text, store_url)
    assert done.exit_code == 0, done.output
    assert not the_lead(store_url, "M1").get("do_not_email")


@pytest.mark.parametrize(
    "heading", ["Can we contact you?", "¿Podemos contactarte?", "I would like to receive news"]
)
def test_who_says_no_to_being_written_to_is_asked_about(
    store_url: str, tmp_path: Path, heading: str
) -> None:
    text = f"id,email,{heading}\nM1,ann@acme-foods.example,No\nM2,bob@b-foods.example,Yes\n"
    done = an_import(tmp_path, "leads", text, store_url)
    assert done.exit_code == 2
    assert "may say that somebody must not be written to" in done.stderr


@pytest.mark.parametrize("theirs", ["User ID", "$distinct_id"])
def test_events_find_the_lead_by_the_id_of_their_product(
    store_url: str, tmp_path: Path, theirs: str
) -> None:
    text = f"email,{theirs}\nann@acme-foods.example,u-7\n"
    done = an_import(tmp_path, "leads", text, store_url)
    assert done.exit_code == 0, done.output
    events = "event,distinct_id,time\nlogin,u-7,2026-10-02T10:00:00Z\n"
    done = an_import(tmp_path, "events", events, store_url)
    assert done.exit_code == 0, done.output
    assert "1 events imported" in done.stdout
    with World(store_url) as world:
        (lead,) = world.get("manager", "/v1/leads").json()["leads"]
        told = world.get("manager", f"/v1/events?lead={lead['id']}").json()["events"]
    assert [event["name"] for event in told] == ["login"]


@pytest.mark.parametrize("count", [2, 30])
def test_a_user_id_that_rows_share_is_asked_about(
    store_url: str, tmp_path: Path, count: int
) -> None:
    rows = "".join(f"ann{i}@acme-foods.example,7\n" for i in range(count))
    done = an_import(tmp_path, "leads", f"email,User ID\n{rows}", store_url)
    assert done.exit_code == 2
    assert f'"User ID" looks like the id, but {count} rows hold one value' in done.stderr


def test_a_refused_outcome_is_told_without_an_empty_name(store_url: str, tmp_path: Path) -> None:
    an_import(tmp_path, "leads", LEAD, store_url)
    text = "lead_id,kind,at,amount,currency\nM1,refunded,2026-05-02,5,EUR\n"
    done = an_import(tmp_path, "outcomes", text, store_url)
    assert "line 2: refunded needs invoice" in done.stderr


def test_ids_that_a_spreadsheet_rounded_to_one_are_refused_as_that(
    store_url: str, tmp_path: Path
) -> None:
    rows = "".join(f"1.23E+15,ann{i}@acme-foods.example\n" for i in range(30))
    done = an_import(tmp_path, "leads", f"id,email\n{rows}", store_url)
    assert "cut short by a spreadsheet" in done.stderr
    assert "0 leads imported" in done.stdout


FIELDS = '[fields]\n"Mail" = "email"\n"When" = "signed_up_at"\n'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('fields = "x"', "fields must be a table"),
        ('leave_out = "Stage"\n' + FIELDS, "leave_out must be a list"),
        ('leave_out = ["Stages"]\n' + FIELDS, 'leave_out names "Stages", which the file has not'),
        (FIELDS + '[times]\n"When" = "%Q"', '[times] "When" must be a form such as'),
        (FIELDS + '[times]\n"When" = 3', '[times] "When" must be a form such as'),
        (FIELDS + '[times]\n"Wen" = "iso"', 'no column "Wen"; did you mean "When"?'),
        (FIELDS + '[values.sets]\n"a" = 3', '"sets" is no field of leads; did you mean "seats"?'),
        (FIELDS + '[values]\nplan = "a"', "values.plan must be a table"),
        ("[fields]\n# \udcff", "is not in UTF-8"),
    ],
)
def test_a_map_of_another_shape_is_refused_by_what_is_wrong(
    store_url: str, tmp_path: Path, text: str, why: str
) -> None:
    by = tmp_path / "map.toml"
    by.write_bytes(text.encode("utf-8", "surrogateescape"))
    rows = "Mail,When,Stage\nann@acme-foods.example,2026-05-02,Won\n"
    done = an_import(tmp_path, "leads", rows, store_url, "--map", str(by))
    assert done.exit_code == 2, done.output
    assert why in done.stderr


def test_a_day_that_a_map_gives_every_row_is_shown_as_it_stands(
    store_url: str, tmp_path: Path
) -> None:
    by = tmp_path / "map.toml"
    by.write_text('[fields]\n"Mail" = "email"\n[constants]\nsigned_up_at = 2026-05-02T00:00:00Z\n')
    rows = "Mail\nann@acme-foods.example\n"
    done = an_import(tmp_path, "leads", rows, store_url, "--map", str(by))
    assert done.exit_code == 0, done.output
    assert '"signed_up_at" = 2026-05-02T00:00:00+00:00' in done.stdout
