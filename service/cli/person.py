"""`giveget person export|erase`: what is kept about a person, and taking it out."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.fail import fail
from service.cli.opened import opened
from service.cli.private_files import private_files

if TYPE_CHECKING:
    pass

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
    from service.use_cases.intake import erasure as person
    from service.use_cases.tx import transact_now

    with opened(db, without=("model",)) as runtime:
        shown = transact_now(runtime, lambda tx: person.export(tx, who), actor=OPERATOR)
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
    from service.use_cases.intake import erasure as person
    from service.use_cases.tx import transact_now

    with opened(db, without=("model", "policy")) as runtime:  # a broken policy erases too
        erased = transact_now(runtime, lambda tx: person.erase(tx, who), actor=OPERATOR)
        is_clean = runtime.store.scrub()
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
