"""From an export to a trained model: the steps in their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from scoring.dataset.dataset import build_dataset, lead_order, read_events, read_leads, read_target
from scoring.dataset.infer import Options, infer_schema, outcome_column
from scoring.dataset.maturity import label
from scoring.errors import DataError
from scoring.evaluation.leakage import find_leaks, without
from scoring.evaluation.tuning import Budget
from scoring.files.export import Export
from scoring.files.values import as_time, present, time_form
from scoring.leads.lead import Event, Lead
from scoring.training.train import Progress, Trained, shuffled, train


def train_export(
    export: Export,
    options: Options,
    *,
    file_order: bool = False,
    events: Export | None = None,
    budget: Budget | None = None,
    progress: Progress = lambda step: None,
) -> Trained:
    """Read, label, order, train within `budget`; raises `DataError` naming what cannot be used."""
    y = read_target(export, options.target or "", options.positive)
    order = lead_order(export, options.time_column, file_order=file_order)
    won_at, won_column = _converted_at(export, options)
    schema, notes = infer_schema(export, options, knows_outcome=won_column)
    leads = read_leads(export, schema)
    happened = read_events(events) if events else None
    observed_until = _observed_until(leads, won_at, happened)
    labels = label(leads, y, won_at, observed_until, options.horizon_days)
    kept = np.flatnonzero(labels.old_enough)
    if len(kept) == 0:
        raise DataError(
            f"{export.path.name}: every lead is younger than the horizon when the data end; "
            "name a shorter --horizon, or export older leads"
        )
    progress("computing features")
    data = build_dataset(
        [leads[i] for i in kept.tolist()],
        labels.y[kept],
        schema,
        order=None if order is None else _renumbered(order, kept),
        events=happened,
        converted_at=None if won_at is None else [won_at[i] for i in kept.tolist()],
        observed_until=observed_until if won_at else None,
        horizon=labels.horizon,
    )
    progress("looking for columns that know the outcome")
    at_signup = data.first_rows()
    names = [attribute.name for attribute in schema.attributes]
    leaks = find_leaks(at_signup if data.is_ordered else shuffled(at_signup), names, options.keep)
    dropped = [leak.column for leak in leaks if leak.verdict == "dropped"]
    attributes = tuple(a for a in schema.attributes if a.name not in dropped)
    return train(
        without(data, dropped),
        replace(schema, attributes=attributes),
        notes=(*export.notes, *notes),
        about_labels=labels.sentence,
        leaks=leaks,
        budget=budget or Budget(),
        progress=progress,
    )


def _observed_until(
    leads: Sequence[Lead],
    won_at: Sequence[datetime | None] | None,
    events: Mapping[str, Sequence[Event]] | None,
) -> datetime | None:
    """The latest moment the data know of."""
    moments = [lead.signed_up_at for lead in leads]
    moments += list(won_at or ())
    moments += [event.known_at for found in (events or {}).values() for event in found]
    return max((at for at in moments if at is not None), default=None)


def _renumbered(order: NDArray[np.int64], kept: NDArray[np.int64]) -> NDArray[np.int64]:
    """The order of the kept rows, by their new numbers."""
    place = np.full(len(order), -1, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    moved = place[order]
    return moved[moved >= 0]


def _converted_at(
    export: Export, options: Options
) -> tuple[list[datetime | None] | None, str | None]:
    """When each lead converted and the column that says so, if the export has one."""
    column = outcome_column(export)
    if column is None or column in (options.target, *options.drop, *options.keep):
        return None, None
    texts = [present(v, options.missing) for v in export.columns[column]]
    form = time_form({str(v) for v in texts if v is not None})
    return ([as_time(v, form) for v in texts], column) if form else (None, None)
