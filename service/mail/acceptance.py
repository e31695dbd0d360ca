"""What the confirmation of an acceptance says: the trade at the seats that were taken, the next
step, and until when; in the words and figures of the offer's page."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from offers.terms import Terms
from service.mail import offer_page
from service.mail.brand import Brand
from service.mail.locales import Locale
from service.mail.offer_answers import Answered
from service.mail.offer_page import Progress
from service.mail.offer_words import DATED
from service.store.offers.offers import StoredOffer

_PRICES = ("price", "per_seat", "worth", "renewal")


def acceptance_words(
    offer: StoredOffer,
    tongue: Locale,
    now: datetime,
    *,
    progress: Progress | None = None,
    rep: str = "",
    seller: Brand,
    is_ordered_there: bool,
) -> dict[str, str]:
    """The words beside those of every mail about an offer; `is_ordered_there` says whether the
    offer's page takes the order. A date only while something is still to be done by it."""
    page = offer_page.shown(
        offer, tongue, now, progress=progress, answered=Answered(rep=rep), seller=seller
    )
    terms = Terms.from_json(json.loads(offer.terms))
    is_paid = any(get.kind in DATED for get in terms.get_terms())
    taken_at = json.loads(offer.accepted)["at"] if offer.accepted else offer.changed_at.isoformat()
    return {
        **{name: (page["priced"] or page)[name] for name in _PRICES},
        "accepted_day": tongue.day(datetime.fromisoformat(taken_at), terms.timezone),
        "ends": page["ends"] if page["is_dated"] else "",
        "ends_label": tongue.say("letter.pay_by" if is_paid else "letter.next_by"),
        "next": _next_step(page, tongue, is_ordered_there=is_ordered_there),
        "for_you": "",
    }


def _next_step(page: dict[str, Any], tongue: Locale, *, is_ordered_there: bool) -> str:
    """What comes next, and from whom; nothing once the order has come."""
    if page["state"] != "accepted":
        return ""
    if page["first"]:
        return f"{tongue.say('page.deed_first', what=page['first'])} {page['how']}".strip()
    if page["on_account"]:
        return str(page["on_account"])
    if is_ordered_there:
        first = tongue.say("page.next_on_page")
    else:
        first = page["next_order"] if page["priced"] else tongue.say("page.thanks_note")
    return f"{first} {page['pay_or_lapse']}".strip()
