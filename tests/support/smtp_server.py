"""A real SMTP server for tests: keeps what it takes, and can refuse."""

from __future__ import annotations

from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Postbox:
    """A real SMTP server's handler: keeps what it takes, and can refuse."""

    replies: list[str] = field(default_factory=list)
    taken: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.replies and not (reply := self.replies.pop(0)).startswith("250"):
            return reply
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        return "250 taken"
