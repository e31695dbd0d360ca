"""What each rule's offers sold and cost, in money: counted, not compared with anybody."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from offers.deeds import sold_by_order
from offers.money import in_major_units
from offers.terms import Terms
from service.store.offers import offers
from service.store.offers.offers import RuleSum


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """One rule's offers, in any version of its policy; money in minor units."""

    rule: str
    given: RuleSum
    currency: str
    """Of what was conceded."""
    sold: Mapping[str, int]
    """The net price of the orders that redeemed them, by its currency; a trade without an order
    sold nothing."""


def earned(
    connection: sa.Connection, policy_id: str, currency: str, rule: str | None = None
) -> list[Earned]:
    """A line for each rule with offers, or the asked one's; `currency` is the policy's."""
    sums = offers.by_rule(connection, policy_id)
    sold: dict[str, Counter[str]] = {}
    for of, text in offers.redeemed_terms(connection, policy_id):
        quote = sold_by_order(Terms.from_json(json.loads(text)))
        if quote is not None:
            sold.setdefault(of, Counter())[quote.currency] += quote.net_minor
    return [
        Earned(rule=of, given=given, currency=currency, sold=sold.get(of, {}))
        for of, given in sorted(sums.items())
        if rule in (None, of)
    ]


def together(lines: Sequence[Earned]) -> Earned | None:
    """All rules' offers as one line; None of none."""
    if not lines:
        return None
    sold: Counter[str] = Counter()
    for line in lines:
        sold.update(line.sold)
    sums = {
        name: sum(getattr(line.given, name) for line in lines)
        for name in ("offers", "redeemed", "settled_minor", "open_minor")
    }
    given = RuleSum(**sums)
    return Earned(rule="all offers", given=given, currency=lines[0].currency, sold=sold)


def earned_json(line: Earned) -> dict[str, Any]:
    """A line as `GET /v1/effect` and `--json` tell it."""
    return {
        "rule": line.rule,
        "offers": line.given.offers,
        "redeemed": line.given.redeemed,
        "sold_minor": dict(line.sold),
        "conceded_minor": line.given.settled_minor,
        "open_minor": line.given.open_minor,
        "currency": line.currency,
    }


def earned_in_words(line: Earned) -> str:
    """`47 offers, 18 redeemed; sold 9,100.00 USD net; conceded 790.00 USD; at most …`."""
    given = line.given
    sold = " and ".join(_money(minor, currency) for currency, minor in sorted(line.sold.items()))
    told = [
        f"{given.offers:,} {'offer' if given.offers == 1 else 'offers'}, "
        f"{given.redeemed:,} redeemed",
        f"sold {sold} net" if sold else "nothing sold",
        f"conceded {_money(given.settled_minor, line.currency)}",
    ]
    if given.open_minor:
        told.append(f"at most {_money(given.open_minor, line.currency)} more in open ones")
    return "; ".join(told)


def _money(minor: int, currency: str) -> str:
    return f"{in_major_units(minor, currency)} {currency}"
