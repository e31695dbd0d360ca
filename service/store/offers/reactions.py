"""What people did after a rule's mail, and its controls meanwhile: one row a lead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from service.db.tables.leads import assignments, bounces, leads, offers, outbox, suppressions


@dataclass(frozen=True, slots=True, kw_only=True)
class Reactions:
    """People of one arm, and how many of them complained, unsubscribed, had an order reversed."""

    people: int
    complaints: int
    unsubscribes: int
    refunds: int


def rules_mailed(connection: sa.Connection, email_keys: Sequence[str]) -> list[str]:
    """The rules whose mails went to an address."""
    query = (
        sa.select(offers.c.rule)
        .distinct()
        .join_from(outbox, offers, outbox.c.offer == offers.c.id)
        .join(leads, outbox.c.lead == leads.c.id)
        .where(_WENT, leads.c.email_key.in_(email_keys))
    )
    return sorted(connection.execute(query).scalars())


def of_mailed(connection: sa.Connection, rule: str, since: datetime | None) -> Reactions:
    """What people did whom a rule's mail reached, since a moment or ever."""
    reached = (
        sa.select(
            outbox.c.lead.label("lead"),
            leads.c.email_key.label("key"),
            sa.func.min(outbox.c.ended_at).label("at"),
        )
        .join_from(outbox, offers, outbox.c.offer == offers.c.id)
        .join(leads, outbox.c.lead == leads.c.id)
        .where(_WENT, offers.c.rule == rule)
        .group_by(outbox.c.lead, leads.c.email_key)
    )
    if since is not None:
        reached = reached.where(outbox.c.ended_at >= since)
    return _counted(connection, reached.subquery(), rule)


def of_controls(connection: sa.Connection, rule: str) -> Reactions:
    """What people did who were due the rule's offer and held out."""
    held = (
        sa.select(
            leads.c.id.label("lead"), leads.c.email_key.label("key"), assignments.c.at.label("at")
        )
        .join_from(assignments, leads, assignments.c.lead == leads.c.ref)
        .where(assignments.c.rule == rule, assignments.c.arm == "control")
    )
    return _counted(connection, held.subquery(), rule)


_WENT = outbox.c.state.in_(("sent", "maybe_sent"))


def _counted(connection: sa.Connection, people: sa.Subquery, rule: str) -> Reactions:
    complained = sa.exists().where(
        bounces.c.email_key == people.c.key,
        bounces.c.kind == "complaint",
        bounces.c.at >= people.c.at,
    )
    unsubscribed = sa.exists().where(
        suppressions.c.email_key == people.c.key,
        suppressions.c.reason == "unsubscribed",
        suppressions.c.at >= people.c.at,
    )
    refunded = sa.exists().where(
        offers.c.lead == people.c.lead,
        offers.c.rule == rule,
        offers.c.state == "reversed",
        offers.c.changed_at >= people.c.at,
    )
    found = connection.execute(
        sa.select(
            sa.func.count(), *(_sum(each) for each in (complained, unsubscribed, refunded))
        ).select_from(people)
    ).one()
    return Reactions(
        people=int(found[0]),
        complaints=int(found[1]),
        unsubscribes=int(found[2]),
        refunds=int(found[3]),
    )


def _sum(of: sa.Exists) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((of, 1), else_=0)), 0)
