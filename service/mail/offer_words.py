"""An offer's terms in a tongue: what is given, what is asked, what it costs, when it ends."""

from __future__ import annotations

from offers.money import Money, rounded
from offers.quote import Quote
from offers.terms import Terms
from offers.terms.get import Get
from offers.terms.gets import Referral
from offers.terms.gives import Bundle, CurrencyLock, Give, Service
from service.mail.brand import Brand
from service.mail.locales import Locale

DATED = ("pay_by", "pay_within_days")
"""Gets that the date itself says."""


def offer_words(
    terms: Terms, number: int, tongue: Locale, seller: Brand | None = None
) -> dict[str, str | int]:
    """An offer in words, numbers and a date with its zone, all from its snapshot; prices as the
    seller says them."""
    seller = seller or Brand()
    gives, gets = terms.give_terms(), terms.get_terms()
    given = tongue.listed([say_give(give, tongue) for give in gives])
    asked = [say_get(get, tongue) for get in gets if get.kind not in DATED]
    wanted = tongue.listed(asked or [tongue.say("gets.in_time")])
    is_priced = any(give.changes_price for give in gives)
    is_paid = any(get.kind in DATED for get in gets)
    return {
        "offer_number": number,
        "number": tongue.say("letter.number", number=number),
        "gives": given,
        "Gives": first_up(given),
        "gets": wanted,
        "trade": first_up(tongue.say("trade.sentence", gives=given, gets=wanted)),
        "ends": tongue.end(terms.ends_at, terms.timezone),
        "ends_day": tongue.day(terms.ends_at, terms.timezone),
        "ends_label": tongue.say("letter.pay_by" if is_paid else "letter.open_until"),
        "price": say_price(terms.quote, tongue, seller) if terms.quote and is_priced else "",
        "per_seat": say_per_seat(terms.quote, tongue) if terms.quote and is_priced else "",
        "worth": say_worth(terms, terms.quote, tongue) if terms.quote else "",
        "renewal": _next_term(terms.quote, tongue, seller, is_priced=is_priced),
        "renewal_label": tongue.say("letter.renewal" if is_priced else "letter.then"),
        "partner": _partner(gives, gets) or tongue.say("letter.our_partner"),
        "code": str(terms.gets.get("campaign_code", "")),
    }


def say_give(give: Give, tongue: Locale) -> str:
    """One concession: "three extra months"."""
    match give:
        case Bundle(partner=partner, percent=percent):
            return tongue.say("gives.bundle", n=percent, name=first_up(partner))
        case Service(name=name):
            known = tongue.words["services"].get(name, name.replace("_", " "))
            return tongue.say("gives.service", name=known)
        case CurrencyLock():
            return tongue.say("gives.currency_lock")
        case _:
            value = give.value
            assert isinstance(value, int)
            return tongue.say(f"gives.{give.kind}", n=value)


def say_get(get: Get, tongue: Locale) -> str:
    """One condition: "a call with us"; one that may follow the order with its days."""
    if get.within_days is not None:
        count = get.count if isinstance(get, Referral) else True
        return tongue.say("gets.within", what=_said(get, count, tongue), n=get.within_days)
    return _said(get, get.value, tongue)


def _said(get: Get, value: object, tongue: Locale) -> str:
    if isinstance(value, bool):
        return tongue.say(f"gets.{get.kind}")
    if isinstance(value, int):
        return tongue.say(f"gets.{get.kind}", n=value)
    name = first_up(str(value)) if get.kind == "partner_purchase" else str(value)
    return tongue.say(f"gets.{get.kind}", name=name)


def say_price(quote: Quote, tongue: Locale, seller: Brand) -> str:
    """What the customer pays, beside the list price where that is another."""
    said = _amount(quote, quote.net_minor, tongue)
    if quote.net_minor == quote.list_minor:
        return _taxed(tongue.say("trade.price", **said), tongue, seller)
    usual = tongue.money(Money(minor=quote.list_minor, currency=quote.currency))
    return _taxed(tongue.say("trade.instead", list=usual, **said), tongue, seller)


def say_per_seat(quote: Quote, tongue: Locale) -> str:
    """What a seat costs a month over everything delivered, beside the list price where that is
    another."""
    paid = rounded(quote.net_minor, quote.delivered_seat_months)
    usual = quote.list_per_seat_month_minor
    amount = tongue.money(Money(minor=paid, currency=quote.currency))
    if paid == usual:
        return amount
    listed = tongue.money(Money(minor=usual, currency=quote.currency))
    has_extras = bool(quote.extra_months or quote.extra_seats)
    name = "per_seat_extras" if has_extras else "per_seat_instead"
    return tongue.say(f"trade.{name}", amount=amount, list=listed)


def say_worth(terms: Terms, quote: Quote, tongue: Locale) -> str:
    """What is delivered without charge, at list price, and what is paid for everything."""
    extras = [give for give in terms.give_terms() if give.extra_months or give.extra_seats]
    if not extras:
        return ""
    return tongue.say(
        "trade.worth",
        gives=tongue.listed([say_give(give, tongue) for give in extras]),
        amount=tongue.money(
            Money(minor=quote.delivered_list_minor - quote.list_minor, currency=quote.currency)
        ),
        net=tongue.money(Money(minor=quote.net_minor, currency=quote.currency)),
        seats=tongue.say("units.seats", n=quote.seats + quote.extra_seats),
        months=tongue.say("units.months", n=quote.term_months + quote.extra_months),
    )


def say_renewal(quote: Quote, tongue: Locale, seller: Brand) -> str:
    """What the next term costs."""
    said = tongue.say("trade.renewal", **_amount(quote, quote.renewal_minor, tongue))
    return _taxed(said, tongue, seller)


def _next_term(quote: Quote | None, tongue: Locale, seller: Brand, *, is_priced: bool) -> str:
    """What follows the term that the offer is about; after a trial only what a term costs."""
    if quote is None:
        return ""
    cost = say_renewal(quote, tongue, seller)
    if not is_priced:
        return cost
    return first_up(tongue.say(f"trade.{seller.after_term}", renewal=cost))


def _taxed(price: str, tongue: Locale, seller: Brand) -> str:
    """A price with what it leaves out."""
    return price if seller.tax == "none" else f"{price}, {tongue.say(f'tax.{seller.tax}')}"


def first_up(text: str) -> str:
    """With a capital to start a sentence."""
    return text[:1].upper() + text[1:]


def _amount(quote: Quote, minor: int, tongue: Locale) -> dict[str, str]:
    return {
        "amount": tongue.money(Money(minor=minor, currency=quote.currency)),
        "seats": tongue.say("units.seats", n=quote.seats),
        "months": tongue.say("units.months", n=quote.term_months),
    }


def _partner(gives: list[Give], gets: list[Get]) -> str:
    named = [give.partner for give in gives if isinstance(give, Bundle)]
    named += [str(get.value) for get in gets if get.kind == "partner_purchase"]
    return first_up(named[0]) if named else ""
