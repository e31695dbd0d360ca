"""Where a table is: a file, a folder, or a URL; its password is in no text that people see.

URLs are those of SQLAlchemy, as the store's own `--db`: `duckdb:///leads.duckdb?table=leads` (four
slashes for a path from the root), `postgresql://user@host/db?table=public.leads`. The table is a
query parameter because libpq's and SQLAlchemy's URLs have no fragment. `env:NAME` takes the URL
from an environment variable, where no list of processes shows it; `env:NAME?table=…` its server
only.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from scoring.errors import DataError

Kind = Literal["csv", "parquet", "folder", "duckdb", "postgresql"]
_URL = re.compile(r"([a-z][a-z0-9+.-]+):/", re.IGNORECASE)
_ALMOST = re.compile(r"(?:postgres|duckdb)[a-z0-9+]*:|[^/]*:.*@", re.IGNORECASE)
"""What was meant to be a URL: as a path it would be told in messages, its password too."""
_PART = re.compile(r'"((?:[^"]|"")+)"|([^."]+)')
_FORMS = (
    "duckdb:///FILE?table=NAME, postgresql://USER@HOST/DATABASE?table=NAME, or a path of a file "
    "or folder"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a table is; `path` of a file, a folder or a DuckDB file, `table` in its parts."""

    kind: Kind
    path: Path = Path()
    table: tuple[str, ...] = ()
    server: dict[str, Any] = field(default_factory=dict, repr=False)
    """What libpq is told, the password too."""

    @property
    def is_database(self) -> bool:
        """Whether it is a table by URL."""
        return self.kind in ("duckdb", "postgresql")

    @property
    def name(self) -> str:
        """Of the file, the folder or the table."""
        return ".".join(self.table) or self.path.name

    def __str__(self) -> str:
        """The place without user, password and options."""
        match self.kind:
            case "postgresql":
                host = self.server.get("host") or "the local server"
                return f"{self.name} in {self.server.get('dbname', '')} at {host}"
            case "duckdb":
                return f"{self.name} in {self.path}"
            case "folder":
                return f"{self.path}/"
            case _:
                return str(self.path)


def is_url(text: str) -> bool:
    """Whether a text names a database's table, or a variable that does."""
    return text.startswith("env:") or _URL.match(text) is not None


def read_place(text: str, *, option: str) -> Place:
    """The place that an argument names; raises `DataError`, which never says the text itself."""
    if text.startswith("env:"):
        text = _from_environment(text.removeprefix("env:"), option)
    if (scheme := _URL.match(text)) is None:
        if _ALMOST.match(text) and not Path(text).exists():
            raise _unreadable(option)
        return _on_disk(text)
    kind = scheme[1].lower()
    try:
        url = make_url(text)
        port = url.port
    except (ArgumentError, ValueError):
        raise _unreadable(option) from None
    if any("@" in part for part in (url.host or "", url.database or "")):
        raise _unreadable(option)
    if kind == "duckdb":
        return Place(kind="duckdb", path=_file_of(url, option), table=_table(url, option))
    if kind in ("postgresql", "postgres", "postgresql+psycopg"):
        told = {n: v[-1] if isinstance(v, tuple) else v for n, v in url.query.items()}
        told.pop("table", None)
        given = {"host": url.host, "port": port, "user": url.username, "password": url.password}
        server = {name: value for name, value in given.items() if value is not None} | told
        if url.database:
            server["dbname"] = url.database
        return Place(kind="postgresql", table=_table(url, option), server=server)
    raise DataError(f"{option}: {kind} is no place of tables that is known; write {_FORMS}")


def _unreadable(option: str) -> DataError:
    return DataError(
        f"{option}: this is no URL that can be read; write {_FORMS}, with the signs %, @, /, ? and "
        "# of a password as %25, %40, %2F, %3F and %23"
    )


def _from_environment(told: str, option: str) -> str:
    name, _, query = told.partition("?")
    value = os.environ.get(name, "").strip()
    if not value:
        raise DataError(f"{option}: the environment has no {name}; set it to a URL: {_FORMS}")
    if _URL.match(value) is None:
        raise DataError(f"{option}: {name} in the environment is no URL; set it to one: {_FORMS}")
    return value + ("&" if "?" in value else "?") * bool(query) + query


def _on_disk(text: str) -> Place:
    path = Path(text)
    if text.endswith(("/", os.sep)) or path.is_dir():
        path = path if path.name else path.resolve()
        return Place(kind="folder", path=path)
    return Place(kind="parquet" if path.suffix.lower() == ".parquet" else "csv", path=path)


def _file_of(url: URL, option: str) -> Path:
    """A DuckDB file's path: three slashes from here, four from the root.

    Three are also how others write one from the root; it is that where it can be nothing else.
    """
    if url.host or not url.database or url.database == ":memory:":
        raise DataError(
            f"{option}: name a DuckDB file as duckdb:///FILE?table=NAME, with three slashes, or "
            "four for a path from the root"
        )
    path = Path(url.database)
    rooted = Path("/") / path
    return rooted if not path.parent.is_dir() and rooted.parent.is_dir() else path


def _table(url: URL, option: str) -> tuple[str, ...]:
    told = url.query.get("table", "")
    parts = [
        (quoted.replace('""', '"') or plain)
        for quoted, plain in _PART.findall(told if isinstance(told, str) else told[-1])
    ]
    if not 1 <= len(parts) <= 3:
        raise DataError(f"{option}: say which table with ?table=NAME or ?table=SCHEMA.NAME")
    return tuple(parts)
