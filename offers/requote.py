"""An offer for another number of seats: the same trade quoted anew, and whether it may be.

An offer freezes the price of a seat, its gives and its costs; the customer chooses how many
seats, never fewer than the offer asks for. What the new quote concedes must pass what the policy
allows a concession of that size, as if it were asked for today.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from offers.issue import approval_by_size
from offers.lifecycle import Refusal
from offers.money import rounded, rounded_up
from offers.quote import Quote
from offers.rules import Policy
from offers.terms import Terms
from offers.terms.sentence import spell

MOST_SEATS = 1_000_000
_RANKS = ("none", "rep", "manager")


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What an offer's cost may come to, in the policy's currency; None is no limit."""

    asked_by: str
    """system, rep or manager."""
    minor: int | None


def least_seats(terms: Terms) -> int:
    """The fewest seats an offer may be taken for."""
    asked = terms.gets.get("seats")
    return asked if isinstance(asked, int) else 1


def requoted(terms: Terms, seats: int) -> Terms:
    """The same trade for so many seats; its cost grows with what it concedes."""
    before = terms.quote
    if before is None or before.seats == seats:
        return terms
    after = resized(before, seats, sum(give.percent_off for give in terms.give_terms()))
    return replace(terms, quote=after, reserve_minor=_reserve(terms.reserve_minor, before, after))


def conceding_less(terms: Terms, percent_off: int) -> Terms:
    """The same trade with a smaller discount: from 1 % to what the offer gives now.

    Raises ValueError for another number, or where the offer gives no discount.
    """
    before, now = terms.quote, terms.gives.get("percent_off")
    if before is None or not isinstance(now, int) or not 1 <= percent_off <= now:
        wanted = f"from 1 to {now}" if isinstance(now, int) else "left out: no discount is given"
        raise ValueError(f"percent_off must be {wanted}")
    gives = {**terms.gives, "percent_off": percent_off}
    less = replace(terms, gives=gives)
    last_day = terms.ends_at.astimezone(ZoneInfo(terms.timezone)).date()
    after = resized(before, before.seats, sum(give.percent_off for give in less.give_terms()))
    return replace(
        less,
        quote=after,
        reserve_minor=_reserve(terms.reserve_minor, before, after),
        sentence=spell(less.give_terms(), less.get_terms(), last_day),
    )


def _reserve(reserve_minor: int, before: Quote, after: Quote) -> int:
    """What is held back once a quote changed: in proportion to what it concedes."""
    if before.cost_minor <= 0:
        return reserve_minor
    return rounded_up(reserve_minor * max(after.cost_minor, 0), before.cost_minor)


def resized(quote: Quote, seats: int, percent_off: int) -> Quote:
    """A quote for another number of seats; costs that depend on its size grow with it."""
    list_minor = seats * quote.term_months * quote.list_per_seat_month_minor
    growing = quote.other_cost_minor - quote.fixed_cost_minor
    return replace(
        quote,
        seats=seats,
        list_minor=list_minor,
        net_minor=rounded(
            seats * quote.term_months * quote.billed_minor * (100 - min(percent_off, 100)), 100
        ),
        other_cost_minor=quote.fixed_cost_minor + rounded_up(growing * seats, quote.seats),
    )


def refused_by(terms: Terms, before: Terms, policy: Policy, room: Room) -> Refusal | None:
    """Which limit the requoted terms do not keep to, or None."""
    quote, most = terms.quote, policy.guardrails.max_percent_off
    if quote is None:
        return None
    if most is not None and not quote.is_at_most_percent(most):
        actual = f"{quote.percent_off_hundredths / 100:g}"
        return Refusal("needs_approval", f"at most {most} percent off", actual)
    book = policy.price_book(quote.plan, quote.currency)
    is_theirs = book is not None and book.currency == quote.currency
    if book is not None and is_theirs and not quote.earns_at_least(book.floor_minor):
        actual = str(quote.net_per_seat_month_minor)
        return Refusal("needs_approval", f"the floor of {book.floor_minor}", actual)
    if room.minor is not None and terms.reserve_minor > room.minor:
        return Refusal("needs_approval", f"a cost within {room.minor}", str(terms.reserve_minor))
    needed = approval_by_size(policy, room.asked_by, quote)
    if _RANKS.index(needed) > _RANKS.index(before.approval):
        return Refusal("needs_approval", f"approval by a {needed}", before.approval)
    looked_into = before.quote if "payment_days" in terms.gives else None  # credit, for so much
    if looked_into is not None and quote.net_minor > looked_into.net_minor:
        return Refusal("needs_approval", str(looked_into.net_minor), str(quote.net_minor))
    return None


def most_seats(terms: Terms, asked: int, passes: Callable[[Terms], bool]) -> int | None:
    """The most seats below `asked` that pass; None when not even the fewest do.

    A concession grows with its seats, so what passes is found by halving.
    """
    low, high = least_seats(terms), asked
    if not passes(requoted(terms, low)):
        quoted = terms.quote.seats if terms.quote is not None else low
        if not low < quoted < asked or not passes(requoted(terms, quoted)):
            return None
        low = quoted
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if passes(requoted(terms, middle)) else (low, middle)
    return low
