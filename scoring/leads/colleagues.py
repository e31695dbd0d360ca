"""Colleagues: the other leads of a lead's account, and which of them were active by a moment.

An account is a given id, or the registrable domain of a company's own mail address; free mail
makes none. A colleague counts as active when an event of theirs lies in the last seven UTC days
and was known, as their sign-up was, at the moment. `active_colleagues` says the same of millions
as an aggregation on polars, Dask or Spark.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import narwhals as nw

from scoring.contact import Contact
from scoring.leads.counters_frame import DAY_US, Frame, Keep
from scoring.leads.lead import Event, Lead, known_events

FEATURE = "colleagues_active_7d"
WINDOW_DAYS = 7
_EVER = datetime.max.replace(tzinfo=UTC)


def account_of(lead: Lead, contact: Contact) -> str | None:
    """The account of a lead; `None` where it is a conversation of its own."""
    return lead.account or contact.account


@dataclass(frozen=True, slots=True)
class Colleagues:
    """By account, each (day, lead, known from) on which a lead was active, oldest day first."""

    by_account: Mapping[str, Sequence[tuple[int, str, datetime]]]

    @classmethod
    def of(
        cls, members: Iterable[tuple[Lead, str | None]], events: Mapping[str, Sequence[Event]]
    ) -> Colleagues:
        """From every lead with its account, and all events by lead."""
        active: dict[str, list[tuple[int, str, datetime]]] = {}
        for lead, account in members:
            if account is None:
                continue
            since = lead.signed_up_at
            days: dict[int, datetime] = {}
            for event in known_events(events.get(lead.id, ()), _EVER):
                day = event.at.astimezone(UTC).toordinal()
                known = max(event.known_at, event.at, since or event.at)
                days[day] = min(known, days.get(day, known))
            active.setdefault(account, []).extend((d, lead.id, k) for d, k in days.items())
        return cls({account: sorted(days) for account, days in active.items()})

    def active(self, lead_id: str, account: str | None, now: datetime) -> int | None:
        """How many of the lead's colleagues were active; `None` for a lead without account."""
        if account is None:
            return None
        today = now.astimezone(UTC).toordinal()
        days = self.by_account.get(account, ())
        first = bisect_left(days, today - WINDOW_DAYS + 1, key=lambda active: active[0])
        found = set()
        for day, other, known in days[first:]:
            if day > today:
                break
            if known <= now and other != lead_id:
                found.add(other)
        return len(found)


def active_days(events: Frame, *, keep: Keep = lambda frame: frame) -> Frame:
    """The days on which leads were active: `other` (the lead), `day`, `known_us` of the first.

    `events` is as in `roll_up`; of copies of an event the one known first counts.
    """
    at, received = nw.col("at_us"), nw.col("known_us")
    all_events = keep(
        events.select(
            "lead_id",
            "id",
            nw.when(received < at).then(at).otherwise(received).alias("known_us"),
            (at // DAY_US).alias("day"),
        )
    )
    first = all_events.group_by("lead_id", "id").agg(nw.col("known_us").min())
    once = all_events.join(first, on=["lead_id", "id", "known_us"], how="inner")
    once = once.group_by("lead_id", "id").agg(nw.col("day").min(), nw.col("known_us").min())
    days = once.group_by("lead_id", "day").agg(nw.col("known_us").min())
    return days.rename({"lead_id": "other"})


def active_colleagues(days: Frame, members: Frame) -> Frame:
    """`row` and the number of active colleagues of every member that has a moment.

    `members` are leads with an account: `row`, `lead_id`, `account`, `since_us` (their sign-up,
    or a null) and `as_of_us` (the moment, or a null).
    """
    whose = members.select(nw.col("lead_id").alias("other"), "account", "since_us")
    since, known = nw.col("since_us").fill_null(0), nw.col("known_us")
    acted = (
        days.join(whose, on="other", how="inner")
        .with_columns(nw.when(known < since).then(since).otherwise(known).alias("known_us"))
        .select("account", "other", "day", "known_us")
    )
    moments = members.filter(~nw.col("as_of_us").is_null()).select(
        "row", "lead_id", "account", "as_of_us"
    )
    age: Any = nw.col("as_of_us") // DAY_US - nw.col("day")
    counted = (
        moments.join(acted, on="account", how="inner")
        .filter(
            (nw.col("known_us") <= nw.col("as_of_us"))
            & (age >= 0)
            & (age < WINDOW_DAYS)
            & (nw.col("other") != nw.col("lead_id"))
        )
        .group_by("row", "other")
        .agg(nw.len().alias("times"))
        .group_by("row")
        .agg(nw.len().alias(FEATURE))
    )
    joined = moments.select("row").join(counted, on="row", how="left")
    return joined.select("row", nw.col(FEATURE).fill_null(0).cast(nw.Int32))
