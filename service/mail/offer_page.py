"""What an offer's page shows: the trade, its price for any number of seats, where it stands."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from offers.money import Money
from offers.requote import MOST_SEATS, least_seats, requoted
from offers.terms import DEEDS, Terms
from service.mail.locales import Locale
from service.mail.offer_words import offer_words, say_get, say_price, say_renewal
from service.store.offers.offers import StoredOffer

_OPEN = ("issued", "sent", "viewed")
_TAKEN = {
    "accepted": "accepted",
    "redeemed": "used",
    "withdrawn": "withdrawn",
    "reversed": "withdrawn",
}


def shown(
    offer: StoredOffer,
    tongue: Locale,
    now: datetime,
    seats: int | None = None,
    *,
    to_do: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """The page's words and numbers; `seats` is what the customer asks the price of.

    `to_do` names the deeds that must come before the concession.
    """
    terms = Terms.from_json(json.loads(offer.terms))
    state = "open" if offer.state in _OPEN and offer.ends_at > now else "expired"
    lacking = _lacking(offer)
    if lacking and lacking <= DEEDS:
        state = "waiting"
    elif lacking and offer.state == "missed" and offer.ends_at > now:
        state = "missed"
    return {
        **offer_words(terms, offer.number, tongue),
        "state": _TAKEN.get(offer.state, state),
        "first": _still_needed(terms, to_do, tongue) if to_do else "",
        "still_needed": _still_needed(terms, lacking, tongue),
        "priced": _priced(terms, tongue, seats),
        "note": "",
    }


def _lacking(offer: StoredOffer) -> frozenset[str]:
    """What the last order of an offer lacked; nothing where no order waits."""
    if offer.missed is None or offer.state not in ("missed", "expired"):
        return frozenset()
    return frozenset(str(each["get"]) for each in json.loads(offer.missed))


def _still_needed(terms: Terms, lacking: frozenset[str], tongue: Locale) -> str:
    """The conditions that are still to be met, in words."""
    asked = [get for get in terms.get_terms() if get.kind not in ("pay_by", "pay_within_days")]
    named = [get for get in asked if get.kind in lacking] or asked
    return tongue.listed([say_get(get, tongue) for get in named])


def _priced(terms: Terms, tongue: Locale, seats: int | None) -> dict[str, Any] | None:
    """The price for so many seats, as the offer is quoted when it is taken for them."""
    quote = terms.quote
    if quote is None or not any(give.changes_price for give in terms.give_terms()):
        return None
    least = least_seats(terms)
    chosen = min(max(seats or quote.seats, least), MOST_SEATS)
    resized = requoted(terms, chosen).quote
    assert resized is not None  # there is a quote
    saved = resized.list_minor - resized.net_minor

    def money(minor: int) -> str:
        return tongue.money(Money(minor=minor, currency=quote.currency))

    return {
        "seats": chosen,
        "least": least,
        "most": max(2 * quote.seats, chosen),
        "price": say_price(resized, tongue),
        "renewal": say_renewal(resized, tongue),
        "saved": money(saved) if saved else "",
    }
