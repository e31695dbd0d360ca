"""The calendar's part of the proof: which days to look at, and who is open in each stretch."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise

from offers.conditions.solver import Formula
from offers.guardrails.spent import YEAR
from offers.rules import Rule


def days_of(rules: Iterable[Rule]) -> tuple[date, date] | None:
    """The days around every date the rules name; `None` when they name none."""
    stated = [day for rule in rules for day in (rule.starts, rule.until) if day]
    if not stated:
        return None
    return min(stated) - timedelta(days=YEAR), max(stated) + timedelta(days=YEAR)


def years(meets: list[tuple[Rule, Formula]]) -> Iterable[list[tuple[int, list[Formula]]]]:
    """For each year that starts with a rule: its stretches of days, with who is open in each."""
    edges = sorted(
        {day for rule, _ in meets for day in (_first(rule), _last(rule) + timedelta(days=1))}
    )
    for start in sorted({_first(rule) for rule, _ in meets}):
        end = start + timedelta(days=YEAR)
        cuts = sorted({start, end} | {edge for edge in edges if start < edge < end})
        spans = []
        for left, right in pairwise(cuts):
            open_in = [meet for rule, meet in meets if _first(rule) <= left <= _last(rule)]
            if open_in:
                spans.append(((right - left).days, open_in))
        yield spans


def _first(rule: Rule) -> date:
    assert rule.starts is not None
    return rule.starts


def _last(rule: Rule) -> date:
    assert rule.until is not None
    return rule.until
