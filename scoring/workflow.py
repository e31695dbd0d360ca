"""From an export to a trained model: the steps in their order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from scoring.dataset import build_dataset, lead_order, read_events, read_leads, read_target
from scoring.export import Export
from scoring.infer import Options, infer_schema, outcome_column
from scoring.leakage import find_leaks, without
from scoring.train import Progress, Trained, shuffled, train
from scoring.values import as_time, present, time_form


def train_export(
    export: Export,
    options: Options,
    *,
    file_order: bool = False,
    events: Export | None = None,
    progress: Progress = lambda step: None,
) -> Trained:
    """Read, label, order, train; raises `DataError` naming what cannot be used."""
    y = read_target(export, options.target or "", options.positive)
    order = lead_order(export, options.time_column, file_order=file_order)
    won_at, won_column = _converted_at(export, options)
    schema, notes = infer_schema(export, options, knows_outcome=won_column)
    leads = read_leads(export, schema)
    happened = read_events(events) if events else None
    latest = max(
        (event.known_at for found in (happened or {}).values() for event in found), default=None
    )
    progress("computing features")
    data = build_dataset(
        leads,
        y,
        schema,
        order=order,
        events=happened,
        converted_at=won_at,
        observed_until=latest if won_at else None,
    )
    progress("looking for columns that know the outcome")
    at_signup = data.first_rows()
    names = [attribute.name for attribute in schema.attributes]
    leaks = find_leaks(at_signup if data.is_ordered else shuffled(at_signup), names, options.keep)
    dropped = [leak.column for leak in leaks if leak.verdict == "dropped"]
    kept = tuple(a for a in schema.attributes if a.name not in dropped)
    return train(
        without(data, dropped),
        replace(schema, attributes=kept),
        notes=(*export.notes, *notes),
        leaks=leaks,
        progress=progress,
    )


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
