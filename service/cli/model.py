"""`giveget model …`: train on one's own export, score files, read the report."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.cli.fail import fail, refusals
from service.cli.file_options import (
    Dates,
    Decimals,
    IdMatch,
    Ids,
    Negative,
    Positive,
    Repeated,
    Undecided,
    asked_of,
)
from service.cli.places import TABLE, as_given, local_files

if TYPE_CHECKING:
    from scoring.files.export import Export
    from scoring.model.model import Model
    from scoring.model.schema import Schema
    from scoring.training.train import Trained

app = typer.Typer(no_args_is_help=True, help="Train a model on your leads, score with it, read it.")

MAPPED = ("fields", "groups", "directions", "parents")
WAYS = {"up": 1, "down": -1}
Leads = Annotated[
    Path,
    typer.Argument(
        parser=as_given,
        metavar="LEADS",
        help=f"CSV (plain or .gz) or Parquet, any columns; {TABLE}.",
    ),
]
Encoding = Annotated[str, typer.Option(help="The file's text encoding.")]
Events = Annotated[
    Path | None,
    typer.Option(
        parser=as_given,
        metavar="PATH",
        help="What leads did: a file or table with lead_id, name and at.",
    ),
]


@app.command()
@local_files("leads", "events")
def train(
    leads: Leads,
    target: Annotated[str, typer.Option(help="Column that says who converted.")],
    out: Annotated[Path, typer.Option(help="Directory of the model to write.")],
    positive: Positive = None,
    negative: Negative = None,
    undecided: Undecided = None,
    id_column: Annotated[str | None, typer.Option("--id", help="Column of the lead's id.")] = None,
    time: Annotated[
        str | None, typer.Option(help="Column that runs with time: a date or any number.")
    ] = None,
    order: Annotated[
        str | None, typer.Option(help='"file": the rows are already in order of time.')
    ] = None,
    horizon: Annotated[
        int | None, typer.Option(help="Days a lead has to convert; else found in the data.")
    ] = None,
    events: Events = None,
    column_map: Annotated[
        Path | None,
        typer.Option(
            "--map",
            help="TOML with the tables fields (column = field), groups, directions and parents.",
        ),
    ] = None,
    missing: Annotated[
        list[str] | None, typer.Option(help="A text that means missing, besides empty and NA.")
    ] = None,
    drop: Annotated[list[str] | None, typer.Option(help="A column to leave out.")] = None,
    keep: Annotated[list[str] | None, typer.Option(help="A column to keep all the same.")] = None,
    budget: Annotated[
        float, typer.Option(min=0, help="Seconds that tuning may take; what it tried is told.")
    ] = 10,
    decimal: Decimals = None,
    dates: Dates = None,
    ids: Ids = IdMatch.EXACT,
    duplicates: Repeated = None,
    encoding: Encoding = "utf-8-sig",
) -> None:
    """Learn who converts; judge it on the newest leads; write model, report and checksums."""
    from rich.console import Console

    if order not in (None, "file"):
        fail(f'--order knows "file" only, not "{order}"; for a column use --time')
    console = Console(stderr=True)
    mapped = _read_map(column_map)
    with refusals(), console.status("reading") as status:
        export = read_file(leads, encoding)  # a file that is none is refused before all else
        done = read_file(events, encoding) if events else None
        from scoring.dataset.options import Options
        from scoring.evaluation.tuning import Budget
        from scoring.report.report import render_report
        from scoring.training.pipeline import train_export

        options = Options(
            target=target,
            positive=tuple(positive or ()),
            negative=tuple(negative or ()),
            undecided=tuple(undecided or ()),
            id_column=id_column,
            time_column=time,
            horizon_days=horizon,
            fields=mapped.get("fields", {}),
            groups=mapped.get("groups", {}),
            directions={name: WAYS[way] for name, way in mapped.get("directions", {}).items()},
            parents=mapped.get("parents", {}),
            missing=tuple(missing or ()),
            drop=tuple(drop or ()),
            keep=tuple(keep or ()),
            asked=asked_of(decimal, dates, ids, duplicates),
        )
        trained = train_export(
            export,
            options,
            file_order=order == "file",
            events=done,
            budget=Budget(seconds=budget),
            progress=lambda step: status.update(step),
        )
        status.update("writing")
        trained.model.save(out, report=render_report(trained, title=f"Giveget model: {leads.name}"))
    _print_result(trained, out)


def read_file(path: Path, encoding: str) -> Export:
    """The export at `path`."""
    from scoring.files.export import read_export

    return read_export(path, encoding=encoding)


def _read_map(path: Path | None) -> Mapping[str, Any]:
    if path is None:
        return {}
    try:
        mapped = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        fail(f"{path} cannot be read ({error.strerror}); give the path of a TOML file")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fail(f"{path.name} is no TOML: {error}")
    unknown = mapped.keys() - set(MAPPED)
    if unknown:
        tables = ", ".join(f"[{name}]" for name in MAPPED)
        fail(f"{path.name} has [{min(unknown)}]; a map has {tables} only")
    for name, table in mapped.items():
        if not isinstance(table, dict) or not all(isinstance(v, str) for v in table.values()):
            fail(f'{path.name}: [{name}] holds lines such as "Their column" = "a text" only')
    for group in mapped.get("groups", {}).values():
        if group not in ("fit", "engagement"):
            fail(f'{path.name}: a group is "fit" or "engagement", not {group!r}')
    for way in mapped.get("directions", {}).values():
        if way not in WAYS:
            fail(f'{path.name}: a direction is "up" or "down", not {way!r}')
    return mapped


def _print_result(trained: Trained, out: Path) -> None:
    from rich.console import Console

    from scoring.training.notes import rows_of
    from service.cli.judged_table import judged_table

    console = Console()
    for note in (*trained.model.facts["target"], *trained.model.facts["notes"]):
        console.print(f"· {note}", style="dim", highlight=False, markup=False, soft_wrap=True)
    for leak in trained.leaks:
        console.print(f"· {leak.sentence()}", highlight=False, markup=False, soft_wrap=True)
    for column, reading in trained.model.schema.readings.items():
        line = reading.sentence(column, with_examples=True)
        console.print(f"· {line}", style="dim", highlight=False, markup=False, soft_wrap=True)
    for line in how_read(trained.model.schema):
        console.print(f"· {line}", style="dim", highlight=False, markup=False, soft_wrap=True)
    console.print(judged_table(trained.judged, rows_of(trained.newest)))
    for sentence in trained.sentences:
        console.print(sentence, highlight=False, markup=False, soft_wrap=True)
    for line in (
        f"Verdict: {trained.model.verdict}. {trained.model.why}.",
        *weight_of_scorecard(trained.model),
        f"Model {trained.model.id} and its report are in {out}/",
    ):
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def how_read(schema: Schema) -> list[str]:
    """Which column was taken for which field, and which became features of their own name."""
    told: list[str] = []
    if schema.fields:
        pairs = (
            f"{column} = {known}{_which_first(schema.times.get(column, ''))}"
            for column, known in schema.fields.items()
        )
        told.append(f"read as a lead's fields: {', '.join(pairs)}")
    if schema.attributes:
        own = ", ".join(attribute.name for attribute in schema.attributes)
        told.append(
            f"read by their own names: {own}; a sign-up sends them under these names, "
            "unless --map says which field one is"
        )
    return told


def _which_first(form: str) -> str:
    return {"%d": " (day first)", "%m": " (month first)"}.get(form[:2], "")


def weight_of_scorecard(model: Model) -> list[str]:
    """How much of a score is the hand-written scorecard's, where it has a part."""
    said = model.facts.get("scorecard", {})
    if not said.get("weight"):
        return []
    return [
        f"Weight of the scorecard: {said['weight']:.0%} ({said['outcomes']} outcomes of the rarer "
        f"kind; from {said['enough']} on it has none where skill is shown)"
    ]
