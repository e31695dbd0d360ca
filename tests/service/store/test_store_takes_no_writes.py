"""A store that answers but takes no writes: not ready, with the reason, until it takes them."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from service.db import Store
from service.db.engines import read_url
from service.db.store_errors import FULL, READ_ONLY, failure_of, name_read_only
from service.db.tables.leads import leads
from service.db.writer_health import WriterHealth
from service.errors import Unavailable
from tests.support.service import World, a_signup

_WIDE = {"comment": "z" * 4000}
_TABLES = ("leads", "messages", "switches")
_READ_ONLY_FOLDER = next(f for f in (Path("/sys"), Path("/System")) if f.is_dir())  # Linux, macOS
_FULL_DISK = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$
"""


@contextmanager
def pragma(world: World, before: str, after: str) -> Iterator[None]:
    """The writer's own SQLite connection is set to refuse, then to take."""
    raw: Any = world.runtime.store.write_now(lambda c: c.connection.dbapi_connection)
    raw.execute(before)  # between transactions, where no read-only connection could begin one
    yield
    raw.execute(after)


@contextmanager
def full(world: World, uri: Callable[[], str]) -> Iterator[None]:
    """No page more fits into the store."""
    if world.runtime.store.is_sqlite:
        with pragma(world, "PRAGMA max_page_count=1", "PRAGMA max_page_count=1000000"):
            yield
        return
    with psycopg.connect(_own(world, uri()), autocommit=True) as admin:
        admin.execute(_FULL_DISK)
        for table in _TABLES:
            admin.execute(
                f"CREATE TRIGGER refuse BEFORE INSERT ON {table} EXECUTE FUNCTION refuse()"
            )
        yield
        admin.execute("DROP FUNCTION refuse CASCADE")


@contextmanager
def read_only(world: World, uri: Callable[[], str]) -> Iterator[None]:
    """The store is set to take no writes, and every connection sees that."""
    if world.runtime.store.is_sqlite:
        file = world.runtime.store.url.database or ""
        world.runtime.store.scrub()  # the log is copied whole, so that the file's header counts
        set_write_version(file, 3)
        world.runtime.store._writing.dispose()  # a header that was read is remembered
        yield
        set_write_version(file, 2)
        return
    with read_only_database(world.runtime.store.url.database or "", uri()):
        yield


def set_write_version(file: str, version: int) -> None:
    """Write the header's write version: above 2, SQLite takes the file for read-only.

    By another process, since ours would lose its locks of a file that it closes
    (https://www.sqlite.org/fileformat2.html#file_format_version_numbers).
    """
    code = (
        "import os, sys; os.pwrite(os.open(sys.argv[1], os.O_RDWR), bytes([int(sys.argv[2])]), 18)"
    )
    subprocess.run([sys.executable, "-c", code, file, str(version)], check=True)


@contextmanager
def read_only_database(name: str, uri: str) -> Iterator[None]:
    """A database of PostgreSQL whose connections are ended, and begin as read-only ones."""
    with psycopg.connect(uri, autocommit=True) as admin:

        def turn(how: str) -> None:
            admin.execute(f"ALTER DATABASE {name} {how}")
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )

        turn("SET default_transaction_read_only = on")
        yield
        turn("RESET default_transaction_read_only")


def _own(world: World, uri: str) -> str:
    return uri.replace("/postgres?", f"/{world.runtime.store.url.database}?")


@pytest.mark.parametrize(
    ("broken", "code"),
    [(full, "store_full"), (read_only, "store_read_only")],
    ids=["full", "read-only"],
)
def test_it_is_not_ready_with_the_reason_and_ready_again_by_itself_within_a_minute(
    world: World, request: pytest.FixtureRequest, broken: Callable[..., Any], code: str
) -> None:
    world.sign_up(id="before")
    assert world.client.get("/readyz").status_code == 200

    with capture_logs() as lines, broken(world, lambda: request.getfixturevalue("postgresql")):
        answers = [send(world, f"during-{n}") for n in range(12)]
        assert answers[-1] == (503, code)
        assert {status for status, _ in answers} <= {200, 503}  # a last page may have had room
        ready = world.client.get("/readyz")
        assert (ready.status_code, ready.json()["code"]) == (503, code)
        assert "giveget_store_writable 0.0" in world.client.get("/metrics").text
        assert world.client.get("/livez").status_code == 200
    events = [line["event"] for line in lines if line["event"].startswith("store.")]
    assert events[0] == "store.writes_failing"
    assert events.count("store.writes_failing") == 1

    assert seconds_until_ready(world) < 60
    assert "giveget_store_writable 1.0" in world.client.get("/metrics").text
    for number in range(12):
        assert send(world, f"during-{number}")[0] == 200
    stored = [row.id for row in world.rows(sa.select(leads.c.id))]
    assert sorted(stored) == sorted(["before", *(f"during-{number}" for number in range(12))])
    assert not world.rows(
        sa.select(sa.literal_column("name"))
        .select_from(sa.table("switches"))
        .where(sa.literal_column("name").like("write_probe%"))
    )


@contextmanager
def read_only_before(url: str, uri: Callable[[], str]) -> Iterator[None]:
    """A store of the newest schema that takes no writes before anybody opens it."""
    Store(url).close()
    if url.startswith("sqlite"):
        file = url.removeprefix("sqlite:///")
        set_write_version(file, 3)
        yield
        set_write_version(file, 2)
        return
    with read_only_database(read_url(url).database or "", uri()):
        yield


def test_one_that_was_read_only_at_the_start_is_not_ready_until_it_takes_writes(
    store_url: str, request: pytest.FixtureRequest
) -> None:
    with read_only_before(store_url, lambda: request.getfixturevalue("postgresql")):
        store = Store(store_url)
        with pytest.raises(Unavailable, match="read-only; make it writable"):
            asyncio.run(store.check_writes(within=2.0))
        assert not store.is_writable

    end = time.monotonic() + 60
    while not store.is_writable:
        assert time.monotonic() < end
        with suppress(Unavailable):
            asyncio.run(store.check_writes(within=2.0))
        time.sleep(0.1)
    store.close()


def test_one_on_a_read_only_file_system_is_not_opened_and_the_sentence_says_why() -> None:
    with pytest.raises(Unavailable, match=r"cannot be opened: .* read-only") as refused:
        Store(f"sqlite:///{_READ_ONLY_FOLDER}/giveget.db")
    assert refused.value.code == "store_read_only"


@pytest.mark.parametrize(
    "code", [sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_CANTOPEN], ids=["write", "open"]
)
def test_an_error_of_sqlite_in_a_folder_that_takes_no_file_is_said_to_be_read_only(
    code: int, tmp_path: Path
) -> None:
    for folder, is_read_only in ((_READ_ONLY_FOLDER, True), (tmp_path, False)):
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = code
        assert name_read_only(error, folder) is is_read_only
        wrapped = sa.exc.OperationalError(None, None, error)
        assert (failure_of(wrapped) is READ_ONLY) is is_read_only


def test_asking_a_healthy_store_whether_it_is_ready_writes_nothing(world: World) -> None:
    world.sign_up(id="before")
    commits = world.runtime.store.commits

    for _ in range(5):
        assert world.client.get("/readyz").status_code == 200

    assert world.runtime.store.commits == commits


def test_a_probe_is_due_every_few_seconds_and_only_while_writes_fail() -> None:
    seconds = [100.0]
    health = WriterHealth(clock=lambda: seconds[0])
    assert health.take_probe()  # before the first write nothing is known
    health.succeeded()
    assert not health.take_probe()

    seconds[0] += 5.0
    health.failed(FULL)
    taken = []
    for _ in range(40):
        taken.append(health.take_probe())
        seconds[0] += 0.25
    assert taken[0]
    assert 2 <= sum(taken) <= 10

    health.succeeded()
    assert health.failure is None
    assert not health.take_probe()


def test_a_failure_is_one_line_a_minute_however_often_it_happens() -> None:
    seconds = [0.0]
    health = WriterHealth(clock=lambda: seconds[0])

    with capture_logs() as lines:
        for _ in range(150):
            health.failed(READ_ONLY)
            seconds[0] += 1.0
        health.succeeded()
        health.succeeded()

    assert [line["event"] for line in lines] == ["store.writes_failing"] * 3 + [
        "store.writes_again"
    ]
    assert sum(line["groups"] for line in lines[:3]) <= 150
    assert {line["code"] for line in lines[:3]} == {"store_read_only"}


def seconds_until_ready(world: World) -> float:
    began = time.monotonic()
    while world.client.get("/readyz").status_code != 200:
        assert time.monotonic() < began + 90
        time.sleep(0.1)
    return time.monotonic() - began


def send(world: World, lead: str) -> tuple[int, str]:
    answer = world.send("/v1/signups", a_signup(id=lead, attributes=_WIDE), message=lead)
    return answer.status_code, answer.json().get("code", "")
