"""The offers: the ledger with filters, who waits for approval, and one offer's life."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from offers.redeem import OPEN
from offers.terms import Terms
from service.console import people
from service.console.look import Look
from service.console.table import Column, Table
from service.console.words import money
from service.store import leads, ledger, offers, tasks
from service.store.offers import StoredOffer
from service.use_cases.by_hand import visible_offer

STATES = (
    "awaiting_approval", "issued", "sent", "viewed", "accepted", "redeemed", "missed", "expired",
    "withdrawn", "reversed",
)  # fmt: skip
_NEWEST = 200
_COLUMNS = (
    Column("number", "No.", "number", link="/offers/{id}"),
    Column("state", "State", "state"),
    Column("trade", "The trade", "long"),
    Column("rule", "Rule"),
    Column("lead", "Lead", link="/leads/{lead}", shown="name"),
    Column("cost_minor", "Cost at most", "money"),
    Column("by", "Asked by"),
    Column("issued_at", "Issued", "time"),
    Column("ends_at", "Ends", "time"),
)
_LIFE = (
    Column("at", "When", "time"), Column("step", "Step", "state"), Column("by", "By"),
    Column("hash", "Seal"),
)  # fmt: skip


def page(look: Look) -> dict[str, Any]:
    """What the page of offers shows."""
    waiting = offers.newest(look.connection, limit=50, state="awaiting_approval")
    return {
        "offers": table(look),
        "waiting": [_shown(look, offer) for offer in waiting if _may_see(look, offer)],
        "states": STATES,
        "rules": [rule.id for rule in look.parts.policy.rules],
        "state": look.asked.get("state", ""),
        "rule": look.asked.get("rule", ""),
    }


def table(look: Look) -> Table:
    """The newest offers, by state and rule where asked."""
    state, rule = look.asked.get("state") or None, look.asked.get("rule") or None
    found = offers.newest(look.connection, limit=_NEWEST, rep=look.only_rep, state=state, rule=rule)
    names = people.names_of(look, {offer.lead for offer in found})
    asked = {k: v for k, v in (("state", state), ("rule", rule)) if v is not None}
    return Table(
        name="offers", title="Offers", columns=_COLUMNS,
        rows=[_row(offer) | {"name": names.get(offer.lead, offer.lead)} for offer in found],
        empty="No such offer. Rules wait for a trial day or a signal.",
        note=f"The newest {_NEWEST}." if len(found) == _NEWEST else "", asked=asked,
    )  # fmt: skip


def one(look: Look, offer_id: str) -> dict[str, Any]:
    """What an offer's page shows. Raises NotFound, NotAllowed."""
    offer = visible_offer(look.connection, offer_id, look.caller)
    return _shown(look, offer) | {
        "life": _life(look, offer),
        "page_url": look.parts.links.offer(offer.id) if offer.state in OPEN else None,
        "tasks": tasks.of_offer(look.connection, offer.id),
        "can_approve": offer.state == "awaiting_approval",
        "can_withdraw": offer.state == "awaiting_approval" or offer.state in OPEN,
        "can_accept": look.caller.role == "rep" and offer.state in ("issued", "sent", "viewed"),
    }


def life(look: Look) -> Table:
    """An offer's life as a table: `?offer=`."""
    return _life(look, visible_offer(look.connection, look.asked.get("offer", ""), look.caller))


def _life(look: Look, offer: StoredOffer) -> Table:
    return Table(
        name="life", title="Its life", columns=_LIFE, empty="Nothing yet.",
        rows=[
            {"at": e.at, "step": e.step, "by": e.facts.get("by"), "hash": e.hash[:12]}
            for e in ledger.about(look.connection, offer.id)
        ],
        asked={"offer": offer.id},
    )  # fmt: skip


def _may_see(look: Look, offer: StoredOffer) -> bool:
    """A rep approves for others, never for themselves."""
    return look.is_manager or offer.by != look.caller.rep


def _shown(look: Look, offer: StoredOffer) -> dict[str, Any]:
    terms = Terms.from_json(json.loads(offer.terms))
    stored = leads.find(look.connection, offer.lead)
    quote = terms.quote
    return {
        "offer": offer,
        "terms": terms,
        "person": None if stored is None or stored.record == "{}" else people.named(stored),
        "gives": [give.phrase() for give in terms.give_terms()],
        "gets": [get.phrase() for get in terms.get_terms()],
        "cost": money(offer.reserve_minor, terms.reserve_currency),
        "net": None if quote is None else money(quote.net_minor, quote.currency),
        "list": None if quote is None else money(quote.list_minor, quote.currency),
    }


def _row(offer: StoredOffer) -> dict[str, Any]:
    terms = Terms.from_json(json.loads(offer.terms))
    shown: dict[str, int | str | datetime | None] = {
        "id": offer.id,
        "number": offer.number,
        "state": offer.state,
        "trade": terms.sentence,
        "rule": offer.rule,
        "lead": offer.lead,
        "cost_minor": offer.reserve_minor if offer.settled_minor is None else offer.settled_minor,
        "currency": terms.reserve_currency,
        "by": offer.by,
        "issued_at": offer.issued_at,
        "ends_at": offer.ends_at,
    }
    return shown
