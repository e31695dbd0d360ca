"""`giveget model replay LEAD`: work a lead's past scores out again from what was stored."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.cli.fail import fail, refusals
from service.cli.policy_file import AsJson, print_json


def register(app: typer.Typer) -> None:
    """Add the command to the `model` group."""
    app.command()(replay)


def replay(
    lead: Annotated[str, typer.Argument(help="The lead's id.")],
    model: Annotated[
        list[Path] | None,
        typer.Option(help="A model directory that scored it; else the serving one (repeat it)."),
    ] = None,
    as_json: AsJson = False,
    db: Annotated[str | None, typer.Option("--db", help="The store's URL.")] = None,
) -> None:
    """Say of every past score whether it comes out the same; exit 1 with the reason if not."""
    from dataclasses import asdict

    from scoring.learners.scorecard import Scorecard
    from scoring.model.model import Model
    from service.db import Store
    from service.errors import ConfigurationError, Refusal
    from service.settings import read_settings
    from service.use_cases.views.score_replay import replay as replayed

    try:
        settings = read_settings(db=db)
        given = model or ([settings.model] if settings.model else [])
        with refusals():
            models = [Scorecard.shipped(), *(Model.load(directory) for directory in given)]
        store = Store(settings.db)
        try:
            found = store.read_now(lambda connection: replayed(connection, lead, models))
        finally:
            store.close()
    except (ConfigurationError, Refusal) as error:
        fail(str(error))
    if as_json:
        print_json([asdict(one) | {"at": one.at.isoformat()} for one in found])
    for one in () if as_json else found:
        again = "" if one.again is None else f"  again {one.again:+.2f}"
        said = one.why or "the same, to the last reason"
        typer.echo(f"{one.at:%Y-%m-%d %H:%M:%S}Z  {one.points:+.2f} points{again}  {said}")
    wrong = sum(one.why is not None for one in found)
    if wrong:
        fail(f"{wrong} of {len(found)} past scores do not come out again", code=1)
    if not as_json:
        typer.echo(f"all {len(found)} past scores of {lead} come out the same")
