"""`giveget model …` on exports as people have them: what the screen says is what was read."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from service.cli import app

START = datetime(2025, 3, 3, 8, tzinfo=UTC)
Row = dict[str, str]


def giveget(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def some_leads(count: int = 90, every: timedelta = timedelta(hours=9)) -> list[Row]:
    """Leads of which about a third converts, a few days after their sign-up."""
    chance = random.Random(5)
    rows = []
    for i in range(count):
        at = START + i * every
        won = chance.random() < 0.33
        days = chance.randint(1, 10)
        rows.append(
            {
                "id": f"K{i:04}",
                "created_at": f"{at:%Y-%m-%d %H:%M}",
                "staff": str(chance.randint(1, 900)),
                "channel": chance.choice(["fair", "web"]),
                "converted": "yes" if won else "no",
                "converted_at": f"{at + timedelta(days=days):%Y-%m-%d}" if won else "",
            }
        )
    return rows


def write(path: Path, rows: list[Row], drop: tuple[str, ...] = ()) -> Path:
    names = [name for name in rows[0] if name not in drop]
    lines = [",".join(f'"{row[name]}"' for name in names) for row in rows]
    path.write_text("\n".join([",".join(names), *lines]) + "\n", encoding="utf-8")
    return path


def train(file: Path, out: Path, *options: object, target: str = "converted") -> Result:
    given = ("--target", target, "--id", "id", "--budget", "0", "--out", out)
    order = () if "--order" in options else ("--time", "created_at")
    return giveget("model", "train", file, *given, *order, *options)


def facts(model: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((model / "model.json").read_text())["facts"]
    return found


def test_a_month_of_leads_trains_and_says_the_horizon_it_took(tmp_path: Path) -> None:
    file = write(tmp_path / "leads.csv", some_leads(300, timedelta(hours=2)))
    done = train(file, tmp_path / "m")
    assert done.exit_code == 0, done.output
    assert "Converted means within" in done.output
    assert "nan" not in done.output.replace("not", "")


def test_a_horizon_over_all_older_leads_ends_in_a_sentence(tmp_path: Path) -> None:
    file = write(tmp_path / "leads.csv", some_leads())
    done = train(file, tmp_path / "m", "--horizon", "33")
    assert done.exit_code == 2
    assert "the horizon (33 days) leaves no settled older lead" in done.stderr
    assert "the sign-ups span 34 days" in done.stderr
    assert not (tmp_path / "m").exists()


def test_a_close_date_of_what_was_lost_is_no_conversion(tmp_path: Path) -> None:
    rows = some_leads()
    for row in rows:
        row["stage"] = "Won" if row.pop("converted") == "yes" else "Lost"
        row["close_date"] = row.pop("converted_at") or f"{START + timedelta(days=40):%Y-%m-%d}"
    done = train(write(tmp_path / "leads.csv", rows), tmp_path / "m", target="stage")
    won = sum(row["stage"] == "Won" for row in rows)
    assert f"converted: Won ({won})" in done.output
    assert f"{90 - won} dates of leads that did not convert are no conversions" in done.output
    assert facts(tmp_path / "m")["converted_rows"] <= won


def test_a_target_of_dates_converts_whoever_has_one(tmp_path: Path) -> None:
    rows = some_leads()
    for row in rows:
        row["Gewonnen am"] = row.pop("converted_at")
    won = sum(row.pop("converted") == "yes" for row in rows)
    done = train(write(tmp_path / "leads.csv", rows), tmp_path / "m", target="Gewonnen am")
    assert f"converted: a date ({won}); not converted: no date ({90 - won})" in done.output
    assert "Converted means within" in done.output  # and the dates say when


def test_a_conversion_without_a_date_stays_one_and_is_counted_aloud(tmp_path: Path) -> None:
    rows = some_leads()
    won = [row for row in rows if row["converted"] == "yes"]
    for row in won[::2]:
        row["converted_at"] = ""
    done = train(write(tmp_path / "leads.csv", rows), tmp_path / "m", "--horizon", "11")
    assert "conversions have no date: they count as converted" in done.output
    old = [r for r in won if r["created_at"] < "2025-03-26"]
    assert facts(tmp_path / "m")["converted_rows"] >= len(old)


def test_a_sign_up_far_in_the_future_does_not_move_when_the_data_end(tmp_path: Path) -> None:
    rows = some_leads()
    rows[50]["created_at"] = "2097-01-01 00:00"
    done = train(write(tmp_path / "leads.csv", rows), tmp_path / "m")
    assert "1 of 90 sign-ups lie after" in done.output
    assert "1 January 2097 in line 52" in done.output
    assert "on 1 January 2097, when the data end" not in done.output


def test_one_unreadable_cell_does_not_silence_its_column(tmp_path: Path) -> None:
    rows = some_leads()
    rows[7]["created_at"] = "00.00.0000"
    next(row for row in rows if row["converted_at"])["converted_at"] = "soon"
    done = train(write(tmp_path / "leads.csv", rows), tmp_path / "m", "--order", "file")
    assert done.exit_code == 0, done.output
    assert "created_at: time, 89 of 90 cells read, 1 unread" in done.output
    assert '"00.00.0000"' in done.output
    assert '"soon"' in done.output
    assert "soon" not in (tmp_path / "m" / "model.json").read_text()


def test_values_of_the_target_are_sides_by_option_and_open_ones_are_left_out(
    tmp_path: Path,
) -> None:
    rows = some_leads()
    spelt = ["Signed", "SIGNED", "signed"]
    for i, row in enumerate(rows):
        row["converted"] = spelt[i % 3] if row["converted"] == "yes" else "gone"
        if i % 9 == 4:
            row["converted"] = "talking"
    file = write(tmp_path / "leads.csv", rows, drop=("converted_at",))
    options = ("--positive", "Signed", "--negative", "Gone", "--open", "Talking")
    done = train(file, tmp_path / "m", *options)
    assert done.exit_code == 0, done.output
    assert "open: talking (10) (left out" in done.output
    assert facts(tmp_path / "m")["leads"] == 80
    asked = train(file, tmp_path / "n", *options[:4])
    assert asked.exit_code == 2
    assert "also holds talking" in asked.stderr


def test_a_scorecard_that_is_worse_than_the_base_rate_is_not_served(tmp_path: Path) -> None:
    rows = some_leads(400)
    for i, row in enumerate(rows):  # the scorecard likes a CEO's corporate address; here they leave
        row["converted"] = "yes" if i % 4 == 0 else "no"
        row["title"] = "Student" if i % 4 == 0 else "CEO"
        row["email"] = f"p{i}@gmail.com" if i % 4 == 0 else f"p{i}@firm{i}.com"
        if i < 320:
            row["converted"] = "yes" if i in range(0, 320, 40) else "no"
    file = write(tmp_path / "leads.csv", rows, drop=("converted_at",))
    done = train(file, tmp_path / "m")
    assert done.exit_code == 0, done.output
    assert "so the base rate serves" in done.output
    assert json.loads((tmp_path / "m" / "model.json").read_text())["kind"] == "base rate"


@pytest.mark.parametrize("ask", [("--ids", "fold"), ()])
def test_events_say_how_many_name_a_lead(tmp_path: Path, ask: tuple[str, ...]) -> None:
    rows = some_leads()
    file = write(tmp_path / "leads.csv", rows, drop=("converted_at",))
    events = tmp_path / "events.csv"
    named = [f"{row['id'].lower()},login,{row['created_at']}" for row in rows[:40]]
    events.write_text("lead_id,name,at\n" + "\n".join([*named, "zz,login,2025-03-04"]) + "\n")
    done = train(file, tmp_path / "m", "--events", events, *ask)
    if ask:
        assert "40 of 41 events name a lead of leads.csv" in done.output
        scored = ("--model", tmp_path / "m", "--events", events, "--out", tmp_path / "s.csv", *ask)
        said = giveget("model", "score", file, *scored)
        assert "40 of 41 events name a lead of leads.csv" in said.stderr, said.output
    else:
        assert done.exit_code == 2
        assert '0 of 41 events name a lead of leads.csv: its ids are like "K0000"' in done.stderr
        assert "--ids fold" in done.stderr


def test_a_repeated_row_counts_once_and_a_repeated_id_is_asked_about(tmp_path: Path) -> None:
    rows = some_leads()
    file = write(tmp_path / "leads.csv", [*rows, rows[3]], drop=("converted_at",))
    done = train(file, tmp_path / "m")
    assert "1 row repeats the id of another row" in done.output
    assert facts(tmp_path / "m")["leads"] == 90
    other = {**rows[3], "staff": "7"}
    file = write(tmp_path / "leads.csv", [*rows, other], drop=("converted_at",))
    asked = train(file, tmp_path / "n")
    assert asked.exit_code == 2
    assert 'line 92: the id in "id" repeats that of line 5' in asked.stderr
    assert train(file, tmp_path / "n", "--duplicates", "last").exit_code == 0
    out = tmp_path / "s.csv"
    score = ("model", "score", file, "--model", tmp_path / "m", "--out", out)
    assert giveget(*score).exit_code == 2
    assert giveget(*score, "--duplicates", "first").exit_code == 0
    assert len(out.read_text().splitlines()) == 91


def commas(row: Row) -> None:
    row["staff"] += ",0"


def us_dates(row: Row) -> None:
    row["created_at"] = f"{datetime.fromisoformat(row['created_at']):%m/%d/%Y}"


@pytest.mark.parametrize(
    ("change", "said"),
    [(commas, "staff: 90 of 90 values are no number"), (us_dates, "created_at: 90 of 90 values")],
)
def test_values_that_no_longer_fit_are_said_by_score_and_fail_a_check(
    tmp_path: Path, change: Callable[[Row], None], said: str
) -> None:
    rows = some_leads()
    file = write(tmp_path / "leads.csv", rows, drop=("converted_at",))
    assert train(file, tmp_path / "m").exit_code == 0
    same = giveget("model", "check", tmp_path / "m", "--on", file)
    assert same.exit_code == 0, same.output
    for row in rows:
        change(row)
    changed = write(tmp_path / "other.csv", rows, drop=("converted_at",))
    score = ("--model", tmp_path / "m", "--out", tmp_path / "s.csv")
    assert said in giveget("model", "score", changed, *score).stderr
    check = giveget("model", "check", tmp_path / "m", "--on", changed)
    assert check.exit_code == 1
    assert said in check.stderr


def test_the_report_says_first_what_was_read_and_left_out(tmp_path: Path) -> None:
    rows = some_leads()
    for i, row in enumerate(rows):
        row["staff"] += ",50"
        row["remark"] = f"met them {i} times at stand {i * 7}"
    train(write(tmp_path / "leads.csv", rows, drop=("converted_at",)), tmp_path / "m")
    report = (tmp_path / "m" / "report.html").read_text()
    first = report[: report.index("How good, on leads")]
    assert "staff: number (decimal comma), 90 of 90 cells read" in first
    assert "created_at as the lead&#39;s signed_up_at: time" in first
    assert "remark: dropped, free text" in first
