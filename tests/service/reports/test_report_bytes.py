"""What is sent once more is the same bytes, at a real mail server; and nothing is made twice by
workers, or ordered twice by admins, who come at once."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from service.db.tables.leads import outbox, report_letters, report_orders, reports
from service.use_cases.reports.making import make_due
from service.use_cases.tx import transact_now
from tests.support.service import World
from tests.support.teams import Team

MakeWorld = Callable[..., World]


class Deaf:
    """Takes every mail and hangs up on the first without a word that it did."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content
        assert isinstance(content, bytes)
        self.taken.append(content)
        if len(self.taken) == 1:
            assert server.transport is not None
            server.transport.abort()
        return "250 taken"


@pytest.fixture
def deaf() -> Iterator[tuple[Deaf, int]]:
    handler = Deaf()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


def test_a_letter_whose_answer_was_lost_is_sent_again_byte_for_byte(
    make_world: MakeWorld, deaf: tuple[Deaf, int]
) -> None:
    server, port = deaf
    world = make_world(usage_report=True, live=True, smtp_port=port, smtp_starttls=False)
    team = Team(world)
    team.order(readers=[1])
    team.works()
    team.turn(2026, 12, 2, 10)
    assert team.mails()[team.people[1]][0] == "due"  # nobody knows whether it arrived

    team.works(times=4)
    team.say(1, first_name="Bo", locale="fr")
    other = {"mail_from": "Other <other@elsewhere.example>", "brand_name": "Other"}
    world.runtime.settings = world.runtime.settings.model_copy(update=other)
    world.wait(hours=1)
    world.work()

    assert team.mails()[team.people[1]][0] == "maybe_sent"
    assert len(server.taken) == 2
    assert server.taken[0] == server.taken[1]

    team.press("again")
    world.wait(hours=1)
    world.work()
    assert len(server.taken) == 3
    assert server.taken[2] == server.taken[0]


def test_many_workers_at_once_make_one_report(make_world: MakeWorld) -> None:
    team = Team(make_world(usage_report=True))
    team.order(readers=[1, 2])
    team.works()
    team.world.clock.advance(datetime(2026, 12, 2, 9, tzinfo=UTC) - team.world.clock.now())
    (order,) = team.world.rows(report_orders.select())

    def make(_: int) -> int:
        return transact_now(team.world.runtime, lambda tx: make_due(tx, order.id))

    with ThreadPoolExecutor(8) as pool:
        settled = list(pool.map(make, range(16)))

    assert sorted(settled) == [0] * 15 + [1]
    assert team.world.count(reports) == 1
    assert team.world.count(report_letters) == 2
    assert team.world.count(outbox) == 2


def test_admins_who_order_at_once_are_one_order(make_world: MakeWorld) -> None:
    team = Team(make_world(usage_report=True))
    pages = [team.page(number, "admin") for number in range(6)]
    form = {"readers": team.address(1), "every": "month"}

    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(lambda page: team.world.client.post(page, data=form).status_code, pages)
        )

    assert answers == [200] * 6
    assert team.world.count(report_orders) == 1
    assert len(team.state()["readers"]) == 1


def test_months_are_of_the_billing_zone(make_world: MakeWorld) -> None:
    team = Team(make_world(usage_report=True))
    team.world.runtime.policy = replace(team.world.runtime.policy, timezone="America/Sao_Paulo")
    team.order(readers=[1])
    midnight = datetime(2026, 12, 1, 3, tzinfo=UTC)  # of São Paulo
    team.world.clock.advance(midnight + timedelta(hours=1) - team.world.clock.now())
    team.works(at=midnight - timedelta(seconds=1), times=2)
    team.works(at=midnight)

    team.turn(2026, 12, 2, 2)
    assert team.mails() == {}
    team.turn(2026, 12, 2, 23)
    team.turn(2026, 12, 3, 12)

    assert team.state()["reports"][0]["actions"] == {"export": 12}
