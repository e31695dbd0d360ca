"""`giveget keys add|rotate|revoke`: the id and secret of an API key, shown once, as JSON;
`rotate-master` exchanges the key that the store's secrets are sealed with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

import typer

from service.cli.fail import fail

app = typer.Typer(no_args_is_help=True, help="API keys of people and of senders.")
_Db = Annotated[str | None, typer.Option("--db", help="The store's URL.")]


@app.command()
def add(
    role: Annotated[str, typer.Argument(help="ingest, rep, manager or admin.")],
    rep: Annotated[str | None, typer.Option(help="Whose key it is; for role rep.")] = None,
    person: Annotated[
        str | None, typer.Option(help="The mail address of whose it is: one person, one vote.")
    ] = None,
    db: _Db = None,
) -> None:
    """Make a key."""
    from service.auth.keyring import ROLES
    from service.use_cases.access.keys import add_key

    if role not in ROLES:
        fail(f'"{role}" is no role; use one of {", ".join(ROLES)}')
    _in_store(
        db,
        "key.added",
        lambda connection, now, _s, vault: add_key(
            connection, vault, role=role, rep=rep, person=person, now=now
        ),
    )


@app.command()
def rotate(key: Annotated[str, typer.Argument(help="The key's id.")], db: _Db = None) -> None:
    """Make a further secret; the old one works on for GIVEGET_KEY_OVERLAP_HOURS."""
    from service.use_cases.access.keys import rotate_key

    _in_store(
        db,
        "key.rotated",
        lambda connection, now, settings, vault: rotate_key(
            connection, vault, key=key, overlap_hours=settings.key_overlap_hours, now=now
        ),
    )


@app.command()
def revoke(key: Annotated[str, typer.Argument(help="The key's id.")], db: _Db = None) -> None:
    """End a key at once."""
    from service.use_cases.access.keys import revoke_key

    def end(connection: Any, now: Any, _settings: Any, _vault: Any) -> str:
        revoke_key(connection, key=key, now=now)
        return key

    _in_store(db, "key.revoked", end)


@app.command("rotate-master")
def rotate_master(db: _Db = None) -> None:
    """Seal the store's secrets with a new master key; links mailed before are read on."""
    import json

    from service.auth.key_set import LINK_DAYS, rotate
    from service.auth.master_keys import MasterKeys
    from service.clock import SystemClock
    from service.db import Store
    from service.errors import ConfigurationError, Refusal
    from service.settings import read_settings

    try:
        settings = read_settings(db=db)
        store = Store(settings.db)
        try:
            rotate(store, settings, SystemClock().now())
        finally:
            store.close()
    except (ConfigurationError, Refusal) as error:
        fail(str(error))
    place = MasterKeys(settings).place
    typer.echo(json.dumps({"rotated": True, "key": place, "old_links_days": LINK_DAYS}))


def _in_store(db: str | None, what: str, work: Callable[..., Any]) -> None:
    import json

    from service.auth.key_set import unlock
    from service.clock import SystemClock
    from service.db import Store
    from service.domain.actor import OPERATOR
    from service.errors import ConfigurationError, Refusal
    from service.settings import read_settings
    from service.store.ops import audit

    try:
        settings, now = read_settings(db=db), SystemClock().now()
        store = Store(settings.db)
        vault, _ = unlock(store, settings, now)
    except (ConfigurationError, Refusal) as error:
        fail(str(error))

    def noted(connection: Any) -> Any:
        made = work(connection, now, settings, vault)
        about = made if isinstance(made, str) else made.id
        audit.note(connection, OPERATOR, what, about, now)
        return made

    try:
        made = store.write_now(noted)
    except Refusal as error:
        fail(error.detail)
    finally:
        store.close()
    typer.echo(json.dumps({"revoked": True} if isinstance(made, str) else asdict(made)))
