"""Whether a webhook is signed as Standard Webhooks 1.0 says.

By hand rather than by the `standardwebhooks` package, which reads its own clock, knows one secret
only (no rotation), takes `1_795_…` and `….9` for times and raises three unrelated errors on hostile
headers. The tests sign with that package, so the two must agree.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from service.domain.webhook_signature import digest
from service.errors import NotKnown

_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_MESSAGE_ID = re.compile(r"[!-~]{1,255}", re.ASCII)


def verify(
    headers: Mapping[str, str],
    body: bytes,
    *,
    signing_keys: Sequence[tuple[str, bytes]],
    now: datetime,
    tolerance_seconds: int,
) -> tuple[str, str]:
    """The (key id, message id) of a signed message; raises NotKnown.

    `signing_keys` are pairs of key id and HMAC key; any `v1` signature by any of them will do.
    """
    message_id = header_of(headers, "id")
    timestamp = header_of(headers, "timestamp")
    if not _MESSAGE_ID.fullmatch(message_id):
        raise NotKnown("missing_webhook_id", "webhook-id must be 1 to 255 visible characters")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise NotKnown("bad_webhook_timestamp", "webhook-timestamp must be whole seconds in digits")
    if abs(now.timestamp() - int(timestamp)) > tolerance_seconds:
        raise NotKnown(
            "old_webhook_timestamp",
            f"webhook-timestamp is more than {tolerance_seconds} seconds from our time",
        )
    given = _signatures(header_of(headers, "signature"))
    for key, hmac_key in signing_keys:
        expected = digest(hmac_key, message_id, timestamp, body)
        if any(hmac.compare_digest(expected, signature) for signature in given):
            return key, message_id
    raise NotKnown("wrong_signature", "no v1 signature in webhook-signature fits body and key")


def header_of(headers: Mapping[str, str], name: str) -> str:
    """A header of Standard Webhooks; senders that came before it name theirs `svix-…`.

    docs.svix.com/receiving/verifying-payloads/how-manual: the same content is signed.
    """
    return headers.get(f"webhook-{name}") or headers.get(f"svix-{name}", "")


def _signatures(header: str) -> list[bytes]:
    found = []
    for part in header.split(" ")[:16]:  # a sender rotating keys sends two or three
        version, _, encoded = part.partition(",")
        if version != "v1":
            continue
        try:
            found.append(base64.b64decode(encoded, validate=True))
        except (binascii.Error, ValueError):
            continue
    return found
