"""`giveget model score`: score a file of any size, here or on a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.fail import fail, refusals
from service.cli.file_options import Dates, Decimals, IdMatch, Ids, Repeated, asked_of
from service.cli.model import Encoding, Events, Leads, read_file
from service.cli.model_inputs import Given, outcomes, prepared
from service.cli.places import TABLE, Append, Replace, as_given, delivery_of, local_files
from service.cli.private_files import private_files

if TYPE_CHECKING:
    from scoring.batch import Progress
    from scoring.batch.engine import Engine
    from scoring.files.reading import Asked
    from scoring.model.model import Model
    from service.warehouse.delivery import Delivery
    from service.warehouse.places import Place


class EngineName(StrEnum):
    """Where events are counted and leads are scored."""

    LOCAL = "local"
    DASK = "dask"
    SPARK = "spark"


def register(app: typer.Typer) -> None:
    """Add the command to the `model` group."""
    app.command()(score)


@private_files()
@local_files("leads", "events", "base")
def score(
    leads: Leads,
    model: Annotated[Path, typer.Option(help="Model directory.")],
    out: Annotated[
        Path,
        typer.Option(
            parser=as_given, metavar="PLACE", help=f"Where scores go: .csv or .parquet; {TABLE}."
        ),
    ],
    as_of: Annotated[
        str | None, typer.Option(help="A time, or a column of times; else each sign-up's own.")
    ] = None,
    events: Events = None,
    base: Annotated[
        Path | None,
        typer.Option(
            parser=as_given,
            metavar="PATH",
            help="Newer leads with their outcomes: the model's base follows them.",
        ),
    ] = None,
    reasons: Annotated[bool, typer.Option(help="Add every feature's points.")] = False,
    replace: Replace = False,
    append: Append = False,
    engine: Annotated[
        EngineName,
        typer.Option(help="Where to work; Dask and Spark take the cluster they are set up for."),
    ] = EngineName.LOCAL,
    decimal: Decimals = None,
    dates: Dates = None,
    ids: Ids = IdMatch.EXACT,
    duplicates: Repeated = None,
    encoding: Encoding = "utf-8-sig",
) -> None:
    """Score every lead of a file or a table: id, probability, points, grade.

    A file, and a table or folder that this command wrote, is replaced whole; one of anything else
    only with --replace. For example: giveget model score leads.csv --model model --out scores.csv;
    giveget model score leads/ --model model --out duckdb:///sales.duckdb?table=scores;
    giveget model score env:LEADS --model model --out env:WAREHOUSE?table=sales.scores --append
    """
    from scoring.batch import score_file
    from scoring.model.model import Model

    delivery = delivery_of("scores", "id", replace=replace, append=append)
    with refusals(), _target(str(out), delivery) as (place, path):
        loaded = Model.load(model)
        asked = asked_of(decimal, dates, ids, duplicates)
        _say_what_is_lacking(leads, loaded, encoding)
        if base is not None:
            loaded = _moved(loaded, base, events, encoding, asked)
        with _engine(engine) as chosen, _bar() as progress:
            rows = score_file(
                leads,
                loaded,
                path,
                as_of=as_of,
                events=events,
                with_reasons=reasons,
                encoding=encoding,
                asked=asked,
                say=lambda sentence: typer.echo(sentence, err=True),
                engine=chosen,
                progress=progress,
            )
    typer.echo(f"{rows:,} leads scored into {place}")


@contextmanager
def _target(out: str, delivery: Delivery) -> Iterator[tuple[Place, Path]]:
    """Where scores go, and the file that they are written to on the way.

    A single file is written as it always was: in the place of the one before, whosever it is.
    """
    from service.warehouse.places import read_place
    from service.warehouse.tables import writing

    place = read_place(out, option="--out")
    if place.kind in ("csv", "parquet"):
        if delivery.if_there == "append":
            fail("--append adds to a table or a folder; a file is written whole")
        yield place, place.path
        return
    with writing(place, delivery) as path:
        yield place, path


def _moved(
    model: Model, outcomes_file: Path, events: Path | None, encoding: str, asked: Asked
) -> Model:
    """The model with its base moved by the outcomes in a file; says by how much."""
    from scoring.evaluation.following import moved_by

    nobody: tuple[str, ...] = ()
    export, y = outcomes(
        model, read_file(outcomes_file, encoding), None, (nobody, nobody, nobody), asked
    )
    if y is None:
        fail(
            f'{outcomes_file.name} has no column "{model.schema.target_column}", which says who '
            "converted in the training; add it, or score without --base"
        )
    done = None if events is None else read_file(events, encoding)
    _, columns = prepared(model, Given(export, done, asked))
    moved, sentence = moved_by(model, columns, export, y)
    typer.echo(sentence, err=True)
    return moved


def _say_what_is_lacking(leads: Path, model: Model, encoding: str) -> None:
    """A warning where the file has not every column that the model learnt from."""
    from scoring.files.export import read_parts

    first = next(read_parts(leads, encoding=encoding, rows=1))
    lacking = model.schema.lacking(first.columns)
    if lacking:
        named = ", ".join(f'"{name}"' for name in lacking)
        typer.echo(
            f"{leads.name} has no column {named}, as the training had; scored as not given",
            err=True,
        )


def _engine(name: EngineName) -> AbstractContextManager[Engine]:
    """Imported only when asked for: Dask and Spark are extras."""
    match name:
        case EngineName.LOCAL:
            from scoring.batch.local import LocalEngine

            return nullcontext(LocalEngine())
        case EngineName.DASK:
            from scoring.batch.dask_engine import dask_engine

            return dask_engine()
        case EngineName.SPARK:
            from scoring.batch.spark_engine import spark_engine

            return spark_engine()


@contextmanager
def _bar() -> Iterator[Progress]:
    """A progress bar on stderr, one line a step; nothing where nobody watches."""
    from rich.console import Console
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    tasks: dict[str, TaskID] = {}
    with Bar(console=Console(stderr=True), disable=not Console(stderr=True).is_terminal) as bar:

        def progress(step: str, share: float) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(step, total=1.0)
            bar.update(tasks[step], completed=share)

        yield progress
