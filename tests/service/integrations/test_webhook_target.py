"""Events reach the customer's own system: signed, tried again, never into a private network."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standardwebhooks import Webhook, WebhookVerificationError
from typer.testing import CliRunner

from service.cli import app
from service.cli.checks import examine
from service.db.tables.leads import deliveries
from service.errors import ConfigurationError
from service.integrations import webhook
from service.integrations.public_addresses import is_public
from service.settings import Settings, read_settings
from tests.service.offers.test_gives import an_offer, listed, redeem, shown, the_give
from tests.service.offers.test_offer_life import a_reps_concession
from tests.support.service import World
from tests.support.webhook_target import (
    NEW,
    OLD,
    Target,
    listening,
    seconds,
    settings_for,
    unused_port,
)


@pytest.fixture
def target() -> Iterator[Target]:
    with listening(Target()) as target:
        yield target


def waiting(world: World) -> list[tuple[str, str | None]]:
    query = sa.select(deliveries.c.state, deliveries.c.reason).where(deliveries.c.state != "done")
    return [(row.state, row.reason) for row in world.rows(query)]


def codes(world: World) -> dict[str, str]:
    return {found.code: found.says for found in examine(world.settings, world.clock.now())}


def test_the_standards_own_library_verifies_what_is_sent_also_while_a_secret_is_rotated(
    make_world: Callable[..., World], target: Target
) -> None:
    world = make_world(**settings_for(target, webhook_secret=f"{NEW},{OLD}"))
    world.clock.set(datetime.now(UTC))
    lead = world.sign_up(title="Größte Leiterin 🙂")["lead_id"]
    world.work()

    (attempt,) = target.attempts
    assert attempt.path == "/hooks?t=1"
    assert attempt.headers["content-type"] == "application/json"
    for secret in (NEW, OLD):
        said = Webhook(secret).verify(attempt.raw, dict(attempt.headers))
        assert (said["type"], said["data"]["lead"]) == ("lead.scored", lead)
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW[:-3] + "AAA").verify(attempt.raw, dict(attempt.headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(attempt.raw + b" ", dict(attempt.headers))


@pytest.mark.parametrize("fault", [500, 401, 404, 429, 302, 0])
def test_any_answer_but_2xx_is_tried_again_under_the_same_id(
    make_world: Callable[..., World], target: Target, fault: int
) -> None:
    with listening(Target()) as elsewhere:
        target.statuses, target.headers = [fault, fault], {"location": elsewhere.url}
        world = make_world(**settings_for(target, webhook_timeout_seconds=2.0))
        world.sign_up()
        for _ in range(3):
            world.work()
            world.wait(minutes=2)
        assert elsewhere.attempts == []

    first, second, third = target.attempts
    assert first.id == second.id == third.id
    assert "." not in first.id
    assert first.raw == second.raw == third.raw
    times = [int(attempt.headers["webhook-timestamp"]) for attempt in target.attempts]
    assert times == sorted(set(times))
    assert all(attempt.fits(NEW) for attempt in target.attempts)
    assert waiting(world) == []


@pytest.mark.parametrize("trickles", [False, True])
def test_a_target_that_hangs_delays_one_round_and_is_then_left_alone(
    make_world: Callable[..., World], target: Target, trickles: bool
) -> None:
    target.otherwise, target.trickles = 0, trickles
    world = make_world(**settings_for(target, webhook_timeout_seconds=2.0))
    for _ in range(12):
        world.sign_up()

    assert seconds(world.work) < 12  # one after the other they would take twice as long
    assert len(target.attempts) == 12
    world.wait(seconds=10)
    world.sign_up()
    world.work()
    assert len(target.attempts) == 12  # what is new waits with the others
    target.otherwise = 204
    world.wait(minutes=2)
    world.work()
    assert (len(target.attempts), waiting(world)) == (25, [])


def test_a_busy_target_is_left_alone_as_long_as_it_says(
    make_world: Callable[..., World], target: Target
) -> None:
    target.statuses, target.headers = [503], {"retry-after": "600"}
    world = make_world(**settings_for(target))
    world.sign_up()
    world.work()
    world.wait(seconds=595)
    world.sign_up()
    world.work()
    assert len(target.attempts) == 1
    world.wait(seconds=10)
    world.work()
    assert len(target.attempts) == 3


def test_a_target_that_is_gone_hears_nothing_more_until_it_is_told_again(
    make_world: Callable[..., World], target: Target
) -> None:
    world = make_world(**settings_for(target, webhook_events="give.requested,lead.scored"))
    offer = an_offer(world)
    world.work()
    heard = len(target.attempts)
    target.statuses = [410]
    redeem(world, offer)
    world.work()
    world.sign_up()
    world.work()

    assert len(target.attempts) == heard + 1
    (task,) = listed(world)
    assert task["reason"] == "webhook did not take it: status_410"
    assert the_give(world, offer)["state"] == "failed"
    found = codes(world)
    assert "gone (410)" in found["webhook_gone"]
    assert found["failed_webhook"].startswith("1 events were given up")

    done = CliRunner().invoke(app, ["connect", "retry", "webhook", "--db", world.settings.db])
    assert done.exit_code == 0, done.output
    world.clock.set(datetime.now(UTC) + timedelta(minutes=1))  # the command's own clock
    world.work()
    assert "webhook_gone" not in codes(world)
    assert set(target.types()[heard + 1 :]) == {"lead.scored"}  # the give is a person's by now
    assert waiting(world) == []


def test_what_was_given_up_is_a_persons_and_the_doctor_says_so(
    make_world: Callable[..., World], target: Target
) -> None:
    target.otherwise = 500
    settings = settings_for(target, webhook_events="give.requested", give_answer_hours=1000)
    world = make_world(**settings)
    offer = an_offer(world)
    redeem(world, offer)
    for _ in range(20):
        world.work()
        world.wait(hours=8)
    assert len(target.attempts) == 16
    assert len({attempt.id for attempt in target.attempts}) == 1
    assert listed(world)[0]["reason"] == "webhook did not take it: status_500"
    assert codes(world)["failed_webhook"].endswith("target: status_500")


def test_a_target_taken_out_of_the_settings_leaves_its_gives_to_people(
    make_world: Callable[..., World], target: Target
) -> None:
    told = make_world(**settings_for(target, webhook_events="give.requested"))
    offer = an_offer(told)
    redeem(told, offer)
    after = make_world()
    after.work()
    assert target.attempts == []
    assert listed(after)[0]["reason"] == "webhook did not take it: not_connected"


@pytest.mark.parametrize(
    "answers",
    [
        ["127.0.0.1"],
        ["10.0.0.7"],
        ["169.254.169.254"],
        ["fd00:ec2::254"],
        ["::ffff:127.0.0.1"],
        ["93.184.216.34", "127.0.0.1"],
    ],
)
def test_a_name_that_leads_into_a_private_network_is_not_called(
    make_world: Callable[..., World],
    target: Target,
    monkeypatch: pytest.MonkeyPatch,
    answers: list[str],
) -> None:
    looked_up: list[str] = []

    def addresses(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        looked_up.append(host)
        return [(0, 0, 0, "", (answer, port)) for answer in answers]

    port = target.url.split(":")[2].partition("/")[0]
    world = make_world(webhook_url=f"https://hooks.customer.example:{port}/x", webhook_secret=NEW)
    world.sign_up()
    with monkeypatch.context() as names:
        names.setattr(socket, "getaddrinfo", addresses)
        world.work()
        assert "private_webhook" in codes(world)
    assert looked_up[0] == "hooks.customer.example"
    assert target.attempts == []
    assert waiting(world) == [("due", "private_address")]


def test_only_the_address_that_was_looked_at_is_called_and_only_once_looked_up(
    make_world: Callable[..., World], target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def rebound(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return [(0, 0, 0, "", ("127.0.0.1" if len(asked) == 1 else "127.0.0.9", port))]

    port = target.url.split(":")[2].partition("/")[0]
    named = f"hooks.customer.example:{port}"
    world = make_world(**settings_for(target) | {"webhook_url": f"http://{named}/x"})
    world.sign_up()
    with monkeypatch.context() as names:
        names.setattr(socket, "getaddrinfo", rebound)
        world.work()
    (attempt,) = target.attempts
    assert attempt.headers["host"] == named
    assert [host for host in asked if host == "hooks.customer.example"] == [asked[0]]


def test_a_targets_certificate_must_be_of_the_name_that_is_called(
    make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def here(_host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        return [(0, 0, 0, "", ("127.0.0.1", port))]

    server, trusted = a_certificate("hooks.customer.example", tmp_path)
    monkeypatch.setattr(webhook, "trusted", lambda: trusted)
    with listening(Target(), server) as target:
        port = target.url.split(":")[2].partition("/")[0]
        for name, hears in (("hooks.customer.example", 1), ("other.customer.example", 1)):
            url = f"https://{name}:{port}/x"
            world = make_world(**settings_for(target) | {"webhook_url": url})
            world.sign_up()
            with monkeypatch.context() as names:
                names.setattr(socket, "getaddrinfo", here)
                world.work()
            assert len(target.attempts) == hears
    assert waiting(world) == [("due", "unreachable_ConnectError")]


def test_nobody_there_is_tried_again(make_world: Callable[..., World], target: Target) -> None:
    world = make_world(
        **settings_for(target) | {"webhook_url": f"http://127.0.0.1:{unused_port()}/"}
    )
    world.sign_up()
    world.work()
    assert waiting(world) == [("due", "unreachable_ConnectError")]
    assert codes(world)["webhook_fails"] == (
        "the webhook fails since 2026-11-02 09:00Z, last with unreachable_ConnectError; "
        "1 waiting, the next try is at 09:00Z"
    )
    first = CliRunner().invoke(app, ["doctor", "--db", world.settings.db]).stdout.splitlines()[0]
    assert "problems, the worst: " in first
    world.wait(minutes=11)
    assert "late_webhook" not in codes(world)


def test_every_step_is_told_without_a_persons_data(
    make_world: Callable[..., World], target: Target
) -> None:
    world = make_world(**settings_for(target))
    lead, asked = a_reps_concession(world, 20)
    world.work()
    first = set(target.types())
    world.post("manager", f"/v1/offers/{asked['offer_id']}/approve")
    world.post("manager", f"/v1/offers/{asked['offer_id']}/withdraw")
    world.work()

    assert {"lead.scored", "lead.assigned", "approval.requested"} <= first
    assert set(target.types()) - first == {"offer.issued", "offer.withdrawn"}
    (approval,) = target.told("approval.requested")
    assert (approval["offer"], approval["state"]) == (asked["offer_id"], "awaiting_approval")
    scored = target.told("lead.scored")[-1]
    view = world.get("manager", f"/v1/leads/{lead}").json()
    assert (scored["lead"], scored["grade"]) == (lead, view["score"]["grade"])
    assert scored["probability"] == view["score"]["probability"]
    assert {told["rep"] for told in target.told("lead.assigned")} == {view["lead"]["rep"]}
    code = shown(world, asked["offer_id"])["code"]
    for attempt in target.attempts:
        assert b"@" not in attempt.raw.replace(b"@", b"", attempt.raw.count(b'"policy"'))
        assert code.encode() not in attempt.raw
        assert b"CFO" not in attempt.raw


def test_an_offers_way_is_told_in_its_types(
    make_world: Callable[..., World], target: Target
) -> None:
    kinds = "offer.issued,offer.accepted,offer.redeemed,offer.reversed"
    world = make_world(**settings_for(target, webhook_events=kinds))
    offer = an_offer(world)
    token = world.runtime.links.offer(offer).rpartition("/")[2]
    world.client.post(f"/o/{token}/accept")
    redeem(world, offer)
    world.send(f"/v1/offers/{offer}/reverse", {"order": None})
    world.work()
    assert sorted(target.types()) == sorted(kinds.split(","))
    (issued,) = target.told("offer.issued")
    assert (issued["gives"], issued["gets"]["seats"]) == ({"extra_months": 3}, 100)


def test_of_a_lead_scored_often_the_last_is_told_and_an_unchanged_score_is_not(
    make_world: Callable[..., World], target: Target
) -> None:
    world = make_world(**settings_for(target, webhook_events="lead.scored"))
    lead = world.sign_up(title="CFO", seats=200)["lead_id"]
    world.did(lead, "invited a colleague", "viewed pricing")
    world.work()
    (told,) = target.told("lead.scored")
    world.work()
    world.touched(lead)
    world.work()
    assert len(target.attempts) == 1
    world.did(lead, *["viewed pricing"] * 4)
    world.work()
    again = target.told("lead.scored")[-1]
    assert again["points"] != told["points"]
    assert target.attempts[0].id != target.attempts[-1].id


def test_nothing_is_told_in_shadow_mode_or_without_a_target(
    make_world: Callable[..., World], target: Target
) -> None:
    for settings in (settings_for(target, shadow=True), {}):
        world = make_world(**settings)
        world.hire("ada")
        world.sign_up(title="CFO")
        world.work()
        assert not world.rows(sa.select(deliveries.c.id).where(deliveries.c.subject != ""))
    assert target.attempts == []


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (
            {"webhook_url": "http://127.0.0.1:9000"},
            "must begin with https://; http:// to a receiver in a private network, as on this "
            "machine, needs GIVEGET_WEBHOOK_ALLOW_PRIVATE=true",
        ),
        ({"webhook_url": "http://hooks.customer.example"}, "must begin with https://"),
        ({"webhook_url": "ftp://hooks.customer.example"}, "must begin with https://"),
        ({"webhook_url": "https://"}, "must begin with https://"),
        ({"webhook_url": "https://me:pw-of-mine@customer.example"}, "neither a user"),
        ({"webhook_secret": "whsec_c2hvcnQ="}, "24 to 64 random bytes"),
        ({"webhook_secret": f"{NEW},not base64 at all"}, "24 to 64 random bytes"),
        ({"webhook_events": "offer.issued,offer.seen"}, "webhook_events"),
    ],
)
def test_a_wrong_target_is_refused_without_repeating_it(given: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_settings(**given)
    assert says in str(refused.value)
    assert "pw-of-mine" not in str(refused.value)
    assert NEW not in str(refused.value)


def test_a_target_without_a_secret_is_told_nothing_and_the_doctor_says_so(
    make_world: Callable[..., World], target: Target
) -> None:
    world = make_world(webhook_url=target.url, webhook_allow_private=True)
    world.sign_up()
    world.work()
    assert not world.rows(sa.select(deliveries.c.id).where(deliveries.c.subject != ""))
    assert "no_webhook_secret" in codes(world)


PRIVATE = """
    127.0.0.1 10.1.2.3 169.254.169.254 100.100.100.200 172.16.0.1 192.168.1.1 0.0.0.0 224.0.0.1
    168.63.129.16 192.0.0.8 198.18.0.1 240.0.0.1 255.255.255.255 :: ::1 ::10.0.0.1 fe80::1%eth0
    fd00:ec2::254 ff02::1 ::ffff:10.0.0.1 64:ff9b::a00:1 64:ff9b:1::a00:1 2002:a00:1:: 2001:db8::1
"""


@pytest.mark.parametrize("address", PRIVATE.split())
def test_private_addresses_are_known_in_every_spelling(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses_are_called(address: str) -> None:
    assert is_public(address)


def test_the_settings_hide_address_and_secret() -> None:
    settings = Settings(webhook_url="https://customer.example/?token=t-1", webhook_secret=(NEW,))
    assert "t-1" not in repr(settings)
    assert NEW not in repr(settings)


def a_certificate(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate of a name, and a caller's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(issuer)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(secret + pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "server.pem")
    return server, ssl.create_default_context(cadata=pem.decode())
