"""`giveget people add|password|end`: who may log in to the console by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

import typer

from service.cli.fail import fail

app = typer.Typer(no_args_is_help=True, help="People who log in to the console by name.")
_Login = Annotated[str, typer.Argument(help="Their mail address.")]
_Db = Annotated[str | None, typer.Option("--db", help="The store's URL.")]


@app.command()
def add(
    login: _Login,
    name: Annotated[str, typer.Option(help="Their name.")],
    role: Annotated[list[str], typer.Option(help="rep, manager or admin; repeat it for several.")],
    rep: Annotated[str | None, typer.Option(help="Which rep they are; for role rep.")] = None,
    db: _Db = None,
) -> None:
    """Give somebody a log-in; its password is made and shown once, as JSON."""
    from service.use_cases.access import users as people

    _in_store(
        db,
        "person.added",
        lambda connection, now: people.add(
            connection, login=login, name=name, roles=tuple(role), rep=rep, now=now
        ),
    )


@app.command()
def password(login: _Login, db: _Db = None) -> None:
    """Make a new password; the old one ends."""
    from service.use_cases.access import users as people

    def renew(connection: Any, _now: Any) -> Any:
        return people.renew(connection, login=login)

    _in_store(db, "person.password_renewed", renew)


@app.command()
def end(login: _Login, db: _Db = None) -> None:
    """Let somebody in no more, and end their sessions."""
    from service.use_cases.access import users as people

    _in_store(
        db, "person.ended", lambda connection, now: people.end(connection, login=login, now=now)
    )


def _in_store(db: str | None, what: str, work: Callable[..., Any]) -> None:
    from service.clock import SystemClock
    from service.db import Store
    from service.domain.actor import OPERATOR
    from service.errors import ConfigurationError, Refusal
    from service.settings import read_settings
    from service.store.ops import audit

    def noted(connection: Any) -> Any:
        now = SystemClock().now()
        made = work(connection, now)
        about = made if isinstance(made, str) else made.id
        audit.note(connection, OPERATOR, what, about, now)
        return made

    try:
        store = Store(read_settings(db=db).db)
    except (ConfigurationError, Refusal) as error:
        fail(str(error))
    try:
        made = store.write_now(noted)
    except Refusal as error:
        fail(error.detail)
    finally:
        store.close()
    typer.echo(json.dumps({"ended": made} if isinstance(made, str) else asdict(made)))
