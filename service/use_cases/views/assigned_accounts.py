"""From the store's assignments, conversions and redemptions to accounts as they were assigned.

An account counts as assigned when an offer was first due to it, whether it got it or not. What
turned out to be one account is one, by its earliest assignment; one that had both arms shows
nothing and is left out. Money is what was paid within the days after, less what the gives cost
beyond the lower price: what a discount took is missing from the amounts already.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import nan
from typing import Any

import sqlalchemy as sa

from offers.terms import Terms
from service.store.offers import holdout, merged_accounts
from service.store.offers.holdout import Assigned


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account; `money` is NaN where an amount is missing or in another currency."""

    first: Assigned
    is_control: bool
    control_share: float
    is_mature: bool
    """Whether its days are over."""
    converted: bool
    money: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """Those that were assigned one arm, oldest first, and how many had both."""

    everybody: Sequence[Account]
    both_arms: int

    @property
    def accounts(self) -> list[Account]:
        """Those that had a chance of both arms."""
        return [each for each in self.everybody if 0 < each.control_share < 1]

    @property
    def no_chance(self) -> int:
        """How many had not."""
        return len(self.everybody) - len(self.accounts)


def assigned_accounts(
    connection: sa.Connection, policy_id: str, *, days: int, now: datetime, rule: str | None = None
) -> Accounts:
    """A policy's accounts, and what came of each within the days after its assignment."""
    assigned = holdout.of_policy(connection, policy_id)
    if not assigned:
        return Accounts(everybody=[], both_arms=0)
    whole = _names(connection)
    groups: dict[str, list[Assigned]] = {}
    for each in assigned:
        groups.setdefault(whole(each.account), []).append(each)
    earliest = {name: min(group, key=_order) for name, group in groups.items()}
    asked = {name: each for name, each in earliest.items() if rule in (None, each.rule)}
    single = {n: each for n, each in asked.items() if len({a.arm for a in groups[n]}) == 1}
    within = timedelta(days=days)
    paid: dict[str, list[Mapping[str, Any] | None]] = {}
    for account, at, told in holdout.conversions(connection):
        first = single.get(name := whole(account))
        if first is not None and first.at <= at <= first.at + within:
            paid.setdefault(name, []).append(told.get("amount"))
    cost: dict[str, int] = {}
    for account, at, settled, terms in holdout.redeemed(connection):
        first = single.get(name := whole(account))
        if first is not None and at >= first.at:
            cost[name] = cost.get(name, 0) + _beyond_the_price(settled, terms)
    accounts = [
        Account(
            first=each,
            is_control=each.arm == "control",
            control_share=control_share(each),
            is_mature=each.at + within <= now,
            converted=name in paid,
            money=_money(paid.get(name, ()), currency(each), cost.get(name, 0)),
        )
        for name, each in sorted(single.items(), key=lambda pair: _order(pair[1]))
    ]
    return Accounts(everybody=accounts, both_arms=len(asked) - len(single))


def currency(each: Assigned) -> str:
    """The currency an assignment's policy counts in."""
    return str(json.loads(each.terms)["reserve_currency"])


def control_share(each: Assigned) -> float:
    """The chance an account had of being a control."""
    chance = Decimal(each.propensity)
    return float(chance if each.arm == "control" else 1 - chance)


def _names(connection: sa.Connection) -> Callable[[str], str]:
    """What an account is called by now: it may have been merged, a lone lead may have got one."""
    joined, merged = holdout.joined(connection), merged_accounts.everything(connection)

    def whole(account: str) -> str:
        account = merged.get(account, account)
        account = joined.get(account, account)
        return merged.get(account, account)

    return whole


def _order(each: Assigned) -> tuple[datetime, str]:
    return each.at, each.account


def _money(amounts: Iterable[Mapping[str, Any] | None], currency: str, cost_minor: int) -> float:
    total = -cost_minor
    for amount in amounts:
        if amount is None or amount["currency"] != currency:
            return nan
        total += amount["minor"]
    return float(total)


def _beyond_the_price(settled_minor: int, text: str) -> int:
    quoted = Terms.from_json(json.loads(text)).quote
    if quoted is None or quoted.cost_minor <= 0:
        return settled_minor
    off = quoted.list_minor - quoted.net_minor
    return round(settled_minor * (quoted.cost_minor - off) / quoted.cost_minor)
