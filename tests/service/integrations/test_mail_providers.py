"""Bounces, complaints and unsubscribes as mail providers tell them, in their documented shapes.

docs.aws.amazon.com/ses/latest/dg/notification-contents.html, postmarkapp.com/developer/webhooks,
twilio.com/docs/sendgrid/for-developers/tracking-events/event, documentation.mailgun.com (webhooks),
resend.com/docs/webhooks.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from standardwebhooks import Webhook

from service.db.tables.leads import bounces, suppressions
from tests.support.service import World

TOPIC = "arn:aws:sns:eu-west-1:123456789012:mail-events"
RESEND = "whsec_" + base64.b64encode(b"r" * 32).decode()
_EC = ec.generate_private_key(ec.SECP256R1())
_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_DER = serialization.Encoding.DER
SENDGRID = base64.b64encode(
    _EC.public_key().public_bytes(_DER, serialization.PublicFormat.SubjectPublicKeyInfo)
).decode()
SETTINGS: dict[str, Any] = {
    "ses_topic": TOPIC,
    "postmark_credentials": "postmark:long-password",
    "sendgrid_public_key": SENDGRID,
    "mailgun_signing_key": "mailgun-signing-key",
    "resend_secret": RESEND,
}
BEA, CEM = "bea@large.example", "cem@large.example"
Call = tuple[str, bytes, dict[str, str]]


def certificate() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    made = made.public_key(_RSA.public_key()).serial_number(7)
    made = made.not_valid_before(begins).not_valid_after(begins + timedelta(days=999))
    return made.sign(_RSA, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@contextmanager
def amazon() -> Iterator[tuple[str, list[str]]]:
    """Where certificates lie and subscriptions are confirmed; the paths that were asked for."""
    asked: list[str] = []
    pem = certificate()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("content-length", str(len(pem)))
            self.end_headers()
            self.wfile.write(pem)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def sns(url: str, message: Any, *, version: str = "2", **fields: str) -> Call:
    body = {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Message": json.dumps(message),
        "Timestamp": "2026-11-02T09:00:00.000Z",
        "SignatureVersion": version,
        "SigningCertURL": f"{url}/SimpleNotificationService-1.pem",
        "UnsubscribeURL": f"{url}/?Action=Unsubscribe",
    } | fields
    names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn"]
    signed = "".join(f"{name}\n{body[name]}\n" for name in [*names, "Type"] if name in body)
    hashed = hashes.SHA256() if version == "2" else hashes.SHA1()  # the older version
    signature = _RSA.sign(signed.encode(), padding.PKCS1v15(), hashed)
    body["Signature"] = base64.b64encode(signature).decode()
    return "/v1/connect/ses", json.dumps(body).encode(), {"content-type": "text/plain"}


def postmark(body: Any, credentials: str = "postmark:long-password") -> Call:
    shown = base64.b64encode(credentials.encode()).decode()
    headers = {"authorization": f"Basic {shown}", "content-type": "application/json"}
    return "/v1/connect/postmark", json.dumps(body).encode(), headers


def sendgrid(*events: Any, key: ec.EllipticCurvePrivateKey = _EC) -> Call:
    raw, at = json.dumps(events).encode() + b"\r\n", "1793610000"
    signature = key.sign(at.encode() + raw, ec.ECDSA(hashes.SHA256()))
    headers = {
        "x-twilio-email-event-webhook-signature": base64.b64encode(signature).decode(),
        "x-twilio-email-event-webhook-timestamp": at,
        "content-type": "application/json",
    }
    return "/v1/connect/sendgrid", raw, headers


def mailgun(event: Any, key: str = "mailgun-signing-key") -> Call:
    at, token = "1793610000", "a" * 50
    signature = hmac.digest(key.encode(), f"{at}{token}".encode(), "sha256").hex()
    body = {
        "signature": {"timestamp": at, "token": token, "signature": signature},
        "event-data": event,
    }
    return "/v1/connect/mailgun", json.dumps(body).encode(), {"content-type": "application/json"}


def resend(world: World, body: Any, secret: str = RESEND) -> Call:
    raw, now = json.dumps(body), world.clock.now()
    headers = {
        "svix-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "svix-timestamp": str(int(now.timestamp())),
        "svix-signature": Webhook(secret).sign("msg_p5jXN8AQM9LWM0D4loKWxJek", now, raw),
        "content-type": "application/json",
    }
    return "/v1/connect/resend", raw.encode(), headers


def ses_bounce(kind: str = "Permanent", *, key: str = "notificationType") -> dict[str, Any]:
    return {
        key: "Bounce",
        "bounce": {
            "bounceType": kind,
            "bounceSubType": "General",
            "bouncedRecipients": [
                {"emailAddress": BEA, "action": "failed", "status": "5.1.1"},
                {"emailAddress": CEM},
            ],
            "timestamp": "2026-11-02T08:59:38.605Z",
            "feedbackId": "000001378603177f-7a5433e7-8edb-42ae-af10-f0181f34d6ee-000000",
        },
        "mail": {"timestamp": "2026-11-02T08:59:37.000Z", "messageId": "m"},
    }


def postmark_bounce(kind: str, **fields: Any) -> dict[str, Any]:
    return {
        "RecordType": "Bounce",
        "ID": 4323372036854775807,
        "Type": kind,
        "Email": BEA,
        "BouncedAt": "2026-11-02T08:59:05.9070259-05:00",
        "Inactive": False,
    } | fields


def sendgrid_event(event: str, **fields: Any) -> dict[str, Any]:
    return {
        "email": BEA,
        "timestamp": 1793609900,
        "event": event,
        "sg_event_id": "YWZmLWJvdW5jZQ==",
        "sg_message_id": "14c5d75ce93",
    } | fields


def mailgun_event(event: str, **fields: Any) -> dict[str, Any]:
    return {
        "event": event,
        "id": "G9Bn5sl1TC6nu79C8C0bwg",
        "timestamp": 1793609900.5,
        "recipient": BEA,
    } | fields


def resend_event(what: str, **data: Any) -> dict[str, Any]:
    told = {"email_id": "56761188-7520-42d8-8898-ff6fc54ce618", "to": [BEA], **data}
    return {"type": what, "created_at": "2026-11-02T08:59:05.894719+00:00", "data": told}


def sent(world: World, call: Call) -> Any:
    path, raw, headers = call
    return world.client.post(path, content=raw, headers=headers)


def why(world: World, email: str = BEA) -> str | None:
    key = world.runtime.email_key(email)
    query = sa.select(suppressions.c.reason).where(suppressions.c.email_key == key)
    found = world.rows(query)
    return found[0].reason if found else None


CALLS: dict[str, tuple[Callable[[World], Call], str | None]] = {
    "postmark hard": (lambda w: postmark(postmark_bounce("HardBounce", Inactive=True)), "bounced"),
    "postmark unknown kind that ends": (
        lambda w: postmark(postmark_bounce("Undeliverable", Inactive=True)),
        "bounced",
    ),
    "postmark auto-reply": (lambda w: postmark(postmark_bounce("AutoResponder")), None),
    "postmark complaint": (
        lambda w: postmark(postmark_bounce("SpamComplaint", RecordType="SpamComplaint")),
        "complained",
    ),
    "postmark's own page of unsubscribing": (
        lambda w: postmark(
            {
                "RecordType": "SubscriptionChange",
                "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
                "ChangedAt": "2026-11-02T08:53:34.416071Z",
                "Recipient": BEA,
                "Origin": "Recipient",
                "SuppressSending": True,
                "SuppressionReason": "ManualSuppression",
            }
        ),
        "unsubscribed",
    ),
    "postmark taking an address back": (
        lambda w: postmark(
            {
                "RecordType": "SubscriptionChange",
                "Recipient": BEA,
                "SuppressSending": False,
                "SuppressionReason": None,
            }
        ),
        None,
    ),
    "postmark delivery": (lambda w: postmark({"RecordType": "Delivery", "Recipient": BEA}), None),
    "sendgrid hard": (
        lambda w: sendgrid(sendgrid_event("bounce", type="bounce", status="5.1.1")),
        "bounced",
    ),
    "sendgrid blocked": (
        lambda w: sendgrid(sendgrid_event("bounce", type="blocked", status="5.7.1")),
        None,
    ),
    "sendgrid dropped": (
        lambda w: sendgrid(sendgrid_event("dropped", reason="Spam Reporting Address")),
        "complained",
    ),
    "sendgrid complaint": (lambda w: sendgrid(sendgrid_event("spamreport")), "complained"),
    "sendgrid unsubscribe": (
        lambda w: sendgrid(
            sendgrid_event("open"), sendgrid_event("group_unsubscribe", asm_group_id=10)
        ),
        "unsubscribed",
    ),
    "mailgun hard": (
        lambda w: mailgun(mailgun_event("failed", severity="permanent", reason="bounce")),
        "bounced",
    ),
    "mailgun full mailbox": (
        lambda w: mailgun(mailgun_event("failed", severity="permanent", reason="old")),
        None,
    ),
    "mailgun tries again": (
        lambda w: mailgun(mailgun_event("failed", severity="temporary", reason="generic")),
        None,
    ),
    "mailgun complaint": (lambda w: mailgun(mailgun_event("complained")), "complained"),
    "mailgun unsubscribe": (lambda w: mailgun(mailgun_event("unsubscribed")), "unsubscribed"),
    "resend hard": (
        lambda w: resend(w, resend_event("email.bounced", bounce={"type": "Permanent"})),
        "bounced",
    ),
    "resend soft": (
        lambda w: resend(w, resend_event("email.bounced", bounce={"type": "Transient"})),
        None,
    ),
    "resend complaint": (lambda w: resend(w, resend_event("email.complained")), "complained"),
    "resend contact": (
        lambda w: resend(w, resend_event("contact.updated", email=BEA, unsubscribed=True)),
        "unsubscribed",
    ),
    "resend delivery": (lambda w: resend(w, resend_event("email.delivered")), None),
}


@pytest.mark.parametrize("name", CALLS)
def test_what_is_told_holds_for_the_address_however_often(make_world: Any, name: str) -> None:
    world = make_world(**SETTINGS)
    made, reason = CALLS[name]
    lead = world.sign_up(email=BEA)["lead_id"]
    for _ in range(2):
        answer = sent(world, made(world))
        assert answer.status_code == 200, answer.text
        assert answer.json()["rejected"] == []
    assert why(world) == reason
    assert world.count(bounces) <= 1
    stopped = world.get("manager", f"/v1/leads/{lead}").json()["lead"].get("do_not_email")
    assert (stopped is True) == (reason == "unsubscribed")


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("key", ["notificationType", "eventType"])
def test_ses_tells_through_a_signed_topic(make_world: Any, version: str, key: str) -> None:
    with amazon() as (url, asked):
        world = make_world(**SETTINGS, sns_url=url)
        for _ in range(3):
            answer = sent(world, sns(url, ses_bounce(key=key), version=version))
            assert answer.status_code == 200, answer.text
        assert (why(world, BEA), why(world, CEM)) == ("bounced", "bounced")
        assert world.count(bounces) == 2
        assert len(asked) == 1  # the certificate, once

        complaint = {
            "notificationType": "Complaint",
            "complaint": {
                "complainedRecipients": [{"emailAddress": "dan@large.example"}],
                "timestamp": "2026-11-02T08:59:40.000Z",
                "feedbackId": "000001378603177f-18c07c78",
            },
        }
        assert sent(world, sns(url, complaint, Subject="Complaint")).status_code == 200
        assert why(world, "dan@large.example") == "complained"


def test_soft_bounces_of_ses_only_add_up(make_world: Any) -> None:
    with amazon() as (url, _):
        world = make_world(**SETTINGS, sns_url=url)
        for number in range(5):
            assert why(world) is None
            bounce = ses_bounce("Transient")
            bounce["bounce"]["feedbackId"] = f"f-{number}"
            assert sent(world, sns(url, bounce)).status_code == 200
        assert why(world) == "soft_bounces"


def test_the_topics_subscription_is_confirmed_by_itself(make_world: Any) -> None:
    with amazon() as (url, asked):
        world = make_world(**SETTINGS, sns_url=url)
        confirm = f"{url}/?Action=ConfirmSubscription&Token=t"
        call = sns(url, {}, Type="SubscriptionConfirmation", Token="t", SubscribeURL=confirm)
        assert sent(world, call).status_code == 200
        assert asked[-1] == "/?Action=ConfirmSubscription&Token=t"
        elsewhere = "https://sns.eu-west-1.amazonaws.com.evil.example/?Action=ConfirmSubscription"
        call = sns(url, {}, Type="SubscriptionConfirmation", Token="t", SubscribeURL=elsewhere)
        assert sent(world, call).status_code == 401
        assert len(asked) == 2


@pytest.mark.parametrize(
    "address",
    [
        "https://sns.eu-west-1.amazonaws.com.evil.example/a.pem",
        "http://sns.eu-west-1.amazonaws.com/a.pem",
        "https://evil.example/?https://sns.eu-west-1.amazonaws.com/",
        "https://sns.eu-west-1.amazonaws.com@evil.example/a.pem",
        "file:///etc/passwd",
        "",
    ],
)
def test_a_certificate_of_somebody_elses_is_not_even_fetched(make_world: Any, address: str) -> None:
    world = make_world(**SETTINGS)
    answer = sent(world, sns("x", ses_bounce(), SigningCertURL=address))
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_address")
    assert why(world) is None


def test_a_forged_call_changes_nothing(make_world: Any) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    with amazon() as (url, _):
        world = make_world(**SETTINGS, sns_url=url)
        path, raw, headers = sns(url, ses_bounce())
        hard = sendgrid_event("bounce", type="bounce")
        _, signed, proof = sendgrid(hard)
        complained = resend_event("email.complained")
        wrong = "whsec_" + base64.b64encode(b"w" * 32).decode()
        forged: list[Call] = [
            (path, raw.replace(b"large", b"other"), headers),
            sns(url, ses_bounce(), TopicArn=TOPIC + "x"),
            sns(url, ses_bounce(), Type="Nothing"),
            sns(url, ses_bounce(), SignatureVersion="9"),
            postmark(postmark_bounce("HardBounce"), "postmark:wrong"),
            ("/v1/connect/postmark", json.dumps(postmark_bounce("HardBounce")).encode(), {}),
            sendgrid(hard, key=other),
            ("/v1/connect/sendgrid", signed + b" ", proof),
            ("/v1/connect/sendgrid", signed, {}),
            mailgun(mailgun_event("complained"), "another-key"),
            ("/v1/connect/mailgun", b"[]", {}),
            resend(world, complained, wrong),
            ("/v1/connect/resend", json.dumps(complained).encode(), {}),
        ]
        for call in forged:
            assert sent(world, call).status_code == 401, call
        assert world.count(bounces) == 0
        assert world.count(suppressions) == 0


def test_nobody_is_heard_who_is_not_connected(world: World) -> None:
    for tool in ("ses", "postmark", "sendgrid", "mailgun", "resend"):
        answer = world.client.post(f"/v1/connect/{tool}", json={})
        assert (answer.status_code, answer.json()["code"]) == (401, "not_connected")


@pytest.mark.parametrize(
    ("call", "path"),
    [
        (postmark(postmark_bounce("HardBounce", Email=None)), "Email"),
        (postmark(postmark_bounce("HardBounce", BouncedAt="yesterday")), "BouncedAt"),
        (sendgrid(sendgrid_event("spamreport", timestamp="soon")), "timestamp"),
        (mailgun(mailgun_event("complained", recipient=5)), "recipient"),
        (postmark([1]), ""),
    ],
)
def test_what_cannot_be_read_is_said_by_index_and_the_rest_is_taken(
    make_world: Any, call: Call, path: str
) -> None:
    world = make_world(**SETTINGS)
    answer = sent(world, call)
    assert answer.status_code == 200
    assert answer.json()["rejected"] == [{"index": 0, "code": "unreadable", "path": path}]
    assert why(world) is None
    mixed = sendgrid({"event": "bounce"}, sendgrid_event("spamreport"))
    assert sent(world, mixed).json()["taken"] == 1
    assert why(world) == "complained"


def test_an_unsubscribe_of_somebody_unknown_is_kept_for_when_they_sign_up(make_world: Any) -> None:
    world = make_world(**SETTINGS)
    sent(world, mailgun(mailgun_event("unsubscribed")))
    world.sign_up(email=BEA)
    assert why(world) == "unsubscribed"
