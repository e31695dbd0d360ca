"""Decides what each column of an unknown export is: a field, an attribute of some type, or neither.

Types are read from the values only, never from the target. What is dropped is said, with the
reason: a column that names people or is different in every row must not reach the model file.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from scoring.errors import DataError
from scoring.features import Group
from scoring.files.export import Export
from scoring.files.values import as_boolean, as_category, as_number, present, time_form
from scoring.leads.columns import RARE_ROWS
from scoring.leads.lead import FIELDS, Value
from scoring.model.schema import Attribute, AttributeKind, Schema

MIN_NUMERIC_SHARE = 0.98
MAX_DISTINCT_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the caller said about the columns."""

    target: str | None = None
    positive: str | None = None
    id_column: str | None = None
    time_column: str | None = None
    horizon_days: int | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()


def infer_schema(
    export: Export, options: Options, *, knows_outcome: str | None = None
) -> tuple[Schema, list[str]]:
    """The schema of an export, and one sentence for every column that is left out.

    `knows_outcome` is the column that says when a lead converted; it is no feature.
    Raises `DataError` when an option names a column or a field that does not exist.
    """
    for option, names in (("--drop", options.drop), ("--keep", options.keep)):
        for name in names:
            export.column(name, option)
    for column, mapped in options.fields.items():
        export.column(column, "--map")
        if mapped not in FIELDS:
            raise DataError(
                f'--map fills the field "{mapped}", which no lead has; '
                f"known fields: {', '.join(sorted(FIELDS))}"
            )
    spoken_for = {options.target, options.id_column, knows_outcome}
    spoken_for |= {options.time_column, *options.drop}
    notes = [f"{name}: dropped as asked" for name in options.drop]
    if knows_outcome:
        notes.append(f"{knows_outcome}: says when they converted; never a feature")
    fields: dict[str, str] = {}
    times: dict[str, str] = {}
    attributes: list[Attribute] = []
    for name, values in export.columns.items():
        known = options.fields.get(name) or known_field(name)
        if name in spoken_for and not (name == options.time_column and known):
            continue
        found = [v for v in (present(v, options.missing) for v in values) if v is not None]
        if known and known not in fields.values() and name not in options.keep:
            fields[name] = known
            form = time_form({str(v) for v in found}) if known.endswith("_at") else None
            if form:
                times[name] = form
        elif name != options.time_column:
            kind = _kind(name, found, len(values), options, notes)
            if kind:
                group = options.groups.get(name) or _group(name)
                attributes.append(Attribute(name=name, kind=kind, group=group))
    if options.time_column and "signed_up_at" not in fields.values():
        form = time_form({str(v) for v in export.column(options.time_column, "--time")})
        if form:
            fields[options.time_column], times[options.time_column] = "signed_up_at", form
    schema = Schema(
        fields=fields,
        attributes=tuple(attributes),
        missing=options.missing,
        times=times,
        id_column=options.id_column,
        time_column=options.time_column,
        target_column=options.target,
    )
    return schema, notes


def _kind(
    name: str, found: Sequence[Value], rows: int, options: Options, notes: list[str]
) -> AttributeKind | None:
    """The attribute's type, or `None` after noting why it is dropped."""
    distinct = Counter(as_category(v) for v in found)
    reason = None
    kind: AttributeKind = "category"
    if not found:
        reason = "empty"
    elif len(distinct) == 1 and len(found) == rows:
        reason = "the same in every row"
    else:
        numeric = sum(as_number(v) is not None for v in found) / len(found)
        if numeric >= MIN_NUMERIC_SHARE:
            kind = "number"
            whole = all((n := as_number(v)) is None or n.is_integer() for v in found)
            if whole and len(distinct) >= max(20, 0.99 * rows):
                reason = "a different whole number in every row, as an id has"
        elif all(as_boolean(v) is not None for v in found):
            kind = "boolean"
        elif time_form({str(v) for v in found}):
            reason = "a date; name it with --time or --map if it belongs to the lead's clock"
        elif len(distinct) > MAX_DISTINCT_SHARE * len(found) and len(found) >= RARE_ROWS:
            reason = "free text or an id (different in most rows)"
        elif max(distinct.values()) < RARE_ROWS:
            reason = f"no value in {RARE_ROWS} rows or more"
    if reason is None or (name in options.keep and found):
        return kind
    notes.append(f"{name}: dropped, {reason}")
    return None


@cache
def _list(name: str) -> dict[str, Any]:
    text = files("scoring").joinpath(f"lists/{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def outcome_column(export: Export) -> str | None:
    """The column that says when a lead converted, if the export has one by a usual name."""
    usual = {"convertedat", "conversiondate", "conversiontime", "convertedon", "closedate"}
    named = (c for c in export.columns if re.sub(r"[^a-z0-9]", "", c.casefold()) in usual)
    return next(named, None)


def known_field(column: str) -> str | None:
    """The field of a lead that a column of this name fills."""
    bare = re.sub(r"[^a-z0-9]", "", column.casefold())
    for known, names in _list("fields").items():
        if bare in names:
            return str(known)
    return None


def _group(column: str) -> Group:
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", column).casefold()
    words = set(re.findall(r"[a-z]+", spaced))
    return "engagement" if words & set(_list("engagement")["words"]) else "fit"
