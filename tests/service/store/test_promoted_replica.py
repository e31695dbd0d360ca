"""PostgreSQL is lost amid claims and its synchronous standby promoted: no answered claim is."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from service.db.tables.leads import queue
from tests.service.conftest import SECRET_KEY
from tests.support.service import World
from tests.support.standby import Pair, replicated

REPS = ("ada", "bob", "cem")


@pytest.fixture
def pair() -> Iterator[Pair]:
    with tempfile.TemporaryDirectory() as folder:  # short: sockets' paths may have 107 bytes
        Path(folder).chmod(0o755)
        with replicated(Path(folder), "giveget") as pair:
            yield pair


def claim_on(world: World, rep: str, told: list[tuple[str, str]], over: threading.Event) -> None:
    """Claim until told to stop; a 503 is asked again, as a sender does."""
    while not over.is_set():
        answer = world.post(rep, f"/v1/reps/{rep}/claim")
        assert answer.status_code in (200, 204, 503), answer.text
        if answer.status_code == 200:
            told.append((rep, answer.json()["lead"]["id"]))
        time.sleep(0.02)


@pytest.mark.timeout(300)
def test_no_answered_claim_is_lost_or_given_twice_and_it_is_ready_within_a_minute(
    pair: Pair,
) -> None:
    with World(pair.url, secret_key=SECRET_KEY) as world:
        for rep in REPS:
            world.hire(rep, capacity=1000)
        for _ in range(90):
            world.sign_up(country="DE")
        told: list[tuple[str, str]] = []
        over = threading.Event()
        claiming = [
            threading.Thread(target=claim_on, args=(world, rep, told, over)) for rep in REPS
        ]
        for thread in claiming:
            thread.start()
        while len(told) < 15:
            time.sleep(0.01)
        pair.lose_first()
        before = len(told)
        pair.promote()
        promoted_at = time.monotonic()
        while world.client.get("/readyz").status_code != 200:
            assert time.monotonic() < promoted_at + 60
            time.sleep(0.2)
        while len(told) < before + 15:
            assert time.monotonic() < promoted_at + 90
            time.sleep(0.01)
        over.set()
        for thread in claiming:
            thread.join()
        held = {
            row.lead: row.rep
            for row in world.rows(
                sa.select(queue.c.lead, queue.c.rep).where(queue.c.state == "held")
            )
        }

    assert len({lead for _, lead in told}) == len(told)
    assert {lead: rep for rep, lead in told}.items() <= held.items()
