"""Every setting of the service: the command line wins over the environment (`GIVEGET_…`), that
over `.env`, that over a TOML file (`GIVEGET_CONFIG` or `--config`), that over the default.

To add one: a field with a default and a docstring; `giveget doctor --settings` lists it.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode
from datetime import date
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import load_der_public_key
from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from service.domain.links import is_web_address
from service.domain.quiet_hours import PATTERN as QUIET
from service.domain.salesforce_fields import CUSTOM_FIELD, FIELDS
from service.domain.webhook_events import USUAL, Event
from service.domain.webhook_signature import LEAST_BYTES, MOST_BYTES, SECRET_PREFIX
from service.domain.working_hours import PATTERN, WorkingHours, read_hours
from service.settings_file import CONFIG, read_all, read_file


class Settings(BaseSettings):
    """How this process runs; immutable once read."""

    model_config = SettingsConfigDict(
        env_prefix="GIVEGET_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        use_attribute_docstrings=True,
        protected_namespaces=(),
        enable_decoding=False,
        hide_input_in_errors=True,
    )

    config: Path | None = None
    """A TOML file of settings, each under its name here; unknown names are refused."""
    db: str = "sqlite:///giveget.db"
    """The store: `sqlite:///file` or `postgresql+psycopg://user@host/name`."""
    host: str = "127.0.0.1"
    """The address `serve` listens on."""
    port: int = Field(8080, ge=0, le=65535)
    """The port `serve` listens on; 0 takes a free one."""
    model: Path | None = None
    """A trained model's directory; without one the shipped scorecard scores."""
    policy: Path | None = None
    """The policy file; without one the shipped policy decides."""
    rates: Path | None = None
    """A CSV of exchange rates, with the header `date,currency,per_eur`, over the shipped ones of
    the European Central Bank: units of a currency for one euro, a row a day and currency."""
    rates_url: str | None = Field(None, pattern=r"^https?://[^\s]+$")
    """Where the worker fetches exchange rates from, four times a day: a file of the European
    Central Bank's, such as https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist-90d.xml."""
    public_url: str = "http://127.0.0.1:8080"
    """What customers' links start with."""
    ingest_secret: str | None = Field(None, repr=False)
    """What `giveget trigger` signs with: the secret of an ingest key."""
    secret_key: str | None = Field(None, min_length=32, repr=False)
    """The master key: opens the secrets that the store keeps. Without it and without a file, one
    is made beside an SQLite store: `giveget.db.key`."""
    secret_key_old: str | None = Field(None, min_length=32, repr=False)
    """The master key before this one, until `giveget keys rotate-master` has run."""
    secret_key_file: Path | None = None
    """A file of master keys, one a line, the newest first."""

    anchors: Path | None = None
    """A file, best where nobody can change what it holds, that the worker adds the signed head of
    ledger and audit to, once a day; the doctor checks the books against it."""

    body_limit_bytes: int = Field(262_144, ge=1024)
    """A larger body is refused."""
    signature_tolerance_seconds: int = Field(300, ge=1)
    """How far a webhook's time may be from ours: Standard Webhooks' own tolerance."""
    key_overlap_hours: int = Field(24, ge=0)
    """How long a rotated key's old secret still works."""

    touch_days: int = Field(30, ge=1)
    """`rep_contacted` means: a touch in the last so many days."""
    half_life_hours: float = Field(72.0, gt=0)
    """How fast a waiting lead's priority halves since its last hot signal."""
    lease_seconds: int = Field(1800, ge=1)
    """How long a claimed lead is a rep's before it goes back."""
    first_response_minutes: tuple[int, int, int, int] = (60, 240, 1440, 2880)
    """Due time by what the lead does (grade digits 1 to 4)."""
    handling_minutes: tuple[int, int, int, int] = (20, 15, 12, 10)
    """What a lead costs a rep by who they are (grade letters A to D)."""
    default_capacity: int = Field(20, ge=0)
    """Leads a rep takes a day, when the manager did not say."""
    exploration_share: float = Field(0.02, ge=0, lt=1)
    """Share of the leads below the cut-off that go to a rep all the same, to learn from."""
    working_hours: str | None = Field(None, pattern=rf"^{PATTERN}$")
    """The team's week, such as `Europe/Berlin 1-5 09:00-18:00`; first-response times run in it
    unless a rep has hours of their own. Without it they run around the clock."""
    reassignments: int = Field(3, ge=0)
    """How often a lead that passed its due time goes to another rep before it goes to the pool."""
    seats_when_unknown: int = Field(10, ge=1)
    """Seats assumed for the expected value of a lead that named none."""
    plans_without_public_price: tuple[str, ...] = ("enterprise", "custom")
    """Plans whose leads always go to a rep."""
    trial_days_when_unknown: int = Field(30, ge=1)
    """How long a trial is taken to last that named no end."""
    look_again_days: int = Field(30, ge=1)
    """When a lead that nobody works on is looked at again after its trial."""

    rep_figures: Literal["team", "named"] = "team"
    """Whether `GET /v1/rates?by=rep` and *Team* say whose figures are whose; only once it was
    agreed."""
    rep_figures_agreed_on: date | None = None
    """When the people concerned, or their works council, agreed to figures by name."""
    conversion_days: int = Field(60, ge=1)
    """How long an account has to buy before rates count it among those who might have."""

    usage_report: bool = False
    """Whether a customer's own admin may order a report for their boss: what the team did in the
    product, in sums over five people or more; see docs/report.md."""
    report_kinds: Path | None = None
    """A table of the kinds of actions that such a report counts; without it the shipped one."""

    join_anonymous: Literal["consented", "always", "never"] = "consented"
    """Which events of a browser nobody signed up from yet join the person who then does: those
    that carried consent, all, or none."""
    shadow: bool = False
    """Score and decide beside what the team has: no queue, no offer, no mail; see /v1/shadow."""
    grounds: Path | None = None
    """A table of which ground lets mail go to which country; without it the shipped one holds."""
    quiet_hours: str = Field("21:00-08:00", pattern=rf"^{QUIET}$")
    """No mail leaves in these hours of the person's own clock, but for the confirmation of an
    offer that was just accepted; equal ends mean none."""
    reminder_days: int = Field(3, ge=0)
    """An open offer's one reminder leaves so many days before its end; 0 means none."""
    confirm_acceptance: bool = True
    """Whether who accepts an offer is mailed what was agreed and what comes next."""
    introduce_reps: bool = False
    """Whether a rep's first claim of a lead sends a mail in the rep's name, saying who they are."""
    mails_per_lead: int = Field(4, ge=1)
    """Mails one lead gets in 30 days, not counting usage reports and confirmations."""
    mails_per_day: int = Field(10_000, ge=1)
    """Mails that leave in 24 hours, all leads together."""
    live: bool = False
    """Off: mail lands in the captured mailbox. On: it leaves by SMTP."""
    mail_from: str = "Giveget <hello@giveget.example>"
    """The sender of offer mails."""
    mail_postal_address: str = "Giveget, 1 Example Street, 00000 Example"
    """The sender's postal address, which commercial mail must carry."""
    mail_dkim_selector: str | None = None
    """The DKIM selector your mail server signs with: the doctor looks its key up."""
    mail_per_worker_second: int = Field(50, ge=1)
    """Mails a worker claims at once."""
    emails: Path | None = None
    """A folder of your own mails, which add to the shipped ones or come before them; read once."""
    brand_name: str | None = Field(
        None, min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]+$"
    )
    """The seller's name on customers' pages and in mails."""
    brand_logo: str | None = None
    """The logo: a PNG, JPEG, GIF or WebP file of at most 200 kB, or an https:// address."""
    brand_color: str | None = Field(None, pattern="^#[0-9A-Fa-f]{6}$")
    """The colour of buttons, such as `#0a6b4f`; their text is black or white, whichever reads."""
    support_email: str | None = Field(None, max_length=254, pattern=r"^[^\s@<>\"]+@[^\s@<>\"]+$")
    """Whom a customer may ask."""
    billing_url: str | None = None
    """Where a customer orders by themselves."""
    booking_url: str | None = None
    """Where a customer chooses a time for the call that an offer asks for."""
    price_tax: Literal["taxes", "vat", "none"] = "taxes"
    """What customers read beside the policy's net prices: `taxes` excluded, plus `vat`, or nothing
    because `none` is charged."""
    after_term: Literal["renews", "ends"] = "renews"
    """What customers read of the end of a paid term: it renews at the list price, or it ends."""
    terms_url: str | None = None
    """The terms a customer agrees to."""
    privacy_url: str | None = None
    """What is said about personal data."""
    smtp_host: str = "127.0.0.1"
    """The mail server."""
    smtp_port: int = Field(587, ge=1, le=65535)
    """Its port."""
    smtp_user: str | None = None
    """Who logs in there; nobody does when absent."""
    smtp_password: str | None = Field(None, repr=False)
    """That user's password."""
    smtp_starttls: bool = True
    """Whether the connection must be upgraded to TLS."""
    mx: bool = False
    """Whether DNS is asked, after a sign-up, if its mail domain takes mail."""
    mx_servers: tuple[str, ...] = ()
    """DNS servers asked for that, and by the doctor for the sender's records, `address` or
    `address:port`; the system's when absent."""

    site_key: str | None = Field(None, min_length=12)
    """The public key of the snippet on your site (`/site.js`); anybody can read it there."""
    site_origins: tuple[str, ...] = ()
    """Where your site is, `https://www.example.com`: other pages are not listened to."""
    segment_secret: str | None = Field(None, min_length=8, repr=False)
    """The shared secret of Segment's Webhooks destination for browser and app sources."""
    segment_server_secret: str | None = Field(None, min_length=8, repr=False)
    """That of server sources: what they say of seats, country, plan and trial is believed."""
    segment_batch_secret: str | None = Field(None, min_length=16, repr=False)
    """Sent as the header X-Giveget-Secret: Segment signs the first event of a batch only."""
    segment_map: Path | None = None
    """A TOML file, `[traits]` with `theirs = "ours"`, over the usual names of traits."""
    hubspot_secret: str | None = Field(None, min_length=8, repr=False)
    """The HubSpot app's client secret: signs its webhooks, over `public_url`."""
    hubspot_token: str | None = Field(None, min_length=8, repr=False)
    """The private app's access token: contacts are fetched and written with it."""
    hubspot_url: str = "https://api.hubapi.com"
    """HubSpot's API."""
    hubspot_calls_per_second: float = Field(9.0, gt=0, le=10_000)
    """HubSpot allows a private app 100 calls in ten seconds."""
    hubspot_tasks: bool = True
    """Whether a rep's leads are tasks in HubSpot too: finishing one ends the work on its lead."""
    salesforce_url: str | None = None
    """Your Salesforce's My Domain, `https://acme.my.salesforce.com`; nothing is polled without."""
    salesforce_client_id: str | None = Field(None, min_length=8, repr=False)
    """The consumer key of your external client app, for the client credentials flow."""
    salesforce_client_secret: str | None = Field(None, min_length=8, repr=False)
    """Its consumer secret."""
    salesforce_api_version: str = Field("64.0", pattern=r"^[3-9]\d\.0$|^1\d\d\.0$")
    """The version of Salesforce's API that is spoken; 48.0 or later."""
    salesforce_poll_seconds: int = Field(120, ge=10, le=86_400)
    """How often Salesforce is asked what changed: five calls each time, or more after a lot did."""
    salesforce_calls_per_second: float = Field(5.0, gt=0, le=10_000)
    """How many calls are made to Salesforce in a second."""
    salesforce_timeout_seconds: float = Field(20.0, gt=0, le=120)
    """How long Salesforce may take to answer one."""
    salesforce_fields: dict[str, str] = {}
    """Our custom fields there under other names, `grade = "Lead_Grade__c"`; an empty name leaves
    one out: grade, score, reasons, lane, rank, due, offer, offer_link, link."""
    salesforce_closed_status: str = Field("Completed", min_length=1, max_length=255)
    """The status that a task of ours gets once there is nothing left to do."""
    aircall_token: tuple[str, ...] = Field((), repr=False)
    """The token of Aircall's webhook; two, with a comma between, while it is made anew."""
    aircall_api_key: str | None = Field(None, min_length=8, pattern="^[^:]+:.+$", repr=False)
    """Aircall's `api_id:api_token`: every call that a webhook names is fetched with it."""
    aircall_url: str = "https://api.aircall.io"
    """Aircall's API."""
    call_results: Path | None = None
    """A TOML file, `[results]` with `"their word" = "interested"`, over the shipped words by which
    call tools say how a call ended."""
    ses_topic: str | None = Field(None, pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:\S+$")
    """The ARN of the SNS topic on which SES tells of bounces and complaints."""
    sns_url: str | None = None
    """Where SNS's certificates lie, instead of at Amazon; for a stand-in."""
    postmark_credentials: str | None = Field(None, min_length=12, pattern="^[^:]+:.+$", repr=False)
    """`user:password` of the address that Postmark's webhooks are given."""
    sendgrid_public_key: str | None = Field(None, min_length=80)
    """The verification key of SendGrid's signed event webhook."""
    mailgun_signing_key: str | None = Field(None, min_length=8, repr=False)
    """Mailgun's HTTP webhook signing key."""
    resend_secret: str | None = Field(None, min_length=8, repr=False)
    """The signing secret of Resend's webhook, `whsec_…`."""
    stripe_webhook_secret: str | None = Field(None, min_length=8, repr=False)
    """The signing secret of Stripe's webhook endpoint, `whsec_…`."""
    stripe_key: str | None = Field(None, min_length=8, repr=False)
    """Stripe's secret or restricted key: state is fetched and checkouts are made with it."""
    stripe_url: str = "https://api.stripe.com"
    """Stripe's API."""
    slack_url: str | None = Field(None, pattern="^https?://", repr=False)
    """A Slack incoming webhook for hot leads and approvals that wait; off without one."""
    connectors: dict[str, dict[str, str]] = Field({}, repr=False)
    """What connectors of others are told, by name: `[connectors.NAME]` of the file, or JSON."""
    connect_timeout_seconds: float = Field(4.0, gt=0)
    """How long a connected tool may take to answer; Segment and HubSpot wait 5 seconds for us."""

    webhook_allow_private: bool = False
    """Whether the webhook's target may lie in a private network, and be called without TLS."""
    webhook_url: str | None = Field(None, repr=False)
    """Where events are told, signed by Standard Webhooks; nobody is told without it."""
    webhook_secret: tuple[str, ...] = Field((), repr=False)
    """What they are signed with, `whsec_…`; two, with a comma between, while one is rotated."""
    webhook_events: tuple[Event, ...] = USUAL
    """The types of events that are told; a give that is not among them is a person's task."""
    webhook_timeout_seconds: float = Field(15.0, gt=0, le=60)
    """How long the target may take to answer; Standard Webhooks recommends 15 to 30 seconds."""
    give_answer_hours: int = Field(24, ge=1)
    """How long a machine may take to say that a give was handed over; then a person is asked."""

    ingest_calls_per_minute: int = Field(1_200_000, ge=1)
    """Signed calls one key may make; a whole minute's worth may come at once."""
    person_calls_per_minute: int = Field(6000, ge=1)
    """Calls one person's key may make, likewise."""
    unknown_calls_per_minute: int = Field(300, ge=1)
    """Calls one address may make without a key: customers' pages, sign-ins, wrong keys."""
    trusted_proxies: str = "127.0.0.1"
    """Whose X-Forwarded-For names the caller's address; comma-separated, `*` for anybody's."""

    keep_messages_days: int = Field(30, ge=0)
    """How long a call's id and answer are kept, against repeats; 0 keeps any kind for good."""
    keep_captured_mail_days: int = Field(90, ge=0)
    """How long captured mails are kept."""
    keep_events_days: int = Field(730, ge=0)
    """How long single events are kept; their counts stay with the lead."""
    keep_payloads_days: int = Field(730, ge=0)
    """How long sign-ups are kept as they came, to replay scores."""
    keep_scores_days: int = Field(730, ge=0)
    """How long past scores are kept."""
    keep_sessions_days: int = Field(90, ge=0)
    """How long sign-ins are kept since their last use: at an address one signed in from, strangers
    who try one's password delay nobody."""
    keep_calls_days: int = Field(7, ge=0)
    """How long calls in and out are kept, with masked bodies."""
    keep_reports_days: int = Field(400, ge=0)
    """How long usage reports are kept as they were mailed, to be sent again; their sums stay."""
    keep_leads_days: int = Field(1095, ge=0)
    """When a lead that never converted and did nothing since is erased."""

    session_idle_minutes: int = Field(120, ge=1, le=720)
    """How long a browser stays signed in without being used; after 12 hours it never does."""
    oidc_issuer: str | None = None
    """The OpenID Connect provider people may sign in with, such as `https://login.example`."""
    oidc_client_id: str | None = None
    """What it knows us by; the way back is `/sign-in/oidc/callback` under `public_url`."""
    oidc_client_secret: str | None = Field(None, repr=False)
    """The secret it gave us."""

    shutdown_seconds: int = Field(20, ge=1)
    """How long running requests and the worker's mail may take once asked to stop."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """The least important log line that is written."""

    @field_validator(
        "aircall_token",
        "first_response_minutes",
        "handling_minutes",
        "mx_servers",
        "plans_without_public_price",
        "site_origins",
        "webhook_secret",
        "webhook_events",
        mode="before",
    )
    @classmethod
    def _listed(cls, value: object) -> object:
        """A list as text is comma-separated, or JSON."""
        if not isinstance(value, str):
            return value
        if value.lstrip().startswith("["):
            try:
                return json.loads(value)
            except ValueError:
                return value
        return [part.strip() for part in value.split(",") if part.strip()]

    @field_validator("connectors", "salesforce_fields", mode="before")
    @classmethod
    def _of_connectors(cls, value: object) -> object:
        """As text it is JSON."""
        try:
            return json.loads(value) if isinstance(value, str) else value
        except ValueError:
            return value

    def names_reps(self, today: date) -> bool:
        """Whether figures may say whose they are: it was agreed, and the day has come."""
        agreed = self.rep_figures_agreed_on
        return self.rep_figures == "named" and agreed is not None and agreed <= today

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The order of the module's docstring."""
        path = init_settings().get("config") or os.environ.get(CONFIG)
        given = read_file(Path(path)) if path else {}
        file = InitSettingsSource(settings_cls, init_kwargs=given)
        if not Path(str(cls.model_config["env_file"])).is_file():  # looking for each is 15 ms
            return init_settings, env_settings, file
        return init_settings, env_settings, dotenv_settings, file

    @field_validator("sendgrid_public_key")
    @classmethod
    def _is_key(cls, text: str | None) -> str | None:
        if text is not None:
            try:
                load_der_public_key(b64decode(text, validate=True))
            except ValueError:
                raise ValueError("must be a public key, as SendGrid shows it") from None
        return text

    @field_validator("aircall_token")
    @classmethod
    def _are_long(cls, tokens: tuple[str, ...]) -> tuple[str, ...]:
        if any(len(token) < 8 for token in tokens):
            raise ValueError("must be the token that Aircall shows beside its webhook")
        return tokens

    @field_validator("salesforce_fields")
    @classmethod
    def _are_fields(cls, given: dict[str, str]) -> dict[str, str]:
        names = ", ".join(FIELDS)
        for ours, theirs in given.items():
            if ours not in FIELDS:
                raise ValueError(f"knows no field `{ours[:40]}`; there are {names}")
            if theirs and not CUSTOM_FIELD.fullmatch(theirs):
                raise ValueError(f"{ours} must name a custom field, such as {FIELDS[ours].name}")
        return given

    @field_validator("aircall_url", "hubspot_url", "salesforce_url", "stripe_url", "sns_url")
    @classmethod
    def _is_address(cls, text: str | None) -> str | None:
        if text is not None and not text.startswith(
            ("https://", "http://127.0.0.1", "http://localhost")
        ):
            raise ValueError("must begin with https://")
        return text

    @field_validator("billing_url", "booking_url", "terms_url", "privacy_url")
    @classmethod
    def _is_link(cls, text: str | None) -> str | None:
        if text is not None and not is_web_address(text):
            raise ValueError("must be a plain https:// address")
        return text

    @field_validator("brand_logo")
    @classmethod
    def _is_logo(cls, text: str | None) -> str | None:
        if text is not None and "://" in text and not is_web_address(text):
            raise ValueError("must be a file, or a plain https:// address")
        return text

    @field_validator("webhook_url")
    @classmethod
    def _is_target(cls, text: str | None, info: ValidationInfo) -> str | None:
        if text is None:
            return None
        parts = urlsplit(text)
        schemes = ("https", "http") if info.data.get("webhook_allow_private") else ("https",)
        if parts.scheme not in schemes or not parts.hostname:
            raise ValueError(
                "must begin with https://; http:// to a receiver in a private network, as on this "
                "machine, needs GIVEGET_WEBHOOK_ALLOW_PRIVATE=true too"
            )
        if parts.username is not None or parts.fragment:
            raise ValueError("must name neither a user nor a fragment: events are signed")
        return text

    @field_validator("webhook_secret")
    @classmethod
    def _can_sign(cls, secrets: tuple[str, ...]) -> tuple[str, ...]:
        for secret in secrets:
            try:
                key = b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
            except ValueError:
                key = b""
            if not LEAST_BYTES <= len(key) <= MOST_BYTES:
                raise ValueError(
                    f"must be whsec_ and the base64 of {LEAST_BYTES} to {MOST_BYTES} random bytes: "
                    "echo whsec_$(openssl rand -base64 32)"
                )
        return secrets

    @field_validator("working_hours")
    @classmethod
    def _is_a_week(cls, text: str | None) -> str | None:
        if text is not None:
            read_hours(text)
        return text

    @property
    def takes_live_money(self) -> bool:
        """Whether this store's orders are real: mail leaves, or Stripe's key is a live one."""
        return self.live or "_live_" in (self.stripe_key or "")

    @property
    def has_salesforce(self) -> bool:
        """Whether all is set that a sign-in there takes."""
        told = (self.salesforce_url, self.salesforce_client_id, self.salesforce_client_secret)
        return None not in told

    @property
    def hours(self) -> WorkingHours | None:
        """The team's week."""
        return None if self.working_hours is None else read_hours(self.working_hours)


def read_settings(**given: Any) -> Settings:
    """Settings from the environment and the file, overridden by what is `given` and not None.

    Raises ConfigurationError naming every wrong setting at once.
    """
    return read_all(Settings, {k: v for k, v in given.items() if v is not None})
