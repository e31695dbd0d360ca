"""What a draft's changes cost: an order before and after, the offers so far, the policy's caps."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median_low
from typing import Any

import sqlalchemy as sa

from offers.money import in_major_units
from offers.policy import Policy, Rule
from offers.quote import quote
from offers.terms import Terms
from service.store.offers import offers
from service.store.offers.offers import StoredOffer

_LOOKED_AT = 500
"""Of a rule's offers, the newest."""
_CAPS = (
    ("account_minor_per_year", "One account a year"),
    ("rep_minor_per_month", "One rep a month"),
    ("budget_minor_per_month", "All offers of a month"),
)


def changed_rules(old: Policy, new: Policy) -> list[tuple[Rule, Rule]]:
    """The rules that both have, with another trade in the new one."""
    before = {rule.id: rule for rule in old.rules}
    pairs = [(before[rule.id], rule) for rule in new.rules if rule.id in before]
    return [(a, b) for a, b in pairs if (a.gives, a.gets) != (b.gives, b.gets)]


def change_costs(connection: sa.Connection, old: Policy, new: Policy) -> list[str]:
    """Sentences: each rule whose trade changes, then the caps, which bound all of them."""
    told = [
        line
        for before, after in changed_rules(old, new)
        for line in _rule(connection, before, after, old, new)
    ]
    return [*told, *_caps(old, new)]


def given_otherwise(connection: sa.Connection, rule: Rule, policy: Policy) -> str:
    """`29 of them gave two extra months.`: offers of a rule that gives something else by now."""
    now = ", ".join(give.phrase() for give in rule.gives)
    given = _given(offers.of_rule(connection, policy.id, rule.id, limit=_LOOKED_AT))
    others = {gave: count for gave, count in given.items() if gave != now}
    if not others or any(give.kind in _drawn(rule) for give in rule.gives):
        return ""
    return "".join(f" {count:,} of them gave {gave}." for gave, count in others.items())


def _drawn(rule: Rule) -> set[str]:
    """The gives whose size chance draws: what they gave differs within one version."""
    return {give.kind for give in rule.gives if give.at_worst() != give}


def _rule(
    connection: sa.Connection, before: Rule, after: Rule, old: Policy, new: Policy
) -> Iterator[str]:
    found = offers.of_rule(connection, old.id, after.id, limit=_LOOKED_AT)
    terms = [Terms.from_json(json.loads(each.terms)) for each in found]
    quotes = [each.quote for each in terms if each.quote is not None]
    orders = [("the smallest order", after.least("seats"), after.least("term_months"))]
    if quotes:
        seats = median_low(each.seats for each in quotes)
        months = median_low(each.term_months for each in quotes)
        orders.append(("the typical order so far", seats, months))
    for called, seats, months in orders:
        was, will = _cost(before, old, seats, months), _cost(after, new, seats, months)
        if was is not None and will is not None:
            yield (
                f"{after.id}: {called} ({seats:,} {'seat' if seats == 1 else 'seats'}, {months:,} "
                f"months) costs at most {_money(was, old)} now, and would cost {_money(will, new)}"
            )
    yield from _so_far(found, terms, before, after, old, new)
    if found and before.gives != after.gives:
        given = " and ".join(
            f"{count:,} {'offer' if count == 1 else 'offers'} of {gave}"
            for gave, count in _given(found).items()
        )
        yield (
            f"{after.id} changes while it is being measured: so far {given}. The next readings "
            "would mix both trades; a rule of another id is measured by itself"
        )


def _so_far(
    found: Sequence[StoredOffer],
    terms: Sequence[Terms],
    before: Rule,
    after: Rule,
    old: Policy,
    new: Policy,
) -> Iterator[str]:
    """What redeemed offers would have conceded: of those that the old trade prices as they were."""
    was = would = priced = redeemed = 0
    for offer, each in zip(found, terms, strict=True):
        if offer.settled_minor is None or offer.state != "redeemed":
            continue
        redeemed += 1
        order = each.quote
        if order is None or {each.reserve_currency, old.currency} != {new.currency}:
            continue
        one = _cost(before, old, order.seats, order.term_months, order.plan)
        other = _cost(after, new, order.seats, order.term_months, order.plan)
        if one != offer.settled_minor or other is None:
            continue
        priced, was, would = priced + 1, was + one, would + other
    if priced:
        some = "" if priced == redeemed else f"{priced:,} of "
        nouns = "offer" if redeemed == 1 else "offers"
        yield (
            f"{after.id}: {some}its {redeemed:,} redeemed {nouns} conceded "
            f"{_money(was, old)}; with the new trade the same orders would have cost "
            f"{_money(would, new)}"
        )


def _cost(
    rule: Rule, policy: Policy, seats: int, months: int, plan: str | None = None
) -> int | None:
    """What the rule's gives cost at most on an order; None without a price."""
    book = policy.price_book(plan or policy.plan or next(iter(policy.price_books), None), None)
    if book is None:
        return None
    gives = [give.at_worst() for give in rule.gives]
    found = quote(book, seats=seats, term_months=months, gives=gives, costs=policy.costs)
    return max(found.cost_minor, 0)


def _caps(old: Policy, new: Policy) -> Iterator[str]:
    for name, who in _CAPS:
        was, will = (
            "no limit" if minor is None else f"at most {_money(minor, policy)}"
            for policy in (old, new)
            for minor in [getattr(policy.guardrails, name)]
        )
        changed = "" if was == will else f", and so far {was}"
        yield f"{who}: {will}{changed} ([guardrails] {name})"


def _given(found: Sequence[StoredOffer]) -> dict[str, int]:
    """How many offers gave what, in words; the words are made once for each kind of terms."""
    counts: Counter[str] = Counter()
    firsts: dict[str, Any] = {}
    for each in found:
        told = json.loads(each.terms)
        key = json.dumps(told["gives"], sort_keys=True)
        firsts.setdefault(key, told)
        counts[key] += 1
    return {
        ", ".join(give.phrase() for give in Terms.from_json(firsts[key]).give_terms()): count
        for key, count in counts.most_common()
    }


def _money(minor: int, policy: Policy) -> str:
    return f"{in_major_units(minor, policy.currency)} {policy.currency}"
