"""How long concessions have been going: the days past rules conceded something, by whom they met.

A promotion that never ends is the new price, whatever its rule is called and in whichever
version of the policy it stood. So each rule leaves behind what it conceded, its condition and
the days it was given on; a new rule counts the days of every past one whose condition the same
situation meets, with a like give and with any. Today is not among them: a day counts once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from offers.conditions import Node
from offers.conditions.evaluate import truth
from offers.guardrails.spent import YEAR
from offers.rules import Rule
from offers.situation import Situation


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcessionDays:
    """One rule of one version: what it conceded, to whom, on which days."""

    gives: frozenset[str]
    """The kinds of its gives."""
    when: Node
    days: frozenset[date]


def first_day(today: date) -> date:
    """The first day of the year that ends today."""
    return today - timedelta(days=YEAR - 1)


def days_lived(rule: Rule, situation: Situation, past: Iterable[ConcessionDays]) -> int:
    """The days on which this audience could get a like concession."""
    kinds = {give.kind for give in rule.gives}
    return any_days_lived(situation, (each for each in past if each.gives & kinds))


def any_days_lived(situation: Situation, past: Iterable[ConcessionDays]) -> int:
    """The days on which this audience could get a concession of any kind."""
    met = [each.days for each in past if truth(each.when, situation)]
    return len(frozenset[date]().union(*met))
