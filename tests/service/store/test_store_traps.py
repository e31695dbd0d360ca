"""Where SQLite and PostgreSQL differ by themselves: the same call ends the same on both.

A limit under races is in test_offer_races.py, a naive time in test_store.py.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from service.db import Store
from service.db.tables.leads import (
    events,
    external_ids,
    lead_versions,
    leads,
    messages,
    outcomes,
    reps,
    secrets,
    touches,
)
from tests.support.service import World, a_signup

WRITERS = 8
AT = "2026-11-02T08:00:00Z"
FACT = f'"id": "f", "lead_id": "l", "at": "{AT}"'
EVENT = f'{FACT}, "name": "opened"'
LOST = f'{FACT}, "kind": "lost"'
PLACES = {
    "an attribute": ("/v1/signups", '{"email": "a@b.example", "attributes": {"x": [%s]}}'),
    "an unknown field": ("/v1/signups", '{"email": "a@b.example", "x": %s}'),
    "a source": ("/v1/signups", '{"email": "a@b.example", "source": {"utm": %s}}'),
    "an outer id": ("/v1/signups", '{"email": "a@b.example", "external_ids": {"user": %s}}'),
    "a property": ("/v1/events", f'{{"events": [{{{EVENT}, "properties": {{"x": %s}}}}]}}'),
    "a touch": ("/v1/touches", f'{{{FACT}, "kind": "call", "by": %s}}'),
    "an amount": ("/v1/outcomes", f'{{{LOST}, "amount": {{"minor": %s, "currency": "EUR"}}}}'),
    "what an order shows": ("/v1/outcomes", f'{{{LOST}, "shows": {{"x": %s}}}}'),
    "a rep": ("/v1/reps/ada", '{"name": "Ada", "capacity": %s}'),
}
WORSE = {
    "NaN": ("NaN", 400),
    "Infinity": ("-Infinity", 400),
    "NUL": ('"a\\u0000b"', 422),
    "2^63": ("9223372036854775808", 422),
    "below -2^63": ("-9223372036854775809", 422),
}


REFUSED = [
    (place, value)
    for place in PLACES
    for value in WORSE
    if value != "NUL" or place not in ("an attribute", "an unknown field", "a source", "a property")
]
"""A NUL in a text of a sign-up or an event is taken out: tests/service/intake/test_nul.py."""


@pytest.mark.parametrize(("place", "value"), REFUSED)
def test_what_one_of_them_could_not_keep_is_refused_by_both(
    untouched: World, place: str, value: str
) -> None:
    path, body = PLACES[place]
    text, status = WORSE[value]
    raw = (body % text).encode()

    if path.startswith("/v1/reps"):
        headers = untouched.bearer("manager") | {"content-type": "application/json"}
        answer = untouched.client.put(path, content=raw, headers=headers)
    else:
        answer = untouched.send(path, raw)

    assert answer.status_code == status, answer.text
    for table in (leads, messages, events, touches, outcomes, reps):
        assert untouched.count(table) == 0


@pytest.mark.parametrize("path", ["/v1/leads/a%00b", "/v1/audit?lead=a%00b", "/v1/tasks?limit=%00"])
def test_an_address_with_nul_is_refused_by_both(untouched: World, path: str) -> None:
    answer = untouched.get("manager", path)

    assert (answer.status_code, answer.json()["code"]) == (400, "nul_character")


@pytest.mark.parametrize("number", [2**31, 2**40, 2**63])
@pytest.mark.parametrize(
    "path", ["/v1/tasks?limit=%d", "/v1/offers?limit=%d", "/v1/audit?limit=%d"]
)
def test_a_number_no_limit_can_be_is_refused_by_both(
    untouched: World, path: str, number: int
) -> None:
    assert untouched.get("manager", path % number).json()["code"] == "wrong_fields"


@pytest.mark.parametrize("number", [2**31, 2**40, 2**63 - 1])
def test_a_count_too_large_for_its_column_is_refused_by_both(untouched: World, number: int) -> None:
    fact = {"id": "f", "lead_id": "l", "at": AT, "kind": "lost"}
    for path, body in (
        ("/v1/signups", a_signup(seats=number)),
        ("/v1/outcomes", fact | {"seats": number}),
        ("/v1/outcomes", fact | {"term_months": number}),
    ):
        answer = untouched.send(path, body)
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["code"]) == (422, "less_than_equal")
    assert untouched.count(messages) == 0


def test_a_large_number_that_is_nobodys_column_is_kept_to_the_last_digit(world: World) -> None:
    numbers = [2**31, 2**40, 2**63 - 1, -(2**63)]

    for number in numbers:
        world.sign_up(external_ids={"user": number}, attributes={"x": number})

    bodies = world.rows(sa.select(lead_versions.c.body).order_by(lead_versions.c.id))
    assert [json.loads(row.body)["attributes"]["x"] for row in bodies] == numbers
    named = world.rows(sa.select(external_ids.c.value))
    assert {row.value for row in named} == {str(number) for number in numbers}


def test_a_text_is_kept_whole_or_refused_and_never_cut(world: World) -> None:
    kept = {"title": "T" * 2000, "attributes": {"note": "ß" * 40_000}}
    too_long = world.send("/v1/signups", a_signup(title="T" * 2001))

    world.sign_up(id="i" * 255, **kept)

    assert (too_long.status_code, too_long.json()["errors"][0]["path"]) == (422, "title")
    ((id, body),) = world.rows(sa.select(lead_versions.c.lead, lead_versions.c.body))
    assert id == "i" * 255
    assert {name: json.loads(body)[name] for name in kept} == kept


def test_a_time_said_with_an_offset_is_the_same_instant_everywhere(world: World) -> None:
    for said in ("2026-11-01T05:45+05:45", "2026-10-31T14:00:00.000-10:00"):
        lead = world.sign_up(signed_up_at=said)["lead_id"]
        world.did(lead, "opened", at=datetime.fromisoformat(said))

    midnight = datetime(2026, 11, 1, tzinfo=UTC)
    assert world.rows(sa.select(leads.c.moment)) == [(midnight,)] * 2
    assert world.rows(sa.select(events.c.at)) == [(midnight,)] * 2


def test_a_commit_returns_once_it_is_synced(store_url: str) -> None:
    def of_sqlite(connection: sa.Connection) -> list[Any]:
        pragmas = ("journal_mode", "synchronous")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]

    def of_postgresql(connection: sa.Connection) -> list[Any]:
        ours = "SELECT name FROM pg_settings WHERE source IN ('client', 'session')"
        names = connection.exec_driver_sql(ours).scalars().all()
        durable = {"fsync", "synchronous_commit", "full_page_writes", "commit_delay"}
        return [
            connection.exec_driver_sql("SHOW synchronous_commit").scalar(),
            durable & set(names),
        ]

    store = Store(store_url)
    found = store.write_now(of_sqlite if store.is_sqlite else of_postgresql)
    store.close()

    full = 2
    assert found == (["wal", full] if store.is_sqlite else ["on", set()])


def test_eight_writers_of_one_store_all_get_through(store_url: str) -> None:
    stores = [Store(store_url) for _ in range(WRITERS)]  # each as a process has one

    def write(writer: int) -> None:  # who waits longer than for a lock gets an error
        for number in range(25):
            row = {"name": f"{writer}-{number}", "value": "x"}
            stores[writer].write_now(lambda c, row=row: c.execute(secrets.insert(), row) and None)

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))

    assert count_of_secrets(stores[0]) == WRITERS * 25
    for store in stores:
        store.close()


PROCESS = """
import sys
import threading
from service.db import Store
from service.db.tables.leads import secrets
store = Store(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for number in range(400):
    row = {"name": f"{sys.argv[2]}-{number}", "value": "x"}
    store.write_now(lambda c: c.execute(secrets.insert(), row) and None)
store.close()
"""


@pytest.mark.long
def test_eight_processes_that_write_at_once_all_get_through(store_url: str) -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, store_url, str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(WRITERS)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()

    for process in running:
        process.communicate(timeout=240)
    assert [process.returncode for process in running] == [0] * WRITERS
    store = Store(store_url)
    assert count_of_secrets(store) == WRITERS * 400
    store.close()


def count_of_secrets(store: Store) -> int:
    count = sa.select(sa.func.count()).select_from(secrets)
    return store.read_now(lambda c: c.execute(count).scalar_one())


@pytest.mark.parametrize("number", range(8))  # half of them failed when nobody waited
def test_a_file_without_a_write_ahead_log_is_opened_amid_others_writes(
    tmp_path: Path, number: int
) -> None:
    path = tmp_path / "read_back.db"
    over = threading.Event()

    def write_on() -> int:
        """Rows written, each through a connection of its own."""
        written = 0
        while not over.is_set():
            with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as file:
                file.execute("INSERT INTO others VALUES (1)")
            written += 1
        return written

    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("CREATE TABLE others (x)")
    with ThreadPoolExecutor(3) as pool:
        writing = [pool.submit(write_on) for _ in range(3)]
        try:
            Store(f"sqlite:///{path}").close()
        finally:
            over.set()
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        kept = file.execute("SELECT count(*) FROM others").fetchone()[0]
    assert kept == sum(task.result() for task in writing)
