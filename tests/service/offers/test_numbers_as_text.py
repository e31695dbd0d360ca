"""A number that a form sends as text decides as the number it is."""

from __future__ import annotations

from typing import Any

import pytest

from offers.policy import parse_policy
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
