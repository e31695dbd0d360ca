"""What an offer mail and an offer page may say: plain strings and numbers, taken from the terms."""

from __future__ import annotations

import json
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from offers.money import Money
from offers.terms import Terms
from service.mail import Context
from service.translate import ground_of

_LOCALE = "en"
_BECAUSE = {
    "consent": "you agreed to hear from us",
    "contract_talks": "you are talking with us about an order",
    "similar_products": "you are our customer",
    "none": "you tried our product",
}
_DATED = ("pay_by", "pay_within_days")  # said by the date itself


def offer_words(terms: Terms, number: int) -> dict[str, str | int]:
    """An offer in words, numbers and a date with its zone."""
    gives = [give.phrase() for give in terms.give_terms()]
    gets = [get.phrase() for get in terms.get_terms() if get.kind not in _DATED]
    quote = terms.quote
    words: dict[str, str | int] = {
        "offer_number": number,
        "sentence": terms.sentence,
        "gives": _listed(gives),
        "gets": _listed(gets),
        "ends_on": _day(terms.ends_at, terms.timezone),
        "timezone": terms.timezone.replace("_", " "),
        "why": terms.why,
        "list_price": "",
        "net_price": "",
        "seats": "",
        "term_months": "",
        "renewal_price": "",
    }
    if quote is not None:
        words |= {
            "list_price": str(Money(minor=quote.list_minor, currency=quote.currency)),
            "net_price": str(Money(minor=quote.net_minor, currency=quote.currency)),
            "seats": quote.seats,
            "term_months": quote.term_months,
            "renewal_price": str(Money(minor=quote.renewal_minor, currency=quote.currency)),
        }
    return words


def person_words(record: str) -> dict[str, str | int]:
    """How the person is addressed; what is not known is left out of the sentence."""
    facts = json.loads(record)
    fields = facts["fields"]
    return {
        "because": _BECAUSE[ground_of(facts)],
        "first_name": _one_line(fields.get("first_name")),
        "company": _one_line(fields.get("company")),
    }


def letter_context(
    *,
    terms: Terms,
    number: int,
    record: str,
    offer_url: str,
    unsubscribe_url: str,
    sender_name: str,
    postal_address: str,
) -> Context:
    """Every word a mail's template may use."""
    return {
        **offer_words(terms, number),
        **person_words(record),
        "offer_url": offer_url,
        "unsubscribe_url": unsubscribe_url,
        "sender_name": sender_name,
        "postal_address": postal_address,
    }


def _day(at: datetime, zone: str) -> str:
    return format_date(at.astimezone(ZoneInfo(zone)), format="d MMMM y", locale=_LOCALE)


def _listed(phrases: list[str]) -> str:
    if len(phrases) < 2:
        return "".join(phrases)
    return ", ".join(phrases[:-1]) + " and " + phrases[-1]


def _one_line(text: object) -> str:
    """A lead's own text, without line breaks and of a length a greeting can bear."""
    return " ".join(str(text).split())[:80] if text else ""
