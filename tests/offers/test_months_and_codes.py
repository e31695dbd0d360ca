"""Calendar months by a zone's clock, and codes as people type them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from offers.codes import LONGEST, is_same_code, normal_code, why_no_code
from offers.decide import decide, decide_offer
from offers.months import add_months, months_begun
from offers.policy import PolicyError
from offers.terms import read_get
from tests.support.policies import NOW, RULE, a_policy, a_situation


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "months", "zone", "end"),
    [
        ("2026-10-01T09:30:00+00:00", 1, "UTC", "2026-11-01T09:30:00+00:00"),
        ("2027-01-31T09:30:00+00:00", 1, "UTC", "2027-02-28T09:30:00+00:00"),
        ("2028-01-31T09:30:00+00:00", 1, "UTC", "2028-02-29T09:30:00+00:00"),
        ("2026-11-30T09:30:00+00:00", 3, "UTC", "2027-02-28T09:30:00+00:00"),
        ("2026-05-31T22:00:00+00:00", 12, "UTC", "2027-05-31T22:00:00+00:00"),
        ("2027-02-28T23:30:00+00:00", 1, "Europe/Berlin", "2027-03-31T22:30:00+00:00"),
        ("2027-03-01T01:00:00+00:00", 1, "America/Bogota", "2027-03-29T01:00:00+00:00"),
    ],
)
def test_a_month_later_is_the_same_day_or_the_months_last(
    start: str, months: int, zone: str, end: str
) -> None:
    assert add_months(at(start), months, zone) == at(end)


def test_months_begin_on_the_day_they_are_counted_from() -> None:
    since = at("2026-08-31T12:00:00+00:00")
    assert months_begun(since, datetime(2026, 8, 30, tzinfo=UTC), "UTC") == 0
    assert months_begun(since, since, "UTC") == 1
    assert months_begun(since, at("2026-09-30T11:59:00+00:00"), "UTC") == 1
    assert months_begun(since, at("2026-09-30T12:00:00+00:00"), "UTC") == 2


@pytest.mark.parametrize(
    "typed", ["Gruß-7", " gruss-7 ", "GRUSS-7", "ＧＲＵＳＳ-7", "gruß-7\n", "GRUẞ-7"]
)
def test_one_code_however_it_is_typed(typed: str) -> None:
    assert normal_code(typed) == "gruss-7"
    assert is_same_code(typed, "Gruss-7")
    assert read_get("campaign_code", "Gruß-7").kind == "campaign_code"


def test_letters_made_of_two_characters_are_the_same_code() -> None:
    assert is_same_code("CAFÉ", "CAFE\u0301")


@pytest.mark.parametrize(
    "code", ["", "  ", "two words", "a\u202eb", "tab\tb", "x" * (LONGEST + 1), "a/b", "a&b"]
)
def test_a_code_that_no_page_can_take_is_refused_with_the_reason(code: str) -> None:
    assert why_no_code(code)
    rule = RULE.replace("seats = 100", f"campaign_code = {code!r}".replace("'", '"'))
    if code:
        with pytest.raises(PolicyError, match="campaign_code"):
            a_policy(rule)


CODED = RULE.replace("not rep_contacted", 'campaign_code == "Herbst-26"').replace(
    "seats = 100", 'campaign_code = "Herbst-26"'
)


@pytest.mark.parametrize("typed", ["Herbst-26", " herbst-26", "HERBST-26 "])
def test_a_rule_holds_for_its_code_however_it_was_typed(typed: str) -> None:
    policy = a_policy(CODED)
    situation = a_situation(campaign_code=typed)
    assert decide_offer(situation, policy, NOW) is not None
    decision = decide(situation, policy, NOW)
    assert decision.offer is not None
    assert decide_offer(a_situation(campaign_code="Herbst-27"), policy, NOW) is None


def test_one_code_is_written_in_one_way_in_a_policy() -> None:
    with pytest.raises(PolicyError, match="write one code in one way"):
        a_policy(CODED.replace('campaign_code = "Herbst-26"', 'campaign_code = "HERBST-26"'))
