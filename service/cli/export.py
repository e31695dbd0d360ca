"""`giveget export WHAT --to PLACE`: what the store holds, for a warehouse or a spreadsheet."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.cli.fail import fail, refusals
from service.cli.opened import opened
from service.cli.places import TABLE, Append, Replace, as_given, delivery_of
from service.cli.policy_file import AsJson
from service.cli.policy_store import Db
from service.cli.private_files import private_files

if TYPE_CHECKING:
    import polars as pl
    import sqlalchemy as sa


def register(app: typer.Typer, panel: str) -> None:
    """Add the command to a panel of the help."""
    app.command(rich_help_panel=panel)(export)


@private_files()
def export(
    what: Annotated[
        str,
        typer.Argument(
            help="leads, accounts, offers, events, touches, outcomes, money, ledger or deliveries."
        ),
    ],
    to: Annotated[
        str,
        typer.Option(
            parser=as_given, metavar="PLACE", help=f"Where to: .csv or .parquet; {TABLE}."
        ),
    ],
    since: Annotated[
        str | None,
        typer.Option(help="Only what changed since: a day or a time, as 2026-11-01T09:00:00Z."),
    ] = None,
    attribute: Annotated[
        list[str] | None,
        typer.Option(help="Of leads: a column of its own for this attribute (repeat it)."),
    ] = None,
    replace: Replace = False,
    append: Append = False,
    as_json: AsJson = False,
    db: Db = None,
) -> None:
    """Write what the store holds of one kind to a file, a folder of Parquet or a table.

    It shows people's data, so it is audited; who was erased is not in it. A table that an export
    made is replaced whole, or added to with --append; one of anything else is replaced only with
    --replace. For example: giveget export leads --to leads.csv; giveget export offers --to
    duckdb:///sales.duckdb?table=offers; giveget export events --since 2026-11-01 --append --to
    env:WAREHOUSE?table=sales.events
    """
    from service.use_cases.views.exporting import view_of
    from service.warehouse.places import read_place
    from service.warehouse.tables import writing

    with refusals():
        view = view_of(what, attribute or ())
        place = read_place(to, option="--to")
        moment = _moment(since)
        if moment is not None and not (append or replace):
            fail("--since writes a part only: add it with --append, or replace all with --replace")
        delivery = delivery_of(what, view.key, replace=replace, append=append)
        with writing(place, delivery) as path:
            rows = _write_rows(db, path, what, tuple(attribute or ()), moment, place.kind)
    if as_json:
        told = {"what": what, "rows": rows, "to": str(place), "since": since}
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        typer.echo(f"{rows:,} {what} written to {place}")


def _write_rows(
    db: str | None,
    path: Path,
    what: str,
    attributes: tuple[str, ...],
    since: datetime | None,
    kind: str,
) -> int:
    """Audit the export, then write every row to a Parquet file; how many."""
    from service.domain.actor import OPERATOR
    from service.use_cases.tx import transact_now
    from service.use_cases.views import exporting
    from service.warehouse.parquet_writer import ParquetWriter

    view = exporting.view_of(what, attributes)
    types = {n: _typed(t) for n, t in exporting.columns_of(view, attributes).items()}
    with opened(db, without=("model", "policy")) as runtime:
        transact_now(
            runtime,
            lambda tx: exporting.note_export(tx, view, to=kind, since=since),
            actor=OPERATOR,
        )

        def write(connection: sa.Connection) -> int:
            with ParquetWriter(path, types) as writer:
                for columns in exporting.batches(connection, view, since, attributes):
                    writer.add(columns)
            return writer.rows

        return runtime.store.read_now(write)


def _moment(text: str | None) -> datetime | None:
    from scoring.files.values import as_time

    if text is None:
        return None
    moment = as_time(text)
    if moment is None:
        fail(f"--since {text} is no time; write it as 2026-11-01 or 2026-11-01T09:00:00Z")
    return moment


def _typed(type_: sa.types.TypeEngine[Any]) -> pl.DataType:
    """The Parquet type of a view's column."""
    import polars as pl
    import sqlalchemy as sa

    from service.db.tables.views import ViewTime

    if isinstance(type_, ViewTime):
        return pl.Datetime("us", "UTC")
    if isinstance(type_, sa.Boolean):
        return pl.Boolean()
    if isinstance(type_, sa.Double):
        return pl.Float64()
    return pl.Int64() if isinstance(type_, sa.BigInteger) else pl.String()
