"""The wire to PostgreSQL is cut, or falls silent: nothing is lost, nothing doubled, none hangs."""

from __future__ import annotations

import itertools
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from httpx2 import Response

from offers.policy import parse_policy
from service.api import health
from service.db import stalled_connections
from service.db.tables.leads import leads, messages, outbox, scores
from tests.service.conftest import SECRET_KEY
from tests.support.databases import Databases
from tests.support.fault_proxy import FaultProxy, When, proxy_to
from tests.support.service import World, a_signup
from tests.support.service_offers import POLICY, a_lead_due_an_offer
from tests.support.smtp_server import Postbox


@pytest.fixture
def behind_proxy(postgresql: str, databases: Databases) -> Iterator[tuple[World, FaultProxy]]:
    """A running service whose store is reached through a proxy."""
    name = databases.lend()
    user = urlsplit(postgresql).username or "postgres"
    with proxy_to(lambda: server_of(postgresql)) as proxy:
        url = f"postgresql://{user}@127.0.0.1:{proxy.port}/{name}?sslmode=disable&connect_timeout=2"
        with World(url, secret_key=SECRET_KEY) as world:
            yield world, proxy
    databases.take_back(name)


def test_a_cut_before_or_after_any_message_is_answered_503_and_mended_by_itself(
    behind_proxy: tuple[World, FaultProxy],
) -> None:
    world, proxy = behind_proxy
    world.sign_up(id="first")  # the connections are open
    sent = ["first"]
    whens: tuple[When, ...] = ("before", "after")
    for when, stage in itertools.product(whens, range(1, 13)):
        lead = f"{when}-{stage}"
        proxy.cut_at(stage, when)
        statuses = send_until_taken(world, lead)
        sent.append(lead)
        assert set(statuses[:-1]) <= {503}, (lead, statuses)
    proxy.cut_at(10**9, "before")

    assert proxy.cuts >= 12  # most stages are reached by one sign-up
    assert_each_is_stored_once(world, sent)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits long is looked at soon."""
    monkeypatch.setattr(stalled_connections, "LOOK_EVERY_SECONDS", 0.05)
    monkeypatch.setattr(stalled_connections, "PATIENCE_SECONDS", 0.3)


@pytest.fixture
def silent_soon(hasty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server is also soon held to be silent."""
    monkeypatch.setattr(stalled_connections, "ANSWER_SECONDS", 0.3)


def test_a_server_that_falls_silent_is_answered_503_and_used_again_once_it_speaks(
    behind_proxy: tuple[World, FaultProxy], silent_soon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_READY_WITHIN", 0.1)
    world, proxy = behind_proxy
    world.sign_up(id="before")
    during = [f"during-{number}" for number in range(8)]

    proxy.fall_silent_at(1)
    with ThreadPoolExecutor(8) as pool:
        statuses = pool.map(lambda lead: send(world, lead).status_code, during)
        assert world.client.get("/readyz").status_code == 503
        assert world.client.get("/livez").status_code == 200
        assert list(statuses) == [503] * 8
    assert world.runtime.store.cut > 0
    proxy.speak()
    for lead in during:
        assert send_until_taken(world, lead)[-1] == 200
    while world.client.get("/readyz").status_code != 200:
        pass  # a reader may still be connecting

    assert_each_is_stored_once(world, ["before", *during])


@pytest.mark.long
def test_a_silence_from_any_message_on_is_mended_by_a_repeat_whatever_was_done_late(
    behind_proxy: tuple[World, FaultProxy], silent_soon: None
) -> None:
    world, proxy = behind_proxy
    world.sign_up(id="before")
    sent = ["before"]
    for stage in range(1, 100):
        sent.append(f"during-{stage}")
        proxy.fall_silent_at(stage)
        status = send(world, sent[-1]).status_code
        if status == 200:  # it takes fewer messages
            break
        assert status == 503
        proxy.speak()
        assert send_until_taken(world, sent[-1])[-1] == 200
    proxy.fall_silent_at(10**9)
    proxy.speak()

    assert len(sent) > 5
    assert_each_is_stored_once(world, sent)


def test_only_the_connection_that_waits_in_vain_is_cut_and_no_slow_statement(
    behind_proxy: tuple[World, FaultProxy], hasty: None
) -> None:
    world, proxy = behind_proxy
    store = world.runtime.store
    world.sign_up(id="before")

    proxy.lose_answers_at(3)  # amid the transaction
    with ThreadPoolExecutor(1) as pool:
        unheard = pool.submit(send_until_taken, world, "unheard")
        while not proxy.cuts:
            time.sleep(0.01)
        slow = store.read_now(lambda c: c.execute(sa.text("SELECT 7, pg_sleep(1.5)")).one())
        while not store.cut:
            time.sleep(0.01)
        assert unheard.result()[-1] == 200

    assert slow[0] == 7
    assert store.cut == 1
    assert_each_is_stored_once(world, ["before", "unheard"])


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_cut_anywhere_in_a_mails_delivery_loses_none_and_sends_twice_only_as_maybe_sent(
    make_world: Callable[..., World], postbox: tuple[Postbox, int], when: When
) -> None:
    with proxy_to(lambda: socket.create_connection(("127.0.0.1", postbox[1]))) as proxy:
        world = make_world(live=True, smtp_port=proxy.port, smtp_starttls=False)
        for _ in range(200):  # offers go to a share of the live trials
            world.sign_up()
        world.runtime.policy = parse_policy(POLICY)
        for stage in range(1, 8):
            proxy.cut_at(stage, when)
            world.did(a_lead_due_an_offer(world, email=f"p{stage}@firm{stage}.example"), "opened")
            for _ in range(3):
                world.work()
                world.wait(minutes=5)
        ends = [row[0] for row in world.rows(sa.select(outbox.c.state))]

    got = Counter(message["To"] for message in postbox[0].taken)
    twice = [to for to, copies in got.items() if copies > 1]
    assert len(got) == len(ends) == 7  # everybody got it
    assert set(ends) <= {"sent", "maybe_sent"}
    assert len(twice) <= ends.count("maybe_sent") <= 2  # only a cut amid the text leaves a doubt
    assert set(got.values()) <= {1, 2}
    assert len({message["Message-ID"] for message in postbox[0].taken}) == 7


def send(world: World, lead: str) -> Response:
    body = a_signup(id=lead, email=f"{lead}@{lead}.example")
    return world.send("/v1/signups", body, message=f"msg-{lead}")


def send_until_taken(world: World, lead: str) -> list[int]:
    """One message, repeated as a sender repeats it; the statuses it got."""
    statuses = []
    for _ in range(12):
        answer = send(world, lead)
        statuses.append(answer.status_code)
        if answer.status_code == 200:
            return statuses
        assert answer.json()["code"] == "store_unavailable"
        assert int(answer.headers["retry-after"]) >= 1
    pytest.fail(f"{lead} was never taken: {statuses}")


def assert_each_is_stored_once(world: World, sent: list[str]) -> None:
    assert sorted(row[0] for row in world.rows(sa.select(leads.c.id))) == sorted(sent)
    assert sorted(row[0] for row in world.rows(sa.select(scores.c.lead))) == sorted(sent)
    assert world.count(messages) == len(sent)


def server_of(uri: str) -> socket.socket:
    runtime = urlsplit(uri)
    folder = parse_qs(runtime.query).get("host", [None])[0]
    if folder is None:
        return socket.create_connection((runtime.hostname or "127.0.0.1", runtime.port or 5432))
    port = runtime.port or int(parse_qs(runtime.query).get("port", ["5432"])[0])
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(f"{folder}/.s.PGSQL.{port}")
    return connection
