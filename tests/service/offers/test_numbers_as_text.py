"""A number, or a yes or no, that a form sends as text decides as what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from offers.policy import parse_policy
from service.cli import app
from service.db.tables.leads import offers
from service.domain.situations import trusted
from service.schemas.parsing import read_model
from service.schemas.signup import Signup
from service.schemas.signup_record import record_of
from tests.support.service import MONDAY, World
from tests.support.service_offers import POLICY, a_lead_due_an_offer


def read(name: str, value: Any) -> tuple[dict[str, Any], list[dict[str, str]]]:
    told = {name: {"value": value, "source": "enrichment"}}
    record, warnings = record_of(read_model(Signup, {"attributes": told}), "1 m")
    assert record["attributes"][name] == value
    return trusted(record, MONDAY), warnings


@pytest.mark.parametrize(
    ("text", "number"),
    [("50", 50), (" 50 ", 50), ("50.0", 50), ("1,200", 1200), ("1.200", 1200), ("1 200", 1200)],
)
def test_a_whole_number_is_read_where_it_can_be_only_one(text: str, number: int) -> None:
    assert read("employees", text) == ({"employees": number}, [])


@pytest.mark.parametrize("text", ["11-50", "many", "2.000", "€1,200", "50%", "1e400", ""])
def test_what_is_no_one_number_is_kept_and_told(text: str) -> None:
    decides, warnings = read("employees", text)
    assert decides.get("employees") is None
    (warning,) = warnings
    assert (warning["field"], warning["code"]) == ("attributes.employees", "unreadable_number")
    assert text == "" or text not in warning["message"]


def test_a_rule_reads_it_and_offers(world: World) -> None:
    rule = POLICY.replace("trial_day >= 5", "employees >= 1000 and trial_day >= 5")
    world.runtime.policy = parse_policy(rule)
    a_lead_due_an_offer(world, attributes={"employees": "1,200"})
    world.work()
    assert world.count(offers) == 1


@pytest.mark.parametrize(
    ("value", "is_it"), [("ja", True), (" Yes ", True), ("nein", False), ("0", False), (True, True)]
)
def test_a_yes_or_no_is_read_as_scoring_reads_it(value: Any, is_it: bool) -> None:
    assert read("open_deal", value) == ({"open_deal": is_it}, [])


@pytest.mark.parametrize("value", ["maybe", "", "perhaps later", 2])
def test_what_is_neither_yes_nor_no_is_kept_and_told(value: Any) -> None:
    decides, warnings = read("other_discount", value)
    assert decides.get("other_discount") is not True
    (warning,) = warnings
    assert (warning["field"], warning["code"]) == ("attributes.other_discount", "unreadable_flag")


def test_an_open_deal_told_as_text_is_the_whole_accounts(world: World) -> None:
    a_lead_due_an_offer(world, attributes={"open_deal": "ja"})
    world.work()
    assert world.count(offers) == 0


SAID = ("ja", "maybe", "perhaps", "no")


def test_an_import_counts_what_is_neither_yes_nor_no(store_url: str, tmp_path: Path) -> None:
    file = tmp_path / "deals.csv"
    rows = [f"L{n},a@b{n}.example,{said}" for n, said in enumerate(SAID)]
    file.write_text("\n".join(("id,email,open_deal", *rows)), encoding="utf-8")
    done = CliRunner().invoke(app, ["import", "leads", str(file), "--yes", "--db", store_url])
    assert done.exit_code == 0, done.output
    assert "attributes.open_deal of 2 rows is neither yes nor no" in done.stderr
