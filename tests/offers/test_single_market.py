"""Rules that treat customers of the single market differently by where they are are named."""

from __future__ import annotations

import pytest

from offers.policy import PolicyError, default_policy
from offers.single_market import MEMBERS
from tests.support.policies import RULE, a_policy

ALL = ", ".join(f'"{code}"' for code in sorted(MEMBERS))
ALL_BUT_ONE = ", ".join(f'"{code}"' for code in sorted(MEMBERS - {"MT"}))


def notes(when: str) -> list[str]:
    rule = RULE.replace("seats_requested >= 60", f"({when})")
    return [note for note in a_policy(rule).notes if "single market" in note]


@pytest.mark.parametrize(
    ("when", "named"),
    [
        ('country == "DE"', "by country (DE)"),
        ('country != "DE"', "by country (DE)"),
        ('not country in ("FR", "US", "NO")', "by country (FR, NO)"),
        ('seats_requested >= 5 or phone_country == "PL"', "by phone_country (PL)"),
        (f"country in ({ALL_BUT_ONE})", "by country (AT, BE, BG, CY, CZ, …)"),
    ],
)
def test_a_split_is_named_with_what_to_use_instead(when: str, named: str) -> None:
    (note,) = notes(when)
    assert note.startswith('rule "three-more-months" splits')
    assert named in note
    assert "`billing_currency`" in note


@pytest.mark.parametrize(
    "when",
    [
        'country == "BR"',
        'country in ("US", "GB", "CH")',
        f"country in ({ALL})",
        f'country in ({ALL}, "GB")',
        'billing_currency == "PLN"',
        'card_country == "DE" and seats_requested >= 5',
    ],
)
def test_what_splits_no_members_is_not_named(when: str) -> None:
    assert notes(when) == []


def test_two_facts_that_split_are_named_each_and_the_shipped_policy_has_none() -> None:
    assert len(notes('country == "SE" and phone_country == "SE"')) == 2
    assert not [note for note in default_policy().notes if "single market" in note]


def test_a_rule_by_locale_is_refused_outright() -> None:
    with pytest.raises(PolicyError, match="`locale` never decides"):
        notes('locale == "de-AT"')
