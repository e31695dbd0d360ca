"""A mail server that takes its time at each recipient and each text, and notes when it did."""

from __future__ import annotations

import asyncio
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

_SLOW_SECONDS = (0.05, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One text that was taken; the times are of the machine's monotonic clock."""

    message_id: str
    recipient: str
    recipient_at: float
    """When its recipient was accepted, and so before its text was begun."""


@dataclass
class SlowMail:
    """A handler of aiosmtpd; `waiting` are the recipients it keeps waiting now."""

    port: int
    is_slow: bool = True
    taken: list[Copy] = field(default_factory=list)
    waiting: dict[str, float] = field(default_factory=dict)
    _draw: random.Random = field(default_factory=lambda: random.Random(5))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __str__(self) -> str:
        return f"{len(self.taken)} mails taken"

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        """Accept the recipient after a while, in which anything may happen."""
        with self._lock:
            self.waiting[address] = time.monotonic()
        await self._linger()
        with self._lock:
            self.waiting.pop(address, None)
        envelope.rcpt_tos.append(address)
        envelope.accepted_at = time.monotonic()  # type: ignore[attr-defined]  # ours, beside its own
        return "250 ok"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Take the text at once, and say so after a while."""
        content = envelope.content
        assert isinstance(content, bytes)
        message_id = str(message_from_bytes(content)["Message-ID"]).strip("<>").partition("@")[0]
        self.taken.append(
            Copy(
                message_id=message_id,
                recipient=envelope.rcpt_tos[0],
                recipient_at=envelope.accepted_at,  # type: ignore[attr-defined]  # set above
            )
        )
        await self._linger()
        return "250 taken"

    def waits_now(self) -> list[str]:
        """Recipients whose text has not been begun."""
        with self._lock:
            return list(self.waiting)

    async def _linger(self) -> None:
        if self.is_slow:
            await asyncio.sleep(self._draw.uniform(*_SLOW_SECONDS))


@contextmanager
def slow_mail() -> Iterator[SlowMail]:
    """The server, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    handler = SlowMail(port=port)
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler
    controller.stop()
