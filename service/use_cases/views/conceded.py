"""What all offers conceded: settled in the books, and at most in those that are still open."""

from __future__ import annotations

from dataclasses import dataclass

from service.use_cases.views.lead_figures import LeadFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class Conceded:
    """Minor units of one currency; the two add up to what the routes are said to have conceded."""

    settled_minor: int
    open_minor: int
    currency: str


def conceded(found: LeadFigures) -> Conceded | None:
    """The two parts; None where the books are not kept just now, or are in several currencies."""
    books = found.books()
    currencies = {line["currency"] for line in books or ()}
    if books is None or len(currencies) != 1:
        return None
    settled = sum(line["settled_minor"] for line in books)
    every = sum(lane.conceded_minor for lane in found.lanes())
    return Conceded(
        settled_minor=settled, open_minor=every - settled, currency=next(iter(currencies))
    )
