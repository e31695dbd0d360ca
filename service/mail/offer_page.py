"""What an offer's page shows: the trade, its price for any number of seats, where it stands."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, NamedTuple

from offers.deeds import needs_order
from offers.money import Money
from offers.months import add_months
from offers.on_account import OnAccount
from offers.requote import MOST_SEATS, least_seats, requoted
from offers.terms import DEEDS, Terms, read_get, read_give
from service.mail.brand import Brand
from service.mail.locales import Locale
from service.mail.offer_answers import Answered, answers
from service.mail.offer_words import (
    DATED,
    first_up,
    offer_words,
    say_get,
    say_give,
    say_per_seat,
    say_price,
    say_renewal,
    say_worth,
)
from service.mail.role_words import say_for
from service.store.offers.offers import StoredOffer

_OPEN = ("issued", "sent", "viewed")
_TAKEN = {
    "accepted": "accepted",
    "redeemed": "used",
    "withdrawn": "withdrawn",
    "reversed": "reversed",
}


_OF_ORDERS = frozenset(
    ("plan", "currency", "amount", "invoice", "billing_country", "paid_at", "valid_days")
)
"""What an order may lack that no condition of an offer says."""


class Given(NamedTuple):
    """One give that was granted: its kind, how it stands, and since when."""

    kind: str
    state: str
    since: datetime


class Promised(NamedTuple):
    """One deed that is owed: the get, its value and its last moment."""

    get: str
    value: object
    due_at: datetime


class Progress(NamedTuple):
    """How far a taken offer has come."""

    to_do: frozenset[str] = frozenset()
    """The deeds that must come before the concession."""
    gives: tuple[Given, ...] = ()
    promised: tuple[Promised, ...] = ()


def shown(
    offer: StoredOffer,
    tongue: Locale,
    now: datetime,
    seats: int | None = None,
    *,
    progress: Progress | None = None,
    role: str | None = None,
    answered: Answered | None = None,
    seller: Brand | None = None,
) -> dict[str, Any]:
    """The page's words and numbers; `seats` is what the customer asks the price of, `role` the
    lead's part in the purchase, `answered` what they said to the offer."""
    progress, answered = progress or Progress(), answered or Answered()
    seller = seller or Brand()
    terms = Terms.from_json(json.loads(offer.terms))
    state = page_state(offer, now)
    priced = _priced(terms, tongue, seats, seller)
    is_paid_by = "payment_days" not in terms.gives and any(
        get.kind in DATED for get in terms.get_terms()
    )
    is_to_come = state in ("open", "accepted") and offer.on_account is None
    if priced and is_to_come:
        priced["renewal"] = _renewal(terms, priced["seats"], tongue, seller, now)
    return {
        **offer_words(terms, offer.number, tongue, seller),
        **answers(offer, terms, tongue, answered, seller),
        "headed": _headed(offer, terms, tongue, answered.who),
        "state": state,
        "is_dated": state in ("open", "expired") or (state == "accepted" and is_to_come),
        "ends_at": offer.ends_at,
        "has_two_dates": state == "open" and is_paid_by,
        "pay_rule": tongue.say("page.pay_rule") if is_paid_by and is_to_come else "",
        "zone": terms.timezone,
        "plan": _plan_name(terms),
        "first": _still_needed(terms, progress.to_do, tongue) if progress.to_do else "",
        "how": _how(terms, progress.to_do, tongue),
        "books": "talk_to_rep" in progress.to_do,
        "still_needed": _still_lacking(offer, terms, tongue),
        "on_account": _on_account(offer, terms, tongue, now),
        "promised": [
            tongue.say(
                "page.owed",
                what=first_up(say_get(read_get(one.get, _once(one.value)), tongue)),
                day=tongue.day(one.due_at, terms.timezone),
            )
            for one in progress.promised
        ],
        "received": [
            _received(one, terms, tongue)
            for one in progress.gives
            if one.kind != "payment_days"  # said by the payment that is waited for
        ],
        "priced": priced,
        "is_free": not needs_order(terms),
        "for_you": _for_you(role, terms, priced, tongue) if state == "open" else "",
        "note": "",
    }


def _headed(offer: StoredOffer, terms: Terms, tongue: Locale, who: str) -> str:
    """The offer's number, and for whom it was made and when."""
    if not who:
        return tongue.say("page.number", number=offer.number)
    day = tongue.day(offer.issued_at, terms.timezone)
    return tongue.say("page.number_for", number=offer.number, who=who, day=day)


def _for_you(role: str | None, terms: Terms, priced: dict[str, Any] | None, tongue: Locale) -> str:
    """What is said to the lead's role, at the price of the seats that the page shows."""
    quote = terms.quote if priced is None else requoted(terms, priced["seats"]).quote
    return say_for(role, terms, quote, tongue)


def page_state(offer: StoredOffer, now: datetime) -> str:
    """The name of what the page says of an offer: open, accepted, used, and so on."""
    if offer.declined is not None and offer.state == "withdrawn":
        return "declined"
    if offer.state in _TAKEN:
        return _TAKEN[offer.state]
    lacking = _lacking(offer)
    if lacking and lacking <= DEEDS:
        return "waiting"
    if lacking and offer.state == "missed" and offer.ends_at > now:
        return "missed"
    return "open" if offer.state in _OPEN and offer.ends_at > now else "expired"


def _renewal(terms: Terms, seats: int, tongue: Locale, seller: Brand, now: datetime) -> str:
    """What follows the term and when, for who starts today."""
    quote = requoted(terms, seats).quote
    assert quote is not None  # a priced offer has one
    start = add_months(now, quote.term_months + quote.extra_months, terms.timezone)
    day = tongue.day(start, terms.timezone)
    renewal = say_renewal(quote, tongue, seller)
    return first_up(tongue.say(f"trade.{seller.after_term}_on", renewal=renewal, day=day))


def _how(terms: Terms, to_do: frozenset[str], tongue: Locale) -> str:
    """How each deed that comes first is done."""
    kinds = [get.kind for get in terms.get_terms() if get.kind in to_do]
    return " ".join(dict.fromkeys(tongue.say(f"how.{kind}") for kind in kinds))


def _on_account(offer: StoredOffer, terms: Terms, tongue: Locale, now: datetime) -> str:
    """What is owed for an order that is paid later, and by when."""
    if offer.on_account is None or offer.state != "accepted":
        return ""
    debt = OnAccount.from_json(json.loads(offer.on_account))
    name = "page.overdue" if debt.due_at < now else "page.on_account"
    amount = tongue.money(Money(minor=debt.minor, currency=debt.currency))
    return tongue.say(name, amount=amount, day=tongue.day(debt.due_at, terms.timezone))


def _once(value: object) -> object:
    """A promised deed without its days, which the page shows as a date."""
    if isinstance(value, dict):
        return value.get("count", True)
    return value


def _received(given: Given, terms: Terms, tongue: Locale) -> str:
    """One give and how it stands, in words; what failed is being seen to by a person."""
    what = first_up(say_give(read_give(given.kind, terms.gives[given.kind]), tongue))
    states = {"delivered": "delivered", "taken back": "taken_back"}
    day = tongue.day(given.since, terms.timezone)
    return tongue.say(f"page.{states.get(given.state, 'requested')}", what=what, day=day)


def _lacking(offer: StoredOffer) -> frozenset[str]:
    """What the last order of an offer lacked; nothing where no order waits."""
    if offer.missed is None or offer.state not in ("missed", "expired"):
        return frozenset()
    return frozenset(str(each["get"]) for each in json.loads(offer.missed))


def _still_lacking(offer: StoredOffer, terms: Terms, tongue: Locale) -> str:
    """What the last order of an offer lacked, in words: conditions, and what it was itself."""
    missed = {} if offer.missed is None else {one["get"]: one for one in json.loads(offer.missed)}
    if not missed or _OF_ORDERS.isdisjoint(missed.keys()) or terms.quote is None:
        return _still_needed(terms, _lacking(offer), tongue)
    asked = [get for get in terms.get_terms() if get.kind in missed]
    said = [say_get(get, tongue) for get in asked if get.kind not in DATED]
    quote = terms.quote
    if "plan" in missed:
        said.append(tongue.say("lacks.plan", plan=_plan_name(terms)))
    if "currency" in missed:
        said.append(tongue.say("lacks.currency", currency=quote.currency))
    if "amount" in missed:
        short = missed["amount"]["needed"] - missed["amount"]["actual"]
        amount = tongue.money(Money(minor=short, currency=quote.currency))
        said.append(tongue.say("lacks.amount", amount=amount))
    return tongue.listed(said or [tongue.say("lacks.other")])


def _plan_name(terms: Terms) -> str:
    return first_up(terms.quote.plan.replace("_", " ")) if terms.quote else ""


def _still_needed(terms: Terms, lacking: frozenset[str], tongue: Locale) -> str:
    """The conditions that are still to be met, in words."""
    asked = [get for get in terms.get_terms() if get.kind not in ("pay_by", "pay_within_days")]
    named = [get for get in asked if get.kind in lacking] or asked
    return tongue.listed([say_get(get, tongue) for get in named])


def _priced(
    terms: Terms, tongue: Locale, seats: int | None, seller: Brand
) -> dict[str, Any] | None:
    """The price for so many seats, as the offer is quoted when it is taken for them."""
    quote = terms.quote
    if quote is None or not any(give.changes_price for give in terms.give_terms()):
        return None
    least = least_seats(terms)
    chosen = min(max(seats or quote.seats, least), MOST_SEATS)
    most = max(2 * quote.seats, chosen)
    resized = requoted(terms, chosen).quote
    assert resized is not None  # there is a quote
    saved = resized.list_minor - resized.net_minor

    def money(minor: int) -> str:
        return tongue.money(Money(minor=minor, currency=quote.currency))

    return {
        "seats": chosen,
        "least": least,
        "most": most,
        "limit": MOST_SEATS,
        "range": tongue.say(
            "page.seats_range", least=tongue.number(least), most=tongue.number(MOST_SEATS)
        ),
        "more": tongue.say("page.seats_more", n=least, most=tongue.number(most)),
        "seats_said": tongue.number(chosen),
        "price": say_price(resized, tongue, seller),
        "per_seat": say_per_seat(resized, tongue),
        "worth": first_up(say_worth(terms, resized, tongue)),
        "renewal": first_up(
            tongue.say(f"trade.{seller.after_term}", renewal=say_renewal(resized, tongue, seller))
        ),
        "saved": money(saved) if saved else "",
    }
