"""Guardrails over what this very offer would add to (a budget, a limit, a calendar), and stops."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from offers.codes import normal_code
from offers.guardrails.result import GuardrailResult, Shown
from offers.policy_codes import codes_of
from offers.quote import Quote
from offers.rules import Policy, Rule
from offers.situation import Situation
from offers.terms.pay_gets import dated

YEAR = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What one offer would take, on one day."""

    rule: Rule
    situation: Situation
    reserve_minor: int
    """Its highest possible cost, in the policy's currency."""
    quoted: Quote | None
    today: date
    """The day in the account's zone."""
    alike: tuple[Rule, ...]
    """The dated rules with a like give whose condition this situation meets, itself among them."""
    days_lived: int
    """The earlier days of this year on which this audience got a like concession."""
    dated: tuple[Rule, ...]
    """The dated rules of any give whose condition this situation meets, itself among them."""
    any_days_lived: int
    """The earlier days of this year on which this audience got a concession of any kind."""


def budget_minor_per_month(spending: Spending, policy: Policy) -> GuardrailResult | None:
    """The month's budget still holds the offer's highest possible cost."""
    limit = policy.guardrails.budget_minor_per_month
    return _adds_up("budget_minor_per_month", spending, limit, "budget_used_minor")


def account_minor_per_year(spending: Spending, policy: Policy) -> GuardrailResult | None:
    """Concessions to one account add up."""
    limit = policy.guardrails.account_minor_per_year
    return _adds_up("account_minor_per_year", spending, limit, "account_conceded_minor")


def rep_minor_per_month(spending: Spending, policy: Policy) -> GuardrailResult | None:
    """Concessions asked for by one rep add up."""
    if spending.situation.get("requested_by") != "rep":
        return None
    limit = policy.guardrails.rep_minor_per_month
    return _adds_up("rep_minor_per_month", spending, limit, "rep_conceded_minor")


def credit_limit(spending: Spending, policy: Policy) -> GuardrailResult | None:
    """Payment is deferred within a known credit limit only, beside what is unpaid already."""
    if not any(give.kind == "payment_days" for give in spending.rule.gives):
        return None
    known = spending.situation.get("credit_limit_minor")
    unpaid = int(spending.situation.get("unpaid_minor") or 0)
    owed = spending.quoted.net_minor + unpaid if spending.quoted else None
    held = isinstance(known, int) and owed is not None and owed <= known
    return _result("credit_limit", spending, held, known, owed)


def days_left(spending: Spending, policy: Policy) -> GuardrailResult | None:
    """A stated date to pay by is still ahead."""
    gets = dated(spending.rule.gets)
    if not gets:
        return None
    late = [get for get in gets if get.last_day(spending.today) is None]
    return _result(
        "days_left", spending, not late, str((late or gets)[0]), spending.today.isoformat()
    )


def rule_paused(spending: Spending, policy: Policy) -> GuardrailResult:
    """Nothing by a rule that pauses, as too many of its readers complained."""
    is_paused = spending.rule.id in _lines(spending, "paused_rules")
    return _result("rule_paused", spending, not is_paused, False, is_paused)


def code_stopped(spending: Spending, policy: Policy) -> GuardrailResult | None:
    """Nothing new for a code that somebody stopped."""
    asked = {normal_code(code) for _, code in codes_of(spending.rule)}
    if not asked:
        return None
    stopped = asked.intersection(_lines(spending, "stopped_codes"))
    return _result("code_stopped", spending, not stopped, False, bool(stopped))


def live_days_per_year(spending: Spending, policy: Policy) -> GuardrailResult | None:
    """Days a year on which this audience could get a like concession, across rules and versions.

    Dated rules are counted by their dates; what was conceded on earlier days by whom it was.
    """
    limit = policy.guardrails.live_days_per_year
    days, lived = most_days(spending.alike), spending.days_lived
    return _live_days("live_days_per_year", spending, limit, days, lived)


def live_days_per_year_any(spending: Spending, policy: Policy) -> GuardrailResult | None:
    """Days a year on which this audience could get a concession of any kind, counted alike.

    A hundred days of a discount and then a hundred of free months are one promotion.
    """
    limit = policy.guardrails.live_days_per_year_any
    days, lived = most_days(spending.dated), spending.any_days_lived
    return _live_days("live_days_per_year_any", spending, limit, days, lived)


SPENT: dict[str, Callable[[Spending, Policy], GuardrailResult | None]] = {
    guardrail.__name__: guardrail
    for guardrail in (
        budget_minor_per_month,
        account_minor_per_year,
        rep_minor_per_month,
        credit_limit,
        days_left,
        rule_paused,
        code_stopped,
        live_days_per_year,
        live_days_per_year_any,
    )
}


def spent_results(spending: Spending, policy: Policy) -> tuple[GuardrailResult, ...]:
    """The results that depend on the offer's size and day."""
    found = (guardrail(spending, policy) for guardrail in SPENT.values())
    return tuple(result for result in found if result is not None)


def most_days(rules: Iterable[Rule]) -> int:
    """The most days, within any 365 in a row, on which at least one of the dated rules is open."""
    spans = sorted((rule.starts, rule.until) for rule in rules if rule.starts and rule.until)
    most = 0
    for first, _ in spans:
        last = first + timedelta(days=YEAR - 1)
        clipped = [(start, min(end, last)) for start, end in spans if first <= start <= last]
        most = max(most, _covered(clipped))
    return most


def _covered(spans: Iterable[tuple[date, date]]) -> int:
    days, reached = 0, date.min
    for start, end in spans:
        since = max(start, reached + timedelta(days=1))
        if end >= since:
            days += (end - since).days + 1
            reached = end
    return days


def _lines(spending: Spending, fact: str) -> list[str]:
    return str(spending.situation.get(fact) or "").split("\n")


def _live_days(
    name: str, spending: Spending, limit: int | None, days: int, lived: int
) -> GuardrailResult | None:
    if limit is None:
        return None
    used = max(int(spending.situation.get("live_days_used") or 0), lived)
    if days > limit or not used:
        return _result(name, spending, days <= limit, limit, days)
    return _result(name, spending, used < limit, limit, used)


def _adds_up(name: str, spending: Spending, limit: int | None, fact: str) -> GuardrailResult | None:
    if limit is None:
        return None
    total = int(spending.situation.get(fact) or 0) + spending.reserve_minor
    return _result(name, spending, total <= limit, limit, total)


def _result(
    name: str, spending: Spending, held: bool, limit: Shown, actual: Shown
) -> GuardrailResult:
    return GuardrailResult(spending.rule.id, name, held, limit, actual)
