"""What changed between two policies: in words, and in leads gained and lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING

from offers.conditions.nodes import clauses, written
from offers.rules import Policy, Rule
from offers.terms.get import Get
from offers.terms.gives import Give

if TYPE_CHECKING:  # who compares texts only does without the data frames
    import polars as pl


_Trade = tuple[str, tuple[Give, ...], tuple[Get, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Leads whose offer differs under the new policy."""

    gained: int
    lost: int
    changed: int
    """An offer before and after, by another rule or with another trade."""


def differences(old: Policy, new: Policy) -> tuple[str, ...]:
    """Every change, one sentence each; empty when the two say the same."""
    by_id = [{rule.id: rule for rule in policy.rules} for policy in (old, new)]
    return (*_settings(old, new), *_prices(old, new), *_rules(*by_id))


def moved(old: Policy, new: Policy, table: pl.DataFrame, today: date) -> Moved:
    """Who of some past situations gains, loses or changes an offer."""
    before, after = (_winners(policy, table, today) for policy in (old, new))
    pairs = list(zip(before, after, strict=True))
    return Moved(
        gained=sum(one is None and other is not None for one, other in pairs),
        lost=sum(one is not None and other is None for one, other in pairs),
        changed=sum(None not in pair and pair[0] != pair[1] for pair in pairs),
    )


def _winners(policy: Policy, table: pl.DataFrame, today: date) -> list[_Trade | None]:
    from offers.backtest import backtest

    trades = [(rule.id, rule.gives, rule.gets) for rule in policy.rules]
    winners = backtest(policy, table, today).winners
    return [None if winner is None else trades[winner] for winner in winners]


def _settings(old: Policy, new: Policy) -> Iterable[str]:
    for name in ("currency", "timezone", "plan"):
        if getattr(old, name) != getattr(new, name):
            yield f"{name}: {getattr(old, name)} → {getattr(new, name)}"
    for title in ("guardrails", "approval", "costs"):
        before, after = asdict(getattr(old, title)), asdict(getattr(new, title))
        for key in before:
            if before[key] != after[key]:
                yield f"{key}: {_said(before[key])} → {_said(after[key])}"
    for title in ("refused", "sign_off"):
        was = {str(listed.country) for listed in getattr(old, title)}
        now = {str(listed.country) for listed in getattr(new, title)}
        if was != now:
            yield f"{title} countries: {_change(was, now)}"


def _prices(old: Policy, new: Policy) -> Iterable[str]:
    before, after = (
        {
            (plan, currency): (book.list_minor, book.floor_minor)
            for plan, books in policy.price_books.items()
            for currency, book in books.items()
        }
        for policy in (old, new)
    )
    for plan, currency in sorted(before.keys() | after.keys()):
        one, other = before.get((plan, currency)), after.get((plan, currency))
        if one != other:
            yield f"price of {plan} in {currency} (list, floor): {_said(one)} → {_said(other)}"


def _rules(old: dict[str, Rule], new: dict[str, Rule]) -> Iterable[str]:
    for name in old:
        if name not in new:
            yield f'rule "{name}" is gone'
    for name, rule in new.items():
        if name not in old:
            yield f'rule "{name}" is new: {_trade(rule)}, when {written(rule.when)}'
        else:
            yield from _changes(old[name], rule)
    kept = [name for name in old if name in new]
    if kept != [name for name in new if name in old]:
        yield f"order: {', '.join(name for name in new if name in old)} (was {', '.join(kept)})"


def _changes(old: Rule, new: Rule) -> Iterable[str]:
    before = {written(clause) for clause in clauses(old.when)}
    after = {written(clause) for clause in clauses(new.when)}
    if before != after:
        yield f'rule "{new.id}" when: {_change(before, after)}'
    for title, one, other in (("gives", old.gives, new.gives), ("gets", old.gets, new.gets)):
        left = {f"{term.kind} {term.value}" for term in one}
        right = {f"{term.kind} {term.value}" for term in other}
        if left != right:
            yield f'rule "{new.id}" {title}: {_swap(one, other)}'
    for name in ("valid_days", "email", "starts", "until", "why"):
        if getattr(old, name) != getattr(new, name):
            label = "from" if name == "starts" else name
            change = f"{_said(getattr(old, name))} → {_said(getattr(new, name))}"
            yield f'rule "{new.id}" {label}: {change}'


def _change(before: set[str], after: set[str]) -> str:
    gone = [f"no longer {each}" for each in sorted(before - after)]
    return "; ".join([*gone, *(f"now {each}" for each in sorted(after - before))])


def _swap(before: Sequence[Give | Get], after: Sequence[Give | Get]) -> str:
    """`three extra months instead of two extra months`, as people say the terms."""
    was, now = ([term.phrase() for term in terms] for terms in (before, after))
    gone = ", ".join(each for each in was if each not in now)
    added = ", ".join(each for each in now if each not in was)
    if gone and added:
        return f"{added} instead of {gone}"
    if gone or added:
        return f"also {added}" if added else f"no longer {gone}"
    was, now = ([f"{term.kind} {term.value}" for term in terms] for terms in (before, after))
    return _change(set(was), set(now))


def _trade(rule: Rule) -> str:
    gives = ", ".join(f"{give.kind} {give.value}" for give in rule.gives)
    return f"{gives} for {', '.join(f'{get.kind} {get.value}' for get in rule.gets)}"


def _said(value: object) -> str:
    return "none" if value is None else str(value)
