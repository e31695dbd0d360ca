"""The wire to PostgreSQL is cut at each message of a sign-up: nothing is lost, nothing doubled."""

from __future__ import annotations

import itertools
import socket
from collections import Counter
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
import sqlalchemy as sa

from offers.policy import parse_policy
from service.store.schema import leads, messages, outbox, scores
from tests.fault_proxy import When, proxy_to
from tests.postbox import Postbox
from tests.service_offers import POLICY, a_lead_due_an_offer
from tests.service_world import World, a_signup

_names = itertools.count(1)


def test_a_cut_before_or_after_any_message_is_answered_503_and_mended_by_itself(
    postgresql: str,
) -> None:
    name = f"giveget_cut_{next(_names)}"
    with psycopg.connect(postgresql, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template_giveget")
    user = urlsplit(postgresql).username or "postgres"

    with proxy_to(lambda: _server(postgresql)) as proxy:
        url = f"postgresql://{user}@127.0.0.1:{proxy.port}/{name}?sslmode=disable"
        with World(url) as world:
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
            stored = [row[0] for row in world.rows(sa.select(leads.c.id))]
            told = [row[0] for row in world.rows(sa.select(messages.c.id))]
            scored = [row[0] for row in world.rows(sa.select(scores.c.lead))]
    with psycopg.connect(postgresql, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")

    assert sorted(stored) == sorted(sent)
    assert sorted(scored) == sorted(sent)
    assert len(told) == len(sent)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_cut_anywhere_in_a_mails_delivery_loses_none_and_sends_twice_only_as_maybe_sent(
    make_world: Callable[..., World], postbox: tuple[Postbox, int], when: When
) -> None:
    with proxy_to(lambda: socket.create_connection(("127.0.0.1", postbox[1]))) as proxy:
        world = make_world(live=True, smtp_port=proxy.port, smtp_starttls=False)
        for _ in range(200):  # offers go to a share of the live trials
            world.sign_up()
        world.parts.policy = parse_policy(POLICY)
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


def send_until_taken(world: World, lead: str) -> list[int]:
    """One message, repeated as a sender repeats it; the statuses it got."""
    statuses = []
    body = a_signup(id=lead)
    for _ in range(12):
        answer = world.send("/v1/signups", body, message=f"msg-{lead}")
        statuses.append(answer.status_code)
        if answer.status_code == 200:
            return statuses
        assert answer.json()["code"] == "store_unavailable"
        assert int(answer.headers["retry-after"]) >= 1
    pytest.fail(f"{lead} was never taken: {statuses}")


def _server(uri: str) -> socket.socket:
    parts = urlsplit(uri)
    folder = parse_qs(parts.query).get("host", [None])[0]
    if folder is None:
        return socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 5432))
    port = parts.port or int(parse_qs(parts.query).get("port", ["5432"])[0])
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(f"{folder}/.s.PGSQL.{port}")
    return connection
