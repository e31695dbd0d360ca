"""A deed comes before the concession; what needs no order is fulfilled by its last deed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from offers.deeds import fulfil, missing_deeds, needs_order
from offers.lifecycle import Offer
from offers.terms import DEEDS, GETS, GIVES
from tests.offers.test_stories import STORIES, issued

BY_ORDER = {"seats", "term_months", "prepay", "pay_by", "pay_within_days", "self_serve_purchase"}


def an_offer(story: str) -> Offer:
    return issued(STORIES[story])


def test_every_get_is_shown_by_an_order_or_by_a_deed() -> None:
    assert set(GETS) == BY_ORDER | set(DEEDS)
    assert not BY_ORDER & set(DEEDS)


@pytest.mark.parametrize(
    ("story", "is_needed"),
    [
        ("longer_trial", False),
        ("win_back", False),
        ("three_more_months", True),
        ("currency_fell", True),
        ("partner_site", True),
    ],
)
def test_what_can_be_handed_over_without_an_order(story: str, is_needed: bool) -> None:
    assert needs_order(an_offer(story).terms) is is_needed


def test_a_deed_is_named_until_it_is_done() -> None:
    terms = an_offer("currency_fell").terms
    assert [each.get for each in missing_deeds(terms, {})] == ["talk_to_rep"]
    assert missing_deeds(terms, {"talk_to_rep": True}) == ()
    assert missing_deeds(an_offer("three_more_months").terms, {}) == ()


@pytest.mark.parametrize(
    ("shows", "is_done"),
    [
        ({}, False),
        ({"departments": 3}, False),
        ({"departments": 3, "invite_teammates": 4}, False),
        ({"departments": 3, "invite_teammates": 5}, True),
    ],
)
def test_a_longer_trial_comes_with_the_last_deed(shows: dict[str, Any], is_done: bool) -> None:
    offer = an_offer("longer_trial")
    both = replace(offer.terms, gets={"departments": 3, "invite_teammates": 5})
    done = fulfil(replace(offer, terms=both), shows)
    assert (done is not None) is is_done
    if done is not None:
        assert done.offer.state == "redeemed"
        assert done.offer.invoice is None
        assert not any(GIVES[grant.give].needs_order for grant in done.grants)


@pytest.mark.parametrize("state", ["withdrawn", "reversed", "redeemed", "awaiting_approval"])
def test_an_offer_that_is_over_or_not_yet_is_fulfilled_by_nothing(state: Any) -> None:
    offer = replace(an_offer("win_back"), state=state)
    assert fulfil(offer, {"feedback_call": True}) is None
