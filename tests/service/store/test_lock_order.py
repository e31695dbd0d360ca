"""What two processes do to one lead at once on PostgreSQL never makes them wait in a ring."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from service.db.engines import begin_writing, open_writer, read_url
from service.store.leads import leads
from service.store.queue import claims, queue
from tests.support.service import World

# SQLite has one writer and no row to wait for
pytestmark = pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)


@pytest.fixture
def other(world: World) -> Iterator[sa.Engine]:
    """Another process's connections, which wait a second for a lock and no longer."""
    engine = open_writer(read_url(world.settings.db), connections=2)
    sa.event.listen(engine, "begin", lambda c: c.exec_driver_sql("SET LOCAL lock_timeout = '1s'"))
    yield engine
    engine.dispose()


def test_ended_leases_that_another_process_gives_back_are_passed_over(
    world: World, other: sa.Engine
) -> None:
    world.hire("ada")
    for _ in range(3):
        world.sign_up()
        world.claim("ada")
    later = world.clock.now() + timedelta(hours=1)

    with other.connect() as first, begin_writing(first):
        assert len(claims.ended(first, later)) == 3
        with other.connect() as second, begin_writing(second):
            assert claims.ended(second, later) == []


def test_the_end_of_a_claim_waits_for_the_lead_before_it_locks_the_place(
    world: World, other: sa.Engine
) -> None:
    world.hire("ada")
    world.sign_up()
    claim = world.claim("ada")
    found = threading.Event()

    def end() -> None:
        with other.connect() as second, begin_writing(second):
            assert claims.held(second, claim["claim"]) is not None
            found.set()

    ending = threading.Thread(target=end)
    with other.connect() as first, begin_writing(first):
        lead = leads.lock(first, claim["lead"]["id"])
        assert lead is not None
        ending.start()
        assert not found.wait(0.3)
        place = queue.find(first, lead.id)
        assert place is not None
        queue.rekey(  # as an event does: would wait in vain, were the place locked already
            first,
            lead.id,
            priority=1.0,
            gain_minor=1,
            minutes=1,
            due_at=place.due_at,
            call_back_at=None,
        )
    ending.join()

    assert found.is_set()
