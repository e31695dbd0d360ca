"""A mail is sent by whoever holds it, never after what stops it; a refusal of us ends none."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from offers.policy import parse_policy
from service.db.tables.leads import bounces, outbox, suppressions
from service.jobs.send_mail import send_due
from service.mail.transports import verdict
from service.store.ops import outbox as mails
from tests.support.service import World
from tests.support.service_offers import POLICY, a_lead_due_an_offer
from tests.support.smtp_server import Postbox


@dataclass
class Server(Postbox):
    """A mail server that may refuse at any step, and does something amid one."""

    mail_replies: list[str] = field(default_factory=list)
    rcpt_replies: list[str] = field(default_factory=list)
    log_in_works: bool = True
    amid_rcpt: Callable[[], None] | None = None

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.mail_replies:
            return self.mail_replies.pop(0)
        envelope.mail_from = address
        return "250 ok"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.amid_rcpt is not None:
            await asyncio.to_thread(self.amid_rcpt)
        if self.rcpt_replies:
            return self.rcpt_replies.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 ok"


@pytest.fixture
def server() -> Iterator[tuple[Server, int]]:
    handler = Server()

    def log_in(*_: object) -> AuthResult:
        return AuthResult(success=handler.log_in_works, handled=False)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    controller = Controller(
        handler, hostname="127.0.0.1", port=port, authenticator=log_in, auth_require_tls=False
    )
    controller.start()
    yield handler, port
    controller.stop()


@pytest.fixture
def live(make_world: Callable[..., World], server: tuple[Server, int]) -> World:
    """A service that logs in at that server and sends."""
    settings: dict[str, Any] = {
        "live": True,
        "smtp_port": server[1],
        "smtp_starttls": False,
        "smtp_user": "giveget",
        "smtp_password": "right",
    }
    world = make_world(**settings)
    world.runtime.policy = parse_policy(POLICY)
    return world


def stage(world: World, *names: str) -> None:
    """A mail each, staged and due."""
    for name in names:
        world.did(a_lead_due_an_offer(world, email=f"{name}@{name}.example"), "opened")


def states(world: World) -> list[tuple[str, str | None]]:
    query = sa.select(outbox.c.state, outbox.c.reason).order_by(outbox.c.decided_at, outbox.c.id)
    return [tuple(row) for row in world.rows(query)]


def taken(server: tuple[Server, int]) -> list[str]:
    return sorted(str(message["To"]) for message in server[0].taken)


@pytest.mark.parametrize("stops", ["complaint", "unsubscribe", "pause", "withdraw", "touch"])
def test_what_was_acknowledged_before_the_text_keeps_the_mail_back(
    live: World, server: tuple[Server, int], stops: str
) -> None:
    stage(live, "ada")
    lead = live.rows(sa.select(outbox.c.lead))[0].lead
    offer = live.get("manager", "/v1/offers").json()["offers"][0]["id"]
    answers = []

    def stop() -> None:
        now = live.clock.now().isoformat()
        if stops == "complaint":
            body = {"id": "b1", "email": "ada@ada.example", "kind": "complaint", "at": now}
            answers.append(live.send("/v1/bounces", body))
        elif stops == "unsubscribe":
            ref = live.get("manager", f"/v1/leads/{lead}")
            assert ref.status_code == 200
            answers.append(live.send("/v1/signups", {"id": lead, "do_not_email": True}))
        elif stops == "pause":
            answers.append(live.post("manager", "/v1/mail/pause", {"reason": "wait"}))
        elif stops == "withdraw":
            answers.append(live.post("manager", f"/v1/offers/{offer}/withdraw"))
        else:
            answers.append(live.touched(lead, "call"))

    server[0].amid_rcpt = stop
    live.work()

    assert [answer.status_code for answer in answers] == [200]
    assert server[0].taken == []
    (state, reason) = states(live)[0]
    assert (state, reason) != ("sent", None)
    assert state == ("due" if stops == "pause" else "withheld")


def test_who_lost_the_lease_writes_nothing_over_what_came_after(
    live: World, server: tuple[Server, int]
) -> None:
    stage(live, "ada")
    now = live.clock.now()
    lease = timedelta(minutes=5)
    write = live.runtime.store.write_now
    (first,) = write(lambda c: mails.due_mail(c, now=now, lease_until=now + lease, limit=9))
    live.wait(minutes=6)
    live.work()  # another worker takes and sends it
    assert taken(server) == ["ada@ada.example"]

    later = live.clock.now()
    assert not write(lambda c: mails.begin(c, first, now=later, lease_until=later + lease))
    assert not write(lambda c: mails.end(c, first, state="failed", reason="late", now=later))
    write(lambda c: mails.try_again(c, first, at=later, reason="late", begun_at=None))
    write(lambda c: mails.postpone(c, first, at=later, reason="late"))
    assert states(live) == [("sent", None)]


def test_a_mail_whose_worker_was_lost_twice_amid_it_goes_no_third_time(
    live: World, server: tuple[Server, int]
) -> None:
    stage(live, "ada")
    write, lease = live.runtime.store.write_now, timedelta(minutes=5)
    for _ in range(2):
        now = live.clock.now()
        (staged,) = write(lambda c: mails.due_mail(c, now=now, lease_until=now + lease, limit=9))  # noqa: B023  # run at once
        assert write(lambda c: mails.begin(c, staged, now=now, lease_until=now + lease))  # noqa: B023
        live.wait(minutes=6)  # whoever began it says no more

    live.work()

    assert taken(server) == []
    assert states(live) == [("maybe_sent", "sent_again")]


def test_a_slow_server_and_two_workers_send_each_mail_once(
    live: World, server: tuple[Server, int]
) -> None:
    names = [f"n{number}" for number in range(6)]
    stage(live, *names)
    # a mail takes a minute and a half: six of them take longer than any lease
    server[0].amid_rcpt = lambda: live.wait(seconds=90)
    assert live.client.portal is not None

    async def both() -> list[int]:
        return list(await asyncio.gather(send_due(live.runtime), send_due(live.runtime)))

    for _ in range(4):
        live.client.portal.call(both)

    assert taken(server) == sorted(f"{name}@{name}.example" for name in names)
    assert {state for state, _ in states(live)} == {"sent"}


@pytest.mark.parametrize("refusal", ["log in", "sender", "away", "recipient"])
def test_a_refusal_of_us_ends_no_mail_and_mail_leaves_once_it_is_mended(
    live: World, server: tuple[Server, int], refusal: str
) -> None:
    stage(live, "ada", "bea", "cem")
    sender = live.runtime.sender
    if refusal == "log in":
        server[0].log_in_works = False
    elif refusal == "sender":
        server[0].mail_replies = ["550 5.7.1 not from you"] * 100
    elif refusal == "recipient":
        server[0].rcpt_replies = ["550 Authentication is required"] * 100
    else:
        live.runtime.sender = type(sender)(live.settings.model_copy(update={"smtp_port": 1}))  # type: ignore[call-arg]  # Smtp
    for _ in range(30):  # half an hour of it
        live.work()
        live.wait(minutes=1)
    assert {state for state, _ in states(live)} == {"due"}
    assert "giveget_mail_held 1.0" in live.client.get("/metrics").text
    assert live.get("manager", "/v1/mail").json()["held"]

    server[0].log_in_works, server[0].mail_replies, server[0].rcpt_replies = True, [], []
    live.runtime.sender = sender
    for _ in range(5):
        live.wait(minutes=1)
        live.work()
    assert {state for state, _ in states(live)} == {"sent"}
    assert len(server[0].taken) == 3


def test_who_gives_up_on_a_server_that_refuses_us_holds_nothing_against_the_address(
    live: World, server: tuple[Server, int]
) -> None:
    server[0].rcpt_replies = ["550 blocked: bad reputation"] * 100
    stage(live, "ada")
    for _ in range(60):
        live.wait(hours=3)
        live.work()
    assert states(live) == [("failed", "smtp 550")]
    assert live.rows(sa.select(suppressions)) == []
    assert live.rows(sa.select(bounces)) == []


def test_no_such_address_ends_the_mail_and_suppresses_until_a_person_lifts_it(
    live: World, server: tuple[Server, int]
) -> None:
    server[0].rcpt_replies = ["550 5.1.1 no such user"]
    stage(live, "ada")
    live.work()
    assert states(live) == [("failed", "smtp 550")]
    assert [row.reason for row in live.rows(sa.select(suppressions))] == ["bounced"]

    def lifted() -> Any:
        body = {"email": "ADA@ada.example", "reason": "wrote to us from it"}
        return live.post("manager", "/v1/mail/lift", body).json()

    assert live.post("rep", "/v1/mail/lift", {"email": "ada@ada.example", "reason": "x"}).is_error
    assert live.post("manager", "/v1/mail/lift", {"email": "ada@ada.example"}).status_code == 422
    assert lifted() == {"lifted": True}
    assert lifted() == {"lifted": False}
    assert live.rows(sa.select(suppressions)) == []
    assert "suppression.lifted" in live.get("manager", "/v1/audit").text


def test_nobody_lifts_what_whoever_reads_there_asked_for(live: World) -> None:
    body = {
        "id": "b1",
        "email": "no@more.example",
        "kind": "complaint",
        "at": "2026-11-02T08:00:00Z",
    }
    assert live.send("/v1/bounces", body).status_code == 200

    asked = {"email": "no@more.example", "reason": "they are a large customer"}
    refused = live.post("manager", "/v1/mail/lift", asked)

    assert (refused.status_code, refused.json()["code"]) == (409, "their_own_word")
    assert live.count(suppressions) == 1


def test_soft_bounces_add_up(live: World) -> None:
    for number in range(5):
        assert live.rows(sa.select(suppressions)) == []
        now = live.clock.now().isoformat()
        body = {"id": f"b{number}", "email": "full@box.example", "kind": "soft", "at": now}
        assert live.send("/v1/bounces", body).status_code == 200
        live.wait(days=7)
    assert [row.reason for row in live.rows(sa.select(suppressions))] == ["soft_bounces"]


@pytest.mark.parametrize(
    ("code", "message", "end", "is_hard"),
    [
        (550, "5.1.1 <a@b.example>: user unknown", "never", True),
        (550, "5.1.10 recipient address has null MX", "never", True),
        (550, "5.2.1 mailbox disabled", "never", True),
        (551, "user not local", "never", True),
        (550, "no such user here", "never", True),
        (550, "5.7.1 relaying denied", "later", False),
        (550, "message blocked: spam policy", "later", False),
        (554, "5.7.1 rejected by DMARC policy", "later", False),
        (552, "5.2.2 mailbox full", "never", False),
        (554, "no", "never", False),
        (450, "4.2.1 try later", "later", False),
        (452, "too many recipients", "later", False),
        (550, "Authentication is required", "held", False),
        (530, "Must issue a STARTTLS command first", "held", False),
        (554, "5.7.8 Error: authentication failed", "held", False),
        (550, "5.7.57 client not authenticated to send mail", "held", False),
        (503, "bad sequence of commands", "later", False),
        (550, "sender verify failed", "later", False),
        (550, "too many messages from you", "later", False),
        (553, "sorry, that domain isn't in my list of allowed rcpthosts", "later", False),
    ],
)
def test_a_servers_word_is_read_for_whom_it_is_meant(
    code: int, message: str, end: str, is_hard: bool
) -> None:
    told = verdict(code, message)
    assert (told.end, told.is_hard) == (end, is_hard)
