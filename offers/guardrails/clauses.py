"""Guardrails over the situation alone, written as conditions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from offers.conditions import All, Any, Compare, Flag, Name, Node, Within
from offers.guardrails.result import Shown
from offers.rules import Policy, Rule
from offers.situation import RATE_FACTS, Situation


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A guardrail over the situation alone."""

    name: str
    limit: Shown
    facts: tuple[str, ...]
    """The facts shown as `actual`."""
    holds: Node
    unknown_holds: bool = True
    """What an unknown fact means: state that is not recorded is no reason to refuse, a safety
    that is not known is."""

    def actual(self, situation: Situation) -> Shown:
        """What was found: the fact's value, or each known one by name."""
        if len(self.facts) == 1:
            return situation.get(self.facts[0])
        known = [
            f"{fact} {situation[fact]}" for fact in self.facts if situation.get(fact) is not None
        ]
        return ", ".join(known) or None


_DROPS = {f"currency_drop_{days}d" for days in (30, 90, 180, 365)}
GEO_FACTS = frozenset({"country", "region", "billing_currency"} | _DROPS)
"""Facts that make an offer rest on where the account is."""

GEO_WITNESSES = ("phone_country", "ip_country", "card_country")
"""Facts that know the country from another source than `country` does."""


def open_offers_per_account(rule: Rule, policy: Policy) -> Clause | None:
    """At most so many open offers for one account."""
    limit = policy.guardrails.open_offers_per_account
    return _below("open_offers_per_account", "open_offers", limit)


def days_between_offers(rule: Rule, policy: Policy) -> Clause | None:
    """So many days after the last offer before the next."""
    limit = policy.guardrails.days_between_offers
    if limit is None:
        return None
    holds = Compare("days_since_last_offer", ">=", limit)
    return Clause(
        name="days_between_offers", limit=limit, facts=("days_since_last_offer",), holds=holds
    )


def audience_share(rule: Rule, policy: Policy) -> Clause | None:
    """At most this share of live trials holds an offer."""
    limit = policy.guardrails.audience_share
    return _below("audience_share", "audience_share_used", None if limit is None else float(limit))


def holdout(rule: Rule, policy: Policy) -> Clause | None:
    """Accounts in the control arm get no offer, so that the effect can be measured."""
    share = policy.guardrails.holdout or policy.guardrails.holdout_while_young
    if not share:
        return None
    holds = Compare("arm", "!=", "control")
    return Clause(name="holdout", limit=float(share), facts=("arm",), holds=holds)


def rep_contacted(rule: Rule, policy: Policy) -> Clause | None:
    """No offer without a person in between while a rep talks to the lead."""
    if not rule.goes_by_itself:
        return None
    return Clause(
        name="rep_contacted",
        limit=False,
        facts=("rep_contacted",),
        holds=Flag("rep_contacted", False),
        unknown_holds=False,
    )


def may_write(rule: Rule, policy: Policy) -> Clause | None:
    """No mail to a person who wants none, or without a ground."""
    if rule.email is None:
        return None
    holds = All((Flag("do_not_email", False), Compare("ground", "!=", "none")))
    return Clause(name="may_write", limit="a ground", facts=("do_not_email", "ground"), holds=holds)


def hidden_price(rule: Rule, policy: Policy) -> Clause | None:
    """Nothing by itself for a plan whose price is not public; a person concedes with approval."""
    return _never("hidden_price") if rule.goes_by_itself else None


def paying_account(rule: Rule, policy: Policy) -> Clause:
    """Nothing to a paying account's colleague."""
    return _never("paying_account")


def open_deal(rule: Rule, policy: Policy) -> Clause:
    """Nothing to an account with an open deal."""
    return _never("open_deal")


def other_discount(rule: Rule, policy: Policy) -> Clause:
    """Never on top of another discount."""
    return _never("other_discount")


def fit_for_use(rule: Rule, policy: Policy) -> Clause:
    """Nothing to a lead whose use shows a misfit: a cheaper wrong purchase is still wrong."""
    return Clause(
        name="fit_for_use", limit=True, facts=("fit_for_use",), holds=Flag("fit_for_use", True)
    )


def alias_mailbox(rule: Rule, policy: Policy) -> Clause:
    """Nothing to an alias of a person who had a trial."""
    return _never("alias_mailbox")


def shared_payment_reference(rule: Rule, policy: Policy) -> Clause:
    """Nothing to an account that pays with another account's reference."""
    return _never("shared_payment_reference")


def offer_at_domain(rule: Rule, policy: Policy) -> Clause:
    """Nothing to a second account of a mail domain that had an offer already."""
    return _never("offer_at_domain")


def second_trial(rule: Rule, policy: Policy) -> Clause | None:
    """Nothing to a second trial, unless the rule is made for one."""
    if rule.facts & {"earlier_trials", "lifecycle_stage"}:
        return None
    holds = Compare("earlier_trials", "==", 0)
    return Clause(name="second_trial", limit=0, facts=("earlier_trials",), holds=holds)


def refused_countries(rule: Rule, policy: Policy) -> Clause | None:
    """Nothing where any known fact names a refused country."""
    codes = tuple(listed.country for listed in policy.refused)
    if not codes:
        return None
    facts = ("country", *GEO_WITNESSES)
    holds = All(tuple(Within(fact, codes, False) for fact in facts))
    return Clause(name="refused_countries", limit=", ".join(codes), facts=facts, holds=holds)


def geo_agreement(rule: Rule, policy: Policy) -> Clause | None:
    """An offer that rests on a country needs a second fact that agrees, and none is enough."""
    if not rule.facts & GEO_FACTS:
        return None
    agree = Any(tuple(Compare(fact, "==", Name("country")) for fact in GEO_WITNESSES))
    return Clause(
        name="geo_agreement",
        limit="a second fact agrees",
        facts=("country", *GEO_WITNESSES),
        holds=agree,
        unknown_holds=False,
    )


PERSONS = (
    *("person", "individual", "natural person", "natural_person", "private", "consumer"),
    *("freelancer", "self-employed", "self_employed", "sole trader", "sole_trader"),
    *("sole proprietor", "sole_proprietor", "sole proprietorship", "einzelunternehmen"),
)
"""Legal forms of people: credit to them falls under consumer-credit law or needs their consent."""


def credit_to_companies(rule: Rule, policy: Policy) -> Clause | None:
    """Days to pay only for a customer known to be no natural person."""
    if not _gives_credit(rule):
        return None
    return Clause(
        name="credit_to_companies",
        limit="a company",
        facts=("legal_form",),
        holds=Within("legal_form", PERSONS, False),
        unknown_holds=False,
    )


def overdue(rule: Rule, policy: Policy) -> Clause | None:
    """No more credit while an order on account is overdue."""
    return _never("overdue") if _gives_credit(rule) else None


def currency_fell(rule: Rule, policy: Policy) -> Clause | None:
    """A locked rate needs both rates, and concedes nothing where the currency did not fall."""
    if not any(give.kind == "currency_lock" for give in rule.gives):
        return None
    return Clause(
        name="currency_fell",
        limit="a rate above that of the trial's first day",
        facts=("billing_currency", *RATE_FACTS),
        holds=Compare(RATE_FACTS[0], ">", Name(RATE_FACTS[1])),
        unknown_holds=False,
    )


CLAUSES: dict[str, Callable[[Rule, Policy], Clause | None]] = {
    guardrail.__name__: guardrail
    for guardrail in (
        open_offers_per_account,
        days_between_offers,
        audience_share,
        holdout,
        rep_contacted,
        may_write,
        hidden_price,
        paying_account,
        open_deal,
        other_discount,
        fit_for_use,
        alias_mailbox,
        shared_payment_reference,
        offer_at_domain,
        second_trial,
        refused_countries,
        geo_agreement,
        credit_to_companies,
        overdue,
        currency_fell,
    )
}


def clauses_of(rule: Rule, policy: Policy) -> tuple[Clause, ...]:
    """The clause guardrails that apply to a rule."""
    found = (guardrail(rule, policy) for guardrail in CLAUSES.values())
    return tuple(clause for clause in found if clause is not None)


def _below(name: str, fact: str, limit: int | float | None) -> Clause | None:
    if limit is None:
        return None
    return Clause(name=name, limit=limit, facts=(fact,), holds=Compare(fact, "<", limit))


def _gives_credit(rule: Rule) -> bool:
    return any(give.kind == "payment_days" for give in rule.gives)


def _never(fact: str) -> Clause:
    return Clause(name=fact, limit=False, facts=(fact,), holds=Flag(fact, False))
