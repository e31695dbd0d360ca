"""`giveget value …`: what customers are still worth, from a file of their renewals."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.fail import fail, refusals
from service.cli.file_options import Decimals, asked_of, say_columns
from service.cli.model import Encoding, read_file
from service.cli.places import as_given, local_files

if TYPE_CHECKING:
    from scoring.value.renewals import Forecast

app = typer.Typer(no_args_is_help=True, help="Say what customers are still worth.")


@app.callback()
def _group() -> None:
    """Keep `renewals` a command of its own while it is the only one."""


@app.command()
@local_files("file")
def renewals(
    file: Annotated[
        Path,
        typer.Argument(
            parser=as_given,
            metavar="FILE",
            help="One row a cohort and period: cohort, period, active.",
        ),
    ],
    periods: Annotated[
        int | None, typer.Option(min=0, help="Use the first so many renewals only.")
    ] = None,
    horizon: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=10_000,
            help="Until which period, from 0; else twice what is seen, 12 at least.",
        ),
    ] = None,
    decimal: Decimals = None,
    encoding: Encoding = "utf-8-sig",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Forecast the customer-periods still to come of each cohort, with a 90 % interval."""
    with refusals():
        export = read_file(file, encoding)
        from scoring.value.cohorts import cohort_columns, read_cohorts
        from scoring.value.renewals import forecasts

        columns = cohort_columns(export)
        cohorts = read_cohorts(export, columns, asked_of(decimal, None))
        say_columns(export, columns)
        used = cohorts if periods is None else [cohort.first(periods) for cohort in cohorts]
        seen = max(cohort.periods for cohort in used)
        until = horizon if horizon is not None else max(12, 2 * seen)
        if seen >= until:
            fail(
                f"{seen} renewals are used, so nothing is still to come until period {until}; "
                f"use --horizon {seen + 1} or more, or fewer --periods"
            )
        found = forecasts(used, until)
    if as_json:
        typer.echo(json.dumps({"cohorts": [asdict(forecast) for forecast in found]}))
    else:
        _print_table(found, until)


def _print_table(found: list[Forecast], until: int) -> None:
    from rich.console import Console
    from rich.table import Table

    typer.echo(f"Customer-periods still to come until period {until}, each with its 90 % interval:")
    table = Table("cohort", "seen", "to come", "90 % interval", "by 1/churn", "by last rate")
    for forecast in found:
        table.add_row(
            forecast.cohort,
            str(forecast.periods),
            f"{forecast.expected_remaining:,.0f}",
            f"{forecast.low:,.0f} to {forecast.high:,.0f}",
            *(
                "–" if n is None else f"{n:,.0f}"
                for n in (forecast.one_over_churn, forecast.last_rate)
            ),
        )
    Console().print(table)
