"""Claims from the store, the queue's page and due work, with 10 thousand to a million waiting."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import sqlalchemy as sa

from service.db import Store
from service.store.queue import claims, listing, overdue
from service.store.queue.queue import QueueItem
from tests.bench import stores
from tests.bench.harness import Figure
from tests.bench.many_leads import NOW, REPS, fill, settle
from tests.bench.pgbench import claims_per_second

SIZES = tuple(
    int(size) for size in os.environ.get("BENCH_QUEUE", "10000,100000,1000000").split(",")
)
CLIENTS = 16
_PROCESSES = 2
_CLAIMS = 6000  # of each process
_ENOUGH_FOR_PGBENCH = 300_000
_LEASE = timedelta(minutes=30)


def run() -> list[Figure]:
    """Both stores, each filled once a size."""
    rows: list[Figure] = []
    medians: dict[str, list[float]] = {"SQLite": [], "PostgreSQL": []}
    pages: dict[str, list[float]] = {"SQLite": [], "PostgreSQL": []}
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder, stores.postgresql() as uri:
            for name, url in (
                ("SQLite", f"sqlite:///{Path(folder) / 'queue.db'}"),
                ("PostgreSQL", uri),
            ):
                store = Store(url)
                store.write_now(fill(size))
                settle(store)
                medians[name].append(_one_claim(store))
                pages[name].append(store.read_now(_timed(_page)))
                due = store.write_now(_timed(_due_work))
                rows.append(
                    Figure(
                        f"{name}, {size:,} waiting: one claim, a page of 50, due work",
                        ", ".join(
                            f"{seconds * 1e3:.2f} ms"
                            for seconds in (medians[name][-1], pages[name][-1], due)
                        ),
                    )
                )
                if size == SIZES[-1]:
                    rows.append(_many_claims(name, store, url))
                store.close()
    for name, spent in medians.items():
        rows.append(
            Figure(
                f"{name}: the median claim, {SIZES[-1]:,} beside {SIZES[0]:,}",
                f"{spent[-1] * 1e6:,.0f} µs",
                f"{spent[0] * 1e6:,.0f} µs",
                f"{spent[-1] / spent[0]:.2f} × (aim ≤ 2)",
            )
        )
    return rows


def _many_claims(name: str, store: Store, url: str) -> Figure:
    if name == "SQLite":
        began, ended, worst = asyncio.run(_through_one_writer(store))
        rate = _CLAIMS / (ended - began)
        return Figure(
            f"SQLite: durable claims through one writer, {CLIENTS} waiting at a time",
            f"{rate:,.0f}/s",
            "aim 3,000/s",
            f"worst wait {worst * 1e3:.0f} ms (aim ≤ 100)",
        )
    with multiprocessing.get_context("spawn").Pool(_PROCESSES) as pool:
        told = pool.starmap(_process, [(url, number) for number in range(_PROCESSES)])
    first, last = min(one[0] for one in told), max(one[1] for one in told)
    ours = _PROCESSES * _CLAIMS / (last - first)
    name = f"PostgreSQL: durable claims of {CLIENTS} clients, {_PROCESSES} processes"
    aims = f"aim 5,000/s; worst wait {max(one[2] for one in told) * 1e3:.0f} ms"
    if SIZES[-1] < _ENOUGH_FOR_PGBENCH:
        return Figure(name, f"{ours:,.0f}/s", "", aims)
    bare = claims_per_second(url, clients=CLIENTS, seconds=3, now=NOW, lease_until=NOW + _LEASE)
    return Figure(
        name,
        f"{ours:,.0f}/s",
        f"{bare:,.0f}/s pgbench, a commit each",
        f"{ours / bare:.0%} ({aims})",
    )


async def _through_one_writer(
    store: Store, *, clients: int = CLIENTS, first: int = 0
) -> tuple[float, float, float]:
    """When so many clients' claims began and ended, each answered after its commit; the worst wait.

    Processes of one machine read the same clock.
    """
    waits: list[float] = []
    numbers = iter(range(first, first + _CLAIMS))

    async def client() -> None:
        for number in numbers:
            started = perf_counter()
            place = await store.write(lambda c, n=number: _claim(c, n))
            waits.append(perf_counter() - started)
            assert place is not None

    began = perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return began, perf_counter(), max(waits)


def _process(url: str, number: int) -> tuple[float, float, float]:
    """One of several processes over one server, as `serve` runs there."""
    store = Store(url)
    try:
        return asyncio.run(
            _through_one_writer(
                store, clients=CLIENTS // _PROCESSES, first=1_000_000 + number * 100_007
            )
        )
    finally:
        store.close()


def _claim(connection: sa.Connection, number: int) -> QueueItem | None:
    return claims.claim_next(
        connection,
        rep=f"rep-{number % REPS}",
        claim=f"claim-{number}",
        now=NOW,
        lease_until=NOW + _LEASE,
    )


def _one_claim(store: Store) -> float:
    """The median of claims inside one transaction: the statements without the commit."""

    def work(connection: sa.Connection) -> list[float]:
        spent = []
        for number in range(400):
            began = perf_counter()
            assert _claim(connection, 9_000_000 + number) is not None
            spent.append(perf_counter() - began)
        return spent

    return median(store.write_now(work)[100:])


def _timed(look: Callable[[sa.Connection], Any]) -> Callable[[sa.Connection], float]:
    def work(connection: sa.Connection) -> float:
        spent = []
        for _ in range(15):
            began = perf_counter()
            look(connection)
            spent.append(perf_counter() - began)
        return median(spent)

    return work


def _page(connection: sa.Connection) -> None:
    assert len(listing.page(connection, "rep-7", now=NOW, limit=50)) == 50


def _due_work(connection: sa.Connection) -> None:
    claims.ended(connection, NOW)
    overdue.breached(connection, NOW - timedelta(days=2), limit=100)
    overdue.with_absent(connection, NOW, None, limit=100)
