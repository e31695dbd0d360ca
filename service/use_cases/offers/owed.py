"""What a customer still owes after an order: deeds promised with it, and money on account.

Nothing is taken back by itself: people are told in time, once for each thing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta

from offers.deeds import owed_after
from offers.money import Money
from offers.order_check import Grant
from offers.terms import Order, Terms
from service.store.offers import offers, tasks
from service.store.offers.offers import StoredOffer
from service.use_cases.tx import Tx

OWED = "owed"
REMINDER = "remind"
OVERDUE = "overdue"
_AHEAD = timedelta(days=14)


def note_owed(
    tx: Tx, stored: StoredOffer, terms: Terms, order: Order, done: Mapping[str, object]
) -> None:
    """A dated task for each deed that was promised with a paid order and not done before."""
    assert order.paid_at is not None  # nothing is redeemed before it is paid
    left = [
        each
        for each in owed_after(terms, order.paid_at)
        if not _is_done(each.value, done.get(each.get))
    ]
    to_do = [Grant(each.get, each.value, each.phrase) for each in left]
    due = {each.get: each.due_at for each in left}
    tasks.add(tx.connection, stored.id, OWED, to_do, tx.now, due=due)


def owe_again(tx: Tx, stored: StoredOffer, done: Mapping[str, object]) -> None:
    """What was owed when the offer was reversed is owed again by the same day.

    A reminder that fell with it comes back; what was done meanwhile is ticked off.
    """
    kinds = {task.give for task in tasks.of_offer(tx.connection, stored.id) if task.kind == OWED}
    owed = tasks.reopen(tx.connection, stored.id, OWED, kinds)
    tasks.reopen(tx.connection, stored.id, REMINDER, owed)
    tick_off(tx, stored, done)


def tick_off(tx: Tx, stored: StoredOffer, done: Mapping[str, object]) -> None:
    """Close what was owed and has been seen since."""
    for task in tasks.of_offer(tx.connection, stored.id):
        if task.kind != OWED or task.state != "open":
            continue
        if _is_done(json.loads(task.value), done.get(task.give)):
            tasks.finish(tx.connection, task.id, by="giveget", now=tx.now)
            close_reminder(tx, task.offer, task.give)


def _is_done(asked: object, shown: object) -> bool:
    """Whether what was seen is all that was promised: of what is counted, as many."""
    if isinstance(asked, Mapping) and isinstance(shown, int) and not isinstance(shown, bool):
        return shown >= int(asked.get("count", 1))
    return bool(shown)


def close_reminder(tx: Tx, offer: str, get: str) -> None:
    """Nobody needs to be reminded of what is done."""
    tasks.drop(tx.connection, offer, REMINDER, tx.now, "giveget", give=get)


def remind_of_what_is_owed(tx: Tx) -> int:
    """A task for the rep two weeks before a deed is due, and one for each overdue payment."""
    made = 0
    for task in tasks.due_by(tx.connection, tx.now + _AHEAD):
        assert task.due_at is not None  # only dated ones are found
        recipe = f"rep: remind the customer of {task.recipe}, promised by {task.due_at:%d %B %Y}"
        made += len(
            tasks.add(tx.connection, task.offer, REMINDER, [Grant(task.give, None, recipe)], tx.now)
        )
    for offer, debt in offers.overdue(tx.connection, tx.now):
        amount = Money(minor=debt.minor, currency=debt.currency)
        recipe = f"billing: {debt.invoice} ({amount}) was due on {debt.due_at:%d %B %Y}: ask for it"
        grant = Grant("payment_days", debt.invoice, recipe)
        made += len(tasks.add(tx.connection, offer.id, OVERDUE, [grant], tx.now))
    return made
