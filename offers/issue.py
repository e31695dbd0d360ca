"""From a rule that won to the terms promised: prices, end, sentence, all frozen."""

from __future__ import annotations

from datetime import date, timedelta

from offers.guardrails import GEO_FACTS, Spending
from offers.quote import Quote
from offers.rules import Policy, Rule
from offers.situation import Situation
from offers.terms.offer import Approval, Terms
from offers.terms.pay_gets import dated
from offers.terms.sentence import spell
from offers.terms.windows import end_of_day


def issue_terms(spending: Spending, policy: Policy, zone: str) -> Terms:
    """The snapshot of one offer, ending on a day of the account's zone."""
    rule, situation = spending.rule, spending.situation
    last_day = last_day_of(rule, spending.today)
    country = situation.get("country")
    return Terms(
        policy_id=policy.id,
        policy_version=policy.version,
        rule=rule.id,
        why=rule.why,
        email=rule.email,
        gives={give.kind: give.value for give in rule.gives},
        gets={get.kind: get.value for get in rule.gets},
        quote=spending.quoted,
        reserve_minor=spending.reserve_minor,
        reserve_currency=policy.currency,
        ends_at=end_of_day(last_day, zone),
        timezone=zone,
        sentence=spell(rule.gives, rule.gets, last_day),
        approval=approval_needed(
            policy,
            situation,
            spending.quoted,
            is_special=situation.get("hidden_price") is True
            or any(give.kind == "payment_days" for give in rule.gives),
        ),
        needs_card_country=str(country) if country and rule.facts & GEO_FACTS else None,
    )


def last_day_of(rule: Rule, today: date) -> date:
    """The earliest of the rule's ends, for an offer made today."""
    days = [get.last_day(today) for get in dated(rule.gets)]
    ends = [day for day in days if day is not None]
    if rule.valid_days is not None:
        ends.append(today + timedelta(days=rule.valid_days))
    return min(ends)


def approval_needed(
    policy: Policy, situation: Situation, quoted: Quote | None, *, is_special: bool = False
) -> Approval:
    """Who must approve: by the effective percent for a person's concession, by the country for
    any, and always where it `is_special`: credit, or a plan without a public price. What the
    policy's rules grant by themselves otherwise was approved when it was published.
    """
    signed = {listed.country for listed in policy.sign_off}
    if signed & {situation.get("country"), situation.get("card_country")} or is_special:
        return "manager"
    return approval_by_size(policy, situation.get("requested_by"), quoted)


def approval_by_size(policy: Policy, asked_by: object, quoted: Quote | None) -> Approval:
    """Who must approve a concession of that size by who asks for it."""
    if quoted is None or asked_by not in ("rep", "manager"):
        return "none"
    if not quoted.is_at_most_percent(policy.approval.manager_above_percent):
        return "manager"
    if asked_by == "rep" and not quoted.is_at_most_percent(policy.approval.rep_above_percent):
        return "rep"
    return "none"
