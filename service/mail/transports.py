"""Where mail goes: into the captured mailbox, or out by SMTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import aiosmtplib
import sqlalchemy as sa
from aiosmtplib import SMTPResponse

from service.clock import Clock
from service.db import Store
from service.mail.mime import Message
from service.mail.render import Letter
from service.settings import Settings
from service.store.ops import outbox

_TIMEOUT_SECONDS = 20.0
Begin = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of one attempt: `later` may be tried again, `never` must not be."""

    end: Literal["sent", "later", "never", "maybe"]
    reason: str | None = None


class Sender(Protocol):
    """Takes one message; never raises for what a mail server says.

    It awaits `begin` just before the text goes where it cannot be called back from.
    """

    async def send(
        self, message: Message, letter: Letter, lead: str | None, begin: Begin
    ) -> Sent: ...


class CapturedMailbox:
    """Keeps mail in the store instead of sending it: the default until `live` is set.

    The same message twice is one there, so nothing is ever in doubt.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def send(self, message: Message, letter: Letter, lead: str | None, begin: Begin) -> Sent:
        kept: dict[str, Any] = {
            "message_id": message.message_id,
            "lead": lead,
            "recipient": message.recipient,
            "subject": letter.subject,
            "text": letter.text,
            "html": letter.html,
            "headers": "\n".join(f"{name}: {value}" for name, value in message.headers),
            "at": self._clock.now(),
        }

        def keep(connection: sa.Connection) -> None:
            outbox.capture(connection, kept)

        await self._store.write(keep)
        return Sent(end="sent")


class _Client(aiosmtplib.SMTP):
    """Knows whether the message itself was begun: before that a lost wire loses nothing."""

    begin: Begin
    has_begun_data = False

    async def data(self, message: str | bytes, /, **how: Any) -> SMTPResponse:
        await self.begin()
        self.has_begun_data = True
        return await super().data(message, **how)


class Smtp:
    """A real mail server."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def send(self, message: Message, letter: Letter, lead: str | None, begin: Begin) -> Sent:
        settings = self._settings
        client = _Client(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            start_tls=settings.smtp_starttls,
            username=settings.smtp_user,
            password=settings.smtp_password,
            timeout=_TIMEOUT_SECONDS,
        )
        client.begin = begin
        is_taken = False
        try:
            async with client:
                await client.sendmail(
                    message.sender_address,
                    [message.recipient],
                    message.raw,
                    mail_options=_options(message),
                )
                is_taken = True
        except aiosmtplib.SMTPResponseException as refused:
            end: Literal["later", "never"] = "later" if 400 <= refused.code < 500 else "never"
            return Sent(end=end, reason=f"smtp {refused.code}")
        except aiosmtplib.SMTPRecipientsRefused as refused:
            codes = [recipient.code for recipient in refused.recipients]
            is_temporary = all(400 <= code < 500 for code in codes)
            return Sent(end="later" if is_temporary else "never", reason=f"smtp {max(codes)}")
        except (aiosmtplib.SMTPException, OSError) as lost:
            if is_taken:
                return Sent(end="sent")  # only the good-bye was lost
            # once the message was begun the server may have taken it before the wire went
            end_of_lost: Literal["maybe", "later"] = "maybe" if client.has_begun_data else "later"
            return Sent(end=end_of_lost, reason=type(lost).__name__)
        return Sent(end="sent")


def _options(message: Message) -> list[str]:
    """SMTPUTF8 (RFC 6531) for an address whose local part is not ASCII."""
    is_plain = message.recipient.isascii() and message.sender_address.isascii()
    return [] if is_plain else ["SMTPUTF8", "BODY=8BITMIME"]
