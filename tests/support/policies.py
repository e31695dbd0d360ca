"""Builders with defaults, so that a test shows only what it is about."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from offers.policy import Policy, parse_policy

CASES = Path(__file__).parents[1] / "cases" / "offers"
NOW = datetime(2026, 12, 10, 12, 0, tzinfo=UTC)

BOOKS = """
[price_book.business]
list = 2480
floor = 1600
"""

RULE = """
[[rule]]
id = "three-more-months"
why = "Time costs little."
when = 'lane == "offer" and seats_requested >= 60 and not rep_contacted'
get = { seats = 100, term_months = 12, pay_by = "month_end" }
give = { extra_months = 3 }
email = "extra-months"
"""


def policy_text(
    rules: str = RULE, *, guardrails: str = "", books: str = BOOKS, more: str = ""
) -> str:
    """A policy file with one rule unless told otherwise."""
    head = '[policy]\nid = "test"\ncurrency = "USD"\n'
    return f"{head}{books}\n[guardrails]\n{guardrails}\n{more}\n{rules}"


def a_policy(rules: str = RULE, **parts: str) -> Policy:
    """That file, loaded."""
    return parse_policy(policy_text(rules, **parts))


def a_situation(**facts: Any) -> dict[str, Any]:
    """A lead in the offer lane that the default rule is made for."""
    usual = {"lane": "offer", "seats_requested": 120, "rep_contacted": False, "plan": "business"}
    return usual | facts
