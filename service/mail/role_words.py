"""A paragraph for the part that a person plays in a purchase: control for who owns the problem, an
easy test for who judges, the trade in figures for who pays."""

from __future__ import annotations

from offers.money import Money, rounded
from offers.quote import Quote
from offers.terms import Terms
from service.mail.locales import Locale


def say_for(role: str | None, terms: Terms, quote: Quote | None, tongue: Locale) -> str:
    """What an offer says to this role, at this price; nothing where there is nothing of its own."""
    if role in ("business_owner", "evaluator"):
        return tongue.say(f"roles.{role}", day=tongue.day(terms.ends_at, terms.timezone))
    if role != "buyer" or quote is None:
        return ""
    paid = rounded(quote.net_minor, quote.delivered_seat_months)
    if paid >= quote.list_per_seat_month_minor:
        return ""
    return tongue.say(
        "roles.buyer",
        paid=tongue.money(Money(minor=paid, currency=quote.currency)),
        list=tongue.money(Money(minor=quote.list_per_seat_month_minor, currency=quote.currency)),
    )
