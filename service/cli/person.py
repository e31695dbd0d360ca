"""`giveget person export|erase`: what is kept about a person, and taking it out."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.fail import fail
from service.cli.private_files import private_files

if TYPE_CHECKING:
    from service.runtime import Runtime

app = typer.Typer(no_args_is_help=True, help="A person's own data: show it, or take it out.")
_Who = Annotated[str, typer.Argument(help="The person's mail address, or the lead's id.")]
_Db = Annotated[str | None, typer.Option("--db", help="The store's URL.")]


@app.command()
@private_files()
def export(
    who: _Who,
    out: Annotated[Path | None, typer.Option(help="A file to write; else it is printed.")] = None,
    db: _Db = None,
) -> None:
    """Everything kept about a person, as JSON, and why each score and offer is what it is."""
    from service.domain.actor import OPERATOR
    from service.errors import Refusal
    from service.use_cases.intake import erasure as person
    from service.use_cases.tx import Tx

    runtime = _parts(db, explains=True)
    hand = OPERATOR
    try:
        shown = runtime.store.write_now(
            lambda connection: person.export(
                Tx(connection, runtime, runtime.clock.now(), hand), who
            )
        )
    except Refusal as error:
        fail(error.detail)
    finally:
        runtime.store.close()
    text = json.dumps(shown, indent=2, ensure_ascii=False)
    if out is None:
        typer.echo(text)
        return
    try:
        out.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        fail(f"cannot write {out}: {error.strerror}")
    typer.echo(f"written to {out}")


@app.command()
def erase(who: _Who, db: _Db = None) -> None:
    """Take a person out of every table, for good; ledger and audit keep pseudonyms only."""
    from service.domain.actor import OPERATOR
    from service.errors import Refusal
    from service.use_cases.intake import erasure as person
    from service.use_cases.tx import Tx

    runtime = _parts(db)
    hand = OPERATOR
    try:
        erased = runtime.store.write_now(
            lambda connection: person.erase(Tx(connection, runtime, runtime.clock.now(), hand), who)
        )
        is_clean = runtime.store.scrub()
    except Refusal as error:
        fail(error.detail)
    finally:
        runtime.store.close()
    typer.echo(json.dumps(asdict(erased)))
    typer.echo(
        "the scores of this person's leads can no longer be replayed; backups made before keep "
        "the data: erase again after restoring one",
        err=True,
    )
    if not is_clean:
        typer.echo(
            "the store's log file still holds old pages while others read; it is rewritten as "
            "they end",
            err=True,
        )


def _parts(db: str | None, *, explains: bool = False) -> Runtime:
    """The parts; the policy only where it explains something, so that a broken one erases too."""
    from service.app import build_runtime
    from service.errors import ConfigurationError, Refusal
    from service.settings import read_settings

    try:
        settings = read_settings(db=db)
        unused = {"model": None} if explains else {"model": None, "policy": None}
        return build_runtime(settings.model_copy(update=unused))
    except (ConfigurationError, Refusal) as error:
        fail(str(error))
