"""A policy beside the live trials of the last 30 days: what its author should look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from offers.lints import lints_of
from offers.policy import Policy
from offers.situation import Situation
from service.runtime import Parts
from service.store.leads import leads
from service.store.offers import offers
from service.use_cases.leads.lead_context import open_case
from service.use_cases.leads.rescoring import score_case
from service.use_cases.offers.situation import Request, situate

DAYS = 30
_MOST = 300  # the newest; each takes about a millisecond


def lints(connection: sa.Connection, parts: Parts, policy: Policy, now: datetime) -> dict[str, Any]:
    """The lints, and how many live trials they rest on."""
    situations = live_situations(connection, parts, policy, now)
    matched = offers.rules_used(connection, policy.id, now - timedelta(days=DAYS))
    return {
        "trials": len(situations),
        "days": DAYS,
        "notes": [*policy.notes, *lints_of(policy, situations, matched)],
    }


def live_situations(
    connection: sa.Connection, parts: Parts, policy: Policy, now: datetime
) -> list[Situation]:
    """The newest live trials as that policy would see them now."""
    since = now - timedelta(days=DAYS)
    as_if = replace(parts, policy=policy)
    request = Request(by="lints", role="system", now=now)
    situations = []
    for stored in leads.live(connection, since=since, limit=_MOST):
        case = open_case(stored)
        if case.objects_to_profiling:
            continue
        score = score_case(connection, as_if, case, now)
        situations.append(situate(connection, as_if, case, score, request))
    return situations
