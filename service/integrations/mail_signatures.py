"""Each mail provider's own proof that a call is its own. Raises NotKnown.

None of them says when a repeat was sent anew, so an old call is taken like a new one: it changes
nothing that was not changed by it before.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from typing import Any

import httpx2
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from service.errors import NotKnown, Unavailable
from service.integrations.http import trusted

_SNS = re.compile(r"https://sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/", re.ASCII)
_SNS_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ),
}
_SNS_HASHES: dict[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303  # theirs to choose
_MOST_CERTIFICATES, _MOST_BYTES, _SECONDS = 16, 65_536, 5.0


def check_postmark(authorization: str, credentials: str) -> None:
    """Postmark signs nothing: its call shows the user and password of the address it was given."""
    expected = b"Basic " + base64.b64encode(credentials.encode())
    if not hmac.compare_digest(authorization.encode(), expected):
        raise NotKnown("wrong_signature", "Authorization does not hold the user and password set")


def check_sendgrid(signature: str, timestamp: str, body: bytes, public_key: str) -> None:
    """ECDSA with SHA-256 over time and body, in base64, by the key of the event webhook's page."""
    try:
        key = load_der_public_key(base64.b64decode(public_key))
        assert isinstance(key, ec.EllipticCurvePublicKey)
        signed = timestamp.encode() + body
        key.verify(base64.b64decode(signature), signed, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, binascii.Error, ValueError):
        header = "X-Twilio-Email-Event-Webhook-Signature"
        raise NotKnown("wrong_signature", f"{header} does not fit body and key") from None


def check_mailgun(body: Any, signing_key: str) -> None:
    """HMAC-SHA256 over timestamp and token, in hex, inside the body: it says nothing of the rest,
    so what a call says counts only behind TLS."""
    told = body.get("signature") if isinstance(body, Mapping) else None
    told = told if isinstance(told, Mapping) else {}
    signed = f"{told.get('timestamp')}{told.get('token')}"
    digest = hmac.digest(signing_key.encode(), signed.encode(), "sha256").hex()
    if not hmac.compare_digest(digest.encode(), str(told.get("signature")).encode()):
        raise NotKnown("wrong_signature", "`signature` does not fit the signing key")


class Sns:
    """Amazon SNS, which brings what SES tells: messages signed by a certificate of its own.

    docs.aws.amazon.com/sns (verifying the signatures of messages). By hand rather than by boto3,
    which does not verify them.
    """

    def __init__(self, topic: str, url: str | None = None) -> None:
        """`topic` is the only topic that is heard; `url` stands for SNS in a test."""
        self._topic = topic
        self._url = url
        self._keys: dict[str, rsa.RSAPublicKey] = {}

    async def check(self, body: Any) -> bool:
        """Whether a signed message of our topic is a notification; the subscription is confirmed
        by the way. Raises NotKnown, Unavailable."""
        told = body if isinstance(body, Mapping) else {}
        names = _SNS_SIGNED.get(str(told.get("Type")))
        if names is None:
            raise NotKnown("wrong_signature", "not a message of Amazon SNS")
        if told.get("TopicArn") != self._topic:
            raise NotKnown("wrong_topic", "TopicArn is not the topic in GIVEGET_SES_TOPIC")
        algorithm = _SNS_HASHES.get(str(told.get("SignatureVersion")))
        parts = [(name, told[name]) for name in names if name in told]
        if algorithm is None or not all(isinstance(value, str) for _, value in parts):
            raise NotKnown("wrong_signature", "SignatureVersion must be 1 or 2")
        signed = "".join(f"{name}\n{value}\n" for name, value in parts).encode()
        key = await self._key(str(told.get("SigningCertURL")))
        try:
            signature = base64.b64decode(str(told.get("Signature")))
            key.verify(signature, signed, padding.PKCS1v15(), algorithm)
        except (InvalidSignature, binascii.Error, ValueError):
            raise NotKnown("wrong_signature", "Signature does not fit the message") from None
        if told["Type"] == "SubscriptionConfirmation":
            await self._fetch(str(told.get("SubscribeURL")))
            return False
        return True

    async def _key(self, url: str) -> rsa.RSAPublicKey:
        if url not in self._keys:
            raw = await self._fetch(url)
            try:
                key = x509.load_pem_x509_certificate(raw).public_key()
            except ValueError:
                raise NotKnown("wrong_certificate", "SigningCertURL holds no certificate") from None
            if not isinstance(key, rsa.RSAPublicKey):
                raise NotKnown("wrong_certificate", "SigningCertURL holds no RSA key")
            if len(self._keys) >= _MOST_CERTIFICATES:
                self._keys.clear()
            self._keys[url] = key
        return self._keys[url]

    async def _fetch(self, url: str) -> bytes:
        is_theirs = _SNS.match(url) if self._url is None else url.startswith(self._url)
        if not is_theirs:
            raise NotKnown("wrong_address", "an address in the message is not one of Amazon SNS")
        try:
            async with (
                httpx2.AsyncClient(timeout=_SECONDS, trust_env=False, verify=trusted()) as client,
                client.stream("GET", url) as answer,
            ):
                raw = bytearray()
                async for chunk in answer.aiter_bytes():
                    raw += chunk
                    if len(raw) > _MOST_BYTES:
                        break
        except httpx2.HTTPError as error:
            why = f"Amazon SNS was not reached: {type(error).__name__}"
            raise Unavailable("sns_unreachable", why) from None
        if answer.status_code != 200 or len(raw) > _MOST_BYTES:
            raise Unavailable("sns_unreachable", f"Amazon SNS answered {answer.status_code}")
        return bytes(raw)
