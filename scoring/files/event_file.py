"""An events file: a column each for lead, name and time, by their usual names.

A file without its own event ids counts every row once; without `received_at`, an event was
known when it happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from scoring.errors import DataError
from scoring.files.export import Export
from scoring.files.values import TIME_FORMS, as_category, as_time, present
from scoring.leads.lead import Value

_USUAL = {
    "lead": ("lead_id", "user_id", "id_lead", "lead"),
    "name": ("name", "event", "event_name"),
    "time": ("at", "timestamp", "time", "time_stamp"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRows:
    """Events in the order of their file, column by column; `known_at` is never before `at`."""

    lead_ids: Sequence[str]
    ids: Sequence[str]
    names: Sequence[str]
    at: Sequence[datetime]
    known_at: Sequence[datetime]


def event_rows(export: Export, form: str) -> EventRows:
    """The events of a file, or of a part of one, whose times are written in `form`.

    Raises `DataError` naming the missing column, or the row of a time that cannot be read.
    """
    leads = [str(as_category(v)) for v in export.columns[_column(export, "lead")]]
    names = [str(v) for v in export.columns[_column(export, "name")]]
    happened = _times(export.columns[_column(export, "time")], form)
    at = [time for time in happened if time is not None]
    if len(at) < len(happened):
        row = export.first_row + happened.index(None) + 1
        raise DataError(f"{export.path.name}, row {row}: the time cannot be read; mend it")
    received = _times(export.columns.get("received_at", []), "iso") or [None] * export.rows
    known = [max(time, got) if got else time for time, got in zip(at, received, strict=True)]
    return EventRows(lead_ids=leads, ids=_ids(export), names=names, at=at, known_at=known)


def time_column(export: Export) -> str:
    """The column of the events' times; raises `DataError` when there is none."""
    return _column(export, "time")


def _column(export: Export, what: str) -> str:
    for name in _USUAL[what]:
        if name in export.columns:
            return name
    raise DataError(
        f"{export.path.name} has no column for the event's {what}; "
        f"name one {' or '.join(_USUAL[what])}"
    )


def _ids(export: Export) -> list[str]:
    """The events' own ids; one without any is an event of its own."""
    given = export.columns.get("id") or export.columns.get("event_id") or [None] * export.rows
    return [
        f"row {row}" if present(value, ()) is None else str(value)
        for row, value in enumerate(given, start=export.first_row + 1)
    ]


def _times(values: Iterable[Value], form: str) -> list[datetime | None]:
    """Each distinct text read once."""
    known: dict[Value, datetime | None] = {}
    found = []
    for value in values:
        if value not in known:
            known[value] = as_time(value, form)
        found.append(known[value])
    return found


def form_of(parts: Iterable[Sequence[Value]]) -> str:
    """The one form in which all times of a column given in parts are written, as `time_form`.

    Asks for no more parts than it needs; `"iso"` when none fits, so that reading names the row.
    """
    forms: tuple[str, ...] = TIME_FORMS
    for part in parts:
        texts = {str(v) for v in (present(v, ()) for v in part) if v is not None}
        forms = tuple(f for f in forms if all(as_time(text, f) for text in texts))
        if len(forms) <= 1:
            break
    return forms[0] if forms else "iso"
