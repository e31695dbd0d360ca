"""`giveget model diff|check|promote`: hold a model against another or new leads."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli import model_against
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
from service.cli.model import Encoding, Events, read_file
from service.cli.model_inputs import Given, outcomes, prepared, scored
from service.cli.places import TABLE, as_given, local_files
from service.cli.policy_file import AsJson, print_json

if TYPE_CHECKING:
    from scoring.evaluation.compare import Difference
    from scoring.evaluation.drift import Comparison
    from scoring.model.model import Model

_Model = Annotated[Path, typer.Argument(help="Model directory.")]
_On = Annotated[
    Path,
    typer.Option(
        "--on", parser=as_given, metavar="PATH", help=f"Leads to compare on: a file, {TABLE}."
    ),
]
_Target = Annotated[
    str | None, typer.Option(help="Column that says who converted; else the model's own.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the `model` group."""
    app.command()(model_against.report)
    app.command()(diff)
    app.command()(check)
    app.command()(promote)


@local_files("on", "events")
def diff(
    one: _Model,
    other: Annotated[Path, typer.Argument(help="The model to compare with it.")],
    on: _On,
    events: Events = None,
    most: Annotated[int, typer.Option(help="Leads to show, furthest first.")] = 20,
    decimal: Decimals = None,
    dates: Dates = None,
    ids: Ids = IdMatch.EXACT,
    duplicates: Repeated = None,
    encoding: Encoding = "utf-8-sig",
    as_json: AsJson = False,
) -> None:
    """Show which leads move between two models, by how much, and because of what."""
    from rich.console import Console
    from rich.table import Table

    from scoring.evaluation.compare import difference

    with refusals():
        asked = asked_of(decimal, dates, ids, duplicates)
        given = Given(
            read_file(on, encoding), None if events is None else read_file(events, encoding), asked
        )
        lead_ids, before = scored(_loaded(one), given, say=True)
        _, after = scored(_loaded(other), given)
        found = difference(lead_ids, before, after, most=most)
    if as_json:
        print_json(_difference_json(found))
        return
    console = Console()
    console.print(
        f"{found.leads:,} leads; they move by {found.mean_absolute_move / 100:.1f} points on "
        f"average; rank correlation {found.rank_correlation:.3f}",
        highlight=False,
    )
    if found.grades:
        changed = ", ".join(f"{a} → {b}: {n}" for a, b, n in found.grades[:8])
        console.print(f"Grades that change most often: {changed}", highlight=False, soft_wrap=True)
    if not found.moves:
        console.print("No lead moves.")
        return
    table = Table("lead", "points", "grade", "because")
    for move in found.moves:
        because = "; ".join(f"{name} {points / 100:+.1f}" for name, points in move.because)
        points = f"{move.before / 100:+.1f} → {move.after / 100:+.1f}"
        table.add_row(move.lead_id, points, f"{move.grade_before} → {move.grade_after}", because)
    console.print(table)


@local_files("on", "events")
def check(
    model: _Model,
    on: _On,
    target: _Target = None,
    positive: Positive = None,
    negative: Negative = None,
    undecided: Undecided = None,
    events: Events = None,
    decimal: Decimals = None,
    dates: Dates = None,
    ids: Ids = IdMatch.EXACT,
    duplicates: Repeated = None,
    encoding: Encoding = "utf-8-sig",
    as_json: AsJson = False,
) -> None:
    """Compare new leads with the training; exit 1 with the reason when they differ too much."""
    from scoring.evaluation.drift import compare
    from scoring.model.fits import fits

    with refusals():
        loaded = _loaded(model)
        asked = asked_of(decimal, dates, ids, duplicates)
        sides = tuple(tuple(side or ()) for side in (positive, negative, undecided))
        export, y = outcomes(loaded, read_file(on, encoding), target, sides, asked)
        given = Given(export, None if events is None else read_file(events, encoding), asked)
        _, columns = prepared(loaded, given, say=True)
        found = compare(loaded, columns, given.export.rows, y)
        read = fits(given.export, loaded.schema, loaded.levels())
    alarms = (*(fit.sentence(with_examples=False) for fit in read if fit.is_grave), *found.alarms)
    if as_json:
        print_json(_comparison_json(found) | {"alarms": alarms})
        if alarms:
            raise typer.Exit(1)
        return
    typer.echo(f"{found.rows:,} leads; score PSI {found.score_psi:.3f}")
    for name, value in found.feature_psi[:5]:
        typer.echo(f"  {name}: PSI {value:.3f}")
    came = "outcomes not given" if found.came is None else f"converted {found.came:.1%}"
    typer.echo(f"said {found.said:.1%}, {came}; base rate in training {found.base_rate_then:.1%}")
    if alarms:
        fail("; ".join(alarms), code=1)
    typer.echo("like the training")


@local_files("on", "events")
def promote(
    model: _Model,
    to: Annotated[
        Path | None,
        typer.Option(help="Directory the service reads its model from; else its setting's."),
    ] = None,
    on: Annotated[
        Path | None,
        typer.Option(
            "--on",
            parser=as_given,
            metavar="PATH",
            help="The newest leads with outcomes, unseen by both.",
        ),
    ] = None,
    target: _Target = None,
    positive: Positive = None,
    negative: Negative = None,
    undecided: Undecided = None,
    events: Events = None,
    decimal: Decimals = None,
    dates: Dates = None,
    ids: Ids = IdMatch.EXACT,
    duplicates: Repeated = None,
    encoding: Encoding = "utf-8-sig",
) -> None:
    """Put a model in the serving place, only if it beats the one there and the base rate.

    Without a model in that place yet, a verdict of skill on its own newest leads is enough.
    """
    from scoring.evaluation.compare import contest
    from scoring.model.artifact import copy_model

    to = to or _serving_place()
    with refusals():
        challenger = _loaded(model)
        incumbent = _loaded(to) if to.exists() else None
        if on is None:
            if incumbent is not None:
                fail("a model serves already; name the newest leads with --on to compare on")
            if challenger.verdict != "skill":
                fail(f"not promoted, verdict {challenger.verdict}: {challenger.why}", code=1)
        else:
            asked = asked_of(decimal, dates, ids, duplicates)
            sides = tuple(tuple(side or ()) for side in (positive, negative, undecided))
            export, y = outcomes(challenger, read_file(on, encoding), target, sides, asked)
            if y is None:
                fail("the leads have no outcomes; name their column with --target")
            rate = challenger.facts["background"]["base_rate"]
            given = Given(export, None if events is None else read_file(events, encoding), asked)
            _, ours = scored(challenger, given, say=True)
            theirs = None
            if incumbent is not None:
                theirs = scored(incumbent, given)[1].probability
            result = contest(y, ours.probability, theirs, rate)
            low, high = result.gain_interval
            typer.echo(
                f"log loss {result.challenger:.4f}, incumbent "
                f"{'none' if result.incumbent is None else f'{result.incumbent:.4f}'}, base rate "
                f"{result.base_rate:.4f}; gain {result.gain:+.4f} (95%: {low:+.4f} to {high:+.4f})"
            )
            if not result.is_won:
                fail("not promoted: it is not shown to beat both on these leads", code=1)
        copy_model(model, to)
    typer.echo(f"model {challenger.id} serves from {to}")


def _difference_json(found: Difference) -> dict[str, object]:
    """Points in hundredths become points; a correlation that there is none of is null."""
    rank = found.rank_correlation
    moves = [
        {
            "lead": move.lead_id,
            "points_before": move.before / 100,
            "points_after": move.after / 100,
            "grade_before": move.grade_before,
            "grade_after": move.grade_after,
            "because": [{"feature": name, "points": of / 100} for name, of in move.because],
        }
        for move in found.moves
    ]
    return {
        "leads": found.leads,
        "mean_absolute_move": found.mean_absolute_move / 100,
        "rank_correlation": None if math.isnan(rank) else rank,
        "grades": [{"before": a, "after": b, "leads": n} for a, b, n in found.grades],
        "moves": moves,
    }


def _comparison_json(found: Comparison) -> dict[str, object]:
    return {
        "leads": found.rows,
        "score_psi": found.score_psi,
        "features": [{"feature": name, "psi": value} for name, value in found.feature_psi],
        "expected_rate": found.said,
        "converted_rate": found.came,
        "training_base_rate": found.base_rate_then,
    }


def _serving_place() -> Path:
    """Where the service reads its model from, by its settings."""
    from service.errors import ConfigurationError
    from service.settings import read_settings

    try:
        place = read_settings().model
    except ConfigurationError as error:
        fail(str(error))
    if place is None:
        fail(
            "no directory to promote into: set GIVEGET_MODEL as the service has it, or name it "
            "with --to"
        )
    return place


def _loaded(directory: Path) -> Model:
    from scoring.model.model import Model

    return Model.load(directory)
