"""A part of an export as a table of admitted leads, read column by column.

Each distinct value of a column is read once, by the same functions that read one lead online
(`Schema.read_field`, `Attribute.read`). The table holds what any engine can carry: text, whole
microseconds, numbers. Its columns are `row` (in the file, from 0), `id`, `key` (by which events
name it), `as_of_us`, one `field:…` a known field and one `attribute:…` an attribute the model
uses; where the model asks for colleagues, also `account` and `since_us`, the sign-up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

import polars as pl

from scoring.contact.mailbox import read_mailbox
from scoring.contact.record import account_domain
from scoring.errors import DataError
from scoring.files.export import Export
from scoring.files.ids import id_key
from scoring.files.reading import AS_IT_IS, Asked, FileEvidence
from scoring.files.time_evidence import TimeEvidence
from scoring.files.values import as_category, as_time, present
from scoring.leads.counters_frame import microseconds
from scoring.leads.lead import Value
from scoring.model.model import Model
from scoring.model.schema import Schema

_TYPES: Mapping[str, type[pl.DataType]] = {
    "seats": pl.Float64,
    "do_not_email": pl.Boolean,
    "do_not_call": pl.Boolean,
    "signed_up_at": pl.Int64,
    "trial_started_at": pl.Int64,
    "trial_ends_at": pl.Int64,
}
"""The known fields that are no text; times are microseconds."""


@dataclass(frozen=True, slots=True)
class AsOf:
    """The moment leads are scored at: one time, a column of times, or each one's own sign-up."""

    time: datetime | None = None
    column: str | None = None
    form: str = "iso"


def read_as_of(text: str | None, parts: Iterable[Export], asked: Asked = AS_IT_IS) -> AsOf:
    """What `--as-of` asks for; raises `DataError` when it is neither a column nor a time."""
    if text is None:
        return AsOf()
    rest = iter(parts)
    first = next(rest)
    if text in first.columns:
        evidence = TimeEvidence()
        for part in chain([first], rest):
            for value, cells in Counter(present(v, ()) for v in part.columns[text]).items():
                if value is not None:
                    evidence.add(value, cells)
        known = FileEvidence(first.path.name, asked, {}, {text: evidence})
        return AsOf(column=text, form=known.time_form(text) or "iso")
    time = as_time(text)
    if time is None:
        raise DataError(
            f'--as-of "{text}" is neither a column of {first.path.name} nor a time; '
            "write it like 2026-11-01T09:00:00Z"
        )
    return AsOf(time=time)


def lead_table(export: Export, model: Model, as_of: AsOf, asked: Asked = AS_IT_IS) -> pl.DataFrame:
    """The leads of a part, admitted by the model's schema.

    Raises `DataError` for a lead without an id or without a time in the `as_of` column.
    """
    schema = model.schema
    fields = _fields(export, schema)
    rows = range(export.first_row, export.first_row + export.rows)
    ids = _ids(export, schema)
    table: dict[str, pl.Series] = {
        "row": pl.Series(rows, dtype=pl.Int64),
        "id": pl.Series(ids, dtype=pl.String),
        "key": pl.Series([id_key(i, fold=asked.fold_ids) for i in ids], dtype=pl.String),
        "as_of_us": pl.Series(_as_of(export, as_of, fields), dtype=pl.Int64),
    }
    for name, values in fields.items():
        table[f"field:{name}"] = pl.Series(values, dtype=_TYPES.get(name, pl.String))
    used = {feature.name for feature in model.features}
    for attribute in schema.attributes:
        if attribute.name in used:
            dtype = pl.Float64 if attribute.kind == "number" else pl.String
            raw = export.columns.get(attribute.name, [None] * export.rows)
            read = _once_each(raw, schema, attribute.read)
            table[f"attribute:{attribute.name}"] = pl.Series(read, dtype=dtype)
    if model.asks_for_colleagues:
        table["account"] = pl.Series(_accounts(fields, export.rows), dtype=pl.String)
        since = fields.get("signed_up_at", [None] * export.rows)
        table["since_us"] = pl.Series(since, dtype=pl.Int64)
    return pl.DataFrame(table)


def _accounts(fields: Mapping[str, Sequence[Any]], rows: int) -> list[str | None]:
    """Each lead's account, as `account_of` says."""
    given = fields.get("account", [None] * rows)
    emails = fields.get("email", [None] * rows)
    found = []
    for account, email in zip(given, emails, strict=True):
        mailbox = read_mailbox(email)
        found.append(account or account_domain(mailbox.kind, mailbox.domain))
    return found


def _once_each(values: Sequence[Value], schema: Schema, read: Callable[[Value], Any]) -> list[Any]:
    """Every value present, as `read` reads it; each distinct value is read once."""
    known: dict[Value, Any] = {}
    for value in set(values):
        kept = present(value, schema.missing)
        known[value] = None if kept is None else read(kept)
    return [known[value] for value in values]


def _fields(export: Export, schema: Schema) -> dict[str, list[Any]]:
    """The known fields that columns fill; of several for one, the first filled."""
    fields: dict[str, list[Any]] = {}
    for column, known in schema.fields.items():
        if column in export.columns and column not in (schema.id_column, schema.target_column):
            raw = export.columns[column]
            values = _once_each(raw, schema, _field_reader(schema, column, known))
            for i, before in enumerate(fields.get(known, ())):
                if before is not None:
                    values[i] = before
            fields[known] = values
        fields.setdefault(known, [None] * export.rows)
    return fields


def _field_reader(schema: Schema, column: str, known: str) -> Callable[[Value], object]:
    def read(value: Value) -> object:
        found = schema.read_field(known, column, value)
        return microseconds(found) if isinstance(found, datetime) else found

    return read


def _ids(export: Export, schema: Schema) -> list[str]:
    if schema.id_column is None:
        return [str(export.first_row + i + 1) for i in range(export.rows)]
    ids = []
    for i, value in enumerate(export.column(schema.id_column, "--id")):
        lead_id = as_category(present(value, ()))
        if not lead_id:
            raise DataError(
                f"{export.path.name}, row {export.first_row + i + 1}: the id in "
                f'"{schema.id_column}" is empty; every lead needs an id of its own'
            )
        ids.append(lead_id)
    return ids


def _as_of(
    export: Export, as_of: AsOf, fields: Mapping[str, Sequence[Any]]
) -> Sequence[int | None]:
    if as_of.time is not None:
        return [microseconds(as_of.time)] * export.rows
    if as_of.column is None:
        return fields.get("signed_up_at", [None] * export.rows)
    times = [as_time(present(v, ()), as_of.form) for v in export.columns[as_of.column]]
    if None in times:
        row = export.first_row + times.index(None) + 1
        raise DataError(
            f'{export.path.name}, row {row}: "{as_of.column}" holds no time there; '
            "mend it or leave the lead out"
        )
    return [microseconds(at) for at in times if at is not None]
