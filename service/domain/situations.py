"""From a scored lead to the situation a policy looks at. Pure; what is not known is left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Literal
from zoneinfo import available_timezones

from offers.countries import region_of
from offers.situation import FACTS, Situation, Value
from scoring.contact import Contact
from scoring.files.numbers import DECIMALS, unit_of
from scoring.files.values import as_boolean, as_number
from scoring.leads.counters import Rollup
from scoring.leads.lead import Lead
from scoring.model.model import Score
from service.domain.interest import interest_of
from service.domain.lead_record import BROWSER, Record, rank_of

GIVEN = (
    "industry",
    "employees",
    "seats_active",
    "currency",
    "credit_limit_minor",
    "legal_form",
    "ip_country",
    "card_country",
    "fit_for_use",
    "other_discount",
    "open_deal",
    "takes_mail",
)
"""Facts that arrive as attributes, from the product or an enrichment."""

NEEDS_SOURCE = frozenset(("credit_limit_minor", "card_country", "ip_country", "fit_for_use"))
"""Of GIVEN what decides nothing unless it says who found it out."""
BROWSERS = frozenset(
    ("browser", "client", "cookie", "form", "javascript", "page", "referrer", "url", "utm")
)
"""Sources that whoever sits at a browser can write: what they say decides no offer."""
_SPLIT = re.compile(r"[^a-z]+")

_COUNTED = {
    "pricing_views": "pricing",
    "invites": "invite",
    "integrations": "integration",
    "exports": "export",
}
"""Facts and the kinds of event they count."""

_FLAGS = {"yes": True, "no": False}
_UNSAID = ("missing", "unknown", "invalid")
RequestedBy = Literal["system", "rep", "manager"]


def trusted(record: Record, now: datetime) -> dict[str, Value]:
    """Facts that arrived as attributes from who may decide an offer by them, and are known by now.

    A source that a browser can write, or a browser's connection, may not; without a source a
    signed call's word counts, but for what needs one.
    """
    return {
        name: as_fact(name, record["attributes"][name])
        for name in GIVEN
        if name in record["attributes"] and _decides(record, name) and _is_known(record, name, now)
    }


def as_fact(name: str, value: Value) -> Value:
    """A fact's value as rules compare it: a number, or a yes or no, may come as text, as scoring
    reads it too. A text that may be two numbers, or carries a currency, is none."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if is_flag(name):
        return _FLAGS.get(as_boolean(text) or "")
    if not is_number(name):
        return value
    found = {as_number(text, decimal) for decimal in DECIMALS} - {None}
    if FACTS[name].type == "whole":
        found = {number for number in found if number is not None and number.is_integer()}
    if len(found) != 1 or unit_of(text):
        return None
    number = found.pop()
    return int(number) if number is not None and number.is_integer() else number


def is_number(name: str) -> bool:
    """Whether an attribute of this name is a fact that rules compare as a number."""
    return name in GIVEN and FACTS[name].type in ("whole", "number")


def is_flag(name: str) -> bool:
    """Whether an attribute of this name is a fact that rules read as yes or no."""
    return name in GIVEN and FACTS[name].type == "flag"


def is_usable(name: str, value: Value) -> bool:
    """Whether rules can compare an attribute's value as the fact of its name."""
    return _fits(name, as_fact(name, value))


def _is_known(record: Record, name: str, now: datetime) -> bool:
    told = record["known_at"].get(name)
    return told is None or datetime.fromisoformat(told) <= now


def _decides(record: Record, name: str) -> bool:
    source = str(record["attribute_sources"].get(name) or "").strip().lower()
    if rank_of(record, f"attributes.{name}") == BROWSER or is_browsers(source):
        return False
    return bool(source) or name not in NEEDS_SOURCE


def is_browsers(source: str) -> bool:
    """Whether a source is a browser's, also as `web form` or `utm_source`."""
    return not BROWSERS.isdisjoint(_SPLIT.split(source.lower()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """The account's people seen in the product in the last seven days; None without an account."""

    active_users: int | None
    departments_active: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyInputs:
    """What the store knows around one lead."""

    lane: str
    trial_started_at: datetime
    rep_contacted: bool
    ground: str
    hides_price: bool
    outcome: str | None
    asked_for_rep_at: datetime | None
    open_deal: bool
    other_discount: bool
    paying_account: bool
    offers_before: int
    open_offers: int
    last_offer_at: datetime | None
    audience_share_used: float
    budget_used_minor: int
    account_conceded_minor: int
    rep_conceded_minor: int
    unpaid_minor: int
    overdue: bool
    owes: bool
    last_objection: str | None
    stage: str
    value_past_minor: int | None
    """In the policy's currency; None in any other."""
    team: Team
    given: Mapping[str, Value]
    """Of GIVEN what somebody said who may decide by it."""
    abuse: Mapping[str, Value]
    currency_drops: Mapping[str, float | None]
    billing: Mapping[str, Value]
    """The account's currency, and its rates."""
    requested_by: RequestedBy


def situation_of(
    lead: Lead,
    contact: Contact,
    rollup: Rollup | None,
    score: Score,
    standing: PolicyInputs,
    now: datetime,
) -> Situation:
    """Every fact known about this lead at this moment; each fits its declared type and range."""
    legal_form = standing.given.get("legal_form")
    told = {
        **standing.given,
        "legal_form": legal_form.casefold().strip() if isinstance(legal_form, str) else None,
        **_contact_facts(lead, contact),
        **_trial_facts(lead, standing, now),
        **_use_facts(rollup, now),
        **_state_facts(lead, standing, now),
        "interest": interest_of(rollup, standing.asked_for_rep_at, now),
        **standing.abuse,
        **standing.currency_drops,
        **standing.billing,
        "active_users": standing.team.active_users,
        "departments_active": standing.team.departments_active,
        "grade": score.grade,
        "fit_grade": score.grade[0],
        "points": score.points,
        "probability": score.probability,
    }
    return {name: value for name, value in told.items() if _fits(name, value)}


def _contact_facts(lead: Lead, contact: Contact) -> dict[str, Value]:
    return {
        "mailbox": None if contact.mailbox == "missing" else contact.mailbox,
        "domain": contact.domain,
        "phone_kind": _said(contact.phone_kind),
        "phone_country": _own_country(lead.phone, contact.phone_country),
        "seniority": _said(contact.seniority),
        "department": _said(contact.department),
        "buying_role": contact.buying_role,
        "country": contact.country,
        "region": region_of(contact.country),
        "timezone": lead.timezone if lead.timezone in _zones() else None,
        "locale": lead.locale,
        "utm_source": lead.source.get("utm_source"),
        "utm_campaign": lead.source.get("utm_campaign"),
        "partner": lead.partner,
        "campaign_code": lead.campaign_code,
    }


def _trial_facts(lead: Lead, standing: PolicyInputs, now: datetime) -> dict[str, Value]:
    started, ends = standing.trial_started_at, lead.trial_ends_at
    stage = "trial"
    if standing.outcome == "converted":
        stage = "customer"
    elif standing.outcome == "lost" or (ends is not None and ends < now):
        stage = "lapsed"
    return {
        "plan": lead.plan,
        "hidden_price": standing.hides_price,
        "seats_requested": lead.seats,
        "trial_day": max(1, (now - started) // timedelta(days=1) + 1),
        "trial_days_left": None if ends is None else (ends - now) // timedelta(days=1),
        "trial_length_days": None if ends is None else max(0, (ends - started).days),
        "lifecycle_stage": stage,
        "month": now.month,
    }


def _use_facts(rollup: Rollup | None, now: datetime) -> dict[str, Value]:
    if rollup is None:
        return {}
    counters = rollup.counters(now)
    return {
        "events_7d": counters.last_7d["any"],
        "events_total": counters.total["any"],
        "active_days_7d": counters.active_days_7d,
        **{fact: counters.total[kind] for fact, kind in _COUNTED.items()},
    }


def _state_facts(lead: Lead, standing: PolicyInputs, now: datetime) -> dict[str, Value]:
    last = standing.last_offer_at
    return {
        "lane": standing.lane,
        "rep_contacted": standing.rep_contacted,
        "do_not_email": lead.do_not_email is True,
        "ground": standing.ground,
        "requested_by": standing.requested_by,
        "offers_before": standing.offers_before,
        "open_offers": standing.open_offers,
        "days_since_last_offer": None if last is None else max(0, (now - last).days),
        "open_deal": standing.open_deal,
        "other_discount": standing.other_discount,
        "paying_account": standing.paying_account,
        "audience_share_used": standing.audience_share_used,
        "budget_used_minor": standing.budget_used_minor,
        "account_conceded_minor": standing.account_conceded_minor,
        "rep_conceded_minor": standing.rep_conceded_minor,
        "unpaid_minor": standing.unpaid_minor,
        "overdue": standing.overdue,
        "owes": standing.owes,
        "last_objection": standing.last_objection,
        "stage": standing.stage,
        "value_past_minor": standing.value_past_minor,
    }


def _own_country(phone: str | None, country: str | None) -> str | None:
    """The country a number itself names; one in national form was read by the other field."""
    return country if phone is not None and phone.strip().startswith(("+", "00")) else None


def _said(word: str) -> str | None:
    return None if word in _UNSAID else word


def _fits(name: str, value: object) -> bool:
    return value is not None and FACTS[name].complaint(value) is None


@cache
def _zones() -> frozenset[str]:
    """Every time zone's name; listing them walks a directory tree, so once."""
    return frozenset(available_timezones())
