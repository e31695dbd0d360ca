"""`Runtime`: what a running service is made of; `bootstrap` is the only place that picks them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from offers.fx import Rates as ExchangeRates
from offers.policy import Policy
from scoring.contact.mailbox import first_address
from scoring.model.model import Model
from service.auth.key_set import KeySet, blur
from service.auth.keyring import KeyRing
from service.auth.oidc import SingleSignOn
from service.auth.rate_limit import Rates
from service.auth.sessions import Sessions
from service.auth.signed_links import Links
from service.auth.vault import Vault
from service.capacity import Capacity
from service.clock import Clock
from service.db import Store
from service.domain.consent import LawfulBases
from service.domain.served_base import ServedBase
from service.integrations.tools import Tools
from service.mail.transports import Sender
from service.ops.call_log import CallLog
from service.ops.last_counts import LastCounts
from service.ops.metrics import Metrics
from service.ops.watched_files import Files
from service.settings import Settings


@dataclass(slots=True, kw_only=True)
class Runtime:
    """Handed to every route and to the worker; model and policy may be exchanged in flight."""

    settings: Settings
    clock: Clock
    store: Store
    model: Model
    policy: Policy
    publication: int | None
    """The publication served, 0 for the shipped policy; None: a file's, whatever is published."""
    keyring: KeyRing
    board: Capacity
    grounds: LawfulBases
    metrics: Metrics
    calls: CallLog
    """Calls in and out that wait to be written down."""
    counts: LastCounts
    """Figures of many accounts as they were last counted."""
    sender: Sender
    rates: Rates
    sign_on: SingleSignOn | None
    files: Files
    tools: Tools
    """Clients of the tools that are connected."""
    exchange: ExchangeRates
    """Exchange rates: the shipped ones, those fetched, and those of the settings' file."""
    base: ServedBase | None = None
    """Where settled outcomes moved the served model's base."""
    rekeyed_to: str | None = ""
    """The last waiting lead that this process looked at since the base moved; None: all."""
    exchange_looked_at: datetime | None = None
    """When this process last looked for fetched ones."""
    vault: Vault
    """Seals and opens what the store keeps secret."""
    keys: KeySet
    """This store's own keys."""
    links: Links = field(init=False)
    sessions: Sessions = field(init=False)

    def __post_init__(self) -> None:
        self.use_keys(self.keys)

    def use_keys(self, keys: KeySet) -> None:
        """Sign and read with these keys from now on."""
        self.keys = keys
        self.links = Links(keys, self.settings.public_url, self.clock.now())
        self.sessions = Sessions(
            keys.entrances,
            store=self.store,
            clock=self.clock,
            idle_minutes=self.settings.session_idle_minutes,
        )

    def serve(self, *, model: Model | None = None, policy: Policy | None = None) -> None:
        """Exchange the model or the policy; the next call is answered by it."""
        self.metrics.versions.labels(self.model.id, self.policy.version).set(0)
        if model is not None and model.id != self.model.id:
            self.use_base(None)
        self.model = model or self.model
        self.policy = policy or self.policy
        self.metrics.versions.labels(self.model.id, self.policy.version).set(1)

    def use_base(self, base: ServedBase | None) -> None:
        """Score with this base from now on, and look anew at what waits."""
        self.base, self.rekeyed_to = base, ""

    def email_key(self, email: str) -> str:
        """What a mail address is looked up by: the same for any spelling of case and space."""
        return blur(email, self.keys.address)

    def address_key(self, email: str) -> str | None:
        """What a mail address is looked up by; None for a text that holds none, which names
        nobody: "none" is typed by many."""
        address = first_address(email)
        return None if address is None else self.email_key(address)

    def lead_key(self, email: str, lead: str) -> str:
        """What a lead is known by for its mail: its address, else a key that is its own alone."""
        return self.address_key(email) or self.email_key(f"unreadable:{lead}")
