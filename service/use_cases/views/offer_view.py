"""Offers, tasks and what orders came to, as answers show them."""

from __future__ import annotations

import json
from typing import Any

from service.domain.lead_record import time_text
from service.store.offers.offers import StoredOffer
from service.store.offers.remarks import Remark
from service.store.offers.tasks import Task
from service.use_cases.offers.gives import Give
from service.use_cases.offers.lifecycle import Reversal
from service.use_cases.offers.outcome_redemption import NamedOffer
from service.use_cases.offers.redeeming import Redeemed


def task_json(task: Task) -> dict[str, Any]:
    """A task as people's answers show it."""
    return {
        "id": task.id,
        "offer_id": task.offer,
        "kind": task.kind,
        "give": task.give,
        "value": json.loads(task.value),
        "recipe": task.recipe,
        "state": task.state,
        "made_at": time_text(task.made_at),
        "due_at": None if task.due_at is None else time_text(task.due_at),
        "ended_at": None if task.ended_at is None else time_text(task.ended_at),
        "ended_by": task.ended_by,
        "reason": task.reason,
    }


def give_json(give: Give) -> dict[str, Any]:
    """A give as answers show it."""
    return {
        "give": give.id,
        "kind": give.kind,
        "state": give.state,
        "since": time_text(give.since),
        "reason": give.reason,
    }


def owed_json(task: Task) -> dict[str, Any]:
    """A deed that was promised with an order."""
    return {
        "get": task.give,
        "value": json.loads(task.value),
        "due_at": None if task.due_at is None else time_text(task.due_at),
        "state": task.state,
    }


def remark_json(remark: Remark) -> dict[str, Any]:
    """What a customer wrote on the offer's page."""
    return {"kind": remark.kind, "words": remark.words, "at": time_text(remark.at)}


def offer_json(offer: StoredOffer) -> dict[str, Any]:
    """The answer's form of an offer."""
    return {
        "id": offer.id,
        "number": offer.number,
        "code": offer.code,
        "lead_id": offer.lead,
        "state": offer.state,
        "rule": offer.rule,
        "policy_id": offer.policy_id,
        "policy_version": offer.policy_version,
        "terms": json.loads(offer.terms),
        "by": offer.by,
        "issued_at": time_text(offer.issued_at),
        "ends_at": time_text(offer.ends_at),
        "accepted": None if offer.accepted is None else json.loads(offer.accepted),
        "on_account": None if offer.on_account is None else json.loads(offer.on_account),
        "late_days": offer.late_days,
        "declined": offer.declined,
    }


def redeemed_json(done: Redeemed) -> dict[str, Any]:
    """The answer to an order that named an offer."""
    return {
        "outcome": done.outcome,
        "redeemed": done.outcome == "redeemed",
        "missed": [missed.to_json() for missed in done.missed],
        "grants": [grant._asdict() for grant in done.grants],
        "offer": offer_json(done.offer),
    }


def reversal_json(reversal: Reversal) -> dict[str, Any]:
    """The answer to a refund or a changed order."""
    return {
        "reversed": reversal.offer.state == "reversed",
        "takes_back": [grant._asdict() for grant in reversal.takes_back],
        "offer": offer_json(reversal.offer),
    }


def named_offer_json(named: NamedOffer) -> dict[str, Any]:
    """What became of the offer an outcome names."""
    return {
        "id": named.id,
        "outcome": named.outcome,
        "redeemed": named.is_redeemed,
        "code": named.code,
        "why": named.why,
        "missed": [missed.to_json() for missed in named.missed],
        "grants": [grant._asdict() for grant in named.grants],
    }
