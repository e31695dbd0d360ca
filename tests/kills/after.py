"""What must be true once all has come to rest."""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa

from service.db import Store
from service.db.tables.leads import events, leads, messages, offers, outbox, suppressions
from service.store.offers import ledger
from tests.kills.slow_mail import SlowMail
from tests.kills.team import Acknowledged


def what_is_left(url: str) -> int:
    """Mails that are neither sent nor kept back."""
    store = Store(url)
    query = sa.select(sa.func.count()).where(outbox.c.state.in_(("due", "sending")))
    left = store.read_now(lambda c: int(c.execute(query).scalar_one()))
    store.close()
    return left


def faults_after(url: str, told: Acknowledged, mail: SlowMail) -> list[str]:
    """What was lost, done twice, or mailed after an acknowledged suppression."""
    store = Store(url)

    def column(one: sa.Column[str]) -> list[str]:
        return store.read_now(lambda c: list(c.execute(sa.select(one)).scalars()))

    faults = list(told.faults)
    if len(told.complaints) < sum(told.kills.values()) // 4:
        faults.append(f"only {len(told.complaints)} complaints, from which nothing follows")
    for what, acknowledged, stored in (
        ("sign-ups", told.sign_ups, column(leads.c.id)),
        ("events", told.events, column(events.c.id)),
    ):
        faults += _count(f"{what} lost", acknowledged - set(stored))
        faults += _count(f"{what} twice", {one for one, n in Counter(stored).items() if n > 1})
    faults += _count("messages twice", _twice(column(messages.c.id)))
    faults += _count("offers of one lead twice", _twice(column(offers.c.lead)))
    states = store.read_now(
        lambda c: {row.id: row.state for row in c.execute(sa.select(outbox.c.id, outbox.c.state))}
    )
    suppressed = len(column(suppressions.c.email_key))
    if suppressed < len(told.complaints):
        faults.append(f"{len(told.complaints) - suppressed} suppressions lost")
    if store.read_now(ledger.broken_at) is not None:
        faults.append("the ledger does not fit")
    store.close()
    print(f"  mails: {dict(Counter(states.values()))}, {mail}")
    return faults + _of_mails(states, told, mail)


def _of_mails(states: dict[str, str], told: Acknowledged, mail: SlowMail) -> list[str]:
    copies = Counter(copy.message_id for copy in mail.taken)
    sent = {id for id, state in states.items() if state == "sent"}
    maybe = {id for id, state in states.items() if state == "maybe_sent"}
    late = {
        copy.message_id
        for copy in mail.taken
        if told.complaints.get(copy.recipient, float("inf")) < copy.recipient_at
    }
    return [
        *_count("mails never at rest", {id for id, s in states.items() if s in ("due", "sending")}),
        *_count("mails failed", {id for id, state in states.items() if state == "failed"}),
        *_count("sent mails that did not arrive once", {id for id in sent if copies[id] != 1}),
        *_count("maybe-sent mails that arrived thrice", {id for id in maybe if copies[id] > 2}),
        *_count("mails that stand as not sent and arrived", set(copies) - sent - maybe),
        *_count("mails after an acknowledged suppression", late),
    ]


def _twice(found: list[str]) -> set[str]:
    return {one for one, count in Counter(found).items() if count > 1}


def _count(what: str, found: set[str]) -> list[str]:
    return [f"{len(found)} {what}, as {min(found)}"] if found else []
