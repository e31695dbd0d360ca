"""How an account's report stands: who ordered it, who gets it, what comes next, what was not sent
and why. Nothing here writes."""

from __future__ import annotations

import json
from typing import Any

from service.domain.lead import StoredLead
from service.domain.lead_record import time_text
from service.domain.membership import why_gone
from service.store.leads import leads, report_letters, usage_reports
from service.store.leads.report_letters import Report
from service.store.leads.usage_reports import Order
from service.store.ops import outbox
from service.use_cases.reports.making import next_due
from service.use_cases.reports.ordering import why_closed
from service.use_cases.tx import Tx

_SHOWN = 12


def report_state(tx: Tx, account: str) -> dict[str, Any] | None:
    """An account's order, the running one or the last, as answers show it; None without any."""
    order = usage_reports.newest(tx.connection, account)
    if order is None:
        return None
    closed = why_closed(tx)
    is_running = order.ended_at is None and closed is None
    due = next_due(order, tx.now, tx.runtime.policy.timezone)
    return {
        "ordered_by": order.lead,
        "every": order.every,
        "ordered_at": time_text(order.ordered_at),
        "ended_at": None if order.ended_at is None else time_text(order.ended_at),
        "ended_why": order.ended_why,
        "closed": closed,
        "next_period": due.name if is_running else None,
        "next_at": time_text(due.due_at) if is_running else None,
        "readers": [_reader(tx, order, one.lead) for one in _readers(tx, order)],
        "reports": [
            _report(tx, report)
            for report in report_letters.newest(tx.connection, account, limit=_SHOWN)
        ],
    }


def why_no_mail(tx: Tx, lead: StoredLead | None, account: str) -> str | None:
    """Why a reader gets nothing as things stand; None who gets it."""
    if lead is None:
        return "lead_gone"
    if (gone := why_gone(lead, account)) is not None:
        return gone
    if lead.email_key is None:
        return "no_address"
    if leads.opted_out(tx.connection, lead.mailbox_keys):
        return "do_not_email"
    suppressed = outbox.suppressed(tx.connection, lead.mailbox_keys)
    return None if suppressed is None else f"suppressed_{suppressed}"


def _readers(tx: Tx, order: Order) -> list[usage_reports.Reader]:
    return usage_reports.readers(tx.connection, order.id)


def _reader(tx: Tx, order: Order, lead_id: str) -> dict[str, Any]:
    lead = leads.find(tx.connection, lead_id)
    return {"lead_id": lead_id, "why_not": why_no_mail(tx, lead, order.account)}


def _report(tx: Tx, report: Report) -> dict[str, Any]:
    kept = report_letters.letters(tx.connection, report.id)
    states = outbox.states_of(tx.connection, [letter.id for letter in kept])
    figures = None if report.figures is None else json.loads(report.figures)
    return {
        "period": report.period,
        "state": report.state,
        "why": report.why,
        "made_at": time_text(report.frozen_at),
        "people": None if figures is None else figures["now"]["people"],
        "actions": None if figures is None else figures["now"]["actions"],
        "mails": [
            {
                "lead_id": letter.lead,
                "state": states.get(letter.id, ("gone", None))[0],
                "reason": states.get(letter.id, ("gone", None))[1],
            }
            for letter in kept
        ],
    }
