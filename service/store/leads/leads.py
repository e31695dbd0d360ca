"""Leads as stored: their facts, score and lane, and how they came to be."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from service.db.prepared import Row, Statement
from service.db.tables.leads import lead_versions, leads, scores
from service.domain.lead import StoredLead
from service.store.leads import external_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A payload as it came, and the stamp that orders it among those of one lead."""

    received_at: datetime
    stamp: str
    body: str


_AT_SIGN_UP = timedelta(days=1)
_COLUMN_OF = {
    "pseudonym": "ref",
    "record_json": "record",
    "changed_at": "scored_at",
    "contact_json": "contact",
    "counters_json": "rollup",
    "score_json": "score",
    "score_hundredths": "hundredths",
    "value_per_minute": "worth",
    "lane_why_json": "lane_why",
}
"""Columns that are named otherwise than the fields they hold."""
_COLUMNS = tuple(_COLUMN_OF.get(name, name) for name in StoredLead._fields)
ALL_COLUMNS = tuple(leads.c[name] for name in _COLUMNS)
"""What `StoredLead` is made of, in its order."""
_ALL = sa.select(*ALL_COLUMNS)
_BY_ID = Statement(_ALL.where(leads.c.id == sa.bindparam("lead")))
_LOCK_BY_ID = Statement(  # SQLite has one writer and needs no lock
    _ALL.where(leads.c.id == sa.bindparam("lead")).with_for_update()
)
_OF_ACCOUNT = Statement(
    _ALL.where(leads.c.account == sa.bindparam("of_account")).order_by(leads.c.id)
)
_IS_THERE = Statement(sa.select(leads.c.id).where(leads.c.id == sa.bindparam("lead")))
_AMONG = sa.select(leads.c.id).where(leads.c.id.in_(sa.bindparam("ids", expanding=True)))
_WITH_EMAIL = Statement(
    sa.select(leads.c.id)
    .where(leads.c.email_key == sa.bindparam("email_key"))
    .order_by(leads.c.moment, leads.c.id)
    .limit(20)
)
_SINCE = sa.bindparam("since", type_=leads.c.received_at.type)
_OLD = sa.alias(leads)
_PAST = sa.select(_OLD.c.id).where(_OLD.c.unreached == "past_trial", _OLD.c.received_at > _SINCE)
"""Who came in with an old list competes with nobody of the last day for a rep's minutes."""
_RECENT = (
    sa.select(
        leads.c.worth,
        sa.func.coalesce(
            sa.func.sum(leads.c.minutes).over(
                order_by=(leads.c.worth.desc(), leads.c.id), rows=(None, -1)
            ),
            0,
        ).label("used_by_better"),
    )
    .where(leads.c.received_at > _SINCE, leads.c.id.not_in(_PAST))
    .subquery()
)
_CUT_OFF = Statement(
    sa.select(
        sa.func.max(
            sa.case((_RECENT.c.used_by_better >= sa.bindparam("minutes"), _RECENT.c.worth))
        ),
        sa.func.count(),
    ).select_from(_RECENT)
)
_WITH_PHONE = Statement(
    sa.select(leads.c.id)
    .where(leads.c.phone == sa.bindparam("number"))
    .order_by(leads.c.moment, leads.c.id)
    .limit(20)
)
_INSERT = Statement(leads.insert(), _COLUMNS)
_KEEP_VERSION = Statement(lead_versions.insert(), ("lead", "message", "body", "received_at"))
_KEEP_SCORE = Statement(scores.insert(), ("lead", "at", "score"))


def find(connection: sa.Connection, lead: str) -> StoredLead | None:
    """A lead as it stands, for reading."""
    return _read(_BY_ID.first(connection, lead=lead))


def lock(connection: sa.Connection, lead: str) -> StoredLead | None:
    """A lead as it stands, held until the transaction ends so that two changes cannot cross."""
    return _read(_LOCK_BY_ID.first(connection, lead=lead))


def lock_all(connection: sa.Connection, ids: Iterable[str]) -> dict[str, StoredLead]:
    """Many leads as `lock` gives one; in one order, so that two batches cannot deadlock."""
    mine = _ALL.where(leads.c.id.in_(set(ids))).order_by(leads.c.id).with_for_update()
    return {row.id: StoredLead._make(row) for row in connection.execute(mine)}


def existing(connection: sa.Connection, ids: Iterable[str]) -> set[str]:
    """Those of many ids of which a lead has signed up."""
    return set(connection.execute(_AMONG, {"ids": list(ids)}).scalars())


def exists(connection: sa.Connection, lead: str) -> bool:
    """Whether a lead of that id has signed up."""
    return _IS_THERE.first(connection, lead=lead) is not None


def by_pseudonym(connection: sa.Connection, ref: str) -> StoredLead | None:
    """The lead of a pseudonym, for reading."""
    row = connection.execute(_ALL.where(leads.c.ref == ref)).first()
    if row is not None:
        return _read(tuple(row))
    merged_into = external_ids.owner(connection, "ref", ref)
    return None if merged_into is None else find(connection, merged_into)


def lock_by_pseudonym(connection: sa.Connection, ref: str) -> StoredLead | None:
    """The lead of a pseudonym, held until the transaction ends."""
    row = connection.execute(_ALL.where(leads.c.ref == ref).with_for_update()).first()
    if row is not None:
        return _read(tuple(row))
    merged_into = external_ids.owner(connection, "ref", ref)
    return None if merged_into is None else lock(connection, merged_into)


def insert_at_once(connection: sa.Connection, lead: StoredLead) -> None:
    """A new lead that the rest of the job must see."""
    _INSERT.run(connection, **row_of(lead))


def row_of(lead: StoredLead) -> dict[str, Any]:
    """A lead's row as its table has it, by the names of its columns."""
    return dict(zip(_COLUMNS, lead, strict=True))


def newest(connection: sa.Connection, limit: int) -> list[StoredLead]:
    """The newest leads that were not erased."""
    query = _ALL.where(leads.c.erased_at.is_(None)).order_by(leads.c.received_at.desc(), leads.c.id)
    return [StoredLead._make(row) for row in connection.execute(query.limit(limit))]


def some(connection: sa.Connection, ids: Iterable[str]) -> list[StoredLead]:
    """The leads of these ids."""
    rows = connection.execute(_ALL.where(leads.c.id.in_(set(ids))))
    return [StoredLead._make(row) for row in rows]


def live(connection: sa.Connection, *, since: datetime, limit: int) -> list[StoredLead]:
    """Leads received since then that have no outcome yet, the newest first."""
    rows = connection.execute(
        _ALL.where(
            leads.c.received_at > since, leads.c.outcome.is_(None), leads.c.erased_at.is_(None)
        )
        .order_by(leads.c.received_at.desc())
        .limit(limit)
    )
    return [StoredLead._make(row) for row in rows]


def insert(connection: sa.Connection, lead: StoredLead) -> None:
    """A new lead, at the job's end; fails on its key when another request was quicker."""
    _INSERT.defer(connection, **row_of(lead))


def update(
    connection: sa.Connection,
    lead: StoredLead,
    now: datetime,
    *,
    before: StoredLead | None = None,
    always: Collection[str] = (),
) -> None:
    """All of a lead's columns, changed now; where its row is told, `before`, what differs only.

    So an event costs the indexes of the columns it changes, not of every column. The fields named
    `always` are written anyhow: this transaction may have changed them since.
    """
    lead = lead._replace(changed_at=now)
    changed = tuple(
        at
        for at, field in enumerate(StoredLead._fields)
        if at and (before is None or lead[at] != before[at] or field in always)
    )
    if changed:
        given = {f"_{_COLUMNS[at]}": lead[at] for at in changed}
        _update_of(changed).run(connection, _lead=lead.id, **given)


@lru_cache(maxsize=256)
def _update_of(places: tuple[int, ...]) -> Statement:
    """An update of the columns at these places."""
    names = [_COLUMNS[at] for at in places]
    change = sa.update(leads).where(leads.c.id == sa.bindparam("_lead"))
    return Statement(change.values({name: sa.bindparam(f"_{name}") for name in names}))


def look_again(connection: sa.Connection, lead: str, at: datetime) -> None:
    """The worker is to look at a lead from then on."""
    connection.execute(sa.update(leads).where(leads.c.id == lead).values(look_again_at=at))


def newest_scoring_model(connection: sa.Connection) -> str | None:
    """The name of the model that scored last; None where nobody has a score."""
    newest = (
        sa.select(leads.c.score)
        .where(leads.c.score.is_not(None))
        .order_by(leads.c.scored_at.desc())
        .limit(1)
    )
    score = connection.execute(newest).scalar()
    return None if score is None else str(json.loads(score)["model"])


def look_again_without_rep(connection: sa.Connection, now: datetime, *, limit: int) -> int:
    """The worker is to look again at leads that no rep could take, the most worth first; how many.

    Those that another transaction has locked are left to it.
    """
    return _look_again_now(connection, leads.c.unreached == "no_eligible_rep", now, limit)


def look_again_below(
    connection: sa.Connection, now: datetime, *, since: datetime, limit: int
) -> int:
    """The same of leads that changed since then and were below the cut-off."""
    below = (leads.c.unreached == "below_cut_off") & (leads.c.scored_at >= since)
    return _look_again_now(connection, below, now, limit)


def _look_again_now(
    connection: sa.Connection, which: sa.ColumnElement[bool], now: datetime, limit: int
) -> int:
    c = leads.c
    among = sa.select(c.id).where(which, c.look_again_at > now)
    best = among.order_by(c.worth.desc(), c.id).limit(limit).with_for_update(skip_locked=True)
    ids = list(connection.execute(best).scalars())
    connection.execute(sa.update(leads).where(c.id.in_(ids)).values(look_again_at=now))
    return len(ids)


def with_email(connection: sa.Connection, email_key: str) -> list[str]:
    """The leads of a mail address, oldest first."""
    return [str(row[0]) for row in _WITH_EMAIL.all(connection, email_key=email_key)]


def with_phone(connection: sa.Connection, number: str) -> list[str]:
    """The leads of a phone number in E.164, oldest first."""
    return [str(row[0]) for row in _WITH_PHONE.all(connection, number=number)]


def by_email(connection: sa.Connection, email_key: str) -> str | None:
    """The oldest lead of a mail address."""
    return next(iter(with_email(connection, email_key)), None)


def of_mailboxes(connection: sa.Connection, keys: Sequence[str]) -> list[StoredLead]:
    """The leads of these mailboxes, oldest first."""
    mine = sa.or_(leads.c.email_key.in_(keys), leads.c.mailbox_key.in_(keys))
    rows = connection.execute(_ALL.where(mine).order_by(leads.c.received_at, leads.c.id))
    return [StoredLead._make(row) for row in rows]


def opted_out(connection: sa.Connection, keys: Sequence[str]) -> bool:
    """Whether any lead of these mailboxes wants no mail: that holds for all of them."""
    mine = sa.or_(leads.c.email_key.in_(keys), leads.c.mailbox_key.in_(keys))
    records = connection.execute(sa.select(leads.c.record).where(mine)).scalars()
    return any(json.loads(record)["fields"].get("do_not_email") is True for record in records)


def of_account(connection: sa.Connection, account: str) -> list[StoredLead]:
    """All leads of an account."""
    return [StoredLead._make(row) for row in _OF_ACCOUNT.all(connection, of_account=account)]


def last_active(connection: sa.Connection, account: str) -> datetime | None:
    """When any lead of an account last did anything; None where nothing was ever counted."""
    mine = sa.select(sa.func.max(leads.c.hot_at)).where(
        leads.c.account == account, leads.c.rollup.is_not(None)
    )
    found: datetime | None = connection.execute(mine).scalar()
    return found


def insert_version(
    connection: sa.Connection, *, lead: str, message: str, body: str, now: datetime
) -> None:
    """The payload as it came, so that a past score can be replayed; `message` is its stamp."""
    _KEEP_VERSION.defer(connection, lead=lead, message=message, body=body, received_at=now)


def insert_score(connection: sa.Connection, *, lead: str, score: str, at: datetime) -> None:
    """One more line of the lead's score history."""
    _KEEP_SCORE.defer(connection, lead=lead, at=at, score=score)


def score_history(connection: sa.Connection, lead: str) -> list[tuple[datetime, str]]:
    """Every score of a lead, oldest first."""
    rows = connection.execute(
        sa.select(scores.c.at, scores.c.score).where(scores.c.lead == lead).order_by(scores.c.id)
    )
    return [(row.at, row.score) for row in rows]


def versions_of(connection: sa.Connection, lead: str) -> list[Version]:
    """A lead's payloads as they came, oldest first."""
    kept = lead_versions.c
    rows = connection.execute(
        sa.select(kept.received_at, kept.message, kept.body)
        .where(kept.lead == lead)
        .order_by(kept.id)
    )
    return [Version(received_at=r.received_at, stamp=r.message, body=r.body) for r in rows]


def colleagues(connection: sa.Connection, account: str, *, limit: int) -> list[tuple[str, str]]:
    """Contact and rollup of the account's leads that did anything, newest first."""
    rows = connection.execute(
        sa.select(leads.c.contact, leads.c.rollup)
        .where(leads.c.account == account, leads.c.rollup.is_not(None))
        .order_by(leads.c.hot_at.desc())
        .limit(limit)
    )
    return [(row.contact, row.rollup) for row in rows]


def newest_active(connection: sa.Connection, account: str, *, limit: int) -> list[StoredLead]:
    """The account's leads, the most recently active first."""
    rows = connection.execute(
        _ALL.where(leads.c.account == account, leads.c.erased_at.is_(None))
        .order_by(leads.c.hot_at.desc())
        .limit(limit)
    )
    return [StoredLead._make(row) for row in rows]


def cut_off(
    connection: sa.Connection, *, since: datetime, minutes: int
) -> tuple[float | None, int]:
    """The worth of the best lead since then that `minutes` cannot serve, and how many there were.

    None: all of them fit.
    """
    row = _CUT_OFF.first(connection, since=since, minutes=minutes)
    assert row is not None  # sums have one row
    return row[0], row[1]


def unreached(connection: sa.Connection) -> list[tuple[str, int]]:
    """How many leads reached no queue, by reason."""
    rows = connection.execute(
        sa.select(leads.c.unreached, sa.func.count())
        .where(leads.c.unreached.is_not(None))
        .group_by(leads.c.unreached)
        .order_by(sa.func.count().desc(), leads.c.unreached)
    )
    return [(row[0], row[1]) for row in rows]


def signup_scores(
    connection: sa.Connection, *, model: str, since: datetime, limit: int
) -> list[int]:
    """What the newest leads received since then scored as they signed up, above the base.

    In hundredths of points: fit and engagement of the first score, where this model gave it within
    a day of the sign-up. Later scores tell of the trial's age too, and the base may follow.
    """
    newest = (
        sa.select(leads.c.id, leads.c.moment)
        .where(leads.c.received_at > since, leads.c.erased_at.is_(None))
        .order_by(leads.c.received_at.desc())
        .limit(limit)
        .subquery()
    )
    first = (
        sa.select(sa.func.min(scores.c.id).label("id"), newest.c.moment)
        .join_from(newest, scores, scores.c.lead == newest.c.id)
        .group_by(newest.c.id, newest.c.moment)
    )
    signed_up = {row.id: row.moment for row in connection.execute(first)}
    query = sa.select(scores.c.id, scores.c.score, scores.c.at)
    rows = connection.execute(query.where(scores.c.id.in_(signed_up)))
    told = [json.loads(score) for id, score, at in rows if at - signed_up[id] <= _AT_SIGN_UP]
    return [
        round(100 * (score["fit_points"] + score["engagement_points"]))
        for score in told
        if score["model"] == model
    ]


def is_any(connection: sa.Connection) -> bool:
    """Whether anybody ever signed up."""
    return connection.execute(sa.select(leads.c.id).limit(1)).first() is not None


def due_again(connection: sa.Connection, *, now: datetime, limit: int) -> Sequence[str]:
    """Leads whose date to be looked at again has come."""
    return (
        connection.execute(
            sa.select(leads.c.id)
            .where(leads.c.look_again_at <= now)
            .order_by(leads.c.look_again_at, leads.c.id)
            .limit(limit)
        )
        .scalars()
        .all()
    )


def _read(row: Row | None) -> StoredLead | None:
    return None if row is None else StoredLead._make(row)
