"""Answers in words a rep can read out: near misses, and what a guardrail found."""

from __future__ import annotations

from typing import NamedTuple

from offers.conditions import Compare, Name, Node
from offers.guardrails.result import GuardrailResult
from offers.situation import FACTS, Situation


class NearMiss(NamedTuple):
    """A rule that one step would unlock."""

    rule: str
    sentence: str


def is_movable(clause: Node) -> bool:
    """Whether more of something that a lead can add to would make a clause true."""
    if not isinstance(clause, Compare) or clause.operator not in (">=", ">", "=="):
        return False
    return bool(FACTS[clause.fact].unit)


def near_misses(rule: str, clause: Node, situation: Situation) -> tuple[NearMiss, ...]:
    """A rule that fails by one movable clause, in words, when the lead is half-way there."""
    assert isinstance(clause, Compare)
    needed, actual = _number(clause.right, situation), _number(Name(clause.fact), situation)
    if needed is None or actual is None or 2 * actual < needed:
        return ()
    gap = needed - actual + (1 if clause.operator == ">" else 0)
    if gap <= 0:
        return ()
    unit = FACTS[clause.fact].unit
    unit = unit.removesuffix("s") if gap == 1 else unit
    return (NearMiss(rule, f"{gap:g} more {unit} would unlock {rule}"),)


def in_words(result: GuardrailResult) -> str:
    """`floor: earns 1,488 per delivered seat and month, at least 1,600 asked`."""
    return f"{result.name}: {sentence(result)}"


def sentence(result: GuardrailResult) -> str:
    """`earns 1,488 per delivered seat and month, at least 1,600 asked`."""
    return SENTENCES[result.name].format(limit=_shown(result.limit), actual=_shown(result.actual))


SENTENCES = {
    "open_offers_per_account": "{actual} open for the account, fewer than {limit} asked",
    "days_between_offers": "{actual} days since the last offer, at least {limit} asked",
    "audience_share": "{actual} of live trials hold an offer, less than {limit} asked",
    "holdout": "the account is in the {actual} arm",
    "rep_contacted": "in conversation with a rep: {actual}",
    "may_write": "{actual}; no mail without a ground, or to who wants none",
    "hidden_price": "the plan has no public price: {actual}",
    "paying_account": "a colleague's account pays already: {actual}",
    "open_deal": "the account has an open deal: {actual}",
    "other_discount": "another discount applies: {actual}",
    "fit_for_use": "the use fits: {actual}",
    "alias_mailbox": "an alias of a person seen before: {actual}",
    "shared_payment_reference": "another account pays with the same reference: {actual}",
    "offer_at_domain": "another account of the same domain had an offer: {actual}",
    "second_trial": "{actual} earlier trials",
    "refused_countries": "{actual}; refused are {limit}",
    "geo_agreement": "{actual}; a second fact (phone, network, card) must agree on the country",
    "public_price": "price book of plan {actual}",
    "max_percent_off": "{actual} % off over everything delivered, at most {limit} asked",
    "floor": "earns {actual} per delivered seat and month, at least {limit} asked",
    "budget_minor_per_month": "the month's budget would stand at {actual} of {limit}",
    "account_minor_per_year": "the account's concessions would add up to {actual} of {limit}",
    "rep_minor_per_month": "the rep's concessions would add up to {actual} of {limit}",
    "credit_limit": "{actual} on credit, known limit {limit}",
    "credit_to_companies": "legal form {actual}; days to pay are for companies only",
    "overdue": "an order on account is unpaid after its due date: {actual}",
    "currency_fell": "{actual}; a locked rate needs a currency that fell since the trial began",
    "days_left": "today is {actual}, the date to pay by is {limit}",
    "rule_paused": "paused, as too many of its readers complained: {actual}",
    "code_stopped": "its code was stopped: {actual}",
    "live_days_per_year": "a like concession is open {actual} days a year, at most {limit} asked",
    "live_days_per_year_any": "concessions are open {actual} days a year, at most {limit} asked",
}
"""One sentence for each guardrail."""


def _number(value: object, situation: Situation) -> int | float | None:
    if isinstance(value, Name):
        value = situation.get(value.fact)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number else None  # type: ignore[return-value]  # narrowed by is_number


def _shown(value: object) -> str:
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and abs(value) < 1:
        return f"{value:.3g}"  # a share
    return f"{value:,}" if isinstance(value, int | float) else str(value)
