"""A rule's trade as its author should read it: what shows each get and when, what needs an order.

An order shows the numbers it is made of; every other get is a deed, which the service sees or
somebody confirms, before the concession or within so many days after the order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from offers.deeds import order_comes_first
from offers.rules import Rule
from offers.terms import DEEDS, Get

ShownBy = Literal["order", "seen", "confirmed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFor:
    """One get, what shows it, and the days it may follow the order by (`None`: it comes before)."""

    get: str
    phrase: str
    shown_by: ShownBy
    within_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """One give, and whether it can be handed over only once something is bought."""

    give: str
    phrase: str
    needs_order: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One rule's trade."""

    rule: str
    gets: tuple[AskedFor, ...]
    gives: tuple[HandedOver, ...]
    needs_order: bool
    """Whether an order comes before the gives, for their own sake or for a get's."""
    committed_months: int | None
    """Months a term billed by the month commits to; `None` where no such term is asked for."""


def outline(rule: Rule) -> Outline:
    """A rule's trade, read from its terms."""
    is_prepaid = any(get.kind == "prepay" for get in rule.gets)
    months = next((get.value for get in rule.gets if get.kind == "term_months"), None)
    return Outline(
        rule=rule.id,
        gets=tuple(
            AskedFor(
                get=get.kind,
                phrase=get.phrase(),
                shown_by=_shown_by(get),
                within_days=get.within_days,
            )
            for get in rule.gets
        ),
        gives=tuple(
            HandedOver(give=give.kind, phrase=give.phrase(), needs_order=give.needs_order)
            for give in rule.gives
        ),
        needs_order=order_comes_first(rule.gets, rule.gives),
        committed_months=months if isinstance(months, int) and not is_prepaid else None,
    )


def _shown_by(get: Get) -> ShownBy:
    if get.kind not in DEEDS:
        return "order"
    return "confirmed" if get.needs_word and get.kind != "referral" else "seen"
