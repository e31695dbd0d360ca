"""An events file: a column each for lead, name and time, by their usual names.

A file without its own event ids counts every row once; without `received_at`, an event was
known when it happened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from unicodedata import normalize

from scoring.errors import DataError
from scoring.files.export import Export
from scoring.files.ids import id_key
from scoring.files.reading import Asked, FileEvidence
from scoring.files.time_evidence import TimeEvidence
from scoring.files.values import as_category, as_time, present
from scoring.leads.lead import Value

_USUAL = {
    "lead": (
        *("lead_id", "user_id", "id_lead", "lead", "contact_id", "person_id", "prospect_id"),
        *("customer_id", "distinct_id", "external_id"),
    ),
    "name": (
        *("event_name", "event", "name", "event_type", "activity", "activity_type", "action"),
        *("ereignis", "evenement", "evento"),
    ),
    "time": (
        *("at", "timestamp", "time", "time_stamp", "occurred_at", "event_time", "event_date"),
        *("event_timestamp", "activity_date", "date_time", "created_at", "date", "zeitpunkt"),
        *("zeitstempel", "datum", "horodatage", "fecha", "data"),
    ),
    "received_at": ("received_at",),
    "id": ("id", "event_id"),
}
"""Names of the columns, the surest first, compared by their letters and digits alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRows:
    """Events in the order of their file, column by column; `known_at` is never before `at`.

    `lead_ids` are keys, as `id_key` makes them of whatever spelling.
    """

    lead_ids: Sequence[str]
    ids: Sequence[str]
    names: Sequence[str]
    at: Sequence[datetime]
    known_at: Sequence[datetime]


def event_rows(export: Export, forms: Mapping[str, str], *, fold: bool = False) -> EventRows:
    """The events of a file, or of a part of one, whose times are written in `forms`.

    Raises `DataError` naming the missing column, or the row of a time that cannot be read.
    """
    leads = [
        id_key(str(as_category(v)), fold=fold) for v in export.columns[_column(export, "lead")]
    ]
    names = [str(v) for v in export.columns[_column(export, "name")]]
    column = _column(export, "time")
    at = [time for time in _times(export, column, forms[column]) if time is not None]
    received_at = _named(export, "received_at") or ""
    received = _times(export, received_at, forms.get(received_at, "iso"), may_be_empty=True)
    known = [max(time, got) if got else time for time, got in zip(at, received, strict=True)]
    return EventRows(lead_ids=leads, ids=_ids(export), names=names, at=at, known_at=known)


def time_column(export: Export) -> str:
    """The column of the events' times; raises `DataError` when there is none."""
    return _column(export, "time")


def _column(export: Export, what: str) -> str:
    named = _named(export, what)
    if named is None:
        raise DataError(
            f"{export.path.name} has no column for the event's {what}; "
            f"name one {' or '.join(_USUAL[what][:4])}"
        )
    return named


def _named(export: Export, what: str) -> str | None:
    bare = {_bare(column): column for column in reversed(export.columns)}
    return next((bare[_bare(name)] for name in _USUAL[what] if _bare(name) in bare), None)


def _bare(name: str) -> str:
    letters = normalize("NFKD", name).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


def _ids(export: Export) -> list[str]:
    """The events' own ids; one without any is an event of its own."""
    column = _named(export, "id")
    given = [None] * export.rows if column is None else export.columns[column]
    return [
        f"row {row}" if present(value, ()) is None else str(value)
        for row, value in enumerate(given, start=export.first_row + 1)
    ]


def _times(
    export: Export, column: str, form: str, *, may_be_empty: bool = False
) -> list[datetime | None]:
    """The times of a column, each distinct text read once; raises `DataError` for an unread one."""
    known: dict[Value, datetime | None] = {}
    times: list[datetime | None] = []
    for row, value in enumerate(export.columns.get(column, ())):
        if value not in known:
            kept = present(value, ())
            known[value] = None if kept is None else as_time(kept, form)
            if known[value] is None and (kept is not None or not may_be_empty):
                raise DataError(
                    f"{export.path.name}, {export.where(row)}: the time cannot be read; mend it"
                )
        times.append(known[value])
    return times or [None] * export.rows


def forms_of(parts: Iterable[Export], asked: Asked) -> Mapping[str, str]:
    """The form of each column of times of a file given in parts.

    Asks for no more parts than it needs: what is written as a program writes times reads one way.
    Raises `AmbiguousError` where the order of day and month has to be said.
    """
    evidence: dict[str, TimeEvidence] = {}
    file = ""
    for part in parts:
        file = part.path.name
        for column in filter(None, (time_column(part), _named(part, "received_at"))):
            found = evidence.setdefault(column, TimeEvidence())
            for value, cells in Counter(part.columns.get(column, ())).items():
                kept = present(value, ())
                if kept is not None:
                    found.add(kept, cells)
        if all(found.iso == found.cells for found in evidence.values()):
            break
    known = FileEvidence(file, asked, {}, evidence)
    return {column: known.time_form(column) or "iso" for column in evidence}
