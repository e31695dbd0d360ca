"""The page about an offer's life says what the code does: its states, and customers' words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from offers.lifecycle import STEPS, State
from offers.terms import DEEDS, GETS, MAY_FOLLOW
from service.mail.locales import locale_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "offer-life.md").read_text(encoding="utf-8")
PICTURE = (ROOT / "docs" / "offer-life.svg").read_text(encoding="utf-8")


def test_its_table_has_every_state_and_no_other() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, flags=re.MULTILINE)) == set(get_args(State))


def test_its_picture_has_every_state_and_step() -> None:
    drawn = re.findall(r"<text[^>]*>([^<]+)</text>", PICTURE)
    words = set(re.findall(r"\w+", " ".join(drawn)))
    assert words >= set(get_args(State))
    assert words >= {step for _, step in STEPS}


def test_what_it_quotes_is_what_customers_read() -> None:
    said = " ".join(str(text) for text in locale_of("en").words["page"].values())
    quoted = re.findall(r'"([^"]+)"', PAGE)
    assert len(quoted) >= 12
    assert [words for words in quoted if words.rstrip(" …") not in said] == []


def test_orders_and_deeds_share_the_conditions_as_it_says() -> None:
    (line,) = re.findall(r"\*\*An order\*\* shows (.*?)\. \*\*A deed", PAGE)
    assert set(re.findall(r"`(\w+)`", line)) == set(GETS) - DEEDS
    (line,) = re.findall(r"says so in the policy: (.*?) take `within_days`", PAGE)
    assert set(re.findall(r"`(\w+)`", line)) == set(MAY_FOLLOW)


@pytest.mark.parametrize("said", ["(offer-life.svg)", "`offers/lifecycle.py`"])
def test_what_it_names_is_there(said: str) -> None:
    assert said in PAGE
    assert any((folder / said[1:-1]).is_file() for folder in (ROOT, ROOT / "docs"))


def test_the_readme_leads_to_it() -> None:
    assert "(docs/offer-life.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
