"""What an offer's page keeps in sight of what its customer did: took it, declined it, asked."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, NamedTuple

from offers.money import Money
from offers.terms import Terms
from service.mail.brand import Brand
from service.mail.locales import Locale
from service.mail.offer_words import DATED
from service.store.offers.offers import StoredOffer


class Said(NamedTuple):
    """A customer's own words about an offer: a question, where to call, or a comment to a no."""

    kind: str
    words: str
    at: datetime


class Answered(NamedTuple):
    """Whose offer it is, what they wrote, and the name of who answers; empty where unknown."""

    who: str = ""
    said: tuple[Said, ...] = ()
    rep: str = ""


def answers(
    offer: StoredOffer, terms: Terms, tongue: Locale, answered: Answered, seller: Brand
) -> dict[str, Any]:
    """The page's lines about what was answered; an empty text where nothing was."""
    questions = [each for each in answered.said if each.kind == "question"]
    calls = [each.words for each in answered.said if each.kind == "call"]
    rep = answered.rep or tongue.say("page.our_team")
    by_mail = tongue.say("page.answers", who=rep) if questions else ""
    return {
        "taken": _taken(offer, terms, tongue, answered.who),
        "next_order": tongue.say("page.next_order", who=rep),
        "pay_or_lapse": _pay_or_lapse(offer, terms, tongue, seller),
        "declined_on": _declined(offer, terms, tongue, answered.said),
        "asked_on": [
            tongue.say("page.asked_on", day=tongue.day(each.at, terms.timezone), words=each.words)
            for each in questions
        ],
        "answers": tongue.say("page.will_call", who=rep, words=calls[-1]) if calls else by_mail,
    }


def _taken(offer: StoredOffer, terms: Terms, tongue: Locale, who: str) -> str:
    """When it was accepted, for whom and for how many seats."""
    if offer.accepted is None:
        return ""
    taken = json.loads(offer.accepted)
    seats = tongue.say("units.seats", n=taken["seats"]) if taken["seats"] else ""
    what = ", ".join(each for each in (who, seats) if each)
    day = tongue.day(datetime.fromisoformat(taken["at"]), terms.timezone)
    return tongue.say("page.taken", day=day, what=what) if what else ""


def what_stands(offer: StoredOffer, tongue: Locale, *, seats: int | None, declines: bool) -> str:
    """What an offer was answered with before, said to another answer that was not taken; an empty
    text where the customer answered nothing. `seats` are those of the other answer."""
    zone = Terms.from_json(json.loads(offer.terms)).timezone
    if offer.declined is not None:
        return tongue.say("page.stands_declined", day=tongue.day(offer.changed_at, zone))
    if offer.accepted is None or offer.state in ("withdrawn", "reversed", "expired"):
        return ""
    taken = json.loads(offer.accepted)
    day = tongue.day(datetime.fromisoformat(taken["at"]), zone)
    if taken["seats"]:
        had = tongue.say("units.seats", n=taken["seats"])
        said = [tongue.say("page.stands_taken_for", seats=had, day=day)]
    else:
        said = [tongue.say("page.stands_taken", day=day)]
    if declines:
        said.append(tongue.say("page.not_declined"))
    elif seats is not None and seats != taken["seats"]:
        said.append(tongue.say("page.other_seats", seats=tongue.say("units.seats", n=seats)))
    return " ".join([*said, tongue.say("page.ask_to_change")])


def _pay_or_lapse(offer: StoredOffer, terms: Terms, tongue: Locale, seller: Brand) -> str:
    """What must be paid by when, of an offer that was taken and ends without it."""
    is_dated = any(get.kind in DATED for get in terms.get_terms())
    quote = terms.quote
    if offer.state != "accepted" or offer.on_account is not None or quote is None or not is_dated:
        return ""
    amount = tongue.money(Money(minor=quote.net_minor, currency=quote.currency))
    if seller.tax != "none":
        amount += f" ({tongue.say(f'tax.{seller.tax}')})"
    end = tongue.end(terms.ends_at, terms.timezone)
    return tongue.say("page.pay_or_lapse", amount=amount, end=end)


def _declined(offer: StoredOffer, terms: Terms, tongue: Locale, said: tuple[Said, ...]) -> str:
    """When it was declined and why, with the customer's own words."""
    if offer.declined is None:
        return ""
    day = tongue.day(offer.changed_at, terms.timezone)
    reason = tongue.say(f"reasons.{offer.declined}")
    line = tongue.say("page.declined_on", day=day, reason=reason)
    return " ".join([line, *(f"“{each.words}”" for each in said if each.kind == "decline")])
