"""Standard Webhooks 1.0 (github.com/standard-webhooks/standard-webhooks, spec): what is signed.

By hand rather than by the `standardwebhooks` package, which signs with one secret only and takes
an aware time of another zone for UTC. The tests sign and verify with that package.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from datetime import datetime

SECRET_PREFIX = "whsec_"  # noqa: S105  # how every secret begins
LEAST_BYTES, MOST_BYTES = 24, 64
"""How long a secret is by the standard."""


def sign(secret: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a message sent at `at`."""
    return sign_with((secret,), message_id, at, body)


def sign_with(secrets: Sequence[str], message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers, with a signature by each secret: several while one is rotated."""
    timestamp = str(int(at.timestamp()))
    made = (digest(signing_key(secret), message_id, timestamp, body) for secret in secrets)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{base64.b64encode(each).decode()}" for each in made),
    }


def digest(key: bytes, message_id: str, timestamp: str, body: bytes) -> bytes:
    """The HMAC-SHA256 of one message."""
    signed = f"{message_id}.{timestamp}.".encode("latin-1", "replace") + body
    return hmac.digest(key, signed, "sha256")


def signing_key(secret: str) -> bytes:
    """The bytes of a secret, `whsec_` and base64. Raises binascii.Error."""
    return base64.b64decode(secret.removeprefix(SECRET_PREFIX) + "==")
