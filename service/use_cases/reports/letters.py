"""A report and the notes about one as letters: put into words once, kept, and staged.

What is kept holds all that the message is made from, its date and its Message-ID too, so that
whatever is sent once more is the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from service.domain.lead import StoredLead, name_of
from service.domain.lead_record import time_text, to_text
from service.domain.report_kinds import read_report_kinds
from service.domain.usage_report import NOTE, REPORT, TOGETHER, Counted, Period, before, change
from service.mail.brand import brand_of
from service.mail.context import hand_of, locale_of_lead, mail_context
from service.mail.locales import Locale
from service.mail.mime import Message, build_message, message_id_of
from service.mail.render import Letter, render
from service.store.leads import leads, report_letters
from service.store.leads.report_letters import KeptLetter, Report
from service.store.leads.usage_reports import Order
from service.store.ops import outbox
from service.use_cases.tx import Tx

Lines = tuple[tuple[str, str, str], ...]
"""What was counted, how much, and how much more than before, in words."""


def stage_report(tx: Tx, order: Order, report: Report, period: Period, reader: StoredLead) -> None:
    """Write and stage one reader's letter of a report that was made."""
    assert report.figures is not None
    told = json.loads(report.figures)
    tongue = locale_of_lead(reader)
    by = leads.find(tx.connection, order.lead)
    now = Counted.from_json(told["now"])
    said = {
        "period": period_in_words(period, tongue),
        "people": tongue.say("report.people", n=now.people),
        "lines": lines_of(tx, told, tongue),
        "remarks": " ".join(remarks_of(told, period, tx.runtime.policy.timezone, tongue)),
        "ordered": ordered_in_words(tx, order, by, tongue),
    }
    because = tongue.say("because.report", who=name_shown(by, tongue))
    id = f"mail_{report.id}_{reader.pseudonym}"
    _stage(tx, order, reader, id=id, email=REPORT, said=said, because=because, report=report.id)


def stage_note(tx: Tx, order: Order, reader: StoredLead, *, about: str, note: str) -> None:
    """Write and stage a note, once for what it is about; to nobody without an address."""
    id = f"mail_note_{order.id}_{about}_{reader.pseudonym}"
    if reader.fields.get("email") is None or outbox.is_staged(tx.connection, id):
        return
    tongue = locale_of_lead(reader)
    said = {"note": note}
    because = tongue.say("because.report_note")
    _stage(tx, order, reader, id=id, email=NOTE, said=said, because=because, report=None)


def message_of(kept: KeptLetter) -> tuple[Message, Letter]:
    """The message, the same bytes each time, and the letter in it."""
    told = json.loads(kept.letter)
    letter = Letter(**told["letter"])
    at = datetime.fromisoformat(told["at"])
    return build_message(letter, at=at, **told["envelope"]), letter


def recipient_of(kept: KeptLetter) -> str:
    """The address it was written to."""
    return str(json.loads(kept.letter)["envelope"]["recipient"])


def period_in_words(period: Period, tongue: Locale) -> str:
    """`October 2026`, or the days of a week."""
    if period.every == "month":
        return tongue.month(period.first_day)
    return tongue.days(period.first_day, period.last_day)


def ordered_in_words(tx: Tx, order: Order, by: StoredLead | None, tongue: Locale) -> str:
    """Who ordered it, and when."""
    day = tongue.day(order.ordered_at, tx.runtime.policy.timezone)
    return tongue.say("report.ordered", who=name_shown(by, tongue), day=day)


def name_shown(lead: StoredLead | None, tongue: Locale) -> str:
    """A colleague's name, else their address; of who is gone, that they were one."""
    fields: Mapping[str, Any] = {} if lead is None or lead.erased_at is not None else lead.fields
    named = name_of(fields) or fields.get("email")
    return " ".join(str(named).split())[:80] if named else tongue.say("report.a_colleague")


def lines_of(tx: Tx, told: Mapping[str, Any], tongue: Locale) -> Lines:
    """The figures as lines: the people first, then the kinds as the table has them."""
    kinds = read_report_kinds(tx.runtime.settings.report_kinds)
    now = Counted.from_json(told["now"])
    earlier = None if told["before"] is None else Counted.from_json(told["before"])
    lines = [(tongue.say("report.active"), now.people, change(now, earlier))]
    for kind in sorted(now.actions, key=lambda kind: (kinds.place(kind), kind)):
        named = (
            tongue.say("report.together") if kind == TOGETHER else kinds.caption(kind, tongue.name)
        )
        lines.append((named, now.actions[kind], change(now, earlier, kind)))
    return tuple((label, tongue.number(much), _more(more, tongue)) for label, much, more in lines)


def remarks_of(told: Mapping[str, Any], period: Period, zone: str, tongue: Locale) -> list[str]:
    """What a reader must know to read the figures right."""
    earlier = period_in_words(before(period, zone), tongue)
    said = ["compared" if told["before"] is not None else "uncompared"]
    said += ["late"] * bool(told["late"]) + ["left_out"] * bool(told["now"]["left_out"])
    return [tongue.say(f"report.{name}", period=earlier) for name in said]


def _more(more: int | None, tongue: Locale) -> str:
    """`+3`, `−2`, `as before`; a dash where it cannot be said."""
    if more is None:
        return "–"
    if more == 0:
        return tongue.say("report.same")
    return ("+" if more > 0 else "−") + tongue.number(abs(more))


def _stage(
    tx: Tx,
    order: Order,
    reader: StoredLead,
    *,
    id: str,
    email: str,
    said: Mapping[str, Any],
    because: str,
    report: str | None,
) -> None:
    settings, tongue = tx.runtime.settings, locale_of_lead(reader)
    brand, hand = brand_of(settings), hand_of(settings.mail_from, None, tongue)
    unsubscribe_url = tx.runtime.links.unsubscribe(reader.pseudonym)
    context = mail_context(
        tongue=tongue,
        terms=None,
        number=None,
        record=reader.record,
        offer_url=tx.runtime.links.report(reader.pseudonym),
        unsubscribe_url=unsubscribe_url,
        signature=hand.signature,
        postal_address=settings.mail_postal_address,
        brand=brand,
        because=because,
    )
    letter = render(email, {**context, **said}, tongue, brand, settings.emails)
    envelope = {
        "sender_name": hand.name,
        "sender_address": hand.address,
        "reply_to": hand.reply_to,
        "recipient": reader.fields["email"],
        "message_id": message_id_of(id, hand.address),
        "unsubscribe_url": unsubscribe_url,
    }
    written = {"subject": letter.subject, "text": letter.text, "html": letter.html}
    at = tx.now.astimezone(ZoneInfo("UTC")).replace(microsecond=0)
    kept = KeptLetter(
        id=id,
        report=report,
        report_order=order.id,
        lead=reader.id,
        ordered_by=order.lead if email == REPORT else "",  # a note names nobody
        letter=to_text({"letter": written, "envelope": envelope, "at": time_text(at)}),
        at=tx.now,
    )
    report_letters.keep(tx.connection, kept)
    outbox.stage(
        tx.connection,
        id=id,
        lead=reader.id,
        offer=None,
        email=email,
        context=to_text({}),
        now=tx.now,
    )
