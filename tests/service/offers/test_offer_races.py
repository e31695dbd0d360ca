"""Budget, audience cap and one open offer an account hold in the database, whoever races."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from offers.policy import parse_policy
from service.auth.keyring import Caller
from service.db import Store
from service.db.engines import begin_writing, open_writer, read_url
from service.db.tables.leads import OPEN_STATES, offers
from service.errors import Conflict
from service.store.offers import ledger, limits
from service.use_cases.offers.requests import request_offer
from service.use_cases.tx import Tx
from tests.support.service import World
from tests.support.service_offers import POLICY, a_lead_due_an_offer

THREADS = 64
RESERVE = 100 * 3 * 2480  # three more months for the hundred seats the offer asks for
BUDGET = f"budget_minor_per_month = {10 * RESERVE + RESERVE // 2}"
AUDIENCE = "audience_share = 0.15"  # of 64 live trials: the tenth is the last below it
MANAGER = Caller(key="key_manager", role="manager")


def use(world: World, *limits: str) -> None:
    lines = "\n".join(("open_offers_per_account = 1", *limits))
    world.runtime.policy = parse_policy(POLICY.replace("open_offers_per_account = 1", lines))


@contextmanager
def stores(world: World, count: int) -> Iterator[Sequence[Store]]:
    """The service's store, and as many more over the same database as other processes have."""
    more = [Store(world.settings.db) for _ in range(count - 1)]
    yield [world.runtime.store, *more]
    for store in more:
        store.close()


def at_once(work: Callable[[int], Any], threads: int = THREADS) -> list[Any]:
    """`work` of 0, 1, 2 … from threads that all start at the same moment."""
    barrier = Barrier(threads)

    def run(number: int) -> Any:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))


def rush(world: World, leads: Sequence[str], *, processes: int) -> int:
    """Ask for an offer for every lead at once; how many were issued."""
    now = world.clock.now()

    def ask(number: int) -> bool:
        def work(connection: sa.Connection) -> bool:
            requested = request_offer(
                Tx(connection, world.runtime, now), leads[number], MANAGER, dry_run=False
            )
            return requested.issued is not None

        with suppress(Conflict):
            return opened[number % len(opened)].write_now(work)
        return False

    with stores(world, processes) as opened:
        return sum(at_once(ask, len(leads)))


def assert_the_books_fit(world: World, issued: int) -> None:
    rows = world.rows(sa.select(offers.c.reserve_minor, offers.c.state, offers.c.number))
    month = limits.month_of(world.clock.now())
    read = world.runtime.store.read_now
    assert sorted(row.number for row in rows) == list(range(1, issued + 1))
    assert read(lambda c: limits.used(c, limits.BUDGET, month)) == issued * RESERVE
    assert read(lambda c: limits.used(c, limits.OPEN_OFFERS)) == issued
    assert read(ledger.broken_at) is None


@pytest.mark.parametrize("processes", [1, 3])
@pytest.mark.parametrize("limit", [BUDGET, AUDIENCE], ids=["budget", "audience"])
def test_64_threads_get_exactly_the_ten_offers_a_limit_has_room_for(
    world: World, limit: str, processes: int
) -> None:
    use(world, limit)
    leads = [a_lead_due_an_offer(world) for _ in range(THREADS)]

    issued = rush(world, leads, processes=processes)

    assert issued == 10
    assert_the_books_fit(world, issued=10)


@pytest.mark.parametrize("processes", [1, 3])
def test_64_threads_get_one_open_offer_for_one_account(world: World, processes: int) -> None:
    use(world)
    leads = [a_lead_due_an_offer(world, email=f"p{n}@one.example") for n in range(THREADS)]

    issued = rush(world, leads, processes=processes)

    assert issued == 1
    assert_the_books_fit(world, issued=1)


def test_a_policy_that_allows_two_open_offers_still_gets_one(world: World) -> None:
    world.runtime.policy = parse_policy(
        POLICY.replace("open_offers_per_account = 1", "open_offers_per_account = 2").replace(
            "days_between_offers = 180", "days_between_offers = 0"
        )
    )
    first, second = (a_lead_due_an_offer(world, email=f"{n}@one.example") for n in "ab")

    assert world.post("manager", f"/v1/leads/{first}/offer").json()["issued"] is True
    refused = world.post("manager", f"/v1/leads/{second}/offer")

    assert (refused.status_code, refused.json()["code"]) == (409, "limits_moved")
    assert world.did(second, "project created")["accepted"] == 1


def test_the_counter_itself_stops_at_ten_without_any_lock_around_it(store_url: str) -> None:
    Store(store_url).close()
    engines = [open_writer(read_url(store_url), connections=4) for _ in range(4)]

    def take(number: int) -> bool:
        with engines[number % 4].connect() as connection, begin_writing(connection):
            return limits.take(connection, limits.BUDGET, "2026-11", 7, most=75)

    taken = at_once(take)

    with engines[0].connect() as connection, begin_writing(connection):
        assert limits.used(connection, limits.BUDGET, "2026-11") == 70
    for engine in engines:
        engine.dispose()
    assert sum(taken) == 10


def test_the_index_itself_lets_one_open_offer_of_an_account_in(world: World) -> None:
    row = {
        "lead": "l",
        "account": "one.example",
        "rule": "r",
        "policy_id": "p",
        "policy_version": "v",
        "terms": "{}",
        "state": OPEN_STATES[0],
        "by": "b",
        "reserve_minor": 0,
        "issued_at": world.clock.now(),
        "ends_at": world.clock.now(),
        "changed_at": world.clock.now(),
    }

    def put(number: int) -> bool:
        mine = row | {"id": f"offer-{number}", "number": number}
        with suppress(IntegrityError):
            world.runtime.store.write_now(lambda c: c.execute(offers.insert(), mine) and None)
            return True
        return False

    assert sum(at_once(put)) == 1


def test_two_requests_that_wait_for_each_other_are_both_answered(world: World) -> None:
    """PostgreSQL ends one of them; it runs again. SQLite lets one write after the other."""
    meet = Barrier(2, timeout=1)

    def both(first: str, second: str) -> Callable[[sa.Connection], int]:
        def work(connection: sa.Connection) -> int:
            limits.take(connection, first, "", 1, most=None)
            with suppress(Exception):  # a second run, or the one writer, meets nobody
                meet.wait()
            limits.take(connection, second, "", 1, most=None)
            return 1

        return work

    with stores(world, 2) as (one, other):
        orders = ((one, both("a", "b")), (other, both("b", "a")))
        done = at_once(lambda n: orders[n][0].write_now(orders[n][1]), 2)

    assert done == [1, 1]
    assert world.runtime.store.read_now(lambda c: limits.used(c, "a")) == 2


PROCESS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from service.db import Store
from service.store.offers import limits
store = Store(sys.argv[1])
take = lambda _: store.write_now(lambda c: limits.take(c, "budget", "2026-11", 1, most=1000))
with ThreadPoolExecutor(16) as pool:
    print(sum(pool.map(take, range(1000))))
store.close()
"""


@pytest.mark.long
def test_four_processes_of_16_threads_share_one_cap_exactly(store_url: str) -> None:
    Store(store_url).close()
    command = [sys.executable, "-c", PROCESS, store_url]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]

    taken = [int(process.communicate(timeout=240)[0]) for process in running]

    assert [process.returncode for process in running] == [0] * 4
    assert sum(taken) == 1000
