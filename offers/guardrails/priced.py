"""Guardrails over a trade's price: they depend on the plan and the currency alone."""

from __future__ import annotations

from collections.abc import Callable

from offers.guardrails.result import GuardrailResult
from offers.rules import Policy
from offers.trade import Trade


def public_price(trade: Trade, policy: Policy) -> GuardrailResult:
    """A give that changes a price needs a price; without one the lead goes to a rep."""
    held = trade.book is not None or not trade.rule.needs_price
    return GuardrailResult(trade.rule.id, "public_price", held, "a price book", trade.plan)


def max_percent_off(trade: Trade, policy: Policy) -> GuardrailResult | None:
    """The effective percent off over everything delivered, at the smallest order allowed."""
    limit = policy.guardrails.max_percent_off
    if limit is None or trade.smallest is None:
        return None
    held = trade.smallest.is_at_most_percent(limit)
    actual = _plain(trade.smallest.percent_off_hundredths)
    return GuardrailResult(trade.rule.id, "max_percent_off", held, limit, actual)


def floor(trade: Trade, policy: Policy) -> GuardrailResult | None:
    """What each delivered seat-month earns, at the smallest order allowed."""
    if trade.smallest is None or trade.book is None:
        return None
    held = trade.smallest.earns_at_least(trade.book.floor_minor)
    actual = trade.smallest.net_per_seat_month_minor
    return GuardrailResult(trade.rule.id, "floor", held, trade.book.floor_minor, actual)


PRICED: dict[str, Callable[[Trade, Policy], GuardrailResult | None]] = {
    guardrail.__name__: guardrail for guardrail in (public_price, max_percent_off, floor)
}


def priced_results(trade: Trade, policy: Policy) -> tuple[GuardrailResult, ...]:
    """The results that depend on the plan and currency alone."""
    found = (guardrail(trade, policy) for guardrail in PRICED.values())
    return tuple(result for result in found if result is not None)


def _plain(hundredths: int) -> int | float:
    return hundredths // 100 if hundredths % 100 == 0 else hundredths / 100
