"""A plan is the same one however its name is spelt."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from offers.backtest import backtest
from offers.decide import decide
from tests.support.policies import NOW, a_policy, a_situation

SPELT = ("business", "Business", " BUSINESS ", "business\n")


@pytest.mark.parametrize("plan", SPELT)
def test_a_price_book_is_its_plans_however_spelt(plan: str) -> None:
    decided = decide(a_situation(plan=plan), a_policy(), NOW)
    assert decided.offer is not None
    assert decided.offer.quote is not None
    assert decided.offer.quote.plan == "business"


@pytest.mark.parametrize("plan", SPELT)
def test_a_backtest_reads_plans_as_the_decision_does(plan: str) -> None:
    row: dict[str, Any] = dict(a_situation(plan=plan))
    assert backtest(a_policy(), pl.DataFrame([row]), date(2026, 11, 2)).offered == 1
