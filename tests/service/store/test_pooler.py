"""A pooler in transaction mode between us and PostgreSQL: nothing of a session is relied on."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from offers.policy import parse_policy
from service.db.tables.leads import captured_mail, leads
from tests.service.conftest import SECRET_KEY
from tests.service.ops.test_faults import server_of
from tests.support.databases import Databases
from tests.support.pooler import Pooler, pooler_to
from tests.support.service import World
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
