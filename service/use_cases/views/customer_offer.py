"""An offer as its customer's page shows it: what was taken, what comes next, what was promised."""

from __future__ import annotations

import json
from dataclasses import dataclass

from service.domain.lead import StoredLead, name_of
from service.domain.plain_text import without_marks
from service.mail.context import known_locale
from service.mail.locales import Locale
from service.mail.offer_answers import Answered, Said
from service.mail.offer_page import Given, Progress, Promised
from service.store.leads import leads
from service.store.offers import remarks, tasks
from service.store.offers.offers import StoredOffer
from service.store.ops import outbox
from service.store.queue import reps
from service.use_cases.leads.buying_role import buying_role_of
from service.use_cases.offers.deeds import still_to_do
from service.use_cases.offers.gives import standing
from service.use_cases.offers.lifecycle import terms_of
from service.use_cases.offers.owed import OWED
from service.use_cases.tx import Tx

_LONGEST_NAME = 80
_CALL = "talk_to_rep"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerOffer:
    """One offer, its reader's language, how it stands, and who answers questions about it."""

    offer: StoredOffer
    tongue: Locale | None
    """None where none is known."""
    progress: Progress
    rep: str | None
    """The name of the lead's rep."""
    role: str | None
    """The lead's part in the purchase."""
    answered: Answered
    lacks_number: bool
    """Whether a call comes first, and nobody knows a number for it."""
    is_unconfirmed: bool
    """Whether a yes is confirmed by mail, but none may go to this person."""


def customer_view(tx: Tx, offer: StoredOffer) -> CustomerOffer:
    """What the page of an offer is made of."""
    lead = leads.find(tx.connection, offer.lead)
    rep = None if lead is None or lead.rep is None else reps.find(tx.connection, lead.rep)
    to_do = still_to_do(tx, offer) if offer.state == "accepted" else ()
    written = remarks.of_offer(tx.connection, offer.id)
    found = tasks.of_offer(tx.connection, offer.id)
    return CustomerOffer(
        offer=offer,
        tongue=None if lead is None else known_locale(lead),
        progress=Progress(
            to_do=frozenset(deed.get for deed in to_do),
            gives=tuple(Given(give.kind, give.state, give.since) for give in standing(found)),
            promised=tuple(
                Promised(task.give, json.loads(task.value), task.due_at)
                for task in found
                if task.kind == OWED and task.state == "open" and task.due_at is not None
            ),
        ),
        rep=None if rep is None else rep.name,
        role=None if lead is None else buying_role_of(tx.connection, lead),
        answered=Answered(
            who="" if lead is None else _called(lead),
            said=tuple(
                Said(each.kind, each.words, each.at)
                for each in written
                if each.kind in ("question", "call", "decline")
            ),
            rep="" if rep is None else rep.name,
        ),
        lacks_number=lead is not None
        and lead.phone is None
        and all(each.kind != "call" for each in written)
        and (
            any(deed.get == _CALL for deed in to_do)
            or (offer.state != "accepted" and _CALL in terms_of(offer).gets)
        ),
        is_unconfirmed=tx.runtime.settings.confirm_acceptance and not _gets_mail(tx, lead),
    )


def _gets_mail(tx: Tx, lead: StoredLead | None) -> bool:
    """Whether what the person did is confirmed to them: it needs no ground, only an address."""
    return (
        lead is not None
        and lead.email_key is not None
        and not leads.opted_out(tx.connection, lead.mailbox_keys)
        and outbox.suppressed(tx.connection, lead.mailbox_keys) is None
    )


def _called(lead: StoredLead) -> str:
    """The name of whose offer it is, else their company; nothing of who was erased."""
    if lead.erased_at is not None:
        return ""
    told = name_of(lead.fields) or lead.fields.get("company") or ""
    return " ".join(without_marks(str(told)).split())[:_LONGEST_NAME]
