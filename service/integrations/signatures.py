"""Each tool's own proof that a call is its own. Raises NotKnown; compares in constant time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from datetime import datetime

from service.errors import NotKnown

_WHOLE = re.compile(r"[0-9]{1,16}", re.ASCII)


def off(tool: str, setting: str) -> NotKnown:
    """The refusal of a tool that nobody connected."""
    return NotKnown("not_connected", f"{tool} is not connected: set GIVEGET_{setting.upper()}")


def check_segment(given: str, body: bytes, secret: str, *, batch_secret_shown: bool) -> None:
    """The hex HMAC-SHA1 of the body; of a batch Segment signs only the first event.

    So whoever saw one signed event could put others behind it: a batch needs its second secret.
    """
    if _is_signed(body, given, secret):
        return  # a batch that is signed as a whole, too
    signed = _first_of_batch(body)
    if signed is not None and not batch_secret_shown:
        raise NotKnown(
            "batch_not_proven",
            "Segment signs the first event of a batch only: send the header X-Giveget-Secret too",
        )
    if signed is None or not _is_signed(signed, given, secret):
        raise _wrong("X-Signature")


def _is_signed(body: bytes, given: str, secret: str) -> bool:
    digest = hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
    return hmac.compare_digest(digest.encode(), given.strip().lower().encode())


def check_hubspot(
    given: str,
    timestamp: str,
    method: str,
    url: str,
    body: bytes,
    secret: str,
    now: datetime,
    tolerance_seconds: int,
) -> None:
    """v3: HMAC-SHA256 over method, the full public address, body and time, in base64."""
    if not _WHOLE.fullmatch(timestamp):
        raise _wrong("X-HubSpot-Request-Timestamp")
    if abs(now.timestamp() - int(timestamp) / 1000) > tolerance_seconds:
        raise NotKnown("old_timestamp", f"sent more than {tolerance_seconds} seconds from our time")
    told = f"{method}{url}".encode() + body + timestamp.encode()
    digest = base64.b64encode(hmac.new(secret.encode(), told, hashlib.sha256).digest())
    if not hmac.compare_digest(digest, given.encode()):
        raise NotKnown(
            "wrong_signature",
            f"X-HubSpot-Signature-v3 does not fit; it must be made for {url} (public_url)",
        )


def check_stripe(
    given: str, body: bytes, secret: str, now: datetime, tolerance_seconds: int
) -> None:
    """`t=…,v1=…`: HMAC-SHA256 over time and body, in hex; any of several v1 will do."""
    parts = [part.partition("=")[::2] for part in given.split(",")]
    timestamp = next((value for name, value in parts if name.strip() == "t"), "")
    if not _WHOLE.fullmatch(timestamp):
        raise _wrong("Stripe-Signature")
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    shown = [value for name, value in parts if name.strip() == "v1"]
    if not any(hmac.compare_digest(digest.encode(), one.encode()) for one in shown):
        raise _wrong("Stripe-Signature")
    if abs(now.timestamp() - int(timestamp)) > tolerance_seconds:
        raise NotKnown("old_timestamp", f"sent more than {tolerance_seconds} seconds from our time")


def is_same(shown: str, secret: str | None) -> bool:
    """Whether a secret header shows the secret that is set."""
    return secret is not None and hmac.compare_digest(shown.encode(), secret.encode())


def is_one_of(shown: str, secrets: Sequence[str]) -> bool:
    """Whether a text is one of our secrets; each is compared, in a time that tells nothing."""
    found = [hmac.compare_digest(shown.encode(), secret.encode()) for secret in secrets]
    return any(found)


def _wrong(header: str) -> NotKnown:
    return NotKnown("wrong_signature", f"{header} is missing or does not fit the body")


def _first_of_batch(body: bytes) -> bytes | None:
    """The first element's own bytes, when the body is a list."""
    text = body.decode("utf-8", "surrogateescape").lstrip()
    if not text.startswith("["):
        return None
    text = text[1:].lstrip()
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return b""
    return text[:end].encode("utf-8", "surrogateescape")
