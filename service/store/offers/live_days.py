"""The days on which each rule of each policy version conceded something, for `offers.lived`.

A line holds the rule's condition and the kinds of its gives, so that it still counts when its
policy is long replaced, or was a file that nobody published.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from offers.concession_days import ConcessionDays, first_day
from offers.conditions import parse_condition
from offers.conditions.nodes import written
from offers.rules import Rule
from service.db.tables.leads import live_days

_BETWEEN = sa.select(live_days.c.gives, live_days.c.condition, live_days.c.day).where(
    live_days.c.day >= sa.bindparam("since"), live_days.c.day < sa.bindparam("today")
)


def keep(connection: sa.Connection, policy_version: str, rule: Rule, day: date) -> None:
    """Write down that a rule conceded something on a day; once is enough."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = {
        "policy_version": policy_version,
        "rule": rule.id,
        "day": day.isoformat(),
        "gives": " ".join(sorted(give.kind for give in rule.gives)),
        "condition": written(rule.when),
    }
    connection.execute(insert(live_days).values(row).on_conflict_do_nothing())


def before(connection: sa.Connection, today: date) -> tuple[ConcessionDays, ...]:
    """What was conceded on earlier days of the year that ends today."""
    between = {"since": first_day(today).isoformat(), "today": today.isoformat()}
    days: dict[tuple[str, str], set[date]] = {}
    for gives, condition, day in connection.execute(_BETWEEN, between):
        days.setdefault((gives, condition), set()).add(date.fromisoformat(day))
    return tuple(_read(days))


def _read(days: dict[tuple[str, str], set[date]]) -> Iterator[ConcessionDays]:
    for (gives, condition), of_rule in days.items():
        when, problems = parse_condition(condition)
        if not problems:  # a fact that is none any more: nobody meets that condition
            yield ConcessionDays(gives=frozenset(gives.split()), when=when, days=frozenset(of_rule))
