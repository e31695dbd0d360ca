"""`giveget backup` and `giveget restore`: a store in one file, and a store made from it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from service.cli.fail import fail

_Db = Annotated[str | None, typer.Option("--db", help="The store's URL.")]


def register(app: typer.Typer) -> None:
    """Add both commands."""
    app.command()(backup)
    app.command()(restore)


def backup(
    file: Annotated[Path, typer.Argument(help="The new file; nothing is overwritten.")],
    db: _Db = None,
) -> None:
    """Copy the store into one file while it runs; checked before it gets its name.

    Its secrets stay sealed: keep the key that the answer names too, elsewhere.
    """
    from service.auth import book_heads
    from service.auth.key_set import unlock
    from service.auth.master_keys import MasterKeys
    from service.clock import SystemClock
    from service.db import Store
    from service.db.backup import back_up, check_places
    from service.domain.actor import OPERATOR
    from service.errors import ConfigurationError, Refusal
    from service.settings import read_settings
    from service.store.ops import audit

    try:
        settings = read_settings(db=db)
        url, key = settings.db, MasterKeys(settings).place
        check_places(url, file)
        store, now = Store(url), SystemClock().now()
        _, own = unlock(store, settings, now)
        head = store.write_now(lambda c: book_heads.keep(c, own.books, now))
        copied = back_up(url, file)
    except (ConfigurationError, Refusal) as error:
        fail(str(error))
    store.write_now(lambda c: audit.note(c, OPERATOR, audit.BACKED_UP, audit.STORE, now))
    store.close()
    typer.echo(json.dumps(asdict(copied) | {"key": key, "head": head}))


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `giveget backup` made.")], db: _Db = None
) -> None:
    """Fill a new, empty store from a backup; also one of the other kind of store."""
    from service.auth.key_set import unlock
    from service.clock import SystemClock
    from service.db import Store
    from service.db import backup as backups
    from service.errors import ConfigurationError, Refusal
    from service.settings import read_settings

    try:
        settings = read_settings(db=db)
        copied = backups.restore(file, settings.db)
        store = Store(settings.db)
    except (ConfigurationError, Refusal) as error:
        fail(str(error))
    typer.echo(json.dumps(asdict(copied)))
    try:
        unlock(store, settings, SystemClock().now())
    except (ConfigurationError, Refusal) as error:
        typer.echo(f"every row is there; before it serves: {error}", err=True)
    finally:
        store.close()
