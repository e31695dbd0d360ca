"""Who gets no more reports: by their own word, because they left, or because the order ended.

Whatever of theirs is queued stays here in the same transaction.
"""

from __future__ import annotations

from typing import Literal

from service.domain.lead import StoredLead
from service.domain.membership import is_deactivated, why_gone
from service.domain.usage_report import NOTE, REPORT
from service.errors import Conflict, NotAllowed
from service.mail.context import locale_of_lead
from service.store.leads import leads, report_letters, usage_reports
from service.store.leads.usage_reports import Order
from service.store.ops import outbox
from service.store.ops.outbox import StagedMail
from service.use_cases.reports.letters import recipient_of, stage_note
from service.use_cases.tx import Tx

Ended = Literal["ended", "orderer_left", "merged"]


def leave(tx: Tx, lead: StoredLead) -> None:
    """A reader wants no more reports; offers and the rest are another matter."""
    usage_reports.take_off(tx.connection, [lead.id], why="left", at=tx.now, order=None)
    outbox.withhold_reports(tx.connection, lead.id, reason="left_report", now=tx.now)
    tx.audit("report.left", lead.pseudonym)


def join_again(tx: Tx, lead: StoredLead) -> None:
    """Who left gets the reports again, by their own word. Raises Conflict without an order."""
    order = _running(tx, lead)
    if not usage_reports.reads(tx.connection, order.id, lead.id):
        was = usage_reports.left_by_themselves(tx.connection, [lead.id], order.account)
        if lead.id not in was:
            raise NotAllowed("not_a_reader", "who ordered the report says who gets it")
        usage_reports.add_reader(tx.connection, order.id, lead.id, tx.now)
        tx.audit("report.joined", lead.pseudonym)


def object_to_sums(tx: Tx, lead: StoredLead, *, objects: bool) -> None:
    """A person is counted in no sum from now on, or again; what was reported stays."""
    if objects:
        usage_reports.add_objection(tx.connection, lead.id, tx.now)
    else:
        usage_reports.take_objection_back(tx.connection, lead.id)
    tx.audit("report.objected" if objects else "report.objection_ended", lead.pseudonym)


def end_own(tx: Tx, lead: StoredLead) -> None:
    """Who ordered the report ends it for everybody. Raises Conflict, NotAllowed."""
    order = _running(tx, lead)
    if order.lead != lead.id:
        raise NotAllowed("not_your_report", "only who ordered the report ends it")
    end(tx, order, "ended")


def end(tx: Tx, order: Order, why: Ended) -> None:
    """No report of this order is made or sent any more."""
    usage_reports.end(tx.connection, order.id, why=why, at=tx.now)
    mails = report_letters.ids_of_order(tx.connection, order.id)
    outbox.withhold_mails(tx.connection, mails, reason="report_ended", now=tx.now)
    tx.audit("report.ended", _about(tx, order), why=why)


def send_again(tx: Tx, lead: StoredLead) -> bool:
    """A reader's last letter leaves once more, the same bytes; whether there was one that had left.

    Raises Conflict without an order.
    """
    order = _running(tx, lead)
    for report in report_letters.newest(tx.connection, order.account, limit=12):
        for mail in report_letters.to_one(tx.connection, report.id, lead.id):
            if outbox.send_again(tx.connection, mail, tx.now):
                tx.audit("report.sent_again", lead.pseudonym, mail=mail)
                return True
    return False


def settle_person(tx: Tx, before: StoredLead, after: StoredLead) -> None:
    """A person's facts changed: what follows for the reports they order and get.

    Nothing is looked up unless their company, their address or their being there changed. An order
    follows who ordered it where their company is only called otherwise now, at the same address;
    else they have left it, and the order ends.
    """
    was_there = before.account, before.email_key, _wants_mail(before), is_deactivated(before)
    is_there = after.account, after.email_key, _wants_mail(after), is_deactivated(after)
    if was_there == is_there and before.id == after.id:
        return
    is_renamed = after.account is not None and before.email_key == after.email_key
    for order in usage_reports.ordered_by(tx.connection, after.id):
        why = why_gone(after, order.account)
        if why == "left_account" and is_renamed:
            _follow(tx, order, after)
        elif why is not None:
            stop(tx, order)
    if not usage_reports.is_reader(tx.connection, after.id):
        return
    if is_deactivated(after):
        reason = "deactivated"
    elif not _wants_mail(after):
        reason = "do_not_email"
    elif before.email_key != after.email_key:
        reason = "address_changed"
    elif before.account != after.account and not is_renamed:
        reason = "left_account"
    else:
        return
    outbox.withhold_reports(tx.connection, after.id, reason=reason, now=tx.now)


def settle_merged(tx: Tx, gone: StoredLead, kept: StoredLead, after: StoredLead) -> None:
    """Two people are one: what each ordered is theirs, and no report reaches them twice."""
    report_letters.rename_who_ordered(tx.connection, gone.id, kept.id)
    for before in (gone, kept):
        settle_person(tx, before, after)
    first: dict[str, str] = {}
    for report, mail in report_letters.of_lead_doubled(tx.connection, after.id):
        if report in first:
            outbox.withhold_mails(tx.connection, [mail], reason="report_sent", now=tx.now)
        first.setdefault(report, mail)


def forget(tx: Tx, lead: StoredLead) -> None:
    """A person is about to be erased: nothing queued reaches them, and what they ordered ends."""
    for order in usage_reports.ordered_by(tx.connection, lead.id):
        stop(tx, order)
    outbox.withhold_reports(tx.connection, lead.id, reason="lead_gone", now=tx.now)
    named = report_letters.forget_who_ordered(tx.connection, lead.id)
    outbox.forget_captured(tx.connection, named)


def stop(tx: Tx, order: Order) -> None:
    """Who ordered the report has left: it ends, and its readers are told so, once."""
    end(tx, order, "orderer_left")
    for reader in usage_reports.readers(tx.connection, order.id):
        person = leads.find(tx.connection, reader.lead)
        if person is None or person.id == order.lead or why_gone(person, order.account):
            continue
        note = locale_of_lead(person).say("report.note_gone")
        stage_note(tx, order, person, about="gone", note=note)


def why_not(tx: Tx, lead: StoredLead, staged: StagedMail) -> str | None:
    """What keeps a staged report or note from its reader, asked again just before it leaves."""
    kept = report_letters.letter(tx.connection, staged.id)
    order = None if kept is None else usage_reports.find(tx.connection, kept.report_order)
    if kept is None or order is None:
        return "letter_gone"
    if not tx.runtime.settings.usage_report:
        return "report_off"
    if (gone := why_gone(lead, order.account)) is not None:
        return gone
    if tx.runtime.email_key(recipient_of(kept)) != lead.email_key:
        return "address_changed"
    if staged.email == NOTE:
        return None
    assert staged.email == REPORT
    if order.ended_at is not None:
        return "report_ended"
    if not usage_reports.reads(tx.connection, order.id, lead.id):
        return "left_report"
    assert kept.report is not None
    own = report_letters.to_one(tx.connection, kept.report, lead.id)
    states = outbox.states_of(tx.connection, [id for id in own if id != staged.id])
    gone_out = any(state in ("sending", "sent", "maybe_sent") for state, _ in states.values())
    return "report_sent" if gone_out else None


def _follow(tx: Tx, order: Order, lead: StoredLead) -> None:
    """The company is called otherwise now: its order and its reports go with who ordered it."""
    assert lead.account is not None
    usage_reports.lock_account(tx.connection, lead.account)
    if usage_reports.running(tx.connection, lead.account) is not None:
        end(tx, order, "merged")
        return
    usage_reports.follow(tx.connection, order.id, lead.account)
    report_letters.rename(tx.connection, order.account, lead.account)
    tx.audit("report.followed", lead.pseudonym)


def _running(tx: Tx, lead: StoredLead) -> Order:
    order = None
    if lead.account is not None:
        usage_reports.lock_account(tx.connection, lead.account)
        order = usage_reports.running(tx.connection, lead.account)
    if order is None:
        raise Conflict("no_report_ordered", "nobody has ordered a report for this account")
    return order


def _about(tx: Tx, order: Order) -> str:
    by = leads.find(tx.connection, order.lead)
    return order.id if by is None else by.pseudonym


def _wants_mail(lead: StoredLead) -> bool:
    return lead.fields.get("do_not_email") is not True
