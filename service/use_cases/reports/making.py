"""A period is over: its report is made once, for good, and staged to who gets it.

What arrives later is in no report that was made; the next one says that there was some. Where no
report is made the reason is kept beside the others, and who ordered it is told.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import cast

from service.domain.lead_record import to_text
from service.domain.membership import why_gone
from service.domain.report_kinds import ReportKinds, read_report_kinds
from service.domain.usage_report import (
    Counted,
    Doing,
    Every,
    Period,
    after,
    before,
    count,
    newest_due,
    period_of,
)
from service.mail.context import locale_of_lead
from service.store.leads import leads, report_letters, usage_reports
from service.store.leads.report_letters import Report
from service.store.leads.usage_reports import Order
from service.use_cases.reports.leaving import stop
from service.use_cases.reports.letters import period_in_words, stage_note, stage_report
from service.use_cases.tx import Tx

_MOST_MISSED = 60
"""Periods of an order that are looked at in one go: more than a year of weeks."""


def make_due(tx: Tx, order_id: str) -> int:
    """Make what an order has due; how many periods were settled.

    Of several that are over only the newest is reported: a report of months ago is no news. An
    order whose admin has left ends.
    """
    order = usage_reports.lock(tx.connection, order_id)
    if order is None or order.ended_at is not None:
        return 0
    by = leads.find(tx.connection, order.lead)
    if by is None or why_gone(by, order.account) is not None:
        stop(tx, order)
        return 0
    periods = [each for each in _over(tx, order) if _report_of(tx, order, each) is None]
    for period in periods[:-1]:
        _none(tx, order, period, "missed")
    for period in periods[-1:]:
        _make(tx, order, period)
    return len(periods)


def next_due(order: Order, now: datetime, zone: str) -> Period:
    """The first period that is not over yet, whose report comes next."""
    newest = newest_due(_every(order), now, zone)
    first = period_of(date.fromisoformat(order.from_day), _every(order), zone)
    return first if first.starts_at > newest.starts_at else after(newest, zone)


def _over(tx: Tx, order: Order) -> list[Period]:
    """The order's periods whose reports may be made by now, oldest first."""
    zone = tx.runtime.policy.timezone
    first = period_of(date.fromisoformat(order.from_day), _every(order), zone)
    period = newest_due(_every(order), tx.now, zone)
    found: list[Period] = []
    while period.starts_at >= first.starts_at and len(found) < _MOST_MISSED:
        found.append(period)
        period = before(period, zone)
    return found[::-1]


def _make(tx: Tx, order: Order, period: Period) -> None:
    doings, kind_of = _doings(tx, order.account, period), _kinds(tx).kind_of
    now = count(doings, kind_of)
    if now is None:
        _none(tx, order, period, "too_few")
        return
    people = [
        person
        for reader in usage_reports.readers(tx.connection, order.id)
        if (person := leads.find(tx.connection, reader.lead)) is not None
        and why_gone(person, order.account) is None
        and person.fields.get("email") is not None
    ]
    if not people:
        _none(tx, order, period, "no_readers")
        return
    earlier, is_late = _earlier(tx, order, before(period, tx.runtime.policy.timezone))
    figures = {
        "now": now.to_json(),
        "before": None if earlier is None else earlier.to_json(),
        "late": is_late,
        "events": sum(times for _, name, times in doings if kind_of(name) is not None),
    }
    report = _keep(tx, order, period, state="made", figures=to_text(figures))
    for person in people:
        stage_report(tx, order, report, period, person)


def _earlier(tx: Tx, order: Order, period: Period) -> tuple[Counted | None, bool]:
    """The figures of the period before as they were told, and whether more arrived since.

    Where nothing was told they are counted now: that is before the first report.
    """
    told = _report_of(tx, order, period)
    if told is None or (told.figures is None and told.why != "too_few"):
        return _count(tx, order.account, period), False
    if told.figures is None:
        return None, False
    names = report_letters.names_since(tx.connection, order.account, period, told.frozen_at)
    figures = json.loads(told.figures)
    kind_of = _kinds(tx).kind_of
    is_late = any(kind_of(name) is not None for name in names)
    more = sum(times for _, name, times in _doings(tx, order.account, period) if kind_of(name))
    return Counted.from_json(figures["now"]), is_late or more > figures["events"]


def _doings(tx: Tx, account: str, period: Period) -> list[Doing]:
    return report_letters.doings(tx.connection, account, period)


def _kinds(tx: Tx) -> ReportKinds:
    return read_report_kinds(tx.runtime.settings.report_kinds)


def _count(tx: Tx, account: str, period: Period) -> Counted | None:
    return count(_doings(tx, account, period), _kinds(tx).kind_of)


def _none(tx: Tx, order: Order, period: Period, why: str) -> None:
    """No report of a period, and who ordered it is told so, once until there is one again."""
    last = report_letters.last_of(tx.connection, order.id)
    _keep(tx, order, period, state="none", why=why)
    by = leads.find(tx.connection, order.lead)
    if why != "too_few" or by is None or (last is not None and last.why == "too_few"):
        return
    tongue = locale_of_lead(by)
    note = tongue.say("report.note_few", period=period_in_words(period, tongue))
    stage_note(tx, order, by, about=period.name, note=note)


def _keep(
    tx: Tx,
    order: Order,
    period: Period,
    *,
    state: str,
    why: str | None = None,
    figures: str | None = None,
) -> Report:
    report = Report(
        id=f"{order.id}_{period.name}",
        report_order=order.id,
        account=order.account,
        period=period.name,
        state=state,
        why=why,
        figures=figures,
        frozen_at=tx.now,
    )
    report_letters.insert(tx.connection, report)
    return report


def _report_of(tx: Tx, order: Order, period: Period) -> Report | None:
    return report_letters.of_period(
        tx.connection, account=order.account, order=order.id, period=period.name
    )


def _every(order: Order) -> Every:
    return cast(Every, order.every)
