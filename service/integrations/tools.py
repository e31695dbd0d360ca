"""The clients of the tools that are connected; none is made for one that is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.integrations.aircall import Aircall
from service.integrations.call_results import CallResults, read_call_results
from service.integrations.contract import Connector, Listener, load_connectors
from service.integrations.http import Api
from service.integrations.hubspot_client import HubSpot
from service.integrations.mail_domains import MailDomains
from service.integrations.stripe_client import Stripe
from service.integrations.webhook import Webhook
from service.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """A client each, or None; how a call ends; and who reads what tools send."""

    aircall: Aircall | None
    call_results: CallResults
    hubspot: HubSpot | None
    stripe: Stripe | None
    slack: Api | None
    webhook: Webhook | None
    mail_domains: MailDomains | None
    """What DNS says of mail domains, where it is asked."""
    connectors: Mapping[str, Connector]
    """Every installed one that sends us something, by its name in `/v1/connect/{name}`."""
    listeners: Mapping[str, Listener]
    """Every installed one that may be told something, by its name."""


def tools_of(settings: Settings) -> Tools:
    """The clients that the settings give keys for. Raises ConfigurationError on a wrong map."""
    slack = None
    if settings.slack_url is not None:
        timeout = settings.connect_timeout_seconds
        slack = Api(settings.slack_url, {}, calls_per_second=1, timeout_seconds=timeout)
    hubspot = None if settings.hubspot_token is None else HubSpot(settings)
    installed = load_connectors(settings, {"hubspot": hubspot, "slack": slack})
    return Tools(
        aircall=None if settings.aircall_api_key is None else Aircall(settings),
        call_results=read_call_results(settings.call_results),
        hubspot=hubspot,
        stripe=None if settings.stripe_key is None else Stripe(settings),
        slack=slack,
        webhook=Webhook(settings) if settings.webhook_url and settings.webhook_secret else None,
        mail_domains=MailDomains(settings.mx_servers) if settings.mx else None,
        connectors={n: one for n, one in installed.items() if isinstance(one, Connector)},
        listeners={n: one for n, one in installed.items() if isinstance(one, Listener)},
    )
