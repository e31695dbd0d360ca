"""Find: people, companies, offers and pages by the beginning of a word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from service.console import people
from service.console.page_context import PageContext
from service.console.places import PAGES, seen_by
from service.console.words import plain, whole
from service.domain.lead import StoredLead
from service.domain.search_terms import company_terms, words_asked
from service.errors import NotAllowed, NotFound
from service.store.leads import search
from service.store.offers import offers
from service.use_cases.leads.visibility import workable

_MOST, _LOOKED_AT, _LONGEST = 8, 60, 100
_NUMBER = re.compile(r"(?:no\.? *|#)?(\d{1,9})", re.IGNORECASE)


class Hit(NamedTuple):
    """One thing found: its name, what it is, its page."""

    name: str
    about: str
    path: str


def page(look: PageContext) -> dict[str, Any]:
    """What was asked, `?q=`, and what is found under each heading; to a rep of their own
    leads and of those that nobody has."""
    asked = " ".join(look.asked.get("q", "").split())[:_LONGEST]
    words = words_asked(asked)
    leads = search.find(look.connection, words, rep=look.only_rep, limit=_LOOKED_AT)
    found = {
        "Pages": _pages(look, asked.casefold()),
        "Offers": _offers(look, asked),
        "People": [_person(each) for each in leads[:_MOST]],
        "Companies": _companies(leads, words),
    }
    return {"asked": asked, "found": {name: hits for name, hits in found.items() if hits}}


def _pages(look: PageContext, asked: str) -> list[Hit]:
    mine = [PAGES[page] for page in seen_by(look.caller.role)]
    begun = [(name, path) for name, path in mine if asked and name.casefold().startswith(asked)]
    return [Hit(name, "page", path) for name, path in begun]


def _person(lead: StoredLead) -> Hit:
    named = people.named(lead)
    about = [named["title"], named["company"] or lead.account, named["email"]]
    said = " · ".join(str(part) for part in about if part)
    return Hit(str(named["name"]), said, f"/leads/{quote(lead.id)}")


def _companies(leads: Sequence[StoredLead], words: Sequence[tuple[str, ...]]) -> list[Hit]:
    """The accounts of the people found whose own name a word begins."""
    found: dict[str, int] = {}
    for lead in leads:
        own = company_terms(lead)
        if lead.account and any(term.startswith(word) for term in own for word in words):
            found[lead.account] = found.get(lead.account, 0) + 1
    return [
        Hit(account, f"{count} found", f"/accounts/{quote(account)}")
        for account, count in list(found.items())[:_MOST]
    ]


def _offers(look: PageContext, asked: str) -> list[Hit]:
    """By number, `12` or `No. 12`, or by the code that was given to the customer."""
    number = _NUMBER.fullmatch(asked)
    found = None
    if number is not None:
        found = offers.numbered(look.connection, whole(number[1]) or 0)
    found = found or (offers.find(look.connection, asked) if asked else None)
    if found is None:
        return []
    try:
        workable(look.connection, found.lead, look.caller)
    except (NotAllowed, NotFound):
        return []
    return [Hit(f"Offer No. {found.number}", plain(found.state), f"/offers/{found.id}")]
