"""`giveget recount`: the kept figures are counted as for the first time."""

from __future__ import annotations

from typing import Annotated

import typer

from service.cli.opened import opened


def recount(
    db: Annotated[str | None, typer.Option("--db", help="The store's URL.")] = None,
) -> None:
    """Count all kept figures again: the worker does, and pages count every row meanwhile.

    For example, after `giveget doctor` found some wrong: `giveget recount --db sqlite:///…`.
    """
    from service.domain.actor import OPERATOR
    from service.use_cases.tx import transact_now
    from service.use_cases.views import kept_figures

    with opened(db) as runtime:
        marks = transact_now(runtime, kept_figures.recount, actor=OPERATOR)
    typer.echo(f"{marks:,} leads are to be counted again by the worker")
