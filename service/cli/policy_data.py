"""`giveget policy situations`, `backtest`, `diff`: a policy over situations, and beside another."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.fail import fail
from service.cli.opened import opened
from service.cli.policy_file import AsJson, PolicyFile, load
from service.cli.private_files import private_files

if TYPE_CHECKING:
    import polars as pl


def register(app: typer.Typer) -> None:
    """Add the commands to `giveget policy`."""
    app.command()(situations)
    app.command()(backtest)
    app.command()(diff)


@private_files()
def situations(
    out: Annotated[Path, typer.Argument(help="The file: its name ends .csv, .parquet or .jsonl.")],
    days: Annotated[int, typer.Option(min=1, help="Trials that signed up in so many days.")] = 30,
    most: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 10_000,
    db: Annotated[str | None, typer.Option("--db", help="The store's URL.")] = None,
) -> None:
    """Write the facts of the live trials to a file that `policy backtest` and `diff` read.

    For example: `giveget policy situations trials.csv --days 60`. No names or addresses are in it.
    """
    import polars as pl

    from offers.conditions.vectors import as_situations
    from offers.situation import FACTS
    from service.use_cases.policies.lints import live_trials
    from service.use_cases.tx import Tx

    writers: dict[str, Callable[[pl.DataFrame], object]] = {
        ".csv": lambda table: table.write_csv(out),
        ".parquet": lambda table: table.write_parquet(out),
        ".jsonl": lambda table: table.write_ndjson(out),
    }
    if out.suffix not in writers:
        fail(f"{out.name}: end the name in {', '.join(writers)}")
    with opened(db) as runtime:
        found = runtime.store.read_now(
            lambda connection: live_trials(
                Tx(connection, runtime, runtime.clock.now()), runtime.policy, days=days, most=most
            )
        )
    if not found:
        fail(f"no trial signed up in the last {days} days: raise --days")
    rows = pl.DataFrame([dict(situation) for _, situation in found], infer_schema_length=None)
    try:
        writers[out.suffix](as_situations(rows, frozenset(FACTS)))
    except OSError as error:
        fail(f"cannot write {out}: {error.strerror or error}")
    typer.echo(f"{len(found):,} trials written to {out}")


def backtest(
    file: PolicyFile,
    situations: Annotated[Path, typer.Option(help="Past situations: CSV, Parquet or JSON lines.")],
    on: Annotated[
        str | None, typer.Option(help="The day rules are open on, as 2026-12-10.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say who of some past leads would get what, and what it could cost at most: no effect."""
    from offers.backtest import backtest as run

    policy = load(file)
    result = run(policy, read_table(situations), _day(on)).to_json()
    if as_json:
        typer.echo(json.dumps(result, indent=2, ensure_ascii=False))
        return
    typer.echo(
        f"{result['offered']:,} of {result['situations']:,} situations would get an offer, "
        f"at a cost of at most {result['exposure_minor']:,} minor units {policy.currency}"
    )
    for row in result["rules"]:
        typer.echo(
            f"{row['rule']}: matched {row['matched']:,}, offered {row['offered']:,} "
            f"({row['share']:.2%}), at most {row['exposure_minor']:,}"
        )
        for name, count in row["refused"].items():
            typer.echo(f"    {count:,} refused by {name}")
    for note in result["notes"]:
        typer.echo(f"note: {note}")
    typer.echo("This is exposure, not effect: only the holdout shows what offers change.")


def diff(
    old: Annotated[Path, typer.Argument(metavar="A", help="The policy before.")],
    new: Annotated[Path, typer.Argument(metavar="B", help="The policy after.")],
    on: Annotated[
        Path | None, typer.Option(help="Past situations to count leads gained and lost.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what changed between two policies, in words and in leads gained and lost."""
    from dataclasses import asdict

    from offers.diff import differences, moved

    before, after = load(old), load(new)
    found = differences(before, after)
    counted = asdict(moved(before, after, read_table(on), _day(None))) if on else None
    if as_json:
        answer = {"differences": list(found), "moved": counted}
        typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    for line in found or ("the two policies say the same",):
        typer.echo(line)
    if counted:
        typer.echo(
            f"{counted['gained']:,} gain an offer, {counted['lost']:,} lose theirs, "
            f"{counted['changed']:,} get another"
        )


def read_table(file: Path) -> pl.DataFrame:
    """A table of situations, by the file's ending; columns that are no facts are left out."""
    import polars as pl

    from offers.conditions.vectors import as_situations
    from offers.situation import FACTS

    readers: dict[str, Callable[[Path], pl.DataFrame]] = {
        ".csv": lambda path: pl.read_csv(path, infer_schema_length=None),
        ".parquet": pl.read_parquet,
        ".jsonl": lambda path: pl.read_ndjson(path, infer_schema_length=None),
    }
    if file.suffix not in readers:
        fail(f"{file.name}: end the name in {', '.join(readers)}")
    try:
        table = readers[file.suffix](file)
        return as_situations(table, frozenset(FACTS).intersection(table.columns))
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror or error}")
    except pl.exceptions.PolarsError as error:
        fail(f"{file.name}: {str(error).splitlines()[0]}")


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"{text} is no day: write it as 2026-12-10")
