"""Mail providers that tell of bounces, complaints and unsubscribes, each signed its way."""

from __future__ import annotations

from typing import Any

from service.domain.webhook_signature import signing_key
from service.domain.webhook_verification import verify
from service.integrations import mail_signatures
from service.integrations.contract import Call, Reading, Setup
from service.integrations.mail_providers import (
    read_mailgun,
    read_postmark,
    read_resend,
    read_sendgrid,
    read_ses,
)
from service.integrations.signatures import off


class _MailProvider:
    media_types: tuple[str, ...] = ("application/json",)
    is_one = True
    at_once = 0


class Ses(_MailProvider):
    """Amazon SES, through a topic of SNS; the topic's subscription is confirmed by itself."""

    media_types = ("application/json", "text/plain")  # as SNS sends it

    def __init__(self, setup: Setup) -> None:
        given = setup.settings
        self._sns = mail_signatures.Sns(given.ses_topic, given.sns_url) if given.ses_topic else None

    async def check(self, call: Call) -> str | None:
        """SNS's signature: the notification's id, or None for a confirmation."""
        if self._sns is None:
            raise off("Amazon SES", "ses_topic")
        return str(call.json.get("MessageId")) if await self._sns.check(call.json) else None

    def read(self, element: Any, proof: str | None, call: Call) -> Reading:
        """One notification."""
        return Reading(mail=() if proof is None else read_ses(element, proof))


class Postmark(_MailProvider):
    """Postmark's webhooks for bounces, spam complaints and subscription changes."""

    def __init__(self, setup: Setup) -> None:
        self._credentials = setup.settings.postmark_credentials

    async def check(self, call: Call) -> None:
        """User and password of the address that it was given."""
        if self._credentials is None:
            raise off("Postmark", "postmark_credentials")
        mail_signatures.check_postmark(call.headers.get("authorization", ""), self._credentials)

    def read(self, element: Any, proof: None, call: Call) -> Reading:
        """One event."""
        return Reading(mail=read_postmark(element, ""))


class Sendgrid(_MailProvider):
    """SendGrid's signed event webhook."""

    def __init__(self, setup: Setup) -> None:
        self._key = setup.settings.sendgrid_public_key

    async def check(self, call: Call) -> None:
        """Its ECDSA signature."""
        if self._key is None:
            raise off("SendGrid", "sendgrid_public_key")
        header = "x-twilio-email-event-webhook-"
        signature = call.headers.get(f"{header}signature", "")
        timestamp = call.headers.get(f"{header}timestamp", "")
        mail_signatures.check_sendgrid(signature, timestamp, call.body, self._key)

    def read(self, element: Any, proof: None, call: Call) -> Reading:
        """One event."""
        return Reading(mail=read_sendgrid(element, ""))


class Mailgun(_MailProvider):
    """Mailgun's webhooks for permanent failures, complaints and unsubscribes."""

    def __init__(self, setup: Setup) -> None:
        self._key = setup.settings.mailgun_signing_key

    async def check(self, call: Call) -> None:
        """The signature inside the body."""
        if self._key is None:
            raise off("Mailgun", "mailgun_signing_key")
        mail_signatures.check_mailgun(call.json, self._key)

    def read(self, element: Any, proof: None, call: Call) -> Reading:
        """One event."""
        return Reading(mail=read_mailgun(element, ""))


class Resend(_MailProvider):
    """Resend's webhooks, signed as Standard Webhooks are."""

    def __init__(self, setup: Setup) -> None:
        self._secret = setup.settings.resend_secret

    async def check(self, call: Call) -> str:
        """The message's id."""
        if self._secret is None:
            raise off("Resend", "resend_secret")
        _, message_id = verify(
            call.headers,
            call.body,
            signing_keys=[("resend", signing_key(self._secret))],
            now=call.now,
            tolerance_seconds=call.tolerance_seconds,
        )
        return message_id

    def read(self, element: Any, proof: str, call: Call) -> Reading:
        """One event."""
        return Reading(mail=read_resend(element, proof))
