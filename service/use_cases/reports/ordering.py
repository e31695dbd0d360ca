"""A customer's own admin orders a report: who gets it and how often, all of it or nothing.

Only people of the account get it: those our books know under the address, which the product itself
told us or a click confirmed, who are there still and want mail. A stranger's address is refused and
not asked by mail: whoever orders may not have us write to people we have nothing to do with.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from service.domain.lead import StoredLead
from service.domain.membership import is_address_proven, why_gone
from service.domain.usage_report import EVERY, Every
from service.errors import BadInput, Conflict, FieldError, NotFound
from service.store.leads import leads, usage_reports
from service.store.leads.usage_reports import Order
from service.store.ops import outbox
from service.use_cases.tx import Tx

MOST_READERS = 10
Wrong = Literal["no_address", "no_member", "unproven", "declined"]
WRONG: tuple[Wrong, ...] = get_args(Wrong)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLink:
    """Where the report's page is for one person, or why there is none for them."""

    link: str | None
    why: str | None


def link_for(tx: Tx, account: str, lead_id: str, *, is_admin: bool) -> ReportLink:
    """The signed link by which a person orders the report of their account, or sees it.

    Raises NotFound for a person of another account.
    """
    lead = leads.find(tx.connection, lead_id)
    if lead is None or lead.account != account or lead.erased_at is not None:
        raise NotFound("unknown_lead", "this account has no such lead")
    if (why := why_closed(tx)) is not None:
        return ReportLink(link=None, why=why)
    if (gone := why_gone(lead, account)) is not None:
        return ReportLink(link=None, why=gone)
    links = tx.runtime.links
    if not is_admin:
        return ReportLink(link=links.report(lead.pseudonym), why=None)
    tx.audit("report.link_given", lead.pseudonym)
    return ReportLink(link=links.report_order(lead.pseudonym, account, tx.now), why=None)


def why_closed(tx: Tx) -> str | None:
    """Why nobody may order a report here."""
    if tx.runtime.settings.shadow:
        return "shadow"
    return None if tx.runtime.settings.usage_report else "off"


def admin_of(tx: Tx, ref: str, account: str) -> StoredLead:
    """Who a link to order was given to. Raises NotFound once they are of that account no more."""
    lead = leads.by_pseudonym(tx.connection, ref)
    if lead is None or why_gone(lead, account) is not None:
        raise NotFound("unknown_link", "this link was for somebody of another account")
    return lead


def order_report(tx: Tx, ref: str, account: str, *, addresses: Sequence[str], every: str) -> Order:
    """The account's order as it stands now; the same once more changes nothing.

    Whose it was before, it is who orders now. Raises NotFound, Conflict where reports are off,
    and BadInput that names every address that cannot get it, by its place: nothing is stored then.
    """
    admin = admin_of(tx, ref, account)
    if (why := why_closed(tx)) is not None:
        raise Conflict("report_off", f"usage reports cannot be ordered here: {why}")
    if every not in EVERY:
        raise _bad("every", "unknown_value", "month or week")
    usage_reports.lock_account(tx.connection, account)
    readers = _readers(tx, account, addresses)
    order = _order(tx, admin, account, every)
    had = {reader.lead for reader in usage_reports.readers(tx.connection, order.id)}
    for lead in readers:
        if lead not in had:
            usage_reports.add_reader(tx.connection, order.id, lead, tx.now)
    gone = sorted(had.difference(readers))
    usage_reports.take_off(tx.connection, gone, why="removed", at=tx.now, order=order.id)
    for lead in gone:
        outbox.withhold_reports(tx.connection, lead, reason="left_report", now=tx.now)
    tx.audit("report.ordered", admin.pseudonym, order=order.id, every=every, readers=len(readers))
    return order


def _order(tx: Tx, admin: StoredLead, account: str, every: Every) -> Order:
    """The running order, this admin's from now on and in this rhythm; else a new one."""
    today = tx.now.astimezone(ZoneInfo(tx.runtime.policy.timezone)).date().isoformat()
    order = usage_reports.running(tx.connection, account)
    if order is None:
        order = Order(
            id=f"report_{secrets.token_hex(8)}",
            account=account,
            lead=admin.id,
            every=every,
            from_day=today,
            ordered_at=tx.now,
        )
        usage_reports.insert(tx.connection, order)
        return order
    if order.lead != admin.id:
        usage_reports.hand_over(tx.connection, order.id, lead=admin.id, at=tx.now)
    if order.every != every:
        usage_reports.set_rhythm(tx.connection, order.id, every=every, from_day=today)
    changed = usage_reports.find(tx.connection, order.id)
    assert changed is not None
    return changed


def _readers(tx: Tx, account: str, addresses: Sequence[str]) -> list[str]:
    """The leads of these addresses. Raises BadInput for what is none of the account's."""
    wanted = list(dict.fromkeys(each.strip() for each in addresses if each.strip()))
    if not wanted:
        raise _bad("readers", "missing", "one address at least")
    if len(wanted) > MOST_READERS:
        raise _bad("readers", "too_many", f"{MOST_READERS} addresses at most")
    found = [_reader(tx, account, address) for address in wanted]
    wrong = [
        FieldError(path=f"readers.{place}", code=each, message=_MEANS[each])
        for place, each in enumerate(found)
        if not isinstance(each, StoredLead)
    ]
    if wrong:
        said = "somebody named cannot get the report: nothing was ordered"
        raise BadInput("bad_report_order", said, status=422, errors=wrong)
    ids = dict.fromkeys(each.id for each in found if isinstance(each, StoredLead))
    return list(ids)


def _reader(tx: Tx, account: str, address: str) -> StoredLead | Wrong:
    key = tx.runtime.address_key(address) if "@" in address else None
    if key is None:
        return "no_address"
    people = leads.some(tx.connection, leads.with_email(tx.connection, key))
    here = sorted(
        (lead for lead in people if why_gone(lead, account) is None), key=lambda lead: lead.moment
    )
    if not here:
        return "no_member"
    lead = next((each for each in here if is_address_proven(each)), None)
    if lead is None:
        return "unproven"
    left = usage_reports.left_by_themselves(tx.connection, [lead.id], account)
    has_said_no = (
        bool(left)
        or leads.opted_out(tx.connection, lead.mailbox_keys)
        or outbox.suppressed(tx.connection, lead.mailbox_keys) is not None
    )
    return "declined" if has_said_no else lead


_MEANS = {
    "no_address": "this is not a mail address",
    "no_member": "nobody of this account has this address",
    "unproven": "only a public form told of this address",
    "declined": "this address is to get no such mail",
}


def _bad(path: str, code: str, message: str) -> BadInput:
    error = FieldError(path=path, code=code, message=message)
    return BadInput("bad_report_order", message, status=422, errors=[error])
