"""Companies at moments: who was known of each then, and whether anybody of it bought afterwards.

A company is looked at when one of its people signs up and, where events are known, at some days
after its first sign-up, until it buys. Beside a lead's landmarks these are few rows: what is
learnt of them has a handful of tables, so a large export gives an even part of its companies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from scoring.contact import read_contact
from scoring.dataset.dataset import CUTS
from scoring.features import Feature, Moment
from scoring.leads.colleagues import account_of
from scoring.leads.columns import Column
from scoring.leads.counters_frame import microseconds
from scoring.leads.lead import Event, Lead
from scoring.model.account_part import AGE_DAYS, MOST_PEOPLE
from scoring.model.feature_values import History, feature_columns, moment

MOST_MOMENTS = 12
"""Of one company; a large one would speak for all others."""
MOST_ROWS = 30_000
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountMoments:
    """Moments of companies, oldest first, and their people's features there.

    `at_us`, `y` (0/1: bought within the horizon) and `account` (a number) are of shape (moments,).
    Row r of `columns` is one person at moment `of_row[r]`, with `roles[r]`, `active[r]` (1, 0, or
    −1 where no events are connected) and `days[r]` since the sign-up.
    """

    at_us: Ints
    y: Ints
    account: Ints
    of_row: Ints
    columns: Mapping[str, Column]
    roles: Sequence[str | None]
    active: Ints
    days: Ints
    horizon_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Company:
    people: Sequence[int]
    bought_at: datetime | None


_Moment = tuple[datetime, int, _Company]


def account_moments(
    leads: Sequence[Lead],
    won_at: Sequence[datetime | None],
    features: Sequence[Feature],
    *,
    events: Mapping[str, Sequence[Event]] | None,
    observed_until: datetime,
    horizon: timedelta,
) -> AccountMoments | None:
    """The companies of leads that all have a sign-up time; `won_at` is when each converted.

    Moments too young for their horizon to have passed, and those of the oldest leads, from which
    only lead scores are learnt, are left out. None where no two leads are of one company.
    """
    by_account: dict[str, list[int]] = {}
    for i, lead in enumerate(leads):
        by_account.setdefault(_account(lead) or f" {i}", []).append(i)
    if all(len(people) == 1 for people in by_account.values()):
        return None
    signed_up = [_signed_up(lead) for lead in leads]
    begins = sorted(signed_up)[round(CUTS[0] * len(leads))]
    found: list[_Moment] = []
    for number, people in enumerate(by_account.values()):
        won = [at for i in people if (at := won_at[i]) is not None]
        company = _Company(
            people=sorted(people, key=lambda i: (signed_up[i], i)), bought_at=min(won, default=None)
        )
        starts = [signed_up[i] for i in company.people]
        for at in _moments(starts, company.bought_at, has_events=events is not None):
            if begins <= at <= observed_until - horizon:
                found.append((at, number, company))
    found = _even_part(found)
    history = None if events is None else History.of(leads, events)
    moments: list[Moment] = []
    of_row: list[int] = []
    days: list[int] = []
    for row, (at, _, company) in enumerate(found):
        known = [i for i in company.people if signed_up[i] <= at][-MOST_PEOPLE:]
        moments.extend(moment(leads[i], history, at) for i in known)
        of_row.extend([row] * len(known))
        days.extend((at - signed_up[i]).days for i in known)
    bought = [
        company.bought_at is not None and at < company.bought_at <= at + horizon
        for at, _, company in found
    ]
    return AccountMoments(
        at_us=np.array([microseconds(at) for at, _, _ in found], dtype=np.int64),
        y=np.array(bought, dtype=np.int64),
        account=np.array([number for _, number, _ in found], dtype=np.int64),
        of_row=np.array(of_row, dtype=np.int64),
        columns=feature_columns(features, moments),
        roles=[one.contact.buying_role for one in moments],
        active=np.array([_is_active(one) for one in moments], dtype=np.int64),
        days=np.array(days, dtype=np.int64),
        horizon_us=horizon // timedelta(microseconds=1),
    )


def _account(lead: Lead) -> str | None:
    contact = lead.contact or read_contact(
        email=lead.email, phone=None, title=None, country=lead.country
    )
    return account_of(lead, contact)


def _signed_up(lead: Lead) -> datetime:
    assert lead.signed_up_at is not None
    return lead.signed_up_at


def _moments(
    starts: Sequence[datetime], bought_at: datetime | None, *, has_events: bool
) -> list[datetime]:
    """When a company is looked at, before it bought."""
    later = [starts[0] + timedelta(days=day) for day in AGE_DAYS] if has_events else []
    every = sorted({*starts, *later})
    return [at for at in every if bought_at is None or at < bought_at][:MOST_MOMENTS]


def _even_part(found: list[_Moment]) -> list[_Moment]:
    """Moments, oldest first; of too many those of every second company, every third, and so on."""
    step = max(1, -(-len(found) // MOST_ROWS))
    return sorted((one for one in found if one[1] % step == 0), key=lambda one: (one[0], one[1]))


def _is_active(one: Moment) -> int:
    return -1 if one.counters is None else int(one.counters.active_days_7d > 0)
