"""Staged mail, the captured mailbox, and the addresses nothing is sent to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.db.advisory_locks import AdvisoryLock, take
from service.db.tables.leads import bounces, captured_mail, leads, outbox, suppressions
from service.domain.service_mails import SERVICE_MAILS
from service.domain.usage_report import MAILS as REPORTS

THEIR_WORD = ("complained", "unsubscribed")
"""Reasons that a person gave, and that follow them to another address."""
BEGUN_AGAIN = "sent_again"
"""The reason of a mail that was in doubt and went over the wire once more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedMail:
    """One row of `outbox`; `context` is JSON text without the person's data."""

    id: str
    lead: str
    offer: str | None
    email: str
    context: str
    decided_at: datetime
    attempts: int
    begun_at: datetime | None
    reason: str | None = None

    @property
    def is_in_doubt(self) -> bool:
        """Whether an earlier attempt may have reached the person."""
        return self.begun_at is not None

    @property
    def was_begun_twice(self) -> bool:
        """Whether the attempt that was in doubt already, and then lost, may have reached them too.

        Whoever ends such an attempt says so in another reason.
        """
        return self.is_in_doubt and self.reason == BEGUN_AGAIN


_DUE = (
    sa.select(outbox.c.id)
    .where(
        sa.or_(
            outbox.c.state == "due",
            sa.and_(
                outbox.c.state == "sending",
                sa.or_(
                    outbox.c.lease_until <= sa.bindparam("now", type_=outbox.c.due_at.type),
                    outbox.c.lease_until > sa.bindparam("never", type_=outbox.c.due_at.type),
                ),
            ),
        ),
        outbox.c.due_at <= sa.bindparam("now", type_=outbox.c.due_at.type),
    )
    .order_by(outbox.c.due_at, outbox.c.id)
    .limit(sa.bindparam("most"))
    .with_for_update(skip_locked=True)
)


def stage(
    connection: sa.Connection,
    *,
    id: str,
    lead: str,
    offer: str | None,
    email: str,
    context: str,
    now: datetime,
    decided_at: datetime | None = None,
) -> None:
    """A mail to be sent, in the transaction that decided it, unless that was `decided_at`."""
    connection.execute(
        outbox.insert(),
        {
            "id": id,
            "lead": lead,
            "offer": offer,
            "email": email,
            "context": context,
            "state": "due",
            "reason": None,
            "decided_at": decided_at or now,
            "due_at": now,
            "lease_until": None,
            "attempts": 0,
            "begun_at": None,
            "ended_at": None,
        },
    )


def is_staged(connection: sa.Connection, mail: str) -> bool:
    """Whether a mail of that id was ever staged."""
    return connection.execute(sa.select(outbox.c.id).where(outbox.c.id == mail)).first() is not None


def due_mail(
    connection: sa.Connection, *, now: datetime, lease_until: datetime, limit: int
) -> list[StagedMail]:
    """Mails that are due, now leased to this worker.

    A lease that ends later than twice one from now on was given by a clock that ran ahead: it is
    over. Whoever still holds it will find it lost.
    """
    told = {"now": now, "most": limit, "never": lease_until + (lease_until - now)}
    ids = connection.execute(_DUE, told).scalars().all()
    if not ids:
        return []
    connection.execute(
        sa.update(outbox)
        .where(outbox.c.id.in_(ids))
        .values(state="sending", lease_until=lease_until, attempts=outbox.c.attempts + 1)
    )
    rows = connection.execute(
        sa.select(*(outbox.c[name] for name in StagedMail.__slots__))
        .where(outbox.c.id.in_(ids))
        .order_by(outbox.c.due_at, outbox.c.id)
    )
    return [StagedMail(**row._mapping) for row in rows]


def begin(
    connection: sa.Connection, staged: StagedMail, *, now: datetime, lease_until: datetime
) -> bool:
    """The text of the mail is about to go over the wire: from here on it may be sent.

    False when the lease is over or another worker's.
    """
    begun = connection.execute(
        sa.update(outbox)
        .where(_held_as(staged), outbox.c.lease_until > now)
        .values(
            begun_at=sa.func.coalesce(outbox.c.begun_at, sa.literal(now, outbox.c.begun_at.type)),
            reason=BEGUN_AGAIN if staged.is_in_doubt else None,
            lease_until=lease_until,
        )
    )
    return begun.rowcount == 1


def renew(connection: sa.Connection, mails: Sequence[StagedMail], *, lease_until: datetime) -> None:
    """A longer lease for mails that are still this worker's."""
    for staged in mails:
        connection.execute(
            sa.update(outbox).where(_held_as(staged)).values(lease_until=lease_until)
        )


def end(
    connection: sa.Connection, staged: StagedMail, *, state: str, reason: str | None, now: datetime
) -> bool:
    """The mail left, or never will: sent, maybe_sent, withheld or failed; whether it was ours."""
    ended = connection.execute(
        sa.update(outbox)
        .where(_held_as(staged))
        .values(state=state, reason=reason, ended_at=now, lease_until=None)
    )
    return ended.rowcount == 1


def try_again(
    connection: sa.Connection,
    staged: StagedMail,
    *,
    at: datetime,
    reason: str,
    begun_at: datetime | None,
) -> None:
    """The mail could not leave yet, or may have (`begun_at`)."""
    connection.execute(
        sa.update(outbox)
        .where(_held_as(staged))
        .values(state="due", due_at=at, reason=reason, lease_until=None, begun_at=begun_at)
    )


def postpone(connection: sa.Connection, staged: StagedMail, *, at: datetime, reason: str) -> None:
    """The mail may not leave yet; that is no failed attempt."""
    connection.execute(
        sa.update(outbox)
        .where(_held_as(staged))
        .values(
            state="due", due_at=at, reason=reason, lease_until=None, attempts=outbox.c.attempts - 1
        )
    )


def _held_as(staged: StagedMail) -> sa.ColumnElement[bool]:
    """Whether a mail is still held by the claim that counted this attempt.

    Each claim counts one more, and only its own worker takes that back, so no later claim of the
    same mail has the same number.
    """
    return sa.and_(
        outbox.c.id == staged.id, outbox.c.state == "sending", outbox.c.attempts == staged.attempts
    )


def let_begin(connection: sa.Connection) -> None:
    """From here to the transaction's end nothing that stops mails is committed beside us."""
    take(connection, AdvisoryLock.BEGINNING_MAILS, shared=True)


def stop_beginning(connection: sa.Connection) -> None:
    """From here to the transaction's end no mail is begun; after it, none that this stops."""
    take(connection, AdvisoryLock.BEGINNING_MAILS)


def sent_since(connection: sa.Connection, since: datetime, *, lead: str | None = None) -> int:
    """How many mails left, or may have, since then; to one lead when named, but for those
    that their own side asked for."""
    query = (
        sa.select(sa.func.count())
        .select_from(outbox)
        .where(outbox.c.ended_at > since, outbox.c.state.in_(("sent", "maybe_sent")))
    )
    if lead is not None:
        query = query.where(outbox.c.lead == lead, outbox.c.email.not_in(SERVICE_MAILS))
    return int(connection.execute(query).scalar_one())


def bounce_known(connection: sa.Connection, id: str) -> bool:
    """Whether this bounce was told before."""
    return connection.execute(sa.select(bounces.c.id).where(bounces.c.id == id)).first() is not None


def insert_bounce(
    connection: sa.Connection, *, id: str, email_key: str, kind: str, at: datetime, now: datetime
) -> None:
    """A new bounce."""
    connection.execute(
        bounces.insert(),
        {"id": id, "email_key": email_key, "kind": kind, "at": at, "received_at": now},
    )


def take_out_bounces(connection: sa.Connection, told_by: str) -> None:
    """Take back the bounces that an import told; mail goes again where nothing else says no."""
    mine = bounces.c.id.startswith(f"{told_by}:", autoescape=True)
    keys = connection.execute(sa.select(bounces.c.email_key).where(mine)).scalars().all()
    connection.execute(sa.delete(bounces).where(mine))
    others = sa.select(bounces.c.email_key)
    connection.execute(
        sa.delete(suppressions).where(
            suppressions.c.email_key.in_(keys),
            suppressions.c.reason == "bounced",
            suppressions.c.email_key.not_in(others.where(bounces.c.kind == "hard")),
        )
    )


def withhold_for_offer(
    connection: sa.Connection, offer: str, *, reason: str, now: datetime
) -> None:
    """Whatever is still staged for an offer stays here."""
    _withhold(connection, outbox.c.offer == offer, reason, now)


def withhold_for_lead(
    connection: sa.Connection, lead: str, *, but_for: str, reason: str, now: datetime
) -> None:
    """Whatever is still staged for a lead stays here, `but_for` one kind of mail."""
    _withhold(connection, sa.and_(outbox.c.lead == lead, outbox.c.email != but_for), reason, now)


def withhold_reports(
    connection: sa.Connection, lead: str, *, reason: str, now: datetime, but_for: str = ""
) -> None:
    """Whatever report or note about one is still staged for a lead stays here, `but_for` a kind."""
    mine = sa.and_(outbox.c.lead == lead, outbox.c.email.in_(REPORTS), outbox.c.email != but_for)
    _withhold(connection, mine, reason, now)


def withhold_mails(
    connection: sa.Connection, ids: Sequence[str], *, reason: str, now: datetime
) -> None:
    """Those of these mails that are still staged stay here."""
    _withhold(connection, outbox.c.id.in_(ids), reason, now)


def send_again(connection: sa.Connection, mail: str, now: datetime) -> bool:
    """A mail that left is due once more, as it was; whether it had left."""
    again = connection.execute(
        sa.update(outbox)
        .where(outbox.c.id == mail, outbox.c.state.in_(("sent", "maybe_sent")))
        .values(state="due", due_at=now, reason=None, attempts=0, begun_at=None, ended_at=None)
    )
    return again.rowcount == 1


def states_of(connection: sa.Connection, ids: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    """The state of each mail and the reason for it."""
    query = sa.select(outbox.c.id, outbox.c.state, outbox.c.reason).where(outbox.c.id.in_(ids))
    return {row.id: (row.state, row.reason) for row in connection.execute(query)}


def forget_captured(connection: sa.Connection, mails: Sequence[str]) -> None:
    """Take mails out of the captured mailbox, by the ids they were staged under."""
    for mail in mails:
        mine = captured_mail.c.message_id.startswith(f"<{mail}@", autoescape=True)
        connection.execute(sa.delete(captured_mail).where(mine))


def _withhold(
    connection: sa.Connection, whose: sa.ColumnElement[bool], reason: str, now: datetime
) -> None:
    stop_beginning(connection)
    connection.execute(
        sa.update(outbox)
        .where(whose, outbox.c.state == "due")
        .values(state="withheld", reason=reason, ended_at=now)
    )


def of_lead(connection: sa.Connection, lead: str) -> list[dict[str, Any]]:
    """A lead's staged and sent mails, oldest first."""
    rows = connection.execute(
        sa.select(
            outbox.c.id,
            outbox.c.email,
            outbox.c.state,
            outbox.c.reason,
            outbox.c.decided_at,
            outbox.c.ended_at,
        )
        .where(outbox.c.lead == lead)
        .order_by(outbox.c.decided_at, outbox.c.id)
    )
    return [dict(row._mapping) for row in rows]


def capture(connection: sa.Connection, mail: dict[str, Any]) -> None:
    """Keep a mail in the captured mailbox; the same message twice is one."""
    there = connection.execute(
        sa.select(captured_mail.c.id).where(captured_mail.c.message_id == mail["message_id"])
    ).first()
    if there is None:
        connection.execute(captured_mail.insert(), mail)


def captured(connection: sa.Connection, *, limit: int) -> list[dict[str, Any]]:
    """The captured mails, newest first."""
    rows = connection.execute(
        sa.select(captured_mail).order_by(captured_mail.c.id.desc()).limit(limit)
    )
    return [dict(row._mapping) for row in rows]


def captured_one(connection: sa.Connection, number: int) -> dict[str, Any] | None:
    """One captured mail by its number."""
    row = connection.execute(sa.select(captured_mail).where(captured_mail.c.id == number)).first()
    return None if row is None else dict(row._mapping)


def newest_staged(connection: sa.Connection, *, limit: int) -> list[dict[str, Any]]:
    """The outbox, newest first."""
    rows = connection.execute(
        sa.select(
            outbox.c.id,
            outbox.c.lead,
            outbox.c.offer,
            outbox.c.email,
            outbox.c.state,
            outbox.c.reason,
            outbox.c.decided_at,
            outbox.c.due_at,
            outbox.c.ended_at,
            outbox.c.attempts,
            outbox.c.context,
        )
        .order_by(outbox.c.decided_at.desc(), outbox.c.id)
        .limit(limit)
    )
    return [dict(row._mapping) | {"number": _offer_number(row.context)} for row in rows]


def _offer_number(context: str) -> str | None:
    number = json.loads(context).get("number")
    return None if number is None else f"No. {number}"


def suppress(connection: sa.Connection, keys: Sequence[str], *, reason: str, now: datetime) -> None:
    """Send nothing to an address any more, under any of its keys; a person's word stands over
    what else was the reason."""
    stop_beginning(connection)
    for key in keys:
        before = suppressed(connection, (key,))
        if before is not None and (before in THEIR_WORD or reason not in THEIR_WORD):
            continue
        lift_suppression(connection, key)
        connection.execute(suppressions.insert(), {"email_key": key, "reason": reason, "at": now})
    _withhold_from(connection, keys, reason=f"suppressed_{reason}", now=now)


def _withhold_from(
    connection: sa.Connection, keys: Sequence[str], *, reason: str, now: datetime
) -> None:
    """What is still staged of reports for these mailboxes stays here."""
    theirs = sa.select(leads.c.id).where(
        sa.or_(leads.c.email_key.in_(keys), leads.c.mailbox_key.in_(keys))
    )
    whose = sa.and_(outbox.c.lead.in_(theirs), outbox.c.email.in_(REPORTS))
    _withhold(connection, whose, reason, now)


def newest_suppressed(connection: sa.Connection, *, limit: int) -> list[tuple[str, str, datetime]]:
    """The keys that nothing is sent to, why and since when, the newest first."""
    newest = sa.select(suppressions.c.email_key, suppressions.c.reason, suppressions.c.at)
    rows = connection.execute(
        newest.order_by(suppressions.c.at.desc(), suppressions.c.email_key).limit(limit)
    )
    return [(row.email_key, row.reason, row.at) for row in rows]


def lift_suppression(connection: sa.Connection, email_key: str) -> None:
    """Let mail go to an address again."""
    connection.execute(sa.delete(suppressions).where(suppressions.c.email_key == email_key))


def lift_own_word(connection: sa.Connection, keys: Sequence[str]) -> None:
    """Let mail go again to who said no and took that back; what else was the reason stays."""
    connection.execute(
        sa.delete(suppressions).where(
            suppressions.c.email_key.in_(keys), suppressions.c.reason.in_(THEIR_WORD)
        )
    )


def soft_bounces(connection: sa.Connection, email_key: str, since: datetime) -> int:
    """How many soft bounces of an address were told since a moment."""
    count = sa.select(sa.func.count()).where(
        bounces.c.email_key == email_key, bounces.c.kind == "soft", bounces.c.received_at > since
    )
    return int(connection.execute(count).scalar_one())


def suppressed(connection: sa.Connection, keys: Sequence[str]) -> str | None:
    """Why nothing is sent to who is known by any of these keys, their own word before others;
    None when mail may go."""
    found = connection.execute(
        sa.select(suppressions.c.reason)
        .where(suppressions.c.email_key.in_(keys))
        .order_by(suppressions.c.reason.not_in(THEIR_WORD), suppressions.c.at)
        .limit(1)
    )
    return found.scalar()


def said_no_at(connection: sa.Connection, keys: Sequence[str]) -> datetime | None:
    """When the person behind any of these keys said that they want no mail; None who did not."""
    first = sa.select(suppressions.c.at).where(
        suppressions.c.email_key.in_(keys), suppressions.c.reason.in_(THEIR_WORD)
    )
    at: datetime | None = connection.execute(first.order_by(suppressions.c.at).limit(1)).scalar()
    return at


def due_since(connection: sa.Connection, at: datetime) -> tuple[int, datetime | None]:
    """How many mails were due by a moment and are not sent, and since when the oldest is due."""
    due = sa.select(sa.func.count(), sa.func.min(outbox.c.due_at)).where(
        outbox.c.state == "due", outbox.c.due_at <= at
    )
    count, oldest = connection.execute(due).one()
    return int(count), oldest
