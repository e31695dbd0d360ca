"""The score of a company from its people, in planted worlds and with its reasons."""

from __future__ import annotations

import numpy as np

from scoring.contact import read_contact
from tests.support.committee_worlds import COMMITTEE, TITLES, TWIN, companies, looked_at


def test_a_planted_title_is_read_as_its_role_and_a_seed_is_a_world() -> None:
    for role, title in TITLES.items():
        assert read_contact(title=title, email=None, phone=None, country=None).buying_role == role
    assert companies(TWIN, 50, 1) == companies(TWIN, 50, 1) != companies(TWIN, 50, 2)


def test_both_worlds_have_companies_that_buy_and_that_do_not() -> None:
    for world in (COMMITTEE, TWIN):
        there = looked_at(companies(world, 2000, 1))
        bought = np.mean([one.buys_after(one.looked_at) for one in there])
        assert 0.1 < bought < 0.3
        assert np.mean([len(one.known_at(one.looked_at)) for one in there]) > 2
