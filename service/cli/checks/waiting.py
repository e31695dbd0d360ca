"""What waits, failed or was stopped: deliveries, mails, steps, proxies, the base."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import quote

import sqlalchemy as sa

from scoring.errors import ModelError
from scoring.model.model import Model
from service.cli.checks.finding import Finding
from service.integrations.hubspot_batches import GONE
from service.settings import Settings
from service.store.leads import bases, leads
from service.store.ops import audit, jobs, outbox, switches
from service.store.queue import listing
from service.use_cases.views.mailable import of_live_trials

_WEEK = timedelta(days=7)
_LATE = timedelta(minutes=10)


def check_untold(connection: sa.Connection, now: datetime) -> Iterator[Finding]:
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
    waits = jobs.backlog(connection).get("webhook")
    if waits is not None and waits.failing_since is not None:
        yield Finding(
            code="webhook_fails",
            level="error" if waits.failing_since < now - _LATE else "warning",
            says=f"the webhook fails since {waits.failing_since:%Y-%m-%d %H:%M}Z, last with "
            f"{waits.reason}; {waits.count:,} waiting, the next try is at {waits.next_at:%H:%M}Z",
            mend="giveget logs tail   # then giveget connect status",
        )
    for state, reason, count in jobs.trouble(connection, "webhook", now - _LATE):
        is_over = state == "failed"
        if not is_over and reason is not None:
            continue  # tried, and said above
        yield Finding(
            code=f"{state}_webhook",
            level="error" if is_over else "warning",
            says=f"{count} events {'were given up' if is_over else 'wait'} for the webhook's "
            f"target: {reason or 'not tried yet'}",
            mend="giveget connect retry webhook" if is_over else "giveget connect status",
        )


def check_unread_salesforce(connection: sa.Connection, now: datetime) -> Iterator[Finding]:
    """What Salesforce was not asked or told."""
    for state, reason, count in jobs.trouble(connection, "salesforce", now - _LATE):
        yield Finding(
            code=f"{state}_salesforce",
            level="error" if state == "failed" else "warning",
            says=f"calls of Salesforce that {'failed' if state == 'failed' else 'wait'}: {count} "
            f"({reason or 'not tried yet'})",
            mend="giveget connect salesforce plan   # then giveget connect retry salesforce",
        )


def check_untold_tools(
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


def check_stops(connection: sa.Connection, settings: Settings) -> Iterator[Finding]:
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


def check_proxy(connection: sa.Connection, now: datetime) -> Iterator[Finding]:
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


def check_base(connection: sa.Connection, settings: Settings) -> Iterator[Finding]:
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


def check_late(connection: sa.Connection, settings: Settings, now: datetime) -> Iterator[Finding]:
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
    yield from check_grounds(connection, settings, now)
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


def check_grounds(
    connection: sa.Connection, settings: Settings, now: datetime
) -> Iterator[Finding]:
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
