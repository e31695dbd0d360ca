"""Every fact a rule may look at: name, type, range, caption.

A situation maps fact names to values; a fact that is absent or `None` is unknown.

To add a fact: one line in a table below, filled in `service/domain/situations.py`; what is neither
an attribute nor a counter is read by `service/use_cases/offers/situation.py` before. `ours` are
facts we computed or checked; a fact that a browser can write (`told`) may be shown or set a date,
but never decides an offer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Literal

from offers.countries import REGIONS, countries
from offers.problems import Problem, did_you_mean

Value = str | int | float | bool | None
Situation = Mapping[str, Value]
NOT_KNOWN = "not known: no rule that asks for it fires"
FactType = Literal["whole", "number", "text", "flag"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing a policy may look at."""

    name: str
    caption: str
    type: FactType
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    step: Decimal = Decimal(1)
    """Numbers lie in [low, high]; the proof looks at multiples of `step`."""
    values: tuple[str, ...] = ()
    """The closed vocabulary of a text; empty means any text."""
    unit: str = ""
    """What one more of it is called, for facts that a lead can move ("12 more seats")."""
    decides_offers: bool = True
    unknown: str = NOT_KNOWN
    """What it means that a situation lacks it."""

    @property
    def range(self) -> str:
        """The declared range in words."""
        if self.type == "flag":
            return "true, false"
        if self.type == "text":
            return ", ".join(self.values) if 0 < len(self.values) <= 20 else self._any_text
        return f"{self.low:,f}–{self.high:,f}"

    @property
    def _any_text(self) -> str:
        return "ISO 3166 alpha-2" if self.values else "any text"

    def complaint(self, value: object) -> str | None:
        """What is wrong with a value given for this fact, or `None`."""
        if self.type == "flag":
            return None if isinstance(value, bool) else "must be true or false"
        if self.type == "text":
            if not isinstance(value, str):
                return "must be text"
            if self.values and value not in self.values:
                return f"{value!r} is not among {self.range}{did_you_mean(value, self.values)}"
            return None
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            return "must be a number"
        if not isfinite(value) or not self.low <= value <= self.high:
            return f"{value} is outside {self.range}"
        if self.type == "whole" and value != int(value):
            return f"{value} must be a whole number"
        return None


def check_situation(situation: Mapping[str, object]) -> tuple[Problem, ...]:
    """Every value that is no value of its fact, and every name that is no fact."""
    problems = []
    for name, value in situation.items():
        fact = FACTS.get(name)
        if fact is None:
            problems.append(Problem(0, 0, f"unknown fact `{name}`{did_you_mean(name, FACTS)}"))
        elif value is not None and (complaint := fact.complaint(value)):
            problems.append(Problem(0, 0, f"`{name}` {complaint}"))
    return tuple(problems)


def _text(
    name: str,
    caption: str,
    values: Iterable[str] = (),
    *,
    told: bool = False,
    unknown: str = NOT_KNOWN,
) -> Fact:
    return Fact(
        name=name,
        caption=caption,
        type="text",
        values=tuple(values),
        decides_offers=not told,
        unknown=unknown,
    )


def _flag(name: str, caption: str, *, unknown: str = NOT_KNOWN) -> Fact:
    return Fact(name=name, caption=caption, type="flag", unknown=unknown)


def _whole(name: str, caption: str, high: int, unit: str = "", low: int = 0) -> Fact:
    return Fact(
        name=name, caption=caption, type="whole", low=Decimal(low), high=Decimal(high), unit=unit
    )


def _number(name: str, caption: str, low: str, high: str, step: str) -> Fact:
    return Fact(
        name=name,
        caption=caption,
        type="number",
        low=Decimal(low),
        high=Decimal(high),
        step=Decimal(step),
    )


GRADES = tuple(letter + digit for letter in "ABCD" for digit in "1234")

_CONTACT = (
    _text(
        "mailbox",
        "kind of mail address",
        ["invalid", "disposable", "free", "role", "education", "government", "corporate"],
    ),
    _text("domain", "registrable domain of the mail address"),
    _flag("takes_mail", "the domain of the mail address takes mail, as DNS says"),
    _text("phone_kind", "kind of phone line"),
    _text("phone_country", "country of the phone number", countries()),
    _text("seniority", "seniority named in the job title"),
    _text("department", "department named in the job title"),
    _text("buying_role", "part in the purchase, by the job title"),
    _flag("alias_mailbox", "the mail address is an alias (+tag) of one seen before"),
)
_COMPANY = (
    _text("country", "country of the account", countries()),
    _text("region", "sales region of the country", REGIONS),
    _text("ip_country", "country of the network the sign-up came from", countries()),
    _text("card_country", "country of the payment card", countries()),
    _text("timezone", "time zone as the browser says", told=True),
    _text("locale", "language and place as the browser says", told=True),
    _text("utm_source", "source named in the link", told=True),
    _text("utm_campaign", "campaign named in the link", told=True),
    _text("industry", "industry of the company"),
    _whole("employees", "employees of the company", 10_000_000),
    _text("currency", "currency the account is billed in"),
    _text("billing_currency", "currency the account is billed in, else that of its country"),
    _text("partner", "partner that brought the account"),
    _text("campaign_code", "campaign code the lead presented"),
    _whole("credit_limit_minor", "credit limit known for the account", 10**12),
    _text("legal_form", "legal form of the customer, as company, gmbh, llc or person"),
)
STAGES = ("unknown", "introduction", "growth", "maturity", "dormancy", "churn")
_TRIAL = (
    _text("plan", "plan on trial"),
    _flag("hidden_price", "the plan has no public price"),
    _whole("seats_requested", "seats asked for at sign-up", 1_000_000, "seats"),
    _whole("seats_active", "seats in use in the trial", 1_000_000, "active seats"),
    _whole("seats_ordered", "seats in the order", 1_000_000, "ordered seats"),
    _whole("trial_day", "day of the trial, from 1", 3650, "days"),
    _whole("trial_days_left", "days until the trial ends", 3650, low=-3650),
    _whole("trial_length_days", "length of the trial", 3650),
    _whole("earlier_trials", "trials of the same account before this one", 1000),
    _text("lifecycle_stage", "trial, lapsed, customer or churned"),
    _text("stage", "stage of the customer's life", STAGES),
    _whole("month", "month of the year", 12, low=1),
)
_SCORE = (
    _text("grade", "who they are (A–D) and what they do (1–4)", GRADES),
    _text("fit_grade", "who they are", "ABCD"),
    _number("points", "score on the log-odds scale", "-1000", "1000", "0.01"),
    _number("probability", "probability of converting", "0", "1", "0.0001"),
)
_USE = (
    _text("interest", "interest shown, by what was done", ("none", "some", "hot")),
    _whole("events_7d", "events in the last 7 days", 10_000_000, "events"),
    _whole("events_total", "events so far", 100_000_000, "events"),
    _whole("active_days_7d", "days with events in the last 7", 7, "active days"),
    _whole("pricing_views", "views of the pricing page", 1_000_000, "pricing views"),
    _whole("invites", "teammates invited", 1_000_000, "invited teammates"),
    _whole("integrations", "integrations connected", 10_000, "integrations"),
    _whole("exports", "exports made", 1_000_000, "exports"),
    _whole("active_users", "people active in the trial", 1_000_000, "active people"),
    _whole("departments_active", "departments active in the trial", 1000, "departments"),
    _flag(
        "fit_for_use",
        "the use shows a fit (false: a misfit)",
        unknown="not known: no guardrail refuses for it, and no rule that asks for it fires",
    ),
)
_CURRENCY = tuple(
    _number(
        f"currency_drop_{days}d", f"fall of the country's currency in {days} days", "0", "1", "1e-4"
    )
    for days in (30, 90, 180, 365)
)
RATE_FACTS = ("billing_rate", "billing_rate_trial_start")
"""Units of the billing currency for one of the policy's, today and when the trial began."""
_RATES = tuple(
    _number(name, f"units of their currency for one of ours, {when}", "0", "10000000", "1e-6")
    for name, when in zip(RATE_FACTS, ("today", "when the trial began"), strict=True)
)
_STATE = (
    _text("lane", "where the lead goes", ("rep", "offer", "self_serve")),
    _flag("rep_contacted", "a person touched the lead in the last days"),
    _text(
        "last_objection",
        "what the person objected last, on a call, in a screening or when declining",
        unknown="nobody heard one: no rule that asks for it fires",
    ),
    _flag("do_not_email", "the person wants no mail"),
    _text("ground", "why we may write to this person"),
    _text("requested_by", "who asks for the offer", ("system", "rep", "manager")),
    _whole("offers_before", "offers the account had", 10_000),
    _whole("open_offers", "offers the account has open", 10_000),
    _whole("days_since_last_offer", "days since the account's last offer", 100_000),
    _flag(
        "open_deal",
        "the account has an open deal",
        unknown="false: nobody told of one for any lead of the account",
    ),
    _flag("paying_account", "a colleague's account pays already"),
    _whole("unpaid_minor", "what the account owes or may come to owe on account", 10**12),
    _flag("overdue", "the account has not paid an order on account by its due date"),
    _flag("owes", "the account promised something with an order and has not done it yet"),
    _flag(
        "other_discount",
        "another discount applies already",
        unknown="false, unless our own books or the billing system say otherwise",
    ),
    _flag("shared_payment_reference", "the payment reference belongs to another account"),
    _flag("offer_at_domain", "another account of the same mail domain had an offer"),
    _text("arm", "arm of the holdout", ("offer", "control")),
    _number("size_draw", "where chance puts the account among an extra's sizes", "0", "1", "1e-6"),
    _number("audience_share_used", "share of live trials that hold an offer", "0", "1", "1e-6"),
    _whole("budget_used_minor", "this month's budget reserved and settled", 10**15),
    _text("paused_rules", "rules paused by their readers' complaints, one a line"),
    _text("stopped_codes", "codes that somebody stopped, in their normal form, one a line"),
    _whole("live_days_used", "days of the last 365 a like concession was given on", 3650),
    _whole("value_past_minor", "what the account brought, less refunds and concessions", 10**15),
    _whole("account_conceded_minor", "conceded to the account in 365 days", 10**15),
    _whole("rep_conceded_minor", "conceded by the rep this month", 10**15),
)

_GROUPS = (_CONTACT, _COMPANY, _TRIAL, _SCORE, _USE, _CURRENCY, _RATES, _STATE)
FACTS: Mapping[str, Fact] = {fact.name: fact for group in _GROUPS for fact in group}
