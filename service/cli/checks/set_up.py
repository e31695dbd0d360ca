"""Settings, and the tools and servers they name."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from email.utils import parseaddr
from urllib.parse import urlsplit

from service.cli.checks.finding import Finding
from service.errors import ConfigurationError
from service.integrations import salesforce_setup, sender_domain
from service.integrations.http import ToolError
from service.integrations.public_addresses import PrivateAddress, resolve
from service.integrations.salesforce_client import Salesforce
from service.integrations.segment import read_traits
from service.mail import smtp_check
from service.mail.brand import read_logo
from service.mail.own_emails import read_own_emails
from service.settings import Settings
from service.settings_file import unknown_in_environment

_EXAMPLE = ".example"
_BRAND = ("brand_name", "brand_logo", "support_email", "terms_url", "privacy_url")
"""Who sells, and what a buyer reads before they agree; other links and a colour may be absent."""
_SALESFORCE = ("salesforce_url", "salesforce_client_id", "salesforce_client_secret")


def check_settings(settings: Settings) -> Iterator[Finding]:
    for wrong in unknown_in_environment(type(settings).model_fields):
        yield Finding(
            code="unknown_setting", level="warning", says=wrong, mend="giveget doctor --settings"
        )
    yield from _tools(settings)
    yield from check_salesforce(settings)
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


def check_salesforce(settings: Settings) -> Iterator[Finding]:
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
