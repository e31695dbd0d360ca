"""A pooler in transaction mode between us and PostgreSQL: nothing of a session is relied on."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from offers.policy import parse_policy
from service.db.tables.leads import captured_mail, leads, queue
from tests.service.conftest import SECRET_KEY
from tests.service.ops.test_faults import server_of
from tests.support.databases import Databases
from tests.support.pooler import Pooler, pooler_to
from tests.support.service import World, a_signup
from tests.support.service_offers import POLICY, a_lead_due_an_offer


@pytest.fixture
def pooled(postgresql: str, databases: Databases) -> Iterator[tuple[World, Pooler]]:
    """A running service that reaches its empty store through a pooler."""
    name = databases.lend()
    user = urlsplit(postgresql).username or "postgres"
    with pooler_to(lambda: server_of(postgresql), user, name) as pooler:
        url = f"postgresql://{user}@127.0.0.1:{pooler.port}/{name}?sslmode=disable"
        with World(url, secret_key=SECRET_KEY) as world:
            yield world, pooler
    databases.take_back(name)


def test_sign_ups_claims_and_offers_go_on_whichever_server_gets_the_transaction(
    pooled: tuple[World, Pooler],
) -> None:
    world, pooler = pooled
    world.runtime.policy = parse_policy(POLICY)
    world.did(a_lead_due_an_offer(world), "opened")
    world.work()
    world.hire("ada", countries=["DE"])
    names = [f"lead-{number}" for number in range(60)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: world.sign_up(id=name, country="DE"), names))
    claimed = {world.claim("ada")["lead"]["id"] for _ in range(9)}

    assert {row.id for row in world.rows(sa.select(leads.c.id))} >= set(names)
    assert len(claimed) == 9
    assert world.count(captured_mail) == 1
    assert world.client.get("/readyz").status_code == 200
    assert pooler.handed > 150


@pytest.mark.timeout(300)
def test_a_pooler_that_is_restarted_under_load_loses_nothing_and_doubles_nothing(
    pooled: tuple[World, Pooler],
) -> None:
    world, pooler = pooled
    world.hire("ada", countries=["DE"], capacity=1000)
    world.bearer("ada")
    told: list[str] = []
    claimed: list[str] = []
    refused: list[int] = []
    over = threading.Event()

    def sign_up(sender: int) -> None:
        """New leads, each sent again until it is taken, as senders do."""
        for number in itertools.count():
            lead = f"lead-{sender}-{number}"
            while not over.is_set():
                body = a_signup(id=lead, email=f"p@{lead}.example", country="DE")
                status = world.send("/v1/signups", body, message=lead).status_code
                if status == 200:
                    told.append(lead)
                    break
                refused.append(status)
                time.sleep(0.05)
            if over.is_set():
                return

    def claim() -> None:
        while not over.is_set():
            answer = world.post("ada", "/v1/reps/ada/claim")
            if answer.status_code == 200:
                claimed.append(answer.json()["lead"]["id"])
            elif answer.status_code != 204:
                refused.append(answer.status_code)
            time.sleep(0.02)

    def wait_for_more() -> None:
        """Twenty more sign-ups and five more claims: the load goes on."""
        signed_up, held = len(told) + 20, len(claimed) + 5
        while len(told) < signed_up or len(claimed) < held:
            assert time.monotonic() < end, (len(told), len(claimed), Counter(refused))
            time.sleep(0.01)

    end = time.monotonic() + 240
    sending = [threading.Thread(target=sign_up, args=(number,)) for number in range(3)]
    sending.append(threading.Thread(target=claim))
    for thread in sending:
        thread.start()
    try:
        for away_seconds in (0.0, 1.0, 3.0):
            wait_for_more()
            pooler.close()
            time.sleep(away_seconds)
            pooler.start()
            began = time.monotonic()
            while world.client.get("/readyz").status_code != 200:
                assert time.monotonic() < began + 60
                time.sleep(0.1)
        wait_for_more()
    finally:
        over.set()
        for thread in sending:
            thread.join()

    stored = [row.id for row in world.rows(sa.select(leads.c.id))]
    held = [row.lead for row in world.rows(sa.select(queue.c.lead).where(queue.c.rep == "ada"))]
    assert refused
    assert set(refused) == {503}
    assert len(set(stored)) == len(stored)
    assert set(told) <= set(stored)
    assert len(set(claimed)) == len(claimed)
    assert set(claimed) <= set(held)
