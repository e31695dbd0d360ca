"""What figures about many accounts count: the sums that are kept, with what is stale put right.

Of accounts that changed since, what was kept is taken off and their lives are put on top, so a sum
is what counting every life would give. Where too many changed for that (after an upgrade, until a
worker has caught up) every life is counted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import TypeVar

from sqlalchemy import Connection

from service.domain import channels, modes, rates
from service.domain.account_life import NOT_KNOWN, AccountLife
from service.domain.channels import Brought, Scored
from service.domain.lead_counts import MILLIONTHS
from service.domain.lead_record import utm_source
from service.domain.modes import Mode, Served
from service.domain.rates import By, Counts, Window
from service.store.leads import account_lives, kept_counts, kept_lives, targets
from service.store.leads.kept_lives import Only
from service.use_cases.tx import Tx
from service.use_cases.views.account_lives import lives

T = TypeVar("T")


class FigureSums:
    """The sums of one view of the store."""

    def __init__(self, tx: Tx, window: Window) -> None:
        self._connection, self._window = tx.connection, window
        self._stale = kept_lives.stale_accounts(tx.connection, window.now, window.zone)

    def rates(self, by: By | None) -> Counts:
        """Both sides of each rate by group."""
        if by == "month":
            found = self._counted(rates.converted, kept_lives.converted, by)
            return found | self._repeats_by_month[0]
        found = self._counted(rates.counted, kept_lives.counted, by) | self._of_targets(by)
        if by == "source":
            return rates.renamed(found, channels.one_name(group for _, group in found))
        return found

    def rates_of_all(self, of_groups: Counts, by: By) -> Counts:
        """Both sides of each rate of all accounts; `of_groups` is what `rates` says by a group."""
        found = rates.of_all(of_groups)
        if by == "month":  # an account may have a renewal in each of them, and its newest counts
            found |= self._repeats_by_month[1]
        return found | self._of_targets(None)

    @cached_property
    def _repeats_by_month(self) -> tuple[Counts, Counts]:
        """Repeat of each month, and of all."""
        of_months = rates.repeated(self._fresh, "month", self._window)
        of_all = rates.repeated(self._fresh, None, self._window)
        if self._stale is None:
            return of_months, of_all
        signed = self._put_right(
            partial(kept_lives.repeated_by_month, self._connection, self._window),
            (of_months, of_all),
        )
        return (
            rates.summed(*((sign, each[0]) for sign, each in signed)),
            rates.summed(*((sign, each[1]) for sign, each in signed)),
        )

    def modes(self) -> Mapping[str, Mapping[Mode, Served]]:
        """What was served how, by month."""
        counted = modes.modes(self._fresh, self._window)
        if self._stale is None:
            return counted

        def kept(only: Only) -> Mapping[str, Mapping[Mode, Served]]:
            return kept_lives.modes(self._connection, self._window, only)

        return modes.summed(*self._put_right(kept, counted))

    def brought(self) -> Mapping[str, Brought]:
        """What each source brought."""
        counted = channels.brought(self._fresh, self._window)
        if self._stale is None:
            return counted
        last = channels.last_closed_month(self._window)

        def kept(only: Only) -> Mapping[str, Brought]:
            return kept_lives.brought(self._connection, self._window, last, only)

        return channels.summed(*self._put_right(kept, counted))

    def scored(self) -> Mapping[str, Scored]:
        """How many leads each source brought, and their mean score."""
        kept = kept_counts.look(self._connection)
        if kept is None:
            counted = _scored(account_lives.scored(self._connection))
        else:
            counted = kept.by_detail("source_leads", "source_scored", "source_millionths")
        called = channels.one_name(source for _, source in counted)
        found: Counter[tuple[str, str]] = Counter()
        for (name, source), count in counted.items():
            found[name, called[source]] += count
        return {
            source: _mean(leads, found["source_scored", source], found["source_millionths", source])
            for (name, source), leads in found.items()
            if name == "source_leads"
        }

    def _counted(
        self,
        count: Callable[[Sequence[AccountLife], By | None, Window], Counts],
        count_kept: Callable[[Connection, By | None, Window, Only], Counts],
        by: By | None,
    ) -> Counts:
        counted = count(self._fresh, by, self._window)
        if self._stale is None:
            return counted

        def kept(only: Only) -> Counts:
            return count_kept(self._connection, by, self._window, only)

        return rates.summed(*self._put_right(kept, counted))

    def _of_targets(self, by: By | None) -> Counts:
        aimed_at = targets.every(self._connection)
        return rates.counted_of_targets(aimed_at, self._seen, by, self._window)

    def _put_right(self, kept: Callable[[Only], T], fresh: T) -> list[tuple[int, T]]:
        """What is kept of all, less what is kept of those that are stale, and those counted."""
        signed = [(1, kept(None)), (1, fresh)]
        return [*signed, (-1, kept(self._stale))] if self._stale else signed

    @cached_property
    def _fresh(self) -> Sequence[AccountLife]:
        """The lives that are counted one by one: of what is stale, or all."""
        if self._stale is not None and not self._stale:
            return []
        return lives(
            self._connection,
            self._window.now,
            self._window.zone,
            objected=(self._window.start, self._window.end),
            only=self._stale,
        )

    @cached_property
    def _seen(self) -> Mapping[str, AccountLife]:
        """The accounts that are targets, and others, by name."""
        fresh = {life.account: life for life in self._fresh}
        if self._stale is None:
            return fresh
        found = kept_lives.of_targets(self._connection, self._window)
        return {life.account: life for life in found if life.account not in self._stale} | fresh


def _scored(leads: Iterable[tuple[str, str | None]]) -> Mapping[tuple[str, str], int]:
    """What is kept of leads by source, of these leads."""
    sums: Counter[tuple[str, str]] = Counter()
    for record, score in leads:
        source = utm_source(json.loads(record)) or NOT_KNOWN
        sums["source_leads", source] += 1
        if score is not None:
            sums["source_scored", source] += 1
            chance = round(json.loads(score)["probability"] * MILLIONTHS)
            sums["source_millionths", source] += chance
    return sums


def _mean(leads: int, scored: int, millionths: int) -> Scored:
    return Scored(leads=leads, mean=millionths / MILLIONTHS / scored if scored else None)
