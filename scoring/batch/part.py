"""Scores one table of leads: facts are read row by row, counters and sums by column."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from scoring.batch.counting import (
    count,
    count_colleagues,
    days_of,
    event_frame,
    kind_frame,
    members_of,
    moments_of,
)
from scoring.batch.table import lead_table, read_as_of
from scoring.contact import read_contact
from scoring.dataset.lead_ids import distinct_leads
from scoring.features import Feature, Moment
from scoring.files.event_file import event_rows, forms_of
from scoring.files.export import Export
from scoring.files.reading import AS_IT_IS, Asked
from scoring.leads.colleagues import FEATURE as COLLEAGUES
from scoring.leads.columns import Column, NumberColumn, column
from scoring.leads.counters_frame import COUNTERS, EPOCH, counters_of
from scoring.leads.lead import Lead
from scoring.model.model import Model

_TIMES = frozenset({"signed_up_at", "trial_started_at", "trial_ends_at"})


def score_export(
    export: Export,
    model: Model,
    *,
    as_of: str | None = None,
    events: Export | None = None,
    with_reasons: bool = False,
    asked: Asked = AS_IT_IS,
) -> pl.DataFrame:
    """A frame with `id`, `probability`, `points`, `grade`, and with `with_reasons` the parts.

    `as_of` is a time or the name of a column of times; without it each lead is scored as of its
    sign-up. Raises `DataError` for a time that cannot be read and an id that is empty or repeated.
    """
    export = distinct_leads(export, model.schema.id_column, asked)
    table = lead_table(export, model, read_as_of(as_of, [export], asked), asked)
    counters = None
    if events is not None:
        rows = event_rows(events, forms_of([events], asked), fold=asked.fold_ids)
        kinds = kind_frame(rows.names)
        happened = event_frame(rows).lazy()
        counters = count(happened, moments_of(table.lazy()), kinds.lazy())
        if model.asks_for_colleagues:
            active = count_colleagues(days_of(happened), members_of(table.lazy()))
            counters = counters.join(active, on="row", how="left")
    return score_table(table, counters, model, with_reasons=with_reasons).drop("row")


def score_table(
    table: pl.DataFrame, counters: pl.DataFrame | None, model: Model, *, with_reasons: bool
) -> pl.DataFrame:
    """The scores of a `lead_table`, beside each lead's `row`.

    `counters` are rolled-up rows by `row`, with the active colleagues where the model asks for
    them; `None` where no events are connected.
    """
    if counters is not None:
        table = table.join(counters, on="row", how="left", maintain_order="left")
    scores = model.score_columns(_columns(table, model.features), table.height)
    columns: dict[str, object] = {
        "row": table["row"],
        "id": table["id"],
        "probability": scores.probability,
        "points": scores.hundredths / 100,
        "grade": pl.Series(scores.grade, dtype=pl.String),
    }
    if with_reasons:
        columns["base_points"] = np.full(table.height, scores.base / 100)
        columns["fit_points"] = scores.fit / 100
        columns["engagement_points"] = scores.engagement / 100
        for name, added in scores.reasons.items():
            columns[f"reason:{name}"] = added / 100
    return pl.DataFrame(columns)


def _columns(table: pl.DataFrame, features: Sequence[Feature]) -> dict[str, Column]:
    """Every feature's values: attributes and counters as they are, the rest lead by lead."""
    columns: dict[str, Column] = {}
    rest: list[Feature] = []
    counted = None
    if "distinct_names" in table.columns:
        names = [name for name in (*COUNTERS, COLLEAGUES) if name in table.columns]
        counted = counters_of({name: _floats(table[name]) for name in names})
    for feature in features:
        if f"attribute:{feature.name}" in table.columns:
            values = table[f"attribute:{feature.name}"]
            is_number = feature.kind == "number"
            columns[feature.name] = (
                NumberColumn(_floats(values)) if is_number else column("category", values.to_list())
            )
        elif feature.counted is not None:
            found: Any = np.nan if counted is None else feature.counted(counted)
            columns[feature.name] = NumberColumn(np.broadcast_to(found, table.height))
        else:
            rest.append(feature)
    moments = _moments(table) if rest else []
    for feature in rest:
        columns[feature.name] = column(feature.kind, [feature.value(m) for m in moments])
    return columns


def _floats(values: pl.Series) -> Any:
    return values.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _moments(table: pl.DataFrame) -> list[Moment]:
    """Each lead with its known fields and contact facts; its attributes are read by column."""
    fields: dict[str, list[Any]] = {}
    for series in table.iter_columns():
        kind, _, name = series.name.partition(":")
        if kind == "field":
            fields[name] = _field(name, series)
    moments = []
    nows = [_time(us) for us in table["as_of_us"].to_list()]
    rows = zip(*fields.values(), strict=True) if fields else [()] * table.height
    for lead_id, now, values in zip(table["id"].to_list(), nows, rows, strict=True):
        lead = Lead(id=lead_id, **dict(zip(fields, values, strict=True)))
        contact = read_contact(
            email=lead.email, phone=lead.phone, title=lead.title, country=lead.country
        )
        moments.append(Moment(lead=lead, contact=contact, counters=None, now=now))
    return moments


def _field(name: str, series: pl.Series) -> list[Any]:
    values = series.to_list()
    if name in _TIMES:
        return [_time(us) for us in values]
    return [None if v is None else int(v) for v in values] if name == "seats" else values


def _time(us: int | None) -> datetime | None:
    return None if us is None else EPOCH + timedelta(microseconds=us)
