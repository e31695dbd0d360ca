"""The offers: the ledger with filters, who waits for approval, and one offer's life."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from offers.lifecycle import OPEN
from offers.terms import Terms
from service.console import people, promise
from service.console.filters import not_understood
from service.console.offer_words import history, state_of, state_said
from service.console.page_context import PageContext
from service.console.table import Column, Table
from service.console.words import in_zone, money, whole
from service.errors import BadInput, Conflict, NotAllowed, NotFound
from service.store.leads import leads
from service.store.offers import ledger, limits, offers, remarks, tasks
from service.store.offers.offers import StoredOffer
from service.store.queue import reps
from service.use_cases.leads.visibility import visible_offer
from service.use_cases.offers import lifecycle
from service.use_cases.offers.approvals import may_approve, readable_offer
from service.use_cases.tx import Tx

STATES = (
    "awaiting_approval",
    "issued",
    "sent",
    "viewed",
    "accepted",
    "redeemed",
    "missed",
    "expired",
    "declined",
    "withdrawn",
    "reversed",
)
_NEWEST, _SHOWN, _WAITING = 200, 75, 25
_COLUMNS = (
    Column("number", "No.", "number", link="/offers/{id}"),
    Column("state", "State", "name", shown="state_said"),
    Column("trade", "The trade", "long"),
    Column("rule", "Rule", "name"),
    Column("lead", "Lead", "name", link="/leads/{lead}", shown="name"),
    Column("cost_minor", "Cost at most", "money"),
    Column("by", "Asked by", "name", shown="by_name"),
    Column("issued_at", "Issued", "time"),
    Column("ends_at", "Ends", "name", shown="ends"),
)
_LIFE = (
    Column("at", "When", "time"),
    Column("step", "Step", "state"),
    Column("said", "What", "long"),
    Column("by", "By", shown="by_name"),
    Column("hash", "Checksum"),
)


def page(look: PageContext) -> dict[str, Any]:
    """What the page of offers shows."""
    waiting = offers.newest(look.connection, limit=_WAITING, state="awaiting_approval")
    listed = _table(look, _SHOWN)
    return {
        "offers": listed,
        "wrong": not_understood(
            _misread(look, is_found=bool(listed.rows)), "No offer is shown: choose from the lists."
        ),
        "waiting": [
            _shown(look, offer)
            | {"can_withdraw": _may_open(look, offer), "budget": _budget(look, offer)}
            for offer in waiting
            if may_approve(look.connection, offer, look.caller)
        ],
        "states": STATES,
        "rules": [rule.id for rule in look.runtime.policy.rules],
        "state": look.asked.get("state", ""),
        "rule": look.asked.get("rule", ""),
    }


def table(look: PageContext) -> Table:
    """The newest offers, by state and rule where asked."""
    return _table(look, _NEWEST)


def _misread(look: PageContext, *, is_found: bool) -> dict[str, str]:
    """What is asked for and cannot be; a rule of an earlier policy is known by its offers."""
    state, rule = look.asked.get("state", ""), look.asked.get("rule", "")
    knows_rule = is_found or rule in {each.id for each in look.runtime.policy.rules}
    wrong = {"state": state} if state and state not in STATES else {}
    return wrong | ({"rule": rule} if rule and not wrong and not knows_rule else {})


def _table(look: PageContext, most: int) -> Table:
    state, rule = look.asked.get("state") or None, look.asked.get("rule") or None
    found = offers.newest(look.connection, limit=most, rep=look.only_rep, state=state, rule=rule)
    names, called = people.names_of(look, {offer.lead for offer in found}), people.hands(look)
    asked = {k: v for k, v in (("state", state), ("rule", rule)) if v is not None}
    return Table(
        name="offers",
        columns=_COLUMNS,
        title=f"The newest {most}" if len(found) == most else "All offers",
        rows=[
            _row(offer) | {"name": names.get(offer.lead, offer.lead), "by_name": called(offer.by)}
            for offer in found
        ],
        empty="No such offer. Rules wait for a trial day or a signal.",
        asked=asked,
    )


def one(look: PageContext, offer_id: str) -> dict[str, Any]:
    """What an offer's page shows. Raises NotFound, NotAllowed."""
    offer = readable_offer(look.connection, offer_id, look.caller)
    can_open = _may_open(look, offer)
    url = look.runtime.links.offer(offer.id) if offer.state in OPEN else None
    written = remarks.of_offer(look.connection, offer.id)
    return _shown(look, offer) | {
        "life": _life(look, offer),
        "changed": _changed(look, offer),
        "budget": _budget(look, offer) if offer.state == "awaiting_approval" else [],
        "page_url": url,
        "ready": None if url is None else _ready(look, offer, url),
        "tasks": tasks.of_offer(look.connection, offer.id),
        "remarks": [one for one in written if one.kind != "approval"],
        "comment": next((one for one in written if one.kind == "approval"), None),
        "can_open": can_open,
        "can_approve": may_approve(look.connection, offer, look.caller),
        "can_withdraw": can_open
        and (offer.state == "awaiting_approval" or offer.state in OPEN)
        and offer.on_account is None,
        "can_accept": look.caller.role == "rep" and offer.state in ("issued", "sent", "viewed"),
    }


def life(look: PageContext) -> Table:
    """An offer's life as a table: `?offer=`."""
    return _life(look, readable_offer(look.connection, look.asked.get("offer", ""), look.caller))


def _life(look: PageContext, offer: StoredOffer) -> Table:
    called = people.hands(look)
    return Table(
        name="life",
        title="History",
        columns=_LIFE,
        empty="Nothing yet.",
        rows=[
            {
                "at": entry.at,
                "step": step,
                "said": said,
                "by": entry.facts.get("by"),
                "by_name": called(entry.facts.get("by")),
                "hash": entry.hash[:12],
            }
            for entry, step, said in history(ledger.about(look.connection, offer.id))
        ],
        asked={"offer": offer.id},
        note="Each entry's checksum also covers the entry before it: none can be changed unseen.",
    )


def _ready(look: PageContext, offer: StoredOffer, url: str) -> dict[str, str] | None:
    """The words to hand it over with, unless a mail does."""
    stored = leads.find(look.connection, offer.lead)
    if stored is None or stored.erased_at is not None:
        return None
    terms = Terms.from_json(json.loads(offer.terms))
    return promise.words_for(look, stored, terms, number=offer.number, url=url)


def _may_open(look: PageContext, offer: StoredOffer) -> bool:
    """Whether the offer's lead is theirs to open; who only approves reads the offer alone."""
    try:
        visible_offer(look.connection, offer.id, look.caller)
    except NotAllowed:
        return False
    except NotFound:  # the lead was erased; a manager still reads the offer
        return look.is_manager
    return True


def _shown(look: PageContext, offer: StoredOffer) -> dict[str, Any]:
    terms = Terms.from_json(json.loads(offer.terms))
    stored = leads.find(look.connection, offer.lead)
    quote, called = terms.quote, people.hands(look)
    return {
        "by": called(offer.by),
        "approved_by": called(offer.approved_by),
        "ends": in_zone(offer.ends_at, terms.timezone),
        "offer": offer,
        "terms": terms,
        "person": None if stored is None or stored.erased_at is not None else people.named(stored),
        "gives": [give.phrase() for give in terms.give_terms()],
        "gets": [get.phrase() for get in terms.get_terms()],
        "state_said": state_said(offer.state, offer.declined),
        "cost": _cost(offer, terms),
        "size": None if quote is None else f"{quote.seats:,} seats, {quote.term_months} months",
        "net": None if quote is None else money(quote.net_minor, quote.currency),
        "list": None
        if quote is None or quote.list_minor == quote.net_minor
        else money(quote.list_minor, quote.currency),
    }


def _changed(look: PageContext, offer: StoredOffer) -> dict[str, Any]:
    """What the offer would be with the seats and the percent that are asked: its cost, or why it
    cannot be; `numbers` are those that differ from what was asked for. The comment goes along."""
    terms = Terms.from_json(json.loads(offer.terms))
    quote = terms.quote
    own = {
        "seats": None if quote is None else quote.seats,
        "percent_off": terms.gives.get("percent_off"),
    }
    told = {name: look.asked.get(f"with_{name}", "").strip() for name in own}
    numbers = {name: text for name, text in told.items() if text and text != str(own[name])}
    shown: dict[str, Any] = {
        "shown": own | numbers,
        "numbers": numbers,
        "wrong": None,
        "comment": look.asked.get("comment", ""),
    }
    if not numbers or offer.state != "awaiting_approval":
        return shown
    try:
        wanted = {name: _as_whole(text, name) for name, text in numbers.items()}
        tx = Tx(look.connection, look.runtime, look.now)
        after = lifecycle.as_approved(
            tx,
            offer,
            lifecycle.Approval(seats=wanted.get("seats"), percent_off=wanted.get("percent_off")),
        )
    except BadInput as error:
        return shown | {"wrong": error.detail}
    except Conflict as error:
        most = error.more.get("most_seats")
        until = "" if most is None else f"; up to {most:,} seats are within them"
        return shown | {"wrong": f"that is beyond the policy's limits{until}"}
    later = replace(offer, reserve_minor=after.reserve_minor)
    return shown | {
        "cost": _cost(later, after),
        "net": None if after.quote is None else money(after.quote.net_minor, after.quote.currency),
    }


def _as_whole(text: str, name: str) -> int:
    """The whole number of a field. Raises BadInput."""
    number = whole(text)
    if number is None:
        raise BadInput("wrong_fields", f"{name} must be a whole number", status=422)
    return number


def _budget(look: PageContext, offer: StoredOffer) -> list[str]:
    """What is left of the month's budget, and what a rep who asked conceded in it; the offer's
    cost at most is counted already."""
    policy, month = look.runtime.policy, limits.month_of(offer.issued_at)
    caps, issued = policy.guardrails, offer.issued_at.astimezone(UTC)
    named = f"{issued:%B}" if issued.year == look.now.year else f"{issued:%B %Y}"

    def said(minor: int) -> str:
        return money(minor, policy.currency)

    most, told = caps.budget_minor_per_month, []
    if most is None:
        told.append("The policy sets no monthly budget.")
    else:
        left = most - limits.used(look.connection, limits.BUDGET, month)
        told.append(f"{said(left)} of {named}'s budget of {said(most)} left, this offer counted.")
    rep, of_rep = reps.find(look.connection, offer.by), caps.rep_minor_per_month
    if rep is not None and of_rep is not None:
        used = limits.used(look.connection, limits.of_person(offer.by), month)
        told.append(f"{rep.name} has conceded {said(used)} of {said(of_rep)} a rep may in {named}.")
    return told


def _cost(offer: StoredOffer, terms: Terms) -> str:
    """`$1,240.00 (11.3 % of the net price)`."""
    return money(offer.reserve_minor, terms.reserve_currency) + _share(offer, terms)


def _share(offer: StoredOffer, terms: Terms) -> str:
    """` (11.3 % of the net price)`, where both are in one currency."""
    quote = terms.quote
    if quote is None or not quote.net_minor or quote.currency != terms.reserve_currency:
        return ""
    return f" ({100 * offer.reserve_minor / quote.net_minor:.1f} % of the net price)"


def _row(offer: StoredOffer) -> dict[str, Any]:
    terms = Terms.from_json(json.loads(offer.terms))
    shown: dict[str, int | str | datetime | None] = {
        "id": offer.id,
        "number": offer.number,
        "state": state_of(offer.state, offer.declined),
        "state_said": state_said(offer.state, offer.declined),
        "trade": terms.sentence,
        "rule": offer.rule,
        "lead": offer.lead,
        "cost_minor": offer.reserve_minor if offer.settled_minor is None else offer.settled_minor,
        "currency": terms.reserve_currency,
        "by": offer.by,
        "issued_at": offer.issued_at,
        "ends_at": offer.ends_at,
        "ends": f"{offer.ends_at.astimezone(ZoneInfo(terms.timezone)):%-d %b %Y}",
    }
    return shown
