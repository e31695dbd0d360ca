"""What is wrong with a set-up, each with the command that mends it.

To add a check: yield a `Finding` from one of the functions below. An *error* stops something
from working, a *warning* will, a *note* is only good to know.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlsplit

import sqlalchemy as sa
from sqlalchemy.exc import InterfaceError, OperationalError

from offers.currency_lock import currencies_asked
from offers.policy import PolicyError, default_policy, load_policy, parse_policy
from offers.rules import Policy
from scoring.errors import ModelError
from scoring.model.model import Model
from service.auth import book_heads
from service.auth.key_set import find_sealed, read_keys
from service.auth.master_keys import MasterKeys
from service.auth.vault import Vault
from service.db.engines import open_reader, read_url
from service.db.migrate import is_known, is_newest
from service.errors import ConfigurationError, Unavailable
from service.integrations import salesforce_setup, sender_domain
from service.integrations.exchange_rates import read_exchange_rates
from service.integrations.http import ToolError
from service.integrations.hubspot_batches import GONE
from service.integrations.public_addresses import PrivateAddress, resolve
from service.integrations.salesforce_client import Salesforce
from service.integrations.segment import read_traits
from service.logs import fault
from service.mail import smtp_check
from service.mail.brand import read_logo
from service.mail.own_emails import read_own_emails
from service.settings import Settings
from service.settings_file import unknown_in_environment
from service.store.leads import bases, leads, stale
from service.store.offers import ledger, policies
from service.store.ops import audit, jobs, keys, outbox, switches, users
from service.store.queue import listing, reps
from service.use_cases.policies.active import read_policy
from service.use_cases.views import kept_figures
from service.use_cases.views.books import changed_offers
from service.use_cases.views.mailable import of_live_trials

Level = Literal["error", "warning", "note"]
_WEEK = timedelta(days=7)
_LATE = timedelta(minutes=10)
_LEAST_FREE_BYTES = 1_000_000_000
_EXAMPLE = ".example"
_BRAND = ("brand_name", "brand_logo", "support_email", "terms_url", "privacy_url")
"""Who sells, and what a buyer reads before they agree; other links and a colour may be absent."""
_SALESFORCE = ("salesforce_url", "salesforce_client_id", "salesforce_client_secret")
_COMPARE = "giveget restore BACKUP --db sqlite:///compare.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, and what mends it."""

    code: str
    level: Level
    says: str
    mend: str


def examine(settings: Settings, now: datetime) -> list[Finding]:
    """Every finding, the worst first."""
    found = [
        *_settings(settings),
        *_model(settings),
        *_policy(settings),
        *_rates(settings, now),
        *_store(settings, now),
    ]
    return sorted(found, key=lambda finding: ("error", "warning", "note").index(finding.level))


def _settings(settings: Settings) -> Iterator[Finding]:
    for wrong in unknown_in_environment(type(settings).model_fields):
        yield Finding(
            code="unknown_setting", level="warning", says=wrong, mend="giveget doctor --settings"
        )
    yield from _tools(settings)
    yield from _salesforce(settings)
    yield from _target(settings)
    yield from _brand(settings)
    if not settings.live:
        yield Finding(
            code="not_live",
            level="note",
            mend="export GIVEGET_LIVE=true",
            says="mail is captured and reaches nobody",
        )
        return
    for name in ("mail_from", "mail_postal_address"):
        if _EXAMPLE in str(getattr(settings, name)) or "Example" in str(getattr(settings, name)):
            yield Finding(
                code=f"example_{name}",
                level="error",
                says=f"{name} is still the shipped example",
                mend=f"export GIVEGET_{name.upper()}='…'",
            )
    if not settings.public_url.startswith("https://"):
        yield Finding(
            code="public_url",
            level="error",
            mend="export GIVEGET_PUBLIC_URL=https://…",
            says=f"customers' links start with {settings.public_url}",
        )
    if refused := smtp_check.refusal(settings):
        says, mend = refused
        yield Finding(code="mail_server", level="error", says=says, mend=mend)
    yield from _sender(settings)


def _sender(settings: Settings) -> Iterator[Finding]:
    """What receivers look up of the domain that mail is sent from."""
    domain = parseaddr(settings.mail_from)[1].rpartition("@")[2]
    if not domain or domain.endswith(_EXAMPLE):
        return
    try:
        found = sender_domain.lacks(
            domain, selector=settings.mail_dkim_selector, servers=settings.mx_servers
        )
    except ConfigurationError as error:
        yield Finding(
            code="bad_mx_servers",
            level="error",
            says=str(error),
            mend="export GIVEGET_MX_SERVERS=192.0.2.53",
        )
        return
    for lack in found:
        yield Finding(code=lack.code, level=lack.level, says=lack.says, mend=lack.mend)


def _brand(settings: Settings) -> Iterator[Finding]:
    """What a customer looks for on an offer's page and does not find."""
    try:
        read_logo(settings.brand_logo)
    except ConfigurationError as error:
        yield Finding(
            code="bad_logo",
            level="error",
            says=str(error),
            mend="export GIVEGET_BRAND_LOGO=logo.png",
        )
    try:
        read_own_emails(settings.emails)
    except ConfigurationError as error:
        yield Finding(code="bad_emails", level="error", says=str(error), mend="giveget mail check")
    lacking = [name for name in _BRAND if getattr(settings, name) is None]
    if lacking:
        yield Finding(
            code="no_brand",
            level="warning" if settings.live else "note",
            says=f"customers' pages and mails lack {', '.join(lacking)}",
            mend=" ".join(f"export GIVEGET_{name.upper()}='…'" for name in lacking),
        )


def _tools(settings: Settings) -> Iterator[Finding]:
    """What of a connected tool is set by half."""
    if settings.hubspot_secret and not settings.public_url.startswith("https://"):
        yield Finding(
            code="hubspot_public_url",
            level="error",
            mend="export GIVEGET_PUBLIC_URL=https://…",
            says=f"HubSpot signs the address it calls; {settings.public_url} is not public, so "
            "every webhook of its will be refused",
        )
    try:
        read_traits(settings.segment_map)
    except ConfigurationError as error:
        yield Finding(
            code="bad_segment_map",
            level="error",
            says=str(error),
            mend="""printf '[traits]\\n"theirs" = "ours"\\n' > $GIVEGET_SEGMENT_MAP""",
        )
    halves = (
        ("hubspot_secret", "hubspot_token", "HubSpot's changes come in, no contact is fetched"),
        ("aircall_token", "aircall_api_key", "Aircall's calls are told of, none is fetched"),
        ("stripe_webhook_secret", "stripe_key", "Stripe's events come in, no state is fetched"),
        ("stripe_key", "stripe_webhook_secret", "checkouts are made, no payment is heard of"),
        ("webhook_url", "webhook_secret", "nothing signs what the webhook's target is to be told"),
    )
    for has, lacks, says in halves:
        if getattr(settings, has) and not getattr(settings, lacks):
            yield Finding(
                code=f"no_{lacks}",
                level="error",
                says=says,
                mend=f"export GIVEGET_{lacks.upper()}='…'",
            )


def _salesforce(settings: Settings) -> Iterator[Finding]:
    """Whether Salesforce lets us in, and has what we read and write there."""
    told = {name: getattr(settings, name) for name in _SALESFORCE}
    missing = [name.upper() for name, value in told.items() if value is None]
    if len(missing) == len(told):
        return
    if missing:
        yield Finding(
            code="half_salesforce",
            level="error",
            says=f"Salesforce is not polled: {', '.join(missing)} is not set",
            mend=" ".join(f"export GIVEGET_{name}='…'" for name in missing),
        )
        return
    host = urlsplit(settings.salesforce_url or "").hostname or ""
    if host in ("login.salesforce.com", "test.salesforce.com"):
        yield Finding(
            code="salesforce_url",
            level="error",
            says=f"{host} takes no client credentials: an org's My Domain does",
            mend="export GIVEGET_SALESFORCE_URL=https://YOUR-DOMAIN.my.salesforce.com",
        )
        return
    try:
        found = asyncio.run(salesforce_setup.lacks(Salesforce(settings), settings))
    except ToolError as error:
        yield Finding(
            code="no_salesforce",
            level="error",
            says=f"Salesforce does not let us in, or does not answer: {error}",
            mend="giveget connect salesforce plan",
        )
        return
    if found:
        more = f" (and {len(found) - 3} more)" if len(found) > 3 else ""
        yield Finding(
            code="salesforce_lacks",
            level="error",
            says="; ".join(found[:3]) + more,
            mend="giveget connect salesforce plan",
        )


def _target(settings: Settings) -> Iterator[Finding]:
    """Whether the webhook's target can be called at all."""
    if settings.webhook_url is None:
        return
    parts = urlsplit(settings.webhook_url)
    host, port = parts.hostname or "", parts.port or 443
    try:
        asyncio.run(resolve(host, port, allow_private=settings.webhook_allow_private))
    except PrivateAddress:
        yield Finding(
            code="private_webhook",
            level="error",
            says=f"the webhook's target {host} lies in a private network: it is not called",
            mend="export GIVEGET_WEBHOOK_ALLOW_PRIVATE=true",
        )
    except OSError:
        yield Finding(
            code="unknown_webhook_host",
            level="error",
            says=f"the webhook's target {host} has no address",
            mend=f"getent hosts {host}",
        )


def _model(settings: Settings) -> Iterator[Finding]:
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


def _policy(settings: Settings) -> Iterator[Finding]:
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


def _rates(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Rates that the rules of the file's policy rest on and that are missing or old."""
    if settings.policy is None:
        return  # the published one's, or the shipped one's: told with the store
    try:
        policy = load_policy(settings.policy)
    except (OSError, PolicyError):
        return  # told with the policy
    yield from _old_rates(policy, settings, now, level="warning")


def _rates_of_published(
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


def _store(settings: Settings, now: datetime) -> Iterator[Finding]:
    try:
        url = read_url(settings.db)
    except ConfigurationError as error:
        yield Finding(
            code="bad_db",
            level="error",
            says=str(error),
            mend="export GIVEGET_DB=sqlite:///giveget.db",
        )
        return
    if url.get_backend_name() == "sqlite":
        file = Path(url.database or "")
        if not file.is_file():
            yield Finding(
                code="no_store",
                level="warning",
                mend="giveget serve",
                says=f"there is no store at {file} yet",
            )
            return
        yield from _file(file)
    engine = open_reader(url, connections=1)
    try:
        with engine.connect() as connection, connection.begin():
            if not is_newest(connection):
                yield _other_schema(is_known=is_known(connection))
                return
            yield from _secrets(connection, settings)
            yield from _rates_of_published(connection, settings, now)
            for check in (_offers, _heads, _chains):
                yield from _as_far_as_readable(check(connection, settings))
            yield from _people(connection, settings)
            yield from _late(connection, settings, now)
            yield from _untold(connection, now)
            yield from _unread_salesforce(connection, now)
            yield from _untold_tools(connection, settings, now)
            yield from _stops(connection, settings)
            yield from _proxy(connection, now)
            yield from _base(connection, settings)
            yield from _figures(connection, settings, now)
    except (OperationalError, InterfaceError):
        is_postgresql = url.get_backend_name() == "postgresql"
        yield Finding(
            code="store_unavailable",
            level="error",
            says="the store cannot be reached",
            mend="pg_isready" if is_postgresql else f"ls -l {url.database}",
        )
    finally:
        engine.dispose()


def _other_schema(*, is_known: bool) -> Finding:
    if is_known:
        return Finding(
            code="other_schema",
            level="warning",
            mend="giveget serve",
            says="the store has the schema of an older Giveget: the next start moves it on",
        )
    return Finding(
        code="other_schema",
        level="error",
        mend="install the Giveget that made it, or restore the backup from before",
        says="the store has the schema of a newer Giveget: this one does not open it",
    )


def _file(file: Path) -> Iterator[Finding]:
    if file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        yield Finding(
            code="readable_store",
            level="warning",
            mend=f"chmod 600 {file}",
            says=f"others on this machine can read {file}",
        )
    if not os.access(file, os.W_OK):
        yield Finding(
            code="read_only_store",
            level="error",
            mend=f"chmod u+w {file}",
            says=f"{file} cannot be written",
        )
    free = shutil.disk_usage(file.resolve().parent).free
    if free < _LEAST_FREE_BYTES:
        yield Finding(
            code="disk_full",
            level="error",
            mend=f"df -h {file.resolve().parent}",
            says=f"{free / 1e6:,.0f} MB are left on the store's disk",
        )


def _secrets(connection: sa.Connection, settings: Settings) -> Iterator[Finding]:
    """Whether the store's secrets can be opened, and by whom else."""
    sealed = find_sealed(connection)
    try:
        masters = MasterKeys(settings)
        if sealed is not None:
            read_keys(sealed, Vault(masters.read))
    except (ConfigurationError, Unavailable) as error:
        yield Finding(
            code="no_secret_key",
            level="error",
            mend="export GIVEGET_SECRET_KEY_FILE=giveget.db.key",
            says=f"what opens the store's secrets is missing: {error}",
        )
        return
    if sealed is None:
        yield Finding(
            code="open_secrets",
            level="warning",
            mend="giveget serve",
            says="the store's secrets stand in it as they are: they are sealed at the next start",
        )
    file = masters.file
    if file is None or not file.exists():
        return
    if file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        yield Finding(
            code="readable_key",
            level="error",
            mend=f"chmod 600 {file}",
            says=f"others on this machine can read {file}, which opens the store's secrets",
        )
    if settings.secret_key_file is None:
        yield Finding(
            code="key_beside_store",
            level="note",
            mend=f"mv {file} SAFE/ && export GIVEGET_SECRET_KEY_FILE=SAFE/{file.name}",
            says=f"{file} opens the store's secrets and was made here: without it no backup serves "
            "and no other machine can; keep a copy of it, apart from the backups",
        )


def _people(connection: sa.Connection, settings: Settings) -> Iterator[Finding]:
    roles = {secret.role for secret in keys.working(connection)}
    for role in ("ingest", "manager"):
        if role not in roles and not (role == "manager" and "admin" in roles):
            yield Finding(
                code=f"no_{role}_key",
                level="error",
                mend=f"giveget keys add {role}",
                says=f"there is no {role} key, so nobody can call as one",
            )
    if users.everyone(connection) and (nobodys := keys.unbound(connection)):
        yield Finding(
            code="key_of_nobody",
            level="warning",
            mend="giveget keys add manager --person EMAIL",
            says=f"{len(nobodys)} keys name nobody, so each counts as a person of its own: "
            f"{', '.join(nobodys[:5])}",
        )
    everyone = reps.everyone(connection)
    if not any(rep.available for rep in everyone):
        says = "no rep is available" if everyone else "there is no rep"
        yield Finding(
            code="no_rep",
            level="note",
            says=f"{says}: no lead reaches a queue",
            mend=f"curl -X PUT http://{settings.host}:{settings.port}/v1/reps/ana "
            "-H 'authorization: Bearer MANAGER-SECRET' -H 'content-type: application/json' "
            """-d '{"name":"Ana"}'""",
        )


def _grounds(connection: sa.Connection, settings: Settings, now: datetime) -> Iterator[Finding]:
    """How many live trials may be mailed; said where it is none."""
    trials, may = of_live_trials(connection, settings, now)
    if trials and not may:
        yield Finding(
            code="no_ground",
            level="warning",
            mend="send consent {ground, at, wording, source} with the sign-up, or ask for it by "
            "POST /v1/consents/request (see docs/privacy.md)",
            says=f"0 of {trials} live trials may be mailed: no ground to write to them",
        )


def _as_far_as_readable(found: Iterator[Finding]) -> Iterator[Finding]:
    """A check of the books, whose rows may hold anything once somebody wrote to them."""
    try:
        yield from found
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        yield Finding(
            code="unreadable_books",
            level="error",
            says="the books hold what no Giveget wrote, so somebody changed them "
            f"({type(error).__name__} in {fault(error)['where'][-1]})",
            mend=_COMPARE,
        )


def _figures(connection: sa.Connection, settings: Settings, now: datetime) -> Iterator[Finding]:
    """Figures that are kept and wrong, or not counted yet."""
    marks = stale.count(connection)
    if marks > stale.MOST:
        yield Finding(
            code="figures_not_counted",
            level="note",
            says=f"{marks:,} changes are not in the kept figures yet; until they are, pages and "
            "calls of figures count every row, which takes long",
            mend="giveget worker",
        )
    for says in kept_figures.doubts(connection, now):
        yield Finding(code="wrong_figures", level="error", says=says, mend="giveget recount")


def _chains(connection: sa.Connection, _settings: Settings) -> Iterator[Finding]:
    for name, chain in (("ledger", ledger), ("audit", audit)):
        if (broken := chain.broken_at(connection)) is not None:
            yield Finding(
                code=f"broken_{name}",
                level="error",
                says=f"the {name}'s chain is broken at entry {broken}: somebody changed it",
                mend=_COMPARE,
            )


def _offers(connection: sa.Connection, _settings: Settings) -> Iterator[Finding]:
    """Offers that are not what the ledger says."""
    for says in changed_offers(connection):
        yield Finding(code="changed_offer", level="error", says=says, mend=_COMPARE)


def _heads(connection: sa.Connection, settings: Settings) -> Iterator[Finding]:
    """What of the books was cut, and where they stand."""
    sealed = find_sealed(connection)
    if sealed is None:
        return
    try:
        signers = read_keys(sealed, Vault(MasterKeys(settings).read)).books
    except (ConfigurationError, Unavailable):
        return  # told with the secrets
    try:
        text = "" if settings.anchors is None else settings.anchors.read_text(encoding="utf-8")
    except FileNotFoundError:
        text = ""  # the worker begins it
    except (OSError, UnicodeDecodeError):
        text = "unreadable"
    for code, says in book_heads.doubts(connection, signers, text.splitlines()):
        yield Finding(code=code, level="error", says=says, mend=_COMPARE)


def _untold(connection: sa.Connection, now: datetime) -> Iterator[Finding]:
    """What the webhook's target was not told."""
    gone = switches.find(connection, switches.WEBHOOK_GONE)
    if gone is not None and gone.is_on:
        yield Finding(
            code="webhook_gone",
            level="error",
            says=f"the webhook's target said on {gone.at:%Y-%m-%d} that it is gone (410): until it "
            "is another one, or told again, it hears nothing",
            mend="giveget connect retry webhook",
        )
    for state, reason, count in jobs.trouble(connection, "webhook", now - _LATE):
        is_over = state == "failed"
        yield Finding(
            code=f"{state}_webhook",
            level="error" if is_over else "warning",
            says=f"{count} events {'were given up' if is_over else 'wait'} for the webhook's "
            f"target: {reason or 'not tried yet'}",
            mend="giveget connect retry webhook" if is_over else "giveget connect status",
        )


def _unread_salesforce(connection: sa.Connection, now: datetime) -> Iterator[Finding]:
    """What Salesforce was not asked or told."""
    for state, reason, count in jobs.trouble(connection, "salesforce", now - _LATE):
        yield Finding(
            code=f"{state}_salesforce",
            level="error" if state == "failed" else "warning",
            says=f"calls of Salesforce that {'failed' if state == 'failed' else 'wait'}: {count} "
            f"({reason or 'not tried yet'})",
            mend="giveget connect salesforce plan   # then giveget connect retry salesforce",
        )


def _untold_tools(
    connection: sa.Connection, settings: Settings, now: datetime
) -> Iterator[Finding]:
    """What tools were not told of leads; a contact that is gone there is no matter."""
    if settings.shadow:
        return
    for tool in ("hubspot", "slack", *settings.connectors):
        for state, reason, count in jobs.trouble(connection, tool, now - _LATE):
            is_over = state == "failed"
            if reason == GONE:
                continue
            yield Finding(
                code=f"{state}_tellings",
                level="error" if is_over else "warning",
                says=f"{count} things {'were given up' if is_over else 'wait'} for {tool}: "
                f"{reason or 'not tried yet'}",
                mend=f"giveget connect retry {tool}" if is_over else "giveget connect status",
            )


def _stops(connection: sa.Connection, settings: Settings) -> Iterator[Finding]:
    """Rules that their readers paused, and codes that went public."""

    def call(path: str) -> str:
        return (
            f"curl -X POST http://{settings.host}:{settings.port}/v1/policies/{path} "
            "-H 'authorization: Bearer MANAGER-SECRET' -H 'content-type: application/json' "
            """-d '{"reason":"WHY"}'"""
        )

    for rule, turned in switches.on_under(connection, switches.RULE_PAUSED).items():
        yield Finding(
            code="rule_paused",
            level="warning",
            says=f"rule {rule} pauses since {turned.at:%Y-%m-%d}: {turned.reason}",
            mend=call(f"rules/{quote(rule, safe='')}/resume"),
        )
    for code, turned in switches.public_codes(connection).items():
        yield Finding(
            code="public_code",
            level="warning",
            says=f"code {code} went public on {turned.at:%Y-%m-%d}: {turned.reason}",
            mend=call(f"codes/{quote(code, safe='')}/stop"),
        )


def _proxy(connection: sa.Connection, now: datetime) -> Iterator[Finding]:
    """Who spoke for other callers and is not listed."""
    found = switches.find(connection, switches.UNLISTED_PROXY)
    if found is not None and found.at > now - _WEEK:
        yield Finding(
            code="unlisted_proxy",
            level="warning",
            says=f"{found.reason} passes on the calls of others (X-Forwarded-For) and is no listed "
            "proxy: all of them count as one caller and share one allowance",
            mend=f"export GIVEGET_TRUSTED_PROXIES={found.reason}   # if it is your proxy",
        )


def _base(connection: sa.Connection, settings: Settings) -> Iterator[Finding]:
    """Why the served model's base does not follow the outcomes, though it would pay."""
    if settings.model is None:
        return
    try:
        model = Model.load(settings.model)
    except ModelError:
        return  # told with the model
    newest = bases.newest(connection, model.id)
    if newest is not None and newest.off is not None:
        yield Finding(
            code="base_stays",
            level="note",
            says=f"the model's base does not follow the outcomes: {newest.off}",
            mend="giveget model train LEADS --target COLUMN --out model",
        )


def _late(connection: sa.Connection, settings: Settings, now: datetime) -> Iterator[Finding]:
    late_mail, _ = outbox.due_since(connection, now - _LATE)
    late_lease = listing.leases_ended_before(connection, now - _LATE)
    held = switches.find(connection, switches.MAIL_HELD)
    if held is not None and held.is_on:
        yield Finding(
            code="mail_held",
            level="error",
            mend="giveget doctor",
            says=f"the mail server refuses us ({held.reason}); {late_mail} mails wait",
        )
    yield from _grounds(connection, settings, now)
    unsealed = audit.oldest_unsealed(connection)
    is_unsealed = unsealed is not None and unsealed < now - _LATE
    if late_mail or late_lease or is_unsealed:
        yield Finding(
            code="no_worker",
            level="error",
            mend="giveget worker",
            says=f"no worker runs: {late_mail} mails and {late_lease} ended leases wait",
        )
    if leads.is_any(connection) and not audit.lately(
        audit.last(connection, audit.BACKED_UP), now, _WEEK
    ):
        yield Finding(
            code="no_backup",
            level="warning",
            says="no backup was made in the last seven days",
            mend=f"giveget backup giveget-{now:%Y-%m-%d}.backup",
        )
