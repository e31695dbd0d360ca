"""The leads, events and outcomes to hold models against, and what is said of how they read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from scoring.evaluation.metrics import Labels
    from scoring.files.export import Export
    from scoring.files.reading import Asked
    from scoring.leads.columns import Column
    from scoring.model.model import Model, Scores


@dataclass(frozen=True, slots=True)
class Given:
    """The leads and events to hold models against, and how they are to be read."""

    export: Export
    events: Export | None
    asked: Asked


def prepared(
    model: Model, given: Given, *, say: bool = False
) -> tuple[list[str], Mapping[str, Column]]:
    """The leads' ids and the model's columns, each lead as of its sign-up."""
    from scoring.dataset.dataset import read_leads
    from scoring.dataset.lead_ids import distinct_leads, events_of
    from scoring.model.feature_values import History, feature_columns, moment
    from scoring.model.fits import fits

    export = distinct_leads(given.export, model.schema.id_column, given.asked)
    leads = read_leads(export, model.schema)
    sentences = [fit.sentence() for fit in fits(export, model.schema, model.levels())]
    history = None
    if given.events is not None:
        by_lead, share = events_of(leads, export.path.name, given.events, given.asked)
        history = History.of(leads, by_lead)
        sentences += [share, *(f"{given.events.path.name}: {n}" for n in given.events.notes)]
    for sentence in (*export.notes, *sentences) if say else ():
        typer.echo(sentence, err=True)
    moments = [moment(lead, history, lead.signed_up_at) for lead in leads]
    return [lead.id for lead in leads], feature_columns(model.features, moments)


def scored(model: Model, given: Given, *, say: bool = False) -> tuple[list[str], Scores]:
    ids, columns = prepared(model, given, say=say)
    return ids, model.score_columns(columns, len(ids))


def outcomes(
    model: Model,
    export: Export,
    target: str | None,
    sides: tuple[tuple[str, ...], ...],
    asked: Asked,
) -> tuple[Export, Labels | None]:
    """The leads that are decided and their outcomes, when the export has a column for them.

    Of the model's own target, values that nobody names mean what they meant in training.
    """
    from scoring.dataset.lead_ids import distinct_leads
    from scoring.dataset.target import held, read_target

    export = distinct_leads(export, model.schema.id_column, asked)
    column = target or model.schema.target_column
    if column is None or (target is None and column not in export.columns):
        return export, None
    if not any(sides) and column == model.schema.target_column and model.schema.target_values:
        positive, *others = model.schema.target_values
        sides = (positive, *(held(export, column, values) for values in others))
    read = read_target(export, column, *sides)
    for sentence in read.sentences():
        typer.echo(sentence, err=True)
    decided = (~read.is_open).nonzero()[0]
    return export.take(decided.tolist()), read.y[decided]
