"""An account's open offer as the product shows it: the mail's words, or why there is none."""

from __future__ import annotations

import json
from dataclasses import dataclass

from offers.terms import Terms
from service.domain.lead import StoredLead
from service.domain.lead_record import lawful_basis_of
from service.errors import NotFound
from service.mail.brand import brand_of
from service.mail.context import locale_of_lead
from service.mail.offer_words import offer_words
from service.store.leads import accounts, leads
from service.store.offers import holdout, merged_accounts, offers
from service.store.offers.offers import StoredOffer
from service.store.ops import switches
from service.use_cases.leads import identity
from service.use_cases.offers import lifecycle
from service.use_cases.offers.situation import account_key
from service.use_cases.tx import Tx
from service.use_cases.views.account_page import now_of

_SHOWN = ("issued", "sent", "viewed")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductOffer:
    """What the product shows: an offer's id and words, or the reason why there is none."""

    offer: dict[str, object] | None
    why: str | None


def product_offer(tx: Tx, account: str, lead_id: str | None) -> ProductOffer:
    """The open offer of an account, for the lead it was made to; showing it is a view of it.

    It is shown where its mail might still leave: not past its end, not after a person has been
    in touch with the company, not while its rule is paused, never to a holdout, and on a ground
    that the country accepts inside a product. A lead that we know no account of stands for
    itself; an account, or a lead, that was merged into another is that one. Raises NotFound for
    a lead of another account.
    """
    lead = None if lead_id is None else _of_account(tx, account, lead_id)
    holder = now_of(tx, account) if lead is None else account_key(lead)
    open_now = offers.open_of(tx.connection, holder)
    if tx.runtime.settings.shadow or not open_now:
        return ProductOffer(offer=None, why=_why_none(tx, holder))
    (offer,) = open_now  # an account holds one
    lead = lead or leads.find(tx.connection, offer.lead)
    why = _why_not(tx, offer, lead)
    if why is not None or lead is None:
        return ProductOffer(offer=None, why=why)
    lifecycle.view(tx, offer.id)
    return ProductOffer(offer=_words(tx, lifecycle.found(tx.connection, offer.id), lead), why=None)


def _of_account(tx: Tx, account: str, lead_id: str) -> StoredLead:
    id = identity.find(tx.connection, lead=lead_id, ids=())
    lead = None if id is None else leads.find(tx.connection, id)
    if lead is None or lead.erased_at is not None or not _is_of(tx, lead, account):
        raise NotFound("unknown_lead", "this account has no such lead")
    return lead


def _is_of(tx: Tx, lead: StoredLead, account: str) -> bool:
    """Whether a lead is of an account, or of the one that it was merged into."""
    if lead.account in (None, account):
        return True
    return lead.account in (now_of(tx, account), merged_accounts.whole(tx.connection, account))


def _why_none(tx: Tx, account: str) -> str:
    if tx.runtime.settings.shadow:
        return "shadow"
    arm = holdout.arm_of(tx.connection, account, tx.runtime.policy.id)
    return "held_out" if arm == "control" else "no_open_offer"


def _why_not(tx: Tx, offer: StoredOffer, lead: StoredLead | None) -> str | None:
    """What keeps an open offer from being shown to a lead, or None."""
    if lead is None or lead.id != offer.lead:
        return "for_another_person"
    if offer.state not in _SHOWN:
        return offer.state
    if offer.ends_at <= tx.now:
        return "offer_ended"
    account = None if lead.account is None else accounts.find(tx.connection, lead.account)
    touched_at = accounts.touched_at(lead, account)
    if touched_at is not None and touched_at >= offer.issued_at:
        return "touched_since"
    if switches.is_on(tx.connection, switches.RULE_PAUSED + offer.rule):
        return "rule_paused"
    ground, country = lawful_basis_of(lead.record), lead.contact.country
    if not tx.runtime.grounds.accepts(ground, country, "product"):
        return "ground_not_accepted"
    return None


def _words(tx: Tx, offer: StoredOffer, lead: StoredLead) -> dict[str, object]:
    tongue = locale_of_lead(lead)
    terms, seller = Terms.from_json(json.loads(offer.terms)), brand_of(tx.runtime.settings)
    said = offer_words(terms, offer.number, tongue, seller)
    return {
        "id": offer.id,
        "state": offer.state,
        "language": tongue.name,
        "title": said["Gives"],
        "gives": said["gives"],
        "gets": said["gets"],
        "trade": said["trade"],
        "price": said["price"],
        "worth": said["worth"],
        "renewal": said["renewal"],
        "ends": said["ends"],
        "button": tongue.say("letter.see"),
        "link": tx.runtime.links.offer(offer.id),
    }
