"""A store that answers but takes no writes: not ready, with the reason, until it takes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from service.db import writer_health
from service.db.store_errors import FULL, READ_ONLY
from service.db.writer_health import WriterHealth
from tests.support.service import World, a_signup

_WIDE = {"comment": "z" * 4000}
_TABLES = ("leads", "messages", "switches")
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
        with pragma(world, "PRAGMA query_only=ON", "PRAGMA query_only=OFF"):
            yield
        return
    name = world.runtime.store.url.database
    with psycopg.connect(uri(), autocommit=True) as admin:

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
def test_it_is_not_ready_with_the_reason_and_ready_again_by_itself(
    world: World,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    broken: Callable[..., Any],
    code: str,
) -> None:
    monkeypatch.setattr(writer_health, "_PROBE_EVERY_SECONDS", 0.0)
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

    for _ in range(20):  # a cut connection is found out by its next use
        if world.client.get("/readyz").status_code == 200:
            break
    assert world.client.get("/readyz").status_code == 200
    assert "giveget_store_writable 1.0" in world.client.get("/metrics").text
    assert send(world, "during-11")[0] == 200
    assert not world.rows(
        sa.select(sa.literal_column("name"))
        .select_from(sa.table("switches"))
        .where(sa.literal_column("name").like("write_probe%"))
    )


def test_asking_a_healthy_store_whether_it_is_ready_writes_nothing(world: World) -> None:
    world.sign_up(id="before")
    commits = world.runtime.store.commits

    for _ in range(5):
        assert world.client.get("/readyz").status_code == 200

    assert world.runtime.store.commits == commits


def test_a_probe_is_due_every_few_seconds_and_only_while_writes_fail() -> None:
    seconds = [100.0]
    health = WriterHealth(clock=lambda: seconds[0])
    assert not health.take_probe()

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


def send(world: World, lead: str) -> tuple[int, str]:
    answer = world.send("/v1/signups", a_signup(id=lead, attributes=_WIDE), message=lead)
    return answer.status_code, answer.json().get("code", "")
