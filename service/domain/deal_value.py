"""What a lead would be worth: seats at list price for a year, in the policy's currency. Pure."""

from __future__ import annotations

from offers.policy import Policy
from scoring.leads.lead import Lead

_MONTHS = 12
_LIST_MINOR_WHEN_UNKNOWN = 2000  # a policy without any price book still needs an order


def expected_value_minor(policy: Policy, lead: Lead, *, seats_when_unknown: int) -> int:
    """List price × seats × 12 months; the policy's own plan where the lead named none it knows."""
    seats = lead.seats if lead.seats else seats_when_unknown
    return _list_minor(policy, lead.plan) * seats * _MONTHS


def _list_minor(policy: Policy, plan: str | None) -> int:
    for name in (plan, policy.plan, *policy.price_books):
        book = policy.books_of(name or "").get(policy.currency)
        if book is not None:
            return book.list_minor
    return _LIST_MINOR_WHEN_UNKNOWN
