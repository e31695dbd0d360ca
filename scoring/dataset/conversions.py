"""When leads converted: a date only says when; who did says the target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from scoring.dataset.headings import tells_outcome
from scoring.dataset.options import Options
from scoring.files.export import Export
from scoring.files.reading import Reading, evidence_of, reading_of
from scoring.files.times import in_zone_of_heading
from scoring.files.values import as_time, present


def outcome_column(export: Export, options: Options) -> str | None:
    """The column that says when a lead converted, if the export has one by a usual name."""
    named = [column for column in export.columns if tells_outcome(column) == "time"]
    column = options.target if options.target in named else next(iter(named), None)
    return None if column in (*options.drop, *options.keep) else column


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversions:
    """When each lead converted, `None` where it did not or nobody knows; `notes` say what of it."""

    times: list[datetime | None]
    notes: list[str]
    reading: Reading


def conversion_times(
    export: Export, column: str, y: Sequence[int], options: Options, now: datetime
) -> Conversions | None:
    """The dates of the leads that the target calls converted; `None` where no cell is a date.

    A date of another lead is no conversion, and one after `now` has not come yet.
    """
    rows = [row for row, is_won in enumerate(y) if is_won]
    won = export.take(rows)
    form = evidence_of(export, options.missing, options.asked, [column]).time_form(column)
    if form is None:
        return None
    form = in_zone_of_heading(form, column)
    reading = reading_of(
        won, column, options.missing, lambda v: as_time(v, form), read_as="time", form=form
    )
    times: list[datetime | None] = [None] * export.rows
    future = 0
    for row in rows:
        value = present(export.columns[column][row], options.missing)
        at = None if value is None else as_time(value, form)
        future += at is not None and at > now
        times[row] = None if at is None or at > now else at
    if not any(times):
        return None
    others = sum(
        present(value, options.missing) is not None and not is_won
        for value, is_won in zip(export.columns[column], y, strict=True)
    )
    notes = []
    if others:
        notes.append(f"{column}: {others:,} dates of leads that did not convert are no conversions")
    if future:
        notes.append(f"{column}: {future:,} dates after {now:%-d %B %Y} are read as not known")
    return Conversions(times=times, notes=notes, reading=reading)
