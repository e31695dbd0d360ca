"""The model and the policy that a start would read, and the rates a policy rests on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

import sqlalchemy as sa

from offers.currency_lock import currencies_asked
from offers.policy import PolicyError, default_policy, load_policy, parse_policy
from offers.rules import Policy
from scoring.errors import ModelError
from scoring.model.model import Model
from service.cli.checks.finding import Finding, Level
from service.errors import ConfigurationError
from service.integrations.exchange_rates import read_exchange_rates
from service.settings import Settings
from service.store.offers import policies
from service.use_cases.policies.active import read_policy

_WEEK = timedelta(days=7)


def check_model(settings: Settings) -> Iterator[Finding]:
    if settings.model is None:
        yield Finding(
            code="no_model",
            level="note",
            says="the shipped scorecard scores: no model is set",
            mend="giveget model train LEADS --target COLUMN --out model",
        )
        return
    try:
        Model.load(settings.model)
    except ModelError as error:
        yield Finding(
            code="bad_model",
            level="error",
            says=str(error),
            mend=f"giveget model report {settings.model}",
        )


def check_policy(settings: Settings) -> Iterator[Finding]:
    if settings.policy is None:
        return
    try:
        read_policy(settings.policy, settings.emails)
    except ConfigurationError as error:
        yield Finding(
            code="bad_policy",
            level="error",
            says=str(error),
            mend=f"giveget policy check {settings.policy}",
        )


def check_rates(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Rates that the rules of the file's policy rest on and that are missing or old."""
    if settings.policy is None:
        return  # the published one's, or the shipped one's: told with the store
    try:
        policy = load_policy(settings.policy)
    except (OSError, PolicyError):
        return  # told with the policy
    yield from _old_rates(policy, settings, now, level="warning")


def check_rates_of_published(
    connection: sa.Connection, settings: Settings, now: datetime
) -> Iterator[Finding]:
    """The same of the published policy, or of the shipped one."""
    if settings.policy is not None:
        return
    published = policies.newest(connection)
    stored = None if published is None else policies.find(connection, published.version)
    if stored is None:
        yield from _old_rates(default_policy(), settings, now, level="note")
        return
    with suppress(PolicyError):  # a start says it
        policy = parse_policy(stored.text, stored.version)
        yield from _old_rates(policy, settings, now, level="warning")


def _old_rates(
    policy: Policy, settings: Settings, now: datetime, *, level: Level
) -> Iterator[Finding]:
    try:
        exchange = read_exchange_rates(settings.rates)
    except ConfigurationError as error:
        yield Finding(code="bad_rates", level="error", says=str(error), mend="mend the file")
        return
    old: dict[str, list[str]] = {}
    for currency in sorted(currencies_asked(policy, now.date())):
        found = exchange.rate(currency, now.date())
        if found is None or found.day < (now - _WEEK).date():
            old.setdefault("missing" if found is None else f"of {found.day}", []).append(currency)
    for since, currencies in old.items():
        yield Finding(
            code="old_rates",
            level=level,
            says=f"exchange rates that rules rest on are {since}: {', '.join(currencies)}; "
            "without fresh ones these rules do not fire",
            mend="GIVEGET_RATES=rates.csv, with rows of date,currency,per_eur up to today",
        )
