"""What people look for in a store of a million leads: overview, find, lists, a lead; both stores.

Times are of a browser's GET over a real connection, the median and the worst of twenty. BENCH_LEADS
sets another number of leads, BENCH_STORES names one store.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from functools import partial
from typing import Any

import httpx2
import sqlalchemy as sa

from service.db.tables.leads import claims, leads, queue, search_terms
from tests.bench import stores
from tests.bench.console import page_figure
from tests.bench.harness import Figure
from tests.bench.many_leads import NOW, REPS, settle
from tests.support.served import served_world
from tests.support.service import World

_LEADS = int(os.environ.get("BENCH_LEADS", "1000000"))
_STORES = os.environ.get("BENCH_STORES", "SQLite,PostgreSQL").split(",")
_AT_ONCE = 20_000
_DAYS = 90
_FIRST = ("ines", "jonas", "amelia", "mateo", "olga", "daniel", "priya", "lars", "camille", "wei")
_LAST, _COMPANIES = 5_000, 200_000
_COUNTRIES, _SOURCES = ("de", "br", "us", "fr", "tr"), ("google", "partner", "linkedin")
_LANES = ("rep", "offer", "self_serve", "self_serve", "self_serve")
_GRADES = tuple(f"{fit}{activity}" for fit in "ABCD" for activity in (1, 2, 3, 4))

PAGES = {  # name: path, aim in milliseconds
    "overview": ("/", 50),
    "overview, 90 days": ("/?from=2026-08-05", 50),
    "team": ("/team", 50),
    "leads": ("/leads", 50),
    "leads, page 20": ("/leads?page=20", 50),
    "leads of a grade": ("/leads?grade=A1", 50),
    "leads of a rep that converted": ("/leads?rep=rep-7&outcome=converted", 50),
    "leads of a country and a source": ("/leads?country=DE&source=google", 50),
    "leads, most likely first": ("/leads?sort=likely", 50),
    "find a common first name": ("/find?q=ines", 100),
    "find a whole name": ("/find?q=ines+last4242", 100),
    "find a company": ("/find?q=firm123456", 100),
    "find two letters": ("/find?q=fi", 100),
    "find nobody": ("/find?q=zzzz", 100),
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
        kept = sa.select(leads.c.record, leads.c.contact).where(leads.c.id == lead["lead_id"])
        ((record, contact),) = world.rows(kept)
        world.runtime.store.write_now(partial(_fill, record=json.loads(record), contact=contact))
        settle(world.runtime.store)
        with closing(_signed_in(world)) as http:
            for name, (path, aim) in PAGES.items():
                yield page_figure(http, f"{store}, {_LEADS:,}: {name}", path, aim_ms=aim)
            path = f"/leads/{lead['lead_id']}"
            yield page_figure(http, f"{store}, {_LEADS:,}: one lead", path, aim_ms=50)


def _signed_in(world: World) -> httpx2.Client:
    secret = world.bearer("manager")["authorization"].removeprefix("Bearer ")
    http = httpx2.Client(base_url=world.settings.public_url, trust_env=False, timeout=300)
    http.post("/sign-in", data={"secret": secret})
    return http


def _fill(connection: sa.Connection, record: Mapping[str, Any], contact: str) -> None:
    """Leads that say of themselves what this one says, under names of their own."""
    few = {"fields", "attributes", "known_at", "stamps", "ranks"}
    bare = {name: {} if name in few else value for name, value in record.items()}
    for start in range(0, _LEADS, _AT_ONCE):
        numbers = range(start, min(_LEADS, start + _AT_ONCE))
        connection.execute(leads.insert(), [_lead(n, bare, contact) for n in numbers])
        waiting = [n for n in numbers if _lane(n) == "rep"]
        connection.execute(queue.insert(), [_place(n) for n in waiting])
        connection.execute(claims.insert(), [_claim(n) for n in numbers[::10]])
        words = [{"lead": f"lead-{n}", "term": term} for n in numbers for term in _terms(n)]
        connection.execute(search_terms.insert(), words)


def _lane(number: int) -> str:
    return _LANES[number % len(_LANES)]


def _at(number: int) -> Any:
    return NOW - timedelta(seconds=number * _DAYS * 86_400 / _LEADS)


def _terms(number: int) -> tuple[str, ...]:
    first, last = _FIRST[number % len(_FIRST)], f"last{number % _LAST}"
    company = f"firm{number % _COMPANIES}"
    country = _COUNTRIES[number // 7 % len(_COUNTRIES)]
    source = _SOURCES[number // 3 % len(_SOURCES)]
    return first, last, company, f"country:{country}", f"source:{source}"


def _lead(number: int, record: Mapping[str, Any], contact: str) -> dict[str, Any]:
    at, is_sold = _at(number), number % 11 == 0
    first, last, company, *_ = _terms(number)
    fields = {"first_name": first.title(), "last_name": last, "company": company}
    lane = _lane(number)
    return {
        "id": f"lead-{number}",
        "ref": f"{number:016x}",
        "account": f"{company}.example",
        "record": json.dumps({**record, "fields": fields}),
        "contact": contact,
        "received_at": at,
        "moment": at,
        "score": '{"probability":0.1,"reasons":[]}',
        "hundredths": -4_000 + number % 3_000,
        "grade": _GRADES[number % len(_GRADES)],
        "scored_at": at,
        "gain_minor": 10_000,
        "minutes": 15,
        "worth": 6.5,
        "hot_at": at,
        "lane": lane,
        "lane_why": "[]",
        "unreached": "no_eligible_rep" if number % 97 == 0 and lane == "self_serve" else None,
        "rep": f"rep-{number // 5 % REPS}" if lane == "rep" else None,
        "outcome": "converted" if is_sold else None,
        "outcome_at": at + timedelta(days=5) if is_sold else None,
    }


def _place(number: int) -> dict[str, Any]:
    return {
        "lead": f"lead-{number}",
        "rep": f"rep-{number // 5 % REPS}",
        "state": "waiting",
        "priority": (number * 7919 % 1_000_003) / 1000,
        "gain_minor": 10_000,
        "minutes": 15,
        "due_at": NOW + timedelta(minutes=1 + number % 5000),
        "version": 0,
        "entered_at": NOW,
        "returned": 0,
        "assigned_at": NOW,
        "passed_by": "[]",
    }


def _claim(number: int) -> dict[str, Any]:
    at = _at(number)
    return {
        "id": f"claim-{number}",
        "lead": f"lead-{number}",
        "rep": f"rep-{number % REPS}",
        "claimed_at": at,
        "due_at": at + timedelta(minutes=5),
        "ended_at": at,
        "ended": "done",
        "disposition": "reached",
        "minutes": 15,
        "gain_minor": 10_000,
    }
