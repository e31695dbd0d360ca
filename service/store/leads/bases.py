"""The moved bases of served models, and the settled leads that teach them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from service.db.tables.leads import bases, claims, leads, offers, outcomes, queue, scores, touches
from service.domain.served_base import Following, ServedBase, Settled

_PROMPT = timedelta(days=1)
"""A lead first scored later than so long after its sign-up, as an imported one, teaches nothing."""
_BOUGHT = ("converted", "renewed")
_Any = sa.ColumnElement[Any]
_OF_MODEL = sa.select(bases).where(bases.c.model == sa.bindparam("of"))


def find(connection: sa.Connection, model: str, day: date) -> ServedBase | None:
    """A model's row of a day."""
    return _first(connection, bases.c.model == model, bases.c.day == day.isoformat())


def newest(connection: sa.Connection, model: str) -> ServedBase | None:
    """A model's newest row, learnt or not."""
    return _first(connection, bases.c.model == model)


def learnt(connection: sa.Connection, model: str) -> ServedBase | None:
    """The newest row on which something was learnt: where the model's base stands."""
    return _first(connection, bases.c.model == model, bases.c.off.is_(None))


def keep(connection: sa.Connection, row: ServedBase) -> bool:
    """Add a day's row; False where another worker was quicker."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    told = {name: getattr(row, name) for name in ServedBase.__slots__}
    told["day"] = row.day.isoformat()
    added = insert(bases).values(told).on_conflict_do_nothing().returning(bases.c.day)
    return connection.execute(added).first() is not None


def settled(
    connection: sa.Connection, model: str, following: Following, now: datetime
) -> list[Settled]:
    """Of the newest settled leads, those that this model scored when they came, oldest first."""
    lasts, prompt = _micros(following.horizon), _micros(_PROMPT)
    came = (
        sa.select(
            leads.c.id,
            leads.c.account,
            leads.c.received_at,
            (_number(leads.c.moment) + lasts).label("until"),
            sa.select(scores.c.score)
            .where(scores.c.lead == leads.c.id)
            .order_by(scores.c.id)
            .limit(1)
            .scalar_subquery()
            .label("first"),
        )
        .where(
            leads.c.received_at <= now - following.horizon,
            _number(leads.c.received_at) - _number(leads.c.moment) < prompt,
        )
        .order_by(leads.c.received_at.desc(), leads.c.id)
        .limit(following.most)
        .subquery("came")
    )

    def in_time(of: _Any, lead: _Any, at: _Any) -> sa.Exists:
        return sa.exists().where(lead == of, _number(at) <= came.c.until)

    one = leads.alias("one")
    met = sa.exists().where(
        sa.or_(one.c.id == came.c.id, one.c.account == came.c.account),
        sa.or_(
            in_time(one.c.id, touches.c.lead, touches.c.at),
            in_time(one.c.id, claims.c.lead, claims.c.claimed_at),
            in_time(one.c.id, offers.c.lead, offers.c.issued_at),
        ),
    )
    bought = in_time(came.c.id, outcomes.c.lead, outcomes.c.at).where(outcomes.c.kind.in_(_BOUGHT))
    rows = connection.execute(
        sa.select(came.c.id, came.c.account, came.c.first, bought.label("bought"), met.label("met"))
        .where(came.c.first.like(f'%"model":"{model}%'))
        .order_by(came.c.received_at, came.c.id.desc())
    )
    moved = {row.day: row.hundredths for row in connection.execute(_OF_MODEL, {"of": model})}
    return [_settled(row, moved) for row in rows]


def waiting_after(
    connection: sa.Connection, lead: str, limit: int
) -> Sequence[tuple[str, str | None]]:
    """Leads that wait in a queue, by their ids, after one of them; each with its score's text."""
    rows = connection.execute(
        sa.select(queue.c.lead, leads.c.score)
        .join(leads, leads.c.id == queue.c.lead)
        .where(queue.c.state == "waiting", queue.c.lead > lead)
        .order_by(queue.c.lead)
        .limit(limit)
    )
    return [(row.lead, row.score) for row in rows]


def _micros(length: timedelta) -> sa.ColumnElement[int]:
    return sa.literal(length // timedelta(microseconds=1), sa.BigInteger)


def _number(at: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    return sa.type_coerce(at, sa.BigInteger)


def _settled(row: sa.Row[Any], moved: Mapping[str, int]) -> Settled:
    """A lead with the score that it would have had under a base that stays."""
    told = json.loads(row.first)
    return Settled(
        account=row.account or row.id,
        hundredths=round(100 * told["points"]) - moved.get(told.get("base_at"), 0),
        converted=bool(row.bought),
        left_alone=not row.met,
    )


def _first(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> ServedBase | None:
    query = sa.select(bases).where(*where).order_by(bases.c.day.desc()).limit(1)
    row = connection.execute(query).first()
    if row is None:
        return None
    return ServedBase(**(row._asdict() | {"day": date.fromisoformat(row.day)}))
