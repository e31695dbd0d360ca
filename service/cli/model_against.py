"""`giveget model report`: what a model is, and whether it beats the score somebody has."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
from service.cli.model import Encoding, Events, read_file, weight_of_scorecard
from service.cli.model_inputs import Given, outcomes, scored
from service.cli.places import as_given, local_files
from service.cli.policy_file import AsJson, print_json

if TYPE_CHECKING:
    from scoring.evaluation.against import Against
    from scoring.evaluation.metrics import Labels
    from scoring.files.export import Export
    from scoring.model.model import Model


@local_files("on", "events")
def report(
    model: Annotated[Path, typer.Argument(help="Model directory.")],
    on: Annotated[
        Path | None,
        typer.Option(
            "--on",
            parser=as_given,
            metavar="PATH",
            help="Leads with outcomes, newer than any the model learnt from.",
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(help="Column with the score you have: a number, higher for better leads."),
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="Column that says who converted; else the model's own.")
    ] = None,
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
    """Say what a model is and where its report lies; with --against, hold it beside your score."""
    from scoring.dataset.headings import tells_outcome
    from scoring.model.model import Model

    if (on is None) != (against is None):
        fail("--on LEADS and --against COLUMN go together: which leads, and where your score is")
    with refusals():
        loaded = Model.load(model)
        if on is None or against is None:
            if as_json:
                print_json(_model_json(loaded, model))
            else:
                _tell(loaded, model)
            return
        from scoring.evaluation import against as comparing

        asked = asked_of(decimal, dates, ids, duplicates)
        sides = tuple(tuple(side or ()) for side in (positive, negative, undecided))
        leads = read_file(on, encoding)
        if against == (target or loaded.schema.target_column):
            fail(f'--against "{against}" is the outcome itself; name the column of your score')
        form = comparing.decimal_of(leads, against, asked)
        export, y = outcomes(loaded, leads, target, sides, asked)
        if y is None:
            fail("the leads have no outcomes; name their column with --target")
        export, y, is_told = _unseen(loaded, export, y, is_beside=as_json)
        theirs = comparing.their_scores(export, against, form)
        given = Given(export, None if events is None else read_file(events, encoding), asked)
        ours = scored(loaded, given, say=True)[1].probability
        has = theirs == theirs  # NaN is not itself
        found = comparing.against(y[has], ours[has], theirs[has])
    if form is not None:
        typer.echo(f"{against}: read as numbers with a decimal {form}", err=True)
    if missing := len(has) - int(has.sum()):
        typer.echo(f"{missing:,} leads without a number in {against} are left out", err=True)
    if tells_outcome(against):
        typer.echo(
            f"{against}: its name says how a trial ended; a number that is known only then is no "
            "score to compare with",
            err=True,
        )
    if against in {attribute.name for attribute in loaded.schema.attributes}:
        typer.echo(f"the model learnt from {against} itself: train one without it", err=True)
    if as_json:
        print_json(_against_json(found) | {"is_unseen": is_told})
        return
    _show(found, against)
    if not is_told:
        typer.echo("Fair only on leads newer than any the model learnt from.")


def _unseen(
    model: Model, export: Export, y: Labels, *, is_beside: bool
) -> tuple[Export, Labels, bool]:
    """The leads that signed up after all the model learnt from, and whether that can be told.

    Said first, or `is_beside` on stderr; nothing is compared where all of them are as old.
    """
    from scoring.dataset.dataset import read_leads

    told = model.facts.get("learnt_until")
    times = [lead.signed_up_at for lead in read_leads(export, model.schema)]
    if told is None or not any(times):
        why = "the model does not know" if told is None else "these leads do not say"
        typer.echo(
            f"Whether the model learnt from these leads cannot be told: {why} when they signed up.",
            err=is_beside,
        )
        return export, y, False
    until = datetime.fromisoformat(told)
    newer = [i for i, at in enumerate(times) if at is not None and at > until]
    if not newer:
        fail(
            f"no verdict: the model was made from leads up to {until:%-d %B %Y}, and all "
            f"{len(times):,} of these are as old; compare on leads that signed up since, or train "
            "on the older part of your leads and compare on the newer"
        )
    if left_out := len(times) - len(newer):
        typer.echo(
            f"{left_out:,} of {len(times):,} leads are as old as those the model was made from (up "
            f"to {until:%-d %B %Y}) and are left out.",
            err=is_beside,
        )
    return export.take(newer), y[newer], True


def _tell(model: Model, directory: Path) -> None:
    for sentence in model.facts.get("in_words", []):
        typer.echo(sentence)
    typer.echo(f"Model {model.id}: {model.kind}, verdict {model.verdict}{_made_from(model)}")
    typer.echo(f"{model.why}.")
    for line in weight_of_scorecard(model):
        typer.echo(line)
    for sentence in model.facts.get("sentences", []):
        typer.echo(sentence)
    typer.echo(f"Report: {directory / 'report.html'}")


def _model_json(model: Model, directory: Path) -> dict[str, object]:
    facts = model.facts
    return {
        "model": model.id,
        "kind": model.kind,
        "verdict": model.verdict,
        "why": model.why,
        "in_words": list(facts.get("in_words", [])),
        "sentences": list(facts.get("sentences", [])),
        "leads": facts.get("leads"),
        "rows": facts.get("rows"),
        "learnt_until": facts.get("learnt_until"),
        "scorecard": facts.get("scorecard") or None,
        "report": str(directory / "report.html"),
    }


def _against_json(found: Against) -> dict[str, object]:
    return {
        "leads": found.leads,
        "buyers": found.buyers,
        "auc": {"theirs": found.theirs, "ours": found.ours, "difference_95": found.difference},
        "held": [
            {
                "part": held.part,
                "theirs": held.theirs,
                "ours": held.ours,
                "difference_95": held.difference,
            }
            for held in found.held
        ],
        "sentences": [f"{sentence}." for sentence in found.sentences()],
    }


def _made_from(model: Model) -> str:
    """How many leads it was made from, and as how many rows where that is another number."""
    leads, rows = model.facts.get("leads"), model.facts.get("rows")
    if not leads:
        return ""
    counted = "" if rows == leads else f" ({rows:,} rows)"
    return f"; made from {leads:,} leads{counted}"


def _show(found: Against, against: str) -> None:
    """The two sentences, and both gain curves as a table."""
    from rich.console import Console
    from rich.table import Table

    for sentence in found.sentences():
        typer.echo(f"{sentence}.")
    table = Table("best", against, "ours", "difference (95%)", title="Buyers held")
    for held in found.held:
        low, high = held.difference
        table.add_row(
            f"{held.part:.0%}",
            f"{held.theirs:.0%}",
            f"{held.ours:.0%}",
            f"{100 * (held.ours - held.theirs):+.0f} ({100 * low:+.0f} to {100 * high:+.0f})",
        )
    Console().print(table)
