"""While the store is lost: not ready, 503 with Retry-After, alive; then it recovers by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.service_world import World, a_signup


@contextmanager
def lost(world: World, request: pytest.FixtureRequest) -> Iterator[None]:
    """The store's file moved away, or its database closed to everybody."""
    if world.parts.store.is_sqlite:
        file = Path(world.parts.store.url.database or "")
        moved = file.with_name("moved.db")
        file.rename(moved)
        yield
        assert not file.exists()
        moved.rename(file)
        return
    name = world.parts.store.url.database
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
