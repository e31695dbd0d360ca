"""While the store is lost: not ready, 503 with Retry-After, alive; then it recovers by itself."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from service.db.engines import open_writer, read_url
from service.db.group_commit import Writer
from service.db.write_jobs import Job
from service.errors import Unavailable
from service.jobs import worker
from tests.support.service import World, a_signup


@contextmanager
def lost(world: World, request: pytest.FixtureRequest) -> Iterator[None]:
    """The store's file moved away, or its database closed to everybody."""
    if world.runtime.store.is_sqlite:
        file = Path(world.runtime.store.url.database or "")
        moved = file.with_name("moved.db")
        file.rename(moved)
        yield
        assert not file.exists()
        moved.rename(file)
        return
    name = world.runtime.store.url.database
    with psycopg.connect(request.getfixturevalue("postgresql"), autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        yield
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def test_the_service_says_so_and_recovers(world: World, request: pytest.FixtureRequest) -> None:
    kept = world.sign_up(id="before")["lead_id"]
    world.hire("ada")
    world.bearer("ada")
    assert world.client.get("/readyz").status_code == 200

    with lost(world, request):
        for _ in range(6):  # each pooled connection finds out for itself
            answers = [
                world.client.get("/readyz"),
                world.send("/v1/signups", a_signup(id="during"), message="m"),
                world.get("manager", "/v1/offers"),
                world.post("ada", "/v1/reps/ada/claim"),
            ]
            for answer in answers:
                assert answer.status_code == 503, answer.text
                assert int(answer.headers["retry-after"]) >= 1
                assert answer.headers["content-type"] == "application/problem+json"
        assert world.client.get("/livez").status_code == 200
        assert "giveget_store_up 0.0" in world.client.get("/metrics").text

    for _ in range(6):
        if world.client.get("/readyz").status_code == 200:
            break
    assert world.client.get("/readyz").status_code == 200
    assert world.get("manager", f"/v1/leads/{kept}").status_code == 200
    answer = world.send("/v1/signups", a_signup(id="during"), message="m")
    assert (answer.status_code, answer.json()["duplicate"]) == (200, False)


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_a_group_whose_connection_was_lost_finds_out_once_that_there_is_no_other(
    store_url: str, postgresql: str
) -> None:
    """Each try may take seconds, and there may be 256 of them."""
    url = read_url(store_url)
    engine = open_writer(url, connections=1)
    tries: list[Any] = []
    sa.event.listen(engine, "do_connect", lambda *given: tries.append(given))
    writer = Writer(engine, threads=1)
    has_begun, goes_on = Event(), Event()
    end_it = sa.text("SELECT pg_terminate_backend(pg_backend_pid())")
    futures: list[Future[Any]] = [Future() for _ in range(9)]

    writer.submit(Job(lambda _: has_begun.set() or goes_on.wait(), futures[0], None))
    has_begun.wait()
    for future in futures[1:]:  # they come together while the writer is busy
        writer.submit(Job(lambda c: c.execute(end_it).scalar(), future, None))
    with psycopg.connect(postgresql, autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS false")
        goes_on.set()
        errors = [future.exception() for future in futures[1:]]
        admin.execute(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS true")
    writer.stop()
    engine.dispose()

    assert [type(error) for error in errors] == [Unavailable] * 8
    assert len(tries) == 2


def test_the_worker_says_it_in_one_line_a_minute(
    world: World, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_lost", worker._Lost())
    assert world.client.portal is not None

    with capture_logs() as lines, lost(world, request):
        for _ in range(3):
            world.client.portal.call(worker.work_once, world.runtime)

    assert [line["code"] for line in lines if line["event"] == "worker.store_lost"] == [
        "store_unavailable"
    ]
    assert len([line for line in lines if line["event"].startswith("worker.")]) == 1
