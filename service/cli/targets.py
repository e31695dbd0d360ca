"""`giveget import targets FILE`: the accounts that the team aims at, in place of those before."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.cli.fail import refusals
from service.cli.file_options import Decimals, asked_of, say_columns
from service.cli.model import Encoding, read_file
from service.cli.opened import opened
from service.cli.places import as_given, local_files
from service.cli.policy_store import Db
from service.cli.private_files import private_files

_SHOWN = 10


def register(app: typer.Typer) -> None:
    """Add the command to `giveget import`."""
    app.command()(targets)


@private_files()
@local_files("file")
def targets(
    file: Annotated[
        Path,
        typer.Argument(
            parser=as_given,
            metavar="FILE",
            help="account or website, and country, segment, rep, seats.",
        ),
    ],
    decimal: Decimals = None,
    encoding: Encoding = "utf-8-sig",
    db: Db = None,
) -> None:
    """Import the accounts that the team aims at; they replace those of before."""
    from service.importers.targets import read_targets, target_columns

    with refusals():
        export = read_file(file, encoding)
        columns = target_columns(export)
        given, unnamed = read_targets(export, columns, asked_of(decimal, None))
    say_columns(export, columns)
    from service.domain.actor import OPERATOR
    from service.use_cases.tx import transact_now
    from service.use_cases.views.figures import keep_targets

    with opened(db, makes=True) as runtime:
        count = transact_now(runtime, lambda tx: keep_targets(tx, given), actor=OPERATOR)
    if unnamed:
        lines = "1 line names" if len(unnamed) == 1 else f"{len(unnamed):,} lines name"
        shown = ", ".join(unnamed[:_SHOWN]) + (" …" if len(unnamed) > _SHOWN else "")
        typer.echo(f"{lines} no company's mail domain, left out: {shown}", err=True)
    typer.echo("1 target account" if count == 1 else f"{count:,} target accounts")
