"""The console's pages: size and time to first byte on the demo's data, and the queue of a million.

Times are of a browser's GET over a real connection, the median and the worst of twenty.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from time import perf_counter

import httpx2
import sqlalchemy as sa

from service.db.tables.leads import leads
from tests.bench import stores
from tests.bench.harness import Figure
from tests.bench.many_leads import NOW, Looks, fill, settle
from tests.support.demo_stage import customer_paths, lived_in, paths_of, set_pieces
from tests.support.served import served_world
from tests.support.service import World

_TIMES = 20
_LONG_SECONDS = 6.0
"""What takes longer is asked less often."""
_WAITING = int(os.environ.get("BENCH_QUEUE", "1000000").split(",")[-1])


def run() -> list[Figure]:
    """Every page of the demo, then the full queue on both stores."""
    return [*_demo(), *_full_queue()]


def _demo() -> Iterator[Figure]:
    with lived_in() as stage:
        draft = set_pieces(stage)
        with httpx2.Client(base_url=stage.url, trust_env=False, timeout=60) as http:
            http.get(stage.entrances["Ben Carter"])
            yield page_figure(http, "queue", "/")
            http.cookies.clear()
            http.get(stage.entrances["Vera Lindt"])
            pages = paths_of(stage) | {"policy-draft": f"/policy/{draft}"}
            for name, path in (pages | customer_paths(stage)).items():
                yield page_figure(http, name, path)


def _full_queue() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        yield _million("SQLite", f"sqlite:///{folder}/giveget.db")
    with stores.postgresql() as uri:
        yield _million("PostgreSQL", uri)


def _million(store: str, url: str) -> Figure:
    with served_world(url, person_calls_per_minute=10**6) as world, _signed_in(world) as http:
        world.runtime.store.write_now(fill(_WAITING, looks=_looks(world)))
        settle(world.runtime.store)
        # as a process that starts on such a store does before it answers anybody
        world.runtime.store.read_now(lambda connection: world.runtime.board.look(connection, NOW))
        name = f"{store}: the queue, {_WAITING:,} leads waiting"
        return page_figure(http, name, "/queue", aim_ms=300)


@contextmanager
def _signed_in(world: World) -> Iterator[httpx2.Client]:
    world.clock.set(NOW)
    world.hire("rep-7")
    secret = world.bearer("rep-7")["authorization"].removeprefix("Bearer ")
    address = world.settings.public_url
    with httpx2.Client(base_url=address, trust_env=False, timeout=120) as http:
        http.post("/sign-in", data={"secret": secret})
        yield http


def _looks(world: World) -> Looks:
    """A lead as the service itself stores one."""
    lead = world.sign_up(
        email="ines@duarte.example",
        first_name="Ines",
        last_name="Duarte",
        title="CEO",
        seats=80,
        company="Duarte Foods",
        country="BR",
        plan="business",
    )["lead_id"]
    kept = sa.select(leads.c.record, leads.c.contact, leads.c.score).where(leads.c.id == lead)
    (row,) = world.rows(kept)
    return Looks(*row)


def page_figure(http: httpx2.Client, name: str, path: str, *, aim_ms: int = 200) -> Figure:
    """The size of a page and its time to first byte: the median and the worst of twenty."""
    spent: list[float] = []
    while len(spent) < 2 or (len(spent) <= _TIMES and sum(spent) < _LONG_SECONDS):
        began = perf_counter()
        with http.stream("GET", path) as answer:
            spent.append(perf_counter() - began)
            size = len(answer.read())
        if answer.status_code == 503:  # the store's answer is awaited for so long and no longer
            return Figure(name, f"no answer in {spent[-1]:.0f} s", f"aim ≤ {aim_ms:,} ms")
        assert answer.status_code in (200, 404), (path, answer.status_code)
    first, later = spent[0], spent[1:]
    return Figure(
        name,
        f"{1e3 * median(later):,.0f} ms, worst {1e3 * max(later):,.0f}, first {1e3 * first:,.0f}",
        f"aim ≤ {aim_ms:,} ms",
        f"{size / 1000:,.1f} kB (aim ≤ 80)",
    )
