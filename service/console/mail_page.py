"""Mail: the captured mailbox, what the outbox does, and the switch that stops all of it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from service.console import people
from service.console.page_context import PageContext
from service.console.table import Column, Table
from service.console.words import plain, whole
from service.domain.lead import StoredLead
from service.errors import NotFound
from service.mail.render import own_names, shipped_names, words_of
from service.store.leads import leads
from service.store.ops import outbox as mail
from service.store.ops import switches

_NEWEST = 200
_WAITS = ("due", "sending")
_MAILS = (
    Column("at", "When", "time"),
    Column("subject", "Subject", "long", link="/mail/{id}"),
    Column("recipient", "To"),
    Column("lead", "Lead", "name", link="/leads/{lead}", shown="name"),
)
_EMAILS = (
    Column("email", "Mail", "name"),
    Column("from", "From"),
    Column("subject", "Subject in English", "long"),
    Column("rules", "Rules"),
)
_OUTBOX = (
    Column("decided_at", "Decided", "time"),
    Column("state", "State", "state"),
    Column("reason", "Because", shown="because"),
    Column("email", "Mail", "name"),
    Column("lead", "Lead", "name", link="/leads/{lead}", shown="name"),
    Column("offer", "Offer", link="/offers/{offer}", shown="number"),
    Column("due_at", "Due", "time"),
    Column("attempts", "Tries", "number"),
    Column("ended_at", "Ended", "time"),
)
_SUPPRESSED = (
    Column("at", "Since", "time"),
    Column("address", "Address", "name"),
    Column("lead", "Lead", "name", link="/leads/{lead}", shown="name"),
    Column("reason", "Because", shown="because"),
    Column("ends", "What ends it", "long"),
)
_BECAUSE = {
    "bounced": "their mail server says that there is no such mailbox",
    "soft_bounces": "mail to it came back again and again",
    "complained": "they marked a mail as spam",
    "unsubscribed": "they asked for no more mail",
}


def page(look: PageContext) -> dict[str, Any]:
    """What the mail's page shows."""
    staged, paused = outbox(look), switches.find(look.connection, switches.MAIL_PAUSED)
    return {
        "is_live": look.runtime.settings.live,
        "held": switches.find(look.connection, switches.MAIL_HELD),
        "switch": paused,
        "paused_by": None if paused is None else people.hands(look)(paused.by),
        "mails": captured(look).begun(),
        "outbox": staged.begun(),
        "emails": emails(look),
        "suppressed": suppressed(look).begun(),
        "states": Counter(row["state"] for row in staged.rows),
    }


def one(look: PageContext, number: str) -> dict[str, Any]:
    """One captured mail. Raises NotFound."""
    asked = whole(number)
    found = None if asked is None else mail.captured_one(look.connection, asked)
    if found is None:
        raise NotFound("unknown_mail", "there is no such mail; captured ones go after a while")
    return {"mail": found}


def captured(look: PageContext) -> Table:
    """The captured mails, newest first."""
    return Table(
        name="mails",
        title="Captured mail",
        columns=_MAILS,
        rows=_with_names(look, mail.captured(look.connection, limit=_NEWEST)),
        empty="No mail yet.",
        note="Kept here to be read; none of it left this server.",
    )


def emails(look: PageContext) -> Table:
    """The mails a rule may name, and one's own before the shipped."""
    folder = look.runtime.settings.emails
    own, shipped = own_names(folder), shipped_names()
    rows = [
        {
            "email": name,
            "from": ("yours, over the shipped one" if name in shipped else "yours")
            if name in own
            else "shipped",
            "subject": words_of(name, folder)["en"]["subject"],
            "rules": ", ".join(r.id for r in look.runtime.policy.rules if r.email == name),
        }
        for name in sorted(own | shipped)
    ]
    return Table(
        name="emails",
        title="Mails",
        columns=_EMAILS,
        rows=rows,
        empty="",
        note="Start one of your own on the server: giveget mail new NAME",
    )


def outbox(look: PageContext) -> Table:
    """The outbox: what waits, then the newest of the others."""
    staged = _with_names(look, mail.newest_staged(look.connection, limit=_NEWEST))
    rows = [row | {"because": plain(row["reason"] or "")} for row in staged]
    return Table(
        name="outbox",
        title="Outbox",
        columns=_OUTBOX,
        rows=sorted(rows, key=lambda row: row["state"] not in _WAITS),
        empty="Nothing was ever staged.",
        note="What waits stands first, with when it is due and what it waits for.",
    )


def suppressed(look: PageContext) -> Table:
    """The addresses nothing is sent to, newest first; their text only where a lead has it now."""
    found = mail.newest_suppressed(look.connection, limit=_NEWEST)
    owners: dict[str, StoredLead] = {}
    for lead in leads.of_mailboxes(look.connection, [key for key, _, _ in found]):
        for key in lead.mailbox_keys:
            owners.setdefault(key, lead)
    rows, seen = [], set()
    for key, reason, at in found:
        owner = owners.get(key)
        if owner is not None and owner.id in seen:
            continue  # an alias and its mailbox are one address to its owner
        person = {} if owner is None or owner.erased_at is not None else people.named(owner)
        seen |= {person["lead"]} if person else set()
        rows.append(
            {
                "at": at,
                "address": person.get("email"),
                "lead": person.get("lead"),
                "name": person.get("name"),
                "reason": reason,
                "because": _BECAUSE.get(reason, reason),
                "ends": "only a new consent of theirs"
                if reason in mail.THEIR_WORD
                else "you, once the address takes mail again",
            }
        )
    return Table(
        name="suppressed",
        title="Addresses that get no mail",
        columns=_SUPPRESSED,
        rows=rows,
        empty="None: no mail came back for good, and nobody asked for no more.",
        note="An address is readable only while a lead has it.",
    )


def _with_names(look: PageContext, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = people.names_of(look, {row["lead"] for row in rows if row["lead"] is not None})
    return [row | {"name": names.get(row["lead"], row["lead"])} for row in rows]
