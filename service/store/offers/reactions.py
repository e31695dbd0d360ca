"""What people did after a rule's mail, and its controls meanwhile: one row a lead."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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


def of_mailed(
    connection: sa.Connection, rules: Collection[str], since: datetime | None = None
) -> dict[str, Reactions]:
    """What people did whom each rule's mail reached, since a moment or ever."""
    reached = (
        sa.select(
            offers.c.rule.label("rule"),
            outbox.c.lead.label("lead"),
            leads.c.email_key.label("key"),
            sa.func.min(outbox.c.ended_at).label("at"),
        )
        .join_from(outbox, offers, outbox.c.offer == offers.c.id)
        .join(leads, outbox.c.lead == leads.c.id)
        .where(_WENT, offers.c.rule.in_(rules))
        .group_by(offers.c.rule, outbox.c.lead, leads.c.email_key)
    )
    if since is not None:
        reached = reached.where(outbox.c.ended_at >= since)
    return _counted(connection, reached.subquery(), rules)


def of_controls(connection: sa.Connection, rules: Collection[str]) -> dict[str, Reactions]:
    """What people did who were due each rule's offer and held out."""
    held = (
        sa.select(
            assignments.c.rule.label("rule"),
            leads.c.id.label("lead"),
            leads.c.email_key.label("key"),
            assignments.c.at.label("at"),
        )
        .join_from(assignments, leads, assignments.c.lead == leads.c.ref)
        .where(assignments.c.rule.in_(rules), assignments.c.arm == "control")
    )
    return _counted(connection, held.subquery(), rules)


_NOBODY = Reactions(people=0, complaints=0, unsubscribes=0, refunds=0)
_WENT = outbox.c.state.in_(("sent", "maybe_sent"))


def _counted(
    connection: sa.Connection, people: sa.Subquery, rules: Collection[str]
) -> dict[str, Reactions]:
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
        offers.c.rule == people.c.rule,
        offers.c.state == "reversed",
        offers.c.changed_at >= people.c.at,
    )
    rows = connection.execute(
        sa.select(
            people.c.rule,
            sa.func.count(),
            *(_sum(each) for each in (complained, unsubscribed, refunded)),
        ).group_by(people.c.rule)
    )
    found = {
        rule: Reactions(
            people=reached,
            complaints=int(complaints),
            unsubscribes=int(unsubscribes),
            refunds=int(refunds),
        )
        for rule, reached, complaints, unsubscribes, refunds in rows
    }
    return {rule: found.get(rule, _NOBODY) for rule in rules}


def _sum(of: sa.Exists) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((of, 1), else_=0)), 0)
