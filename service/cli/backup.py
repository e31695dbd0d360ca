"""`giveget backup` and `giveget restore`: a store in one file, and a store made from it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from service.cli.backup_words import backed_up, restored
from service.cli.fail import fail
from service.cli.policy_file import AsJson
from service.cli.private_files import private_files

_Db = Annotated[str | None, typer.Option("--db", help="The store's URL.")]


def register(app: typer.Typer, panel: str) -> None:
    """Add both commands to a panel of the help."""
    app.command(rich_help_panel=panel)(backup)
    app.command(rich_help_panel=panel)(restore)


@private_files()
def backup(
    file: Annotated[Path, typer.Argument(help="The new file; nothing is overwritten.")],
    as_json: AsJson = False,
    db: _Db = None,
) -> None:
    """Copy the store into one file while it runs; checked before it gets its name.

    Mails of your own (GIVEGET_EMAILS) are put beside it, in FILE.emails.zip. Its secrets stay
    sealed: keep the key that the answer names too, elsewhere.
    """
    from service.auth import book_heads
    from service.auth.key_set import unlock
    from service.auth.master_keys import MasterKeys
    from service.clock import SystemClock
    from service.db import Store
    from service.db.backup import back_up, check_places
    from service.domain.actor import OPERATOR
    from service.errors import ConfigurationError, Refusal
    from service.mail.own_emails import pack
    from service.settings import read_settings
    from service.store.ops import audit

    try:
        settings = read_settings(db=db)
        beside = emails_beside(file)
        if settings.emails is not None and beside.exists():
            fail(f"{beside} exists already; a backup overwrites nothing")
        url, masters = settings.db, MasterKeys(settings)
        check_places(url, file)
        store, now = Store(url), SystemClock().now()
        _, own = unlock(store, settings, now)
        head = store.write_now(lambda c: book_heads.keep(c, own.books, now))
        copied = back_up(url, file)
        if settings.emails is not None:
            beside.write_bytes(pack(settings.emails))
    except OSError as error:
        fail(f"cannot write {error.filename}: {error.strerror}")
    except (ConfigurationError, Refusal) as error:
        fail(str(error))
    store.write_now(lambda c: audit.note(c, OPERATOR, audit.BACKED_UP, audit.STORE, now))
    store.close()
    if as_json:
        typer.echo(json.dumps(asdict(copied) | {"key": masters.place, "head": head}))
    else:
        emails = None if settings.emails is None else beside
        typer.echo(backed_up(file, copied.rows, emails=emails, key_file=masters.file))


@private_files()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `giveget backup` made.")],
    as_json: AsJson = False,
    db: _Db = None,
) -> None:
    """Fill a new, empty store from a backup; also one of the other kind of store.

    Mails beside it, in FILE.emails.zip, go to the folder of GIVEGET_EMAILS; what is there stays.
    """
    from service.auth.key_set import unlock
    from service.clock import SystemClock
    from service.db import Store
    from service.db import backup as backups
    from service.db.engines import read_url
    from service.errors import ConfigurationError, Refusal
    from service.mail.own_emails import unpack
    from service.settings import read_settings

    try:
        settings, beside = read_settings(db=db), emails_beside(file)
        copied = backups.restore(file, settings.db)
        if beside.is_file() and settings.emails is not None:
            unpack(beside.read_bytes(), settings.emails)
        elif beside.is_file():
            typer.echo(f"{beside} was left: GIVEGET_EMAILS names no folder", err=True)
        store = Store(settings.db)
    except OSError as error:
        fail(f"cannot use {error.filename}: {error.strerror}")
    except (ConfigurationError, Refusal) as error:
        fail(str(error))
    if as_json:
        typer.echo(json.dumps(asdict(copied)))
    else:
        typer.echo(restored(file, copied.rows, str(read_url(settings.db))))
    try:
        unlock(store, settings, SystemClock().now())
    except (ConfigurationError, Refusal) as error:
        typer.echo(f"every row is there; before it serves: {error}", err=True)
    finally:
        store.close()


def emails_beside(file: Path) -> Path:
    """Where the mails of one's own are, beside a backup."""
    return file.with_name(f"{file.name}.emails.zip")
