"""A list of subscriptions comes in as the outcomes that the billing system's events would tell.

Every line has an id made of its subscription and what it says, so a later list adds only what is
new; of a period that an invoice tells too, the account's ledger counts the invoice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from offers.months import add_months
from service.domain.lead_record import time_text
from service.errors import BadInput
from service.importers.rows import Row, RowError
from service.schemas.facts import Outcome
from service.schemas.parsing import read_model
from service.schemas.subscriptions import Subscription
from service.store.leads import leads
from service.use_cases.intake.import_facts import take_fact
from service.use_cases.intake.subscriptions import churned_id
from service.use_cases.intake.taking import Batch
from service.use_cases.leads import identity
from service.use_cases.tx import Tx

_FIRST = timedelta(days=1)
"""A period that starts so soon after the subscription did is its first."""
_A_YEAR = timedelta(days=365)
_LONGEST = 120
"""Months of a period, as of a subscription's interval."""


def take_subscriptions(tx: Tx, batch: Batch, rows: Sequence[Row]) -> None:
    """Take the subscriptions of some rows; a row that says nothing new is known."""
    for row in rows:
        try:
            assert isinstance(row.body, Subscription)
            told = outcomes_of(row.body, tx.runtime.policy.timezone)
            whom = _whom(tx, row.body, row.email)
            is_new = [take_fact(tx, batch, one.model_copy(update=whom), row.email) for one in told]
            tx.flush()  # the next row may be about the same lead
            batch.taken += any(is_new)
            batch.known += not any(is_new)
        except (RowError, BadInput) as error:
            batch.refused.append((row, str(error)))


def outcomes_of(told: Subscription, zone: str) -> list[Outcome]:
    """What a subscription's row tells: its sale, the period that was paid last, its end.

    What earlier periods brought is not in it, and an overdue period brought nothing. One that ended
    since its last period was never paid ends when it ended, else when that period began. Raises
    RowError where nothing was sold, or a date that its status needs is missing.
    """
    if told.status == "unpaid_yet":
        raise RowError("status: nothing was paid yet, so there is nothing to import")
    ends, starts = told.period_ends_at, told.period_starts_at
    began = max(told.started_at, told.trial_ends_at or told.started_at)
    if starts is None:
        starts = began if ends is None else add_months(ends, -told.interval, zone)
    if ends is not None and ends < starts:
        raise RowError("period_ends_at lies before the period's start")
    held = {"plan": told.plan, "seats": told.seats, "period_months": _period_months(told)}
    paid = held | {"amount": None if told.amount is None else told.amount.model_dump()}
    is_first = starts <= began + _FIRST
    if told.is_last_unpaid:
        if is_first:
            raise RowError("status: its first period was never paid, so there is nothing to import")
        said_at = told.canceled_at if told.status == "ended" else None
        by = f":{starts:%Y-%m-%d}" if told.status == "unpaid" else ""  # it may be paid after all
        return [
            _line(told, "converted", began, held),
            _outcome(
                f"{churned_id(told.id)}{by}",
                "churned",
                told.ended_at or said_at or starts,
                told.id,
                {},
            ),
        ]
    if told.status == "overdue":
        found = [_line(told, "converted", began, held, suffix=":due")]
    elif is_first:
        found = [_line(told, "converted", began, paid)]
    else:
        found = [_line(told, "converted", began, {}), _line(told, "renewed", starts, paid)]
    if told.status == "ended":
        over = max((at for at in (told.ended_at, ends) if at is not None), default=told.canceled_at)
        if over is None:
            raise RowError("ended_at: it has ended, and no column says when")
        found.append(_outcome(churned_id(told.id), "churned", over, told.id, {}))
    return found


def _period_months(told: Subscription) -> int:
    """The whole months that a payment covers: the interval, or a period told that is longer.

    Stripe's own list says "month" of a price each three months, and tells its periods.
    """
    starts, ends = told.period_starts_at, told.period_ends_at
    if starts is None or ends is None:
        return told.interval
    return max(told.interval, min(round((ends - starts) * 12 / _A_YEAR), _LONGEST))


def _line(
    told: Subscription, kind: str, at: datetime, more: Mapping[str, Any], *, suffix: str = ""
) -> Outcome:
    id = f"subscription:{told.id}:{at:%Y-%m-%d}{suffix}"
    return _outcome(id, kind, at, told.id, more)


def _outcome(
    id: str, kind: str, at: datetime, subscription: str, more: Mapping[str, Any]
) -> Outcome:
    body = {name: value for name, value in more.items() if value is not None}
    body |= {"id": id, "kind": kind, "at": time_text(at), "subscription": subscription}
    return read_model(Outcome, body)


def _whom(tx: Tx, told: Subscription, email: str | None) -> dict[str, Any]:
    """How the row's outcomes name their lead; who pays by an unknown id is found by the address.

    Raises RowError.
    """
    if told.lead_id is None and told.account is not None:
        return {"lead_id": _of_account(tx, told.account), "external_ids": told.external_ids}
    ids = identity.person_ids(told.external_ids)
    lead = told.lead_id
    if lead is None and email and identity.find(tx.connection, lead=None, ids=ids) is None:
        lead = identity.by_address(tx.connection, tx.runtime, email)
    return {"lead_id": lead, "external_ids": told.external_ids}


def _of_account(tx: Tx, account: str) -> str:
    """The lead of an account that bought first, else its oldest."""
    found = leads.of_account(tx.connection, account)
    if not found:
        raise RowError("no lead belongs to this account; import its leads first")
    return min(found, key=lambda lead: (lead.outcome != "converted", lead.moment, lead.id)).id
