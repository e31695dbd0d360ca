"""What the store knows around one lead, as the situation a policy looks at."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

import sqlalchemy as sa

from offers.concession_days import ConcessionDays
from offers.fx import Rates, currency_of, steady_facts, units_for_one, unknown_because
from offers.plans import is_among
from offers.policy import Policy
from offers.situation import RATE_FACTS, Situation, Value
from scoring.leads.counters import Rollup
from scoring.model.model import Score
from service.domain.account_value import past_minor
from service.domain.lanes import was_touched
from service.domain.lead import StoredLead
from service.domain.lead_record import contact_from, lawful_basis_of
from service.domain.situations import PolicyInputs, RequestedBy, Team, situation_of, trusted
from service.store.leads import accounts, leads
from service.store.offers import limits, offers, tasks
from service.store.queue import objections
from service.use_cases.leads.abuse import signs
from service.use_cases.leads.account_books import money_of, stage_of_account
from service.use_cases.leads.lead_context import LeadContext
from service.use_cases.offers.holdout import placed
from service.use_cases.offers.stops import stopped_facts
from service.use_cases.tx import Tx

_TEAM = 200  # of a larger account the most recently active are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Who wants an offer decided, and when."""

    by: str
    role: RequestedBy
    now: datetime


def situate(tx: Tx, case: LeadContext, score: Score, request: Request) -> Situation:
    """Everything the policy may look at about this lead now."""
    stored, now = case.stored, request.now
    account = None if stored.account is None else accounts.find(tx.connection, stored.account)
    key = account_key(stored)
    had = offers.had(tx.connection, key, now)
    month = limits.month_of(now)
    debts = offers.debts_of(tx.connection, key)
    given = trusted(stored.record, now)
    open_offers = limits.used(tx.connection, limits.OPEN_OFFERS)
    money = money_of(tx.at(now), stored)
    is_their_rep = request.role == "rep" and stored.rep == request.by
    standing = PolicyInputs(
        lane="rep" if is_their_rep else stored.lane,  # also while it rests after their call
        trial_started_at=case.trial_started_at,
        rep_contacted=was_touched(
            accounts.touched_at(stored, account), now, tx.runtime.settings.touch_days
        ),
        ground=lawful_basis_of(stored.record),
        hides_price=is_among(case.lead.plan, tx.runtime.settings.plans_without_public_price),
        outcome=stored.standing_outcome,
        asked_for_rep_at=stored.asked_since_lost,
        open_deal=given.get("open_deal") is True
        or (account is not None and account.open_deal_since is not None),
        paying_account=account is not None and account.paying_since is not None,
        offers_before=had.count,
        open_offers=had.open,
        last_offer_at=had.last_at,
        audience_share_used=min(
            1.0, open_offers / max(1, tx.runtime.board.live_trials(tx.connection, now))
        ),
        budget_used_minor=limits.used(tx.connection, limits.BUDGET, month),
        account_conceded_minor=had.conceded_minor,
        rep_conceded_minor=(
            limits.used(tx.connection, limits.of_person(request.by), month)
            if request.role == "rep"
            else 0
        ),
        unpaid_minor=sum(debt.minor for debt in debts),
        overdue=any(debt.due_at < now for debt in debts),
        owes=tasks.owes(tx.connection, key),
        last_objection=objections.last_of(tx.connection, stored.id),
        stage=stage_of_account(tx.at(now), stored, money).name,
        value_past_minor=past_minor(
            money, offers.cost_of_redeemed(tx.connection, key), tx.runtime.policy.currency
        ),
        given=given,
        other_discount=given.get("other_discount") is True
        or offers.is_discounted(tx.connection, key, now, tx.runtime.policy.timezone),
        abuse=signs(tx, case),
        team=team_of(tx.connection, stored, now),
        currency_drops=_currency_facts(
            case.contact.country, tx.runtime.policy.currency, now.date(), tx.runtime.exchange
        ),
        billing=billing_facts(
            given.get("currency"),
            case.contact.country,
            tx.runtime.policy.currency,
            (now.date(), case.trial_started_at.date()),
            tx.runtime.exchange,
        ),
        requested_by=request.role,
    )
    situation = situation_of(case.lead, case.contact, case.rollup, score, standing, now)
    situation = {**situation, **stopped_facts(tx)}
    return placed(tx.at(now), tx.runtime.policy, key, situation, past(tx.at(now)))


def past(tx: Tx) -> tuple[ConcessionDays, ...]:
    """What was conceded on earlier days, where the policy has a limit for it."""
    guardrails = tx.runtime.policy.guardrails
    if guardrails.live_days_per_year is None and guardrails.live_days_per_year_any is None:
        return ()
    return tx.runtime.board.past(tx.connection, tx.now.date())


def team_of(connection: sa.Connection, stored: StoredLead, now: datetime) -> Team:
    """Who of the lead's account was active in the last seven days; nobody's for a lone lead."""
    if stored.account is None:
        return Team(active_users=None, departments_active=None)
    departments = []
    for contact, rollup in leads.colleagues(connection, stored.account, limit=_TEAM):
        if Rollup.from_json(json.loads(rollup)).counters(now).active_days_7d:
            departments.append(contact_from(contact).department)
    named = {department for department in departments if department != "unknown"}
    return Team(active_users=len(departments), departments_active=len(named))


def account_key(lead: StoredLead) -> str:
    """What holds at most one open offer: the account, or a lead that has none by itself."""
    return lead.account or f"lead:{lead.pseudonym}"


def billing_facts(
    told: Value, country: str | None, against: str, days: tuple[date, date], exchange: Rates
) -> dict[str, Value]:
    """The currency an account is billed in, and its rates today and when its trial began."""
    today, then = days
    usual = None if country is None else currency_of(country, today)
    currency = told if isinstance(told, str) else usual
    if currency is None or currency == against:
        return {"billing_currency": currency}
    rates = [units_for_one(currency, against, day, exchange) for day in (today, then)]
    named = zip(RATE_FACTS, rates, strict=True)
    return {"billing_currency": currency} | {
        name: None if rate is None else float(rate) for name, rate in named
    }


@lru_cache(maxsize=4096)
def _currency_facts(
    country: str | None, against: str, day: date, exchange: Rates
) -> dict[str, float | None]:
    return steady_facts(country, against, day, exchange)


def currency_notes(policy: Policy, country: str | None, day: date, exchange: Rates) -> list[str]:
    """Why a currency fact that the policy's rules look at is not known, in words."""
    if country is None:
        return []
    asked = frozenset[str]().union(*(rule.facts for rule in policy.rules))
    why = unknown_because(country, policy.currency, day, exchange)
    return [f"{fact} is not known: {said}" for fact, said in why.items() if fact in asked]
