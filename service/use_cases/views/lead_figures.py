"""Figures of all leads: from the kept counts, or counted row by row while too many are stale."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from service.domain.lead_counts import heard_from
from service.store.leads import kept_counts, lane_changes, leads
from service.store.leads.kept_counts import Kept
from service.store.offers import funnel
from service.store.offers.funnel import LaneSum
from service.store.ops import daily
from service.store.queue import objections

BOOK = ("offers", "redeemed", "reserved_minor", "settled_minor", "sold_minor")
_LANE = ("lane_leads", "lane_reached", "lane_converted", "lane_minutes", "lane_conceded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Daily:
    """Figures of each day; money in minor units of the policy's currency."""

    signed_up: Sequence[int]
    converted: Sequence[int]
    conceded: Sequence[int]
    in_time: Sequence[int]
    """Leads a rep took by their due time,"""
    due: Sequence[int]
    """of all that were due: taken late or not at all too."""


class LeadFigures:
    """The figures of one view of the store."""

    def __init__(self, connection: sa.Connection, *, is_kept: bool = True) -> None:
        """What is stale is looked up once; `is_kept` False counts every row."""
        self._connection, self._may_be_kept = connection, is_kept

    @cached_property
    def _kept(self) -> Kept | None:
        return kept_counts.look(self._connection) if self._may_be_kept else None

    @property
    def is_kept(self) -> bool:
        """Whether they come from the kept counts."""
        return self._kept is not None

    def daily(self, start: datetime, days: int) -> Daily:
        """Figures of each day from `start`, a midnight in UTC."""
        if (kept := self._kept) is None:
            of = (self._connection, start, days)
            in_time, due = daily.claimed_in_time(*of)
            return Daily(
                signed_up=daily.signed_up(*of),
                converted=daily.converted(*of),
                conceded=daily.conceded(*of),
                in_time=in_time,
                due=due,
            )
        taken, missed = (kept.by_day(name, start, days) for name in ("claimed", "unclaimed"))
        return Daily(
            signed_up=kept.by_day("signed_up", start, days),
            converted=kept.by_day("converted", start, days),
            conceded=kept.by_day("conceded", start, days),
            in_time=kept.by_day("in_time", start, days),
            due=[one + other for one, other in zip(taken, missed, strict=True)],
        )

    def lanes(self) -> list[LaneSum]:
        """What each lane took in and brought, the one with most leads first."""
        if self._kept is None:
            return funnel.by_lane(self._connection)
        found = self._kept.by_detail(*_LANE)
        sums = [
            LaneSum(
                lane=lane,
                leads=count,
                reached=found.get(("lane_reached", lane), 0),
                converted=found.get(("lane_converted", lane), 0),
                minutes=found.get(("lane_minutes", lane), 0),
                conceded_minor=found.get(("lane_conceded", lane), 0),
            )
            for (name, lane), count in found.items()
            if name == "lane_leads"
        ]
        return sorted(sums, key=lambda each: (-each.leads, each.lane))

    def bought_again(self) -> tuple[int, int]:
        """Leads that ordered more than once, and those with more seats then than at first."""
        if self._kept is None:
            orders = list(funnel.orders(self._connection).values())
            again = [bodies for bodies in orders if len(bodies) > 1]
            grown = [b for b in again if (b[-1].get("seats") or 0) > (b[0].get("seats") or 0)]
            return len(again), len(grown)
        found = self._kept.by_detail("bought_again", "grown")
        return found.get(("bought_again", ""), 0), found.get(("grown", ""), 0)

    def unreached(self) -> list[tuple[str, int]]:
        """How many leads reached no queue, by reason, the commonest first."""
        if self._kept is None:
            return leads.unreached(self._connection)
        found = self._kept.by_detail("unreached")
        counted = [(reason, count) for (_, reason), count in found.items() if count]
        return sorted(counted, key=lambda each: (-each[1], each[0]))

    def transitions(self) -> dict[str, int]:
        """How many changes of lane there were of each name."""
        if self._kept is None:
            return lane_changes.counted(self._connection)
        found = self._kept.by_detail("transition")
        return {name: count for (_, name), count in found.items()}

    def heard(self) -> Sequence[tuple[str, str | None, int, int]]:
        """How often each objection was heard: as `store.queue.objections.counted` tells it."""
        if self._kept is None:
            return objections.counted(self._connection)
        found = self._kept.by_detail("heard")
        return [(*heard_from(detail), count) for (_, detail), count in found.items()]

    def books(self) -> list[dict[str, Any]] | None:
        """A line of sums a month and currency, the newest month first; None where they are not
        kept."""
        if self._kept is None:
            return None
        found = self._kept.by_detail(*(f"book_{name}" for name in BOOK))
        lines = [
            dict(zip(("month", "currency"), json.loads(detail), strict=True))
            | {name: found.get((f"book_{name}", detail), 0) for name in BOOK}
            for name, detail in found
            if name == "book_offers"
        ]
        newest = sorted(lines, key=lambda line: line["currency"])
        return sorted(newest, key=lambda line: line["month"], reverse=True)
