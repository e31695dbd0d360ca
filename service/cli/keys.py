"""`giveget keys add|list|roll|end-old|revoke`: the id and secret of an API key, shown once, as
JSON, and which keys there are; `rotate-master` exchanges the key that seals the store's secrets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.cli.fail import fail
from service.cli.policy_file import AsJson
from service.cli.policy_store import in_store

if TYPE_CHECKING:
    import sqlalchemy as sa

    from service.store.ops.keys import ListedKey

app = typer.Typer(no_args_is_help=True, help="API keys of people and of senders.")
_Db = Annotated[str | None, typer.Option("--db", help="The store's URL.")]
_Key = Annotated[
    str, typer.Argument(help="The key's id, or its last characters, as the console shows them.")
]
_LEAST_OF_AN_ID = 4
_ENDED = {"key.revoked": {"revoked": True}, "key.old_secrets_ended": {"old_secrets_ended": True}}


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


@app.command("list")
def list_keys(as_json: AsJson = False, db: _Db = None) -> None:
    """Say which keys there are: whose, of which role, when made and last used; never a secret."""
    import json

    found = in_store(db, lambda connection, _now: _listed(connection))
    if as_json:
        typer.echo(json.dumps([_row(each) for each in found], indent=2))
        return
    for each in found:
        typer.echo(f"{each.id}  {_said(each)}")
    if not found:
        typer.echo("no keys: make one with giveget keys add ROLE")


@app.command("rotate")
@app.command()
def roll(key: _Key, db: _Db = None) -> None:
    """Make a further secret; the old one works on for GIVEGET_KEY_OVERLAP_HOURS.

    `rotate` and `roll` are the same.
    """
    from service.use_cases.access.keys import rotate_key

    def work(connection: Any, now: Any, settings: Any, vault: Any) -> Any:
        hours = settings.key_overlap_hours
        known = _called(connection, key)
        made = rotate_key(connection, vault, key=known.id, overlap_hours=hours, now=now)
        until = f"for {hours} hours more, or until giveget keys end-old {known.id}"
        old = f"the old secret works {until}" if hours else "the old secret has ended"
        typer.echo(f"{_said(known)}; {old}", err=True)
        return made

    _in_store(db, "key.rotated", work)


@app.command("end-old")
def end_old(key: _Key, db: _Db = None) -> None:
    """End the secrets that a newer one replaces, before the overlap is over.

    For example: `giveget keys roll 8d8acc`, give the new secret to who sends, wait until they sign
    with it, then `giveget keys end-old 8d8acc`. The newest secret works on.
    """
    from service.use_cases.access.keys import end_old_secrets

    def end(connection: Any, now: Any, _settings: Any, _vault: Any) -> str:
        known = _called(connection, key)
        ended = end_old_secrets(connection, key=known.id, now=now)
        typer.echo(f"{ended} old secrets ended; the newest works on: {_said(known)}", err=True)
        return known.id

    _in_store(db, "key.old_secrets_ended", end)


@app.command()
def revoke(
    key: _Key,
    is_sure: Annotated[
        bool, typer.Option("--yes", help="Also while an old secret and a new one both work.")
    ] = False,
    db: _Db = None,
) -> None:
    """End a key at once, with all of its secrets."""
    from service.use_cases.access.keys import revoke_key

    def end(connection: Any, now: Any, _settings: Any, _vault: Any) -> str:
        known = _called(connection, key)
        if known.old_until is not None and known.old_until > now and not is_sure:
            fail(
                "an old and a new secret of this key both work, and this would end both: end the "
                f"old one with giveget keys end-old {known.id}, or say --yes"
            )
        revoke_key(connection, key=known.id, now=now)
        typer.echo(f"revoked: {_said(known)}", err=True)
        return known.id

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


def _listed(connection: sa.Connection) -> list[ListedKey]:
    from service.store.ops import keys

    return keys.listed(connection)


def _called(connection: sa.Connection, key: str) -> ListedKey:
    """The working key of an id or of its ending; or one sentence that lists which there are."""
    working = [each for each in _listed(connection) if each.revoked_at is None]
    ending = key.removeprefix("…")
    found = [
        each
        for each in working
        if each.id == key or (len(ending) >= _LEAST_OF_AN_ID and each.id.endswith(ending))
    ]
    if len(found) != 1:
        which = "; ".join(f"{each.id} ({_said(each)})" for each in working)
        these = f"these work: {which}" if which else "make one with giveget keys add ROLE"
        fail(f"there is no such key, or it is revoked; {these}")
    return found[0]


def _said(key: ListedKey) -> str:
    """`manager, Mia Lind, made 2 November 2026, last used 2026-11-02 09:00Z`."""
    whose = key.name or key.rep or ("a system" if key.role == "ingest" else "nobody named")
    used = "never used" if key.used_at is None else f"last used {key.used_at:%Y-%m-%d %H:%M}Z"
    over = "" if key.revoked_at is None else f", revoked {key.revoked_at:%Y-%m-%d}"
    until = "" if key.old_until is None else f"{key.old_until:%Y-%m-%d %H:%M}Z"
    old = f", replaced secrets work until {until}" if until and not over else ""
    return f"{key.role}, {whose}, made {key.created_at:%Y-%m-%d}, {used}{old}{over}"


def _row(key: ListedKey) -> dict[str, str | None]:
    times = {
        name: None if at is None else at.isoformat()
        for name, at in (
            ("created_at", key.created_at),
            ("used_at", key.used_at),
            ("revoked_at", key.revoked_at),
            ("old_secrets_until", key.old_until),
        )
    }
    return {"id": key.id, "role": key.role, "rep": key.rep, "name": key.name} | times


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
    typer.echo(json.dumps(_ENDED[what] if isinstance(made, str) else asdict(made)))
