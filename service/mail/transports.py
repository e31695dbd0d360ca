"""Where mail goes: into the captured mailbox, or out by SMTP."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
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
Begin = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of one attempt.

    `later` may be tried again, `never` must not be; `held`: the server refuses us, whatever the
    mail; `withheld`: it must not go after all.
    """

    end: Literal["sent", "later", "never", "maybe", "held", "withheld"]
    reason: str | None = None
    is_hard: bool = False
    """Whether the server said that there is no such address."""
    is_of_us: bool = False
    """Whether it spoke of us and not of the address, which so has no bounce."""


class Sender(Protocol):
    """Takes one message; never raises for what a mail server says.

    It awaits `begin` just before the text goes where it cannot be called back from, and goes no
    further where that says no.
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


class _Withheld(Exception):  # noqa: N818  # no error: it ends the talk before the text
    """The mail must not go after all."""


class _Client(aiosmtplib.SMTP):
    """Knows whether the message itself was begun: before that a lost wire loses nothing."""

    begin: Begin
    has_begun = False
    """Whether the server took us as a sender and hears of this mail."""
    has_begun_data = False

    async def rcpt(self, recipient: str, /, **how: Any) -> SMTPResponse:
        self.has_begun = True
        return await super().rcpt(recipient, **how)

    async def data(self, message: str | bytes, /, **how: Any) -> SMTPResponse:
        if not await self.begin():
            raise _Withheld
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
        except _Withheld:
            return Sent(end="withheld")
        except aiosmtplib.SMTPRecipientsRefused as refused:
            return max((verdict(r.code, r.message) for r in refused.recipients), key=_severity)
        except aiosmtplib.SMTPDataError as refused:
            told = verdict(refused.code, refused.message)
            # the text was begun, and each attempt from there on counts
            return replace(told, end="later") if told.end == "held" else told
        except aiosmtplib.SMTPResponseException as refused:  # the greeting, log-in or sender
            return Sent(end="held", reason=f"smtp {refused.code}")
        except (aiosmtplib.SMTPException, OSError) as lost:
            if is_taken:
                return Sent(end="sent")  # only the good-bye was lost
            # once the message was begun the server may have taken it before the wire went
            if client.has_begun_data:
                return Sent(end="maybe", reason=type(lost).__name__)
            return Sent(end="later" if client.has_begun else "held", reason=type(lost).__name__)
        return Sent(end="sent")


_NO_ADDRESS = re.compile(r"\b5\.(?:1\.(?:0|1|2|3|6|10)|2\.1)\b", re.ASCII)
_CODED = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b", re.ASCII)
_OF_US = re.compile(
    r"relay|polic|spam|block|blacklist|reputation|denied|rate|spf|dkim|dmarc|sender|helo|"
    r"reverse dns|too many|daily|sending|rcpthosts",
    re.IGNORECASE,
)
_NOT_LET_IN = re.compile(
    r"\b5\.7\.(?:0|8|9|11|57)\b|authenticat|auth required|log-?in", re.I | re.ASCII
)
_LOG_IN = (530, 534, 535, 538)  # RFC 4954
_TALK = range(500, 505)  # of commands, and their order


def verdict(code: int, message: str) -> Sent:
    """What a refusal of a recipient, or of the text, means for this mail.

    RFC 3463: 5.1.x names the address and 5.2.1 a mailbox that is gone, 5.7.x a policy. Without
    such a code 550, 551 and 553 mean the address (RFC 5321), unless the words speak of us. One that
    asks for a log-in lets no mail through, whoever it is for.
    """
    reason = f"smtp {code}"
    if 400 <= code < 500:
        return Sent(end="later", reason=reason)
    if code in _LOG_IN or _NOT_LET_IN.search(message):
        return Sent(end="held", reason=reason, is_of_us=True)
    if code in _TALK:
        return Sent(end="later", reason=reason, is_of_us=True)
    if _CODED.search(message):
        is_hard = bool(_NO_ADDRESS.search(message))
    else:
        is_hard = code in (550, 551, 553) and not _OF_US.search(message)
    if is_hard:
        return Sent(end="never", reason=reason, is_hard=True)
    is_of_us = bool(re.search(r"\b5\.7\.\d", message) or _OF_US.search(message))
    return Sent(end="later" if is_of_us else "never", reason=reason, is_of_us=is_of_us)


def _severity(sent: Sent) -> tuple[bool, bool]:
    return sent.is_hard, sent.end == "never"


def _options(message: Message) -> list[str]:
    """SMTPUTF8 (RFC 6531) for an address whose local part is not ASCII."""
    is_plain = message.recipient.isascii() and message.sender_address.isascii()
    return [] if is_plain else ["SMTPUTF8", "BODY=8BITMIME"]
