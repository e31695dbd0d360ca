"""How each version of the policy stands: live, a draft, or replaced, and what was published since.

A draft keeps no base: it was written against what was live at that moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from service.store.offers import policies
from service.store.offers.policies import Publication, StoredPolicy
from service.use_cases.policies.publishers import is_one_person

State = Literal["live", "was_live", "draft", "outdated_draft"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One version; `since` are the publications that publishing it now would take back, newest
    first."""

    stored: StoredPolicy
    state: State
    live_until: datetime | None
    since: tuple[Publication, ...]


def standings(connection: sa.Connection, live: str) -> list[Standing]:
    """Every version, the newest first; `live` is the version that decides now."""
    history = policies.history(connection)
    return [_standing(each, history, live) for each in reversed(policies.versions(connection))]


def standing_of(connection: sa.Connection, stored: StoredPolicy, live: str) -> Standing:
    """How one version stands."""
    return _standing(stored, policies.history(connection), live)


def drafts_for(connection: sa.Connection, who: str, live: str) -> list[StoredPolicy]:
    """The drafts that wait for who else may publish: each author's newest, unless it is outdated
    or `who` wrote it."""
    newest: dict[str, StoredPolicy] = {}
    for each in standings(connection, live):
        if each.state == "draft":
            newest.setdefault(each.stored.author, each.stored)
    return [each for author, each in newest.items() if not is_one_person(connection, author, who)]


def _standing(stored: StoredPolicy, history: list[Publication], live: str) -> Standing:
    """`history` is newest first."""
    if stored.version == live:
        return Standing(stored=stored, state="live", live_until=None, since=())
    last = next((n for n, each in enumerate(history) if each.version == stored.version), None)
    if last is not None:
        since = tuple(history[:last])
        until = since[-1].at if since else None
        return Standing(stored=stored, state="was_live", live_until=until, since=since)
    since = tuple(each for each in history if each.at > stored.created_at)
    state: State = "outdated_draft" if since else "draft"
    return Standing(stored=stored, state=state, live_until=None, since=since)
