"""Gives are handed over by machines: asked for, answered, and left to a person who reads why.

A give is a task. Stripe hands over what it can on a subscription it billed; for any other the
webhook's target is asked, and while nobody is told it is a person's task at once. Calls may come
in any order and any number of times: delivered stays delivered, taken back stays taken back.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa

from offers.give_until import lasts_until
from offers.order_check import Grant
from service.domain.lead_record import time_text
from service.domain.webhook_events import Event
from service.errors import Conflict, NotFound
from service.store.offers import offers, redemptions, tasks
from service.store.offers.offers import StoredOffer
from service.store.offers.tasks import Task
from service.store.ops import jobs
from service.use_cases.offers.offer_events import named_account
from service.use_cases.tx import Tx

BY_STRIPE = ("percent_off", "extra_months", "trial_days")
"""Gives that Stripe hands over on a subscription it billed."""
REQUESTED: Event = "give.requested"
TAKEN_BACK: Event = "give.taken_back"
_KINDS = ("grant", "restore", "take_back")
_A_ROUND = 100
State = Literal["requested", "delivered", "failed", "taken back"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Give:
    """How one give of an offer stands, since when, and what keeps it back."""

    id: str
    kind: str
    state: State
    since: datetime
    reason: str | None


def hand_over(
    tx: Tx,
    offer: StoredOffer,
    grants: Iterable[Grant],
    *,
    as_task: Literal["grant", "restore"] = "grant",
    since: datetime | None = None,
    trial_ends_at: datetime | None = None,
) -> Collection[str]:
    """A task for each give; the kinds that a machine was asked for through the webhook.

    `since` is when the order was paid; `trial_ends_at` the trial's end where that has moved.
    """
    listed = {grant.give: grant for grant in grants}
    about = _times(tx, offer, as_task) if as_task == "restore" else ""
    new = set(tasks.add(tx.connection, offer.id, as_task, listed.values(), tx.now, about=about))
    if not new or not tx.tells(REQUESTED):
        return ()
    used = redemptions.of_offer(tx.connection, offer.id)
    is_billed = used is not None and used.source == "stripe" and tx.runtime.tools.stripe is not None
    asked = [
        task
        for task in tasks.of_offer(tx.connection, offer.id)
        if task.id in new and not (is_billed and task.give in BY_STRIPE)
    ]
    for task in asked:
        until = lasts_until(
            listed[task.give],
            since=since or tx.now,
            committed_until=None if used is None else used.commitment_until,
            zone=tx.runtime.policy.timezone,
        )
        if task.give == "trial_days":
            until = trial_ends_at
        tx.tell(REQUESTED, task.id, offer.lead, {"give": task.id} | _said(offer, task, until))
        tasks.request(tx.connection, task.id)
    return {task.give for task in asked}


def take_back(tx: Tx, offer: StoredOffer, grants: Iterable[Grant]) -> None:
    """A task for each give to take back; who was asked for it is told, and answers anew."""
    about = _times(tx, offer, "take_back")
    new = set(tasks.add(tx.connection, offer.id, "take_back", grants, tx.now, about=about))
    for task in tasks.of_offer(tx.connection, offer.id):
        give = f"task_{offer.id}_grant_{task.give}"
        if task.id not in new or jobs.find(tx.connection, f"webhook:{REQUESTED}:{give}") is None:
            continue
        said = {"give": give, "take_back": task.id} | _said(offer, task, None)
        if tx.tell(TAKEN_BACK, task.id, offer.lead, said):
            tasks.request(tx.connection, task.id)


def hands_over(give: str, *, has_stripe: bool, is_told: bool) -> str:
    """Who hands a kind of give over, in words, where Stripe is connected or a target is told."""
    other = "a person's task"
    if is_told:
        other = "your system, asked by webhook"
    elif give == "trial_days":
        other = "Giveget itself"
    if has_stripe and give in BY_STRIPE:
        return f"Stripe on a subscription it billed, else {other}"
    return other


def answer_done(tx: Tx, id: str, by: str) -> Give:
    """A machine handed a give over, or took it back. Raises NotFound.

    What is handed over after a reversal is to be taken back.
    """
    task, offer = _locked(tx.connection, id)
    if task.state == "dropped" and task.kind != "take_back":
        take_back(tx, offer, [Grant(task.give, json.loads(task.value), task.recipe)])
    else:
        tasks.finish(tx.connection, id, by=by, now=tx.now)
    return _as_it_stands(tx.connection, task)


def answer_failed(tx: Tx, id: str, reason: str) -> Give:
    """A machine could not do it: a person does, who reads why. Raises NotFound, Conflict."""
    task, _ = _locked(tx.connection, id)
    if task.state == "done":
        assert task.ended_at is not None
        raise Conflict(
            "already_done",
            f"it was said to be done at {time_text(task.ended_at)} and stays so; "
            "reverse the offer to take it back",
        )
    tasks.leave_to_person(tx.connection, id, reason=reason, now=tx.now)
    return _as_it_stands(tx.connection, task)


def leave_unanswered(tx: Tx) -> int:
    """Leave to a person what a machine has not answered in time; how many gives."""
    before = tx.now - timedelta(hours=tx.runtime.settings.give_answer_hours)
    late = tasks.unanswered(tx.connection, before, limit=_A_ROUND)
    for task in late:
        reason = f"not answered since {time_text(task.made_at)}"
        tasks.leave_to_person(tx.connection, task.id, reason=reason, now=tx.now)
    return len(late)


def standing(found: Sequence[Task]) -> list[Give]:
    """How each give of an offer stands, from the offer's tasks."""
    by_kind = {(task.kind, task.give): task for task in found}
    return [_give(task, by_kind) for task in found if task.kind == "grant"]


def _give(grant: Task, by_kind: Mapping[tuple[str, str], Task]) -> Give:
    again = by_kind.get(("restore", grant.give))
    back = by_kind.get(("take_back", grant.give))
    last = again or grant
    state: State = "requested"
    since, reason = last.made_at, last.reason
    is_back = back is not None and back.state != "dropped"
    if back is not None and is_back and (again is None or again.made_at <= back.made_at):
        state, since = "taken back", back.made_at
        reason = None if back.state == "done" else back.reason
    elif last.ended_at is not None:
        state, since = "delivered" if last.state == "done" else "taken back", last.ended_at
        reason = None
    elif last.failed_at is not None:
        state, since = "failed", last.failed_at
    return Give(id=last.id, kind=last.give, state=state, since=since, reason=reason)


def _times(tx: Tx, offer: StoredOffer, kind: str) -> str:
    """Tells a task from those of its kind that have ended: money may come and go more than once."""
    ended = {"done", "dropped"}
    found = [task for task in tasks.of_offer(tx.connection, offer.id) if task.kind == kind]
    times = sum(task.state in ended for task in found)
    return str(times) if times else ""


def _as_it_stands(connection: sa.Connection, task: Task) -> Give:
    found = standing(tasks.of_offer(connection, task.offer))
    return next(give for give in found if give.kind == task.give)


def _locked(connection: sa.Connection, id: str) -> tuple[Task, StoredOffer]:
    """A give's task, while nothing else happens to its offer. Raises NotFound."""
    known = tasks.find(connection, id)
    if known is None or known.kind not in _KINDS:
        raise NotFound("unknown_give", "there is no such give")
    offers.lock_issuing(connection)
    offer = offers.lock(connection, known.offer)
    task = tasks.find(connection, id)
    assert task is not None
    assert offer is not None
    return task, offer


def _said(offer: StoredOffer, task: Task, until: datetime | None) -> dict[str, object]:
    return {
        "kind": task.give,
        "lead": offer.lead,
        "account": named_account(offer.account),
        "offer": offer.id,
        "terms": json.loads(task.value),
        "until": None if until is None else time_text(until),
    }
