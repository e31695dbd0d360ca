"""What people look for in a store of a million leads and accounts: pages and figures; both stores.

Times are of a browser's GET over a real connection, the median and the worst of twenty (of fewer,
where that takes long). BENCH_LEADS and BENCH_ACCOUNTS set other numbers, BENCH_STORES one store.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from time import perf_counter

import httpx2
import sqlalchemy as sa

from service.db.tables.leads import leads
from service.use_cases.tx import Tx
from service.use_cases.views.kept_figures import count_anew
from tests.bench import stores
from tests.bench.big_store import LEADS, fill
from tests.bench.console import page_figure
from tests.bench.harness import Figure
from tests.bench.many_leads import NOW, Looks, settle
from tests.support.served import served_world
from tests.support.service import World

_AT_ONCE = 5_000
_STORES = os.environ.get("BENCH_STORES", "SQLite,PostgreSQL").split(",")
PAGES = {  # name: path, aim in milliseconds
    "overview": ("/", 50),
    "overview, 90 days": ("/?from=2026-08-05", 50),
    "queue": ("/queue?rep=rep-7", 50),
    "team": ("/team", 50),
    "leads": ("/leads", 50),
    "leads, page 20": ("/leads?page=20", 50),
    "leads of a grade": ("/leads?grade=A1", 50),
    "leads of a rep that converted": ("/leads?rep=rep-7&outcome=converted", 50),
    "leads of a country and a source": ("/leads?country=DE&source=google", 50),
    "leads of a rep, newest first": ("/leads?rep=rep-7", 50),
    "leads of a rep, last changed": ("/leads?rep=rep-7&sort=changed", 50),
    "leads of a route that were lost": ("/leads?lane=rep&outcome=lost", 50),
    "customers of a grade": ("/leads?grade=A1&outcome=converted", 50),
    "open leads, likeliest first": ("/leads?outcome=open&sort=likely", 50),
    "leads of a grade, likeliest first": ("/leads?grade=A1&sort=likely", 50),
    "leads of a rep, likeliest first": ("/leads?rep=rep-7&sort=likely", 50),
    "leads of a country, a rep and a state": ("/leads?country=DE&rep=rep-7&outcome=open", 50),
    "leads of an unknown source": ("/leads?source=nowhere", 50),
    "leads, last changed first": ("/leads?sort=changed", 50),
    "leads, most likely first": ("/leads?sort=likely", 50),
    "find a common first name": ("/find?q=ines", 100),
    "find a whole name": ("/find?q=ines+last4242", 100),
    "find a company": ("/find?q=firm123456", 100),
    "find two letters": ("/find?q=fi", 100),
    "find nobody": ("/find?q=zzzz", 100),
    "account": (f"/accounts/firm{123453 % LEADS}.example", 50),
    "offers": ("/offers", 50),
    "mail": ("/mail", 50),
    "policy": ("/policy", 50),
    "model": ("/model", 50),
    "calls": ("/calls", 50),
    "connections": ("/connections", 50),
    "effect": ("/effect", 50),
    "ledger": ("/ledger", 50),
}
_YEAR = "from=2025-11-02&to=2026-11-02"
CALLS = {  # name: path, aim in milliseconds
    **{f"rates by {by}": (f"/v1/rates?by={by}&{_YEAR}", 3_000) for by in ("country", "month")},
    "modes": (f"/v1/modes?{_YEAR}", 3_000),
    "channels": ("/v1/channels", 3_000),
    "an account": (f"/v1/accounts/firm{123453 % LEADS}.example", 50),
    "objections": ("/v1/objections", 50),
}


def run() -> Iterator[Figure]:
    """Every page on each store."""
    if "SQLite" in _STORES:
        with tempfile.TemporaryDirectory() as folder:
            yield from _pages("SQLite", f"sqlite:///{folder}/giveget.db")
    if "PostgreSQL" in _STORES:
        with stores.postgresql() as uri:
            yield from _pages("PostgreSQL", uri)


def _pages(store: str, url: str) -> Iterator[Figure]:
    with served_world(url, person_calls_per_minute=10**6) as world:
        world.clock.set(NOW)
        world.hire("rep-7")
        lead = world.sign_up(email="ines@duarte.example", first_name="Ines", title="CEO", seats=80)
        kept = sa.select(leads.c.record, leads.c.contact, leads.c.score)
        (row,) = world.rows(kept.where(leads.c.id == lead["lead_id"]))
        world.runtime.store.write_now(partial(fill, looks=Looks(*row)))
        began = perf_counter()
        while world.runtime.store.write_now(partial(_count, world)):
            pass
        spent = perf_counter() - began
        yield Figure(f"{store}, {LEADS:,}: all counted for the first time", f"{spent:,.0f} s")
        world.runtime.store.scrub()  # as PostgreSQL's own vacuum leaves a store
        settle(world.runtime.store)
        with closing(_signed_in(world)) as http:
            for name, (path, aim) in PAGES.items():
                yield page_figure(http, f"{store}, {LEADS:,}: {name}", path, aim_ms=aim)
            path = f"/leads/{lead['lead_id']}"
            yield page_figure(http, f"{store}, {LEADS:,}: one lead", path, aim_ms=50)
            yield page_figure(http, f"{store}, {LEADS:,}: figures", "/figures", aim_ms=3_000)
            http.cookies.clear()
            http.headers.update(world.bearer("manager"))
            for name, (path, aim) in CALLS.items():
                yield page_figure(http, f"{store}, {LEADS:,}: {name}", path, aim_ms=aim)


def _count(world: World, connection: sa.Connection) -> int:
    return count_anew(Tx(connection, world.runtime, world.clock.now()), _AT_ONCE)


def _signed_in(world: World) -> httpx2.Client:
    secret = world.bearer("manager")["authorization"].removeprefix("Bearer ")
    http = httpx2.Client(base_url=world.settings.public_url, trust_env=False, timeout=300)
    http.post("/sign-in", data={"secret": secret})
    return http
