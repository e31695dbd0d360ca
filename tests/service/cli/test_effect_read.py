"""`giveget effect read` on files as people have them: numbers in many spellings, any format."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner, Result

from service.cli import app


def read(file: Path, *more: object) -> Result:
    return CliRunner().invoke(app, ["effect", "read", str(file), *map(str, more)])


def told(file: Path, *more: object) -> dict[str, Any]:
    result = read(file, *more, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def refused(file: Path, *more: object) -> str:
    result = read(file, *more, "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    return " ".join(result.stderr.split())


BASIC = ("--arm", "arm", "--outcome", "bought")


def rows(n: int = 400, seed: int = 1, rise: float = 0.2) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    treated = rng.random(n) < 0.5
    bought = rng.random(n) < np.where(treated, 0.2 + rise, 0.2)
    return pl.DataFrame(
        {
            "day": [f"{1 + i % 28:02}.{1 + i // 28 % 12:02}.{2024 + i // 336}" for i in range(n)],
            "arm": np.where(treated, "offer", "control"),
            "bought": np.where(bought, "ja", "nein"),
            "revenue": [f"{1000 + i},50 €" if b else "" for i, b in enumerate(bought)],
            "score": [f"{i % 7 / 10:.1f}".replace(".", ",") for i in range(n)],
            "company": [f"C{i // 2}" for i in range(n)],
            "months": rng.integers(1, 4, n),
        }
    )


def german(tmp_path: Path, table: pl.DataFrame) -> Path:
    """As a spreadsheet in Germany saves it: semicolons, decimal commas, Windows letters."""
    file = tmp_path / "versuch.csv"
    file.write_bytes(table.write_csv(separator=";", quote_style="necessary").encode("cp1252"))
    return file


def test_one_answer_whether_csv_or_parquet_and_however_numbers_are_written(tmp_path: Path) -> None:
    table = rows()
    plain = tmp_path / "t.parquet"
    table.with_columns(
        pl.col("bought") == "ja",
        pl.col("revenue")
        .str.replace(" €", "")
        .str.replace(",", ".")
        .cast(pl.Float64, strict=False),
        pl.col("score").str.replace(",", ".").cast(pl.Float64),
    ).write_parquet(plain)
    asked = (*BASIC, "--money", "revenue", "--score", "score")

    written = told(german(tmp_path, table), *asked, "--positive", "ja", "--encoding", "cp1252")
    typed = told(plain, *asked)

    assert written == typed
    assert typed["verdict"] == "more"
    assert set(typed) == {
        *("n", "conversion", "money", "verdict", "why", "readings", "next_reading", "dose"),
        "left_out",
    }
    assert typed["n"] == {
        "control": table.filter(pl.col("arm") == "control").height,
        "offer": table.filter(pl.col("arm") == "offer").height,
    }
    assert typed["money"]["low"] < 1400 * 0.2 < typed["money"]["high"]


def test_readings_are_taken_on_the_first_rows_in_order_of_time(tmp_path: Path) -> None:
    """The newest 200 rows say "less"; the file is written backwards."""
    table = pl.concat(
        [rows(400), rows(200, seed=2, rise=-0.2).with_columns(day=pl.lit("1.1.2030"))]
    )
    asked = (*BASIC, "--positive", "ja", "--readings", 4, "--planned", 800)

    found = told(german(tmp_path, table.reverse()), *asked, "--at", "day", "--encoding", "cp1252")
    by_file = told(german(tmp_path, table.reverse()), *asked, "--encoding", "cp1252")

    assert [each["accounts"] for each in found["readings"]] == [200, 400, 600, 800]
    assert [each["reached"] for each in found["readings"]] == [True, True, True, False]
    assert found["next_reading"] == {"accounts": 800}
    assert found["verdict"] == "more"
    assert set(found["readings"][0]) == {"accounts", "reached", "low", "high", "crossed", "fewest"}
    assert by_file["readings"] != found["readings"]
    assert by_file["conversion"] == found["conversion"]


def test_readings_say_their_days_and_an_open_one_when_it_will_be(tmp_path: Path) -> None:
    days = [date(2026, 1, 1) + timedelta(days=number // 6) for number in range(600)]
    table = rows(600, rise=0.0).with_columns(day=pl.Series([f"{day:%-d.%-m.%Y}" for day in days]))
    asked = (*BASIC, "--positive", "ja", "--readings", 4, "--planned", 800)

    said = read(german(tmp_path, table), *asked, "--at", "day", "--encoding", "cp1252").stdout

    assert f"reading at 200 accounts, {days[199]:%-d %B %Y}: " in said
    assert "reading at 800 accounts: to come, about 13 May 2026 at the pace so far" in said
    assert "only a reading decides, and its limits are wider" in said


def test_before_the_first_reading_it_is_too_early_and_the_estimate_is_there(tmp_path: Path) -> None:
    file = german(tmp_path, rows())
    asked = (*BASIC, "--positive", "ja", "--readings", 4, "--planned", 4000, "--encoding", "cp1252")

    found = told(file, *asked)

    assert (found["verdict"], found["next_reading"]) == ("too early", {"accounts": 1000})
    assert found["conversion"]["low"] > 0
    said = read(file, *asked).stdout
    assert "too early, 600 accounts before the next reading" in said
    assert "reading at 1,000 accounts: to come" in said


def test_three_arms_are_two_effects_and_no_verdict_of_all(tmp_path: Path) -> None:
    table = pl.concat([rows(), rows(seed=2).with_columns(arm=pl.lit("Offer  B"))])
    file = tmp_path / "t.csv"
    table.write_csv(file)

    found = told(file, *BASIC, "--positive", "ja")

    assert "verdict" not in found
    assert [each["arm"] for each in found["effects"]] == ["offer", "Offer B"]
    assert set(found["n"]) == {"control", "offer", "Offer B"}
    for each in found["effects"]:
        assert each["n"]["control"] == found["n"]["control"]
        assert each["conversion"]["low"] <= each["conversion"]["value"]
        assert each["verdict"] in ("more", "undecided")


def test_doses_are_read_among_the_treated_only(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    rows(900).write_csv(file)

    found = told(file, *BASIC, "--positive", "ja", "--dose", "months", "--value", 12)

    table = found["dose"]["table"]
    assert [each["dose"] for each in table] == [1, 2, 3]
    assert sum(each["n"] for each in table) == found["n"]["offer"]
    assert set(table[0]) == {"dose", "n", "rate", "low", "high", "net", "net_se"}
    assert found["dose"]["best"] in (1, 2, 3)
    assert (
        f"best dose: {found['dose']['best']:g}"
        in read(file, *BASIC, "--positive", "ja", "--dose", "months", "--value", 12).stdout
    )


def test_people_of_one_account_are_less_evidence_and_one_with_two_arms_is_left_out(
    tmp_path: Path,
) -> None:
    rng = np.random.default_rng(4)
    arms = np.repeat(np.where(rng.random(200) < 0.5, "offer", "control"), 3)
    arms[:3] = ["offer", "control", "offer"]
    bought = np.repeat(rng.random(200) < 0.4, 3)
    table = pl.DataFrame(
        {"arm": arms, "bought": bought, "company": [f"c{i // 3}" for i in range(600)]}
    )
    file = tmp_path / "t.parquet"
    table.write_parquet(file)

    rowwise, clustered = told(file, *BASIC), told(file, *BASIC, "--account", "company")

    assert clustered["left_out"] == {"several_arms": 1}
    assert sum(clustered["n"].values()) == 597
    width = [
        each["conversion"]["high"] - each["conversion"]["low"] for each in (rowwise, clustered)
    ]
    assert width[1] == pytest.approx(np.sqrt(3) * width[0], rel=0.03)
    said = read(file, *BASIC, "--account", "company").stderr
    assert "1 accounts are left out: they had several arms" in said


def test_what_is_not_understood_is_counted_and_said(tmp_path: Path) -> None:
    table = rows(200).with_columns(
        arm=pl.when(pl.int_range(200) < 3).then(pl.lit("")).otherwise("arm"),
        bought=pl.when(pl.int_range(200).is_between(3, 6)).then(pl.lit("")).otherwise("bought"),
        score=pl.when(pl.int_range(200) > 190).then(pl.lit("?!")).otherwise("score"),
        revenue=pl.when(pl.int_range(200) > 150).then(pl.lit("a lot")).otherwise("revenue"),
        day=pl.when(pl.int_range(200) == 100).then(pl.lit("soon")).otherwise("day"),
    )
    file = tmp_path / "t.csv"
    table.write_csv(file)
    asked = (*BASIC, "--positive", "ja", "--score", "score", "--money", "revenue", "--at", "day")

    found, said = told(file, *asked), " ".join(read(file, *asked).stderr.split())

    assert found["left_out"] == {"no_arm": 3, "no_outcome": 4}
    assert sum(found["n"].values()) == 193
    assert '"bought" is read as converted: ja' in said
    assert "9 rows without a score are taken for average" in said
    assert "score: number (decimal comma), 184 of 193 cells read, 9 unread" in said
    assert '49 rows are left out of the money: "revenue" is not known' in said
    assert '1 rows come last: their "day" is not understood' in said


def test_arms_of_other_sizes_than_planned_show_nothing(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    rows().with_columns(planned=pl.lit(0.1)).write_csv(file)

    for share in ("0.1", "planned"):
        said = refused(file, *BASIC, "--positive", "ja", "--share", share)
        assert "of 400 accounts are controls where 10% were planned" in said
    fits = told(file, *BASIC, "--positive", "ja", "--share", 0.5)
    assert fits["verdict"] == "more"


def test_rows_without_a_chance_of_both_arms_are_left_out(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    table = pl.concat([rows(300), rows(100, seed=2).with_columns(arm=pl.lit("offer"))])
    table.with_columns(p=pl.Series([0.5] * 300 + [0.0] * 100)).write_csv(file)

    found = told(file, *BASIC, "--positive", "ja", "--share", "p")

    assert found["left_out"] == {"no_chance": 100}
    assert sum(found["n"].values()) == 300


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--arm", "group", "--outcome", "bought"), 'no column "group" (--arm)'),
        (("--arm", "arm", "--outcome", "sold"), 'no column "sold" (--outcome)'),
        ((*BASIC, "--control", "kontrolle"), 'no "kontrolle"; say with --control which'),
        ((*BASIC, "--control", "kontrolle"), "controls: control, offer"),
        (("--arm", "arm", "--outcome", "months"), "say which value means converted"),
        (("--arm", "one", "--outcome", "bought", "--control", "x"), "x only: an effect needs"),
        ((*BASIC, "--dose", "months"), "--dose and --value belong together"),
        ((*BASIC, "--value", "12"), "--dose and --value belong together"),
        ((*BASIC, "--readings", "4"), "--readings and --planned belong together"),
        ((*BASIC, "--planned", "400"), "--readings and --planned belong together"),
        ((*BASIC, "--readings", "0", "--planned", "9"), "0 readings: plan 1 to 50"),
        ((*BASIC, "--readings", "9", "--planned", "4"), "4 planned accounts are fewer"),
        ((*BASIC, "--share", "half"), 'no column "half" (--share)'),
        ((*BASIC, "--share", "1.5"), "--share 1.5 must lie between 0 and 1"),
        ((*BASIC, "--share", "months"), "is no share between 0 and 1"),
        ((*BASIC, "--score", "company"), '"company" holds no numbers'),
        ((*BASIC, "--at", "company"), '"company" holds no times and no numbers'),
        ((*BASIC, "--dose", "company", "--value", "3"), "holds no sizes of who was treated"),
    ],
)
def test_a_wrong_option_is_refused_with_what_is_there(
    tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    file = tmp_path / "t.csv"
    rows(60).with_columns(bought=pl.col("bought").replace("ja", "yes"), one=pl.lit("x")).write_csv(
        file
    )

    assert said in refused(file, *options)


def test_an_arm_without_a_row_that_counts_is_refused_and_says_why(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("arm,bought\n" + "control,\n" * 30 + "offer,yes\n" * 30)

    said = refused(file, *BASIC)

    assert 'arm "control" has no row left' in said
    assert "30 rows are left out: no outcome is known" in said


@pytest.mark.parametrize(
    ("cell", "said"), [("0", None), ("no", None), ("lost", '"bought" holds "lost" and no yes')]
)
def test_nobody_bought_yet_is_an_answer_where_the_file_says_no(
    tmp_path: Path, cell: str, said: str | None
) -> None:
    file = tmp_path / "t.csv"
    file.write_text("arm,bought\n" + f"control,{cell}\noffer,{cell}\n" * 50)

    if said is None:
        assert told(file, *BASIC)["conversion"]["value"] == 0
    else:
        assert said in refused(file, *BASIC)
        assert told(file, *BASIC, "--negative", cell)["verdict"] == "undecided"


def test_arms_may_be_numbers_and_a_control_may_be_called_none(tmp_path: Path) -> None:
    table, file = rows(), tmp_path / "t.parquet"
    offered = table["arm"] == "offer"
    bought = (table["bought"] == "ja").cast(pl.Int8)
    pl.DataFrame({"z": offered.cast(pl.Float64), "y": bought}).write_parquet(file)
    text = tmp_path / "t.csv"
    pl.DataFrame(
        {
            "z": offered.replace_strict(True, "3 months", return_dtype=pl.String, default="None"),
            "y": bought,
        }
    ).write_csv(text)

    numbers = told(file, "--arm", "z", "--outcome", "y", "--control", "0")
    words = told(text, "--arm", "z", "--outcome", "y", "--control", "none")

    assert set(numbers["n"]) == {"0", "1"}
    assert set(words["n"]) == {"None", "3 months"}
    assert numbers["conversion"] == words["conversion"]


def test_what_stands_below_the_rows_is_said_and_a_week_is_no_time_of_a_row(tmp_path: Path) -> None:
    table = rows()
    file = german(tmp_path, table)
    file.write_bytes(file.read_bytes() + b"Summe;;;1.234,50;;;\n")
    latin = (*BASIC, "--encoding", "cp1252")
    result = read(file, *latin)
    assert result.exit_code == 0, result.output
    assert 'line 402 looks like totals ("Summe") and is left out' in result.stderr
    weeks = german(tmp_path, table.with_columns(pl.lit("KW 14/2026").alias("day")))
    assert "no numbers but a week, which has no day" in refused(weeks, *latin, "--at", "day")
