"""The message that leaves, as bytes: text and HTML, headers encoded by RFC 2047, one-click
unsubscribe (RFC 8058), a stable Message-ID.

Built by hand because the standard library's `EmailMessage` takes longer than everything else
about a mail together (`make bench ARGS=mail`); the tests read each mail back with it.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from binascii import b2a_qp
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from service.mail.render import Letter

_CHUNK_BYTES = 42  # an encoded word holds at most 75 characters, RFC 2047 2
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SPECIALS = frozenset('()<>[]:;@\\,."')


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One mail on its way: its envelope, its headers as people read them, and its bytes."""

    sender_address: str
    recipient: str
    headers: tuple[tuple[str, str], ...]
    raw: bytes

    @property
    def message_id(self) -> str:
        """The Message-ID."""
        return dict(self.headers)["Message-ID"]


def build_message(
    letter: Letter,
    *,
    sender_name: str,
    sender_address: str,
    recipient: str,
    message_id: str,
    unsubscribe_url: str,
    at: datetime,
    reply_to: str | None = None,
) -> Message:
    """A letter as a message to one address."""
    boundary = "=_" + hashlib.blake2b(message_id.encode(), digest_size=16).hexdigest()
    shown = [
        ("From", f"{sender_name} <{sender_address}>" if sender_name else sender_address),
        ("To", recipient),
        *([("Reply-To", reply_to)] if reply_to else []),
        ("Subject", letter.subject),
        ("Date", format_datetime(at)),
        ("Message-ID", message_id),
        ("List-Unsubscribe", f"<{unsubscribe_url}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Auto-Submitted", "auto-generated"),
        ("MIME-Version", "1.0"),
        ("Content-Type", f'multipart/alternative; boundary="{boundary}"'),
    ]
    written = {
        "From": f"{_name(sender_name)}<{_address(sender_address)}>",
        "To": _address(recipient),
        "Reply-To": _address(reply_to or ""),
        "Subject": _text(letter.subject),
    }
    lines = [f"{key}: {written.get(key) or _one_line(value)}\r\n" for key, value in shown]
    head = "".join(lines).encode("utf-8")
    mark = f"--{boundary}\r\n".encode()
    raw = b"".join(
        (
            head,
            b"\r\n",
            mark,
            _part("plain", letter.text),
            mark,
            _part("html", letter.html),
            f"--{boundary}--\r\n".encode(),
        )
    )
    return Message(
        sender_address=_address(sender_address),
        recipient=_address(recipient),
        headers=tuple((key, _one_line(value)) for key, value in shown),
        raw=raw,
    )


def message_id_of(mail_id: str, sender_address: str) -> str:
    """The Message-ID of a staged mail: the same each time it is tried."""
    domain = sender_address.partition("@")[2] or "giveget.example"
    return f"<{mail_id}@{domain}>"


def _part(subtype: str, text: str) -> bytes:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n").encode("utf-8")
    head = (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode()
    return head + b2a_qp(lines) + b"\r\n"


def _text(text: str) -> str:
    """A header's free text: as it is when plain, else encoded words of whole characters."""
    text = _one_line(text)
    if text.isascii() and "=?" not in text and len(text) < 900:
        return text
    words, chunk = [], b""
    for character in text:
        encoded = character.encode("utf-8", "replace")
        if len(chunk) + len(encoded) > _CHUNK_BYTES:
            words.append(chunk)
            chunk = b""
        chunk += encoded
    return "\r\n ".join(f"=?utf-8?b?{b64encode(word).decode()}?=" for word in (*words, chunk))


def _name(name: str) -> str:
    """A display name and the space after it."""
    name = _one_line(name)
    if not name:
        return ""
    if name.isascii() and "=?" not in name:
        if _SPECIALS.isdisjoint(name):
            return f"{name} "
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" '
    return f"{_text(name)} "


def _address(address: str) -> str:
    """An address with its domain in ASCII."""
    address = "".join(address.split())
    local, _, domain = address.rpartition("@")
    if domain.isascii():
        return address
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return address  # the mail server will say that there is no such domain


def _one_line(text: str) -> str:
    return " ".join(_CONTROLS.sub(" ", text).split())
