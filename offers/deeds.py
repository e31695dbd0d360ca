"""Deeds come before the concession: what is still to be done, and what no order is needed for.

A get is shown by an order (seats, a term, a date) or by a deed (a call, an invitation), which the
service sees or somebody confirms. Money is conceded only after every deed; gives that need no
order are handed over with the last of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from offers.lifecycle import OPEN, Offer, Redemption
from offers.order_check import grants_of
from offers.terms import DEEDS, Missed, Order, Terms
from offers.terms.order import Shown

WITHOUT_ORDER = frozenset({"trial_days", "service", "bundle"})
"""Gives that can be handed over before anything is bought."""


def missing_deeds(terms: Terms, shows: Mapping[str, Shown]) -> tuple[Missed, ...]:
    """What is still to be done before the concession; `shows` is what was seen or confirmed."""
    nothing_bought = Order(plan="", seats=0, term_months=0, prepaid=False, shows=shows)
    asked = (get for get in terms.get_terms() if get.kind in DEEDS)
    missed = (get.missed_by(nothing_bought, terms.ends_at) for get in asked)
    return tuple(each for each in missed if each is not None)


def needs_order(terms: Terms) -> bool:
    """Whether an order must come before the gives, whatever was done."""
    gives = {give.kind for give in terms.give_terms()}
    return not (set(terms.gets) <= DEEDS and gives <= WITHOUT_ORDER)


def fulfil(offer: Offer, shows: Mapping[str, Shown]) -> Redemption | None:
    """The gives of an open offer without an order, once its last deed is done; None until then."""
    if offer.state not in OPEN or needs_order(offer.terms) or missing_deeds(offer.terms, shows):
        return None
    after = replace(offer, state="redeemed", settled_minor=offer.terms.reserve_minor)
    return Redemption(offer=after, outcome="redeemed", grants=grants_of(offer.terms))
