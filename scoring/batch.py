"""Scores a whole export: one row a lead, the same numbers as online."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

from scoring.dataset import moment, read_leads
from scoring.errors import DataError
from scoring.export import Export
from scoring.lead import Event
from scoring.model import Model
from scoring.values import as_time, present, time_form


def score_export(
    export: Export,
    model: Model,
    *,
    as_of: str | None = None,
    events: Mapping[str, Sequence[Event]] | None = None,
    with_reasons: bool = False,
) -> pl.DataFrame:
    """A frame with `id`, `probability`, `points`, `grade`, and with `with_reasons` the parts.

    `as_of` is a time or the name of a column of times; without it each lead is scored as of its
    sign-up. Raises `DataError` for a time that cannot be read.
    """
    leads = read_leads(export, model.schema)
    moments_as_of = _moments_as_of(export, as_of)
    moments = [
        moment(lead, events, now or lead.signed_up_at)
        for lead, now in zip(leads, moments_as_of, strict=True)
    ]
    scores = model.score_moments(moments)
    columns: dict[str, object] = {
        "id": [lead.id for lead in leads],
        "probability": scores.probability,
        "points": scores.hundredths / 100,
        "grade": scores.grade,
    }
    if with_reasons:
        columns["base_points"] = [scores.base / 100] * len(leads)
        columns["fit_points"] = scores.fit / 100
        columns["engagement_points"] = scores.engagement / 100
        for name, added in scores.reasons.items():
            columns[f"reason:{name}"] = added / 100
    return pl.DataFrame(columns)


def _moments_as_of(export: Export, as_of: str | None) -> Sequence[datetime | None]:
    if as_of is None:
        return [None] * export.rows
    if as_of not in export.columns:
        now = as_time(as_of)
        if now is None:
            raise DataError(
                f'--as-of "{as_of}" is neither a column of {export.path.name} nor a time; '
                "write it like 2026-11-01T09:00:00Z"
            )
        return [now] * export.rows
    texts = [present(v, ()) for v in export.columns[as_of]]
    form = time_form({str(v) for v in texts if v is not None})
    times = [as_time(v, form or "iso") for v in texts]
    if None in times:
        raise DataError(
            f'{export.path.name}, row {times.index(None) + 1}: "{as_of}" holds no time there; '
            "mend it or leave the lead out"
        )
    return times


def write_scores(frame: pl.DataFrame, path: Path) -> None:
    """Write CSV, or Parquet when the path ends in `.parquet`; an older file is replaced whole.

    Raises `DataError` when the path cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.part")
    try:
        if path.suffix == ".parquet":
            frame.write_parquet(unfinished)
        else:
            frame.write_csv(unfinished)
        unfinished.replace(path)
    except OSError as error:
        raise DataError(
            f"{path} cannot be written ({error.strerror}); name another --out"
        ) from error
