"""Which column of a file fills which field of a body: read from a map, shipped, or guessed.

A map is TOML:

    others = "attributes"                  # of leads: what is not named; or "nothing"
    leave_out = ["Internal note"]
    [fields]
    "Record ID" = "external_ids.hubspot"   # their column = our field
    [constants]
    kind = "call"                          # a field that is the same in every row
    [values.kind]
    "Paid" = "converted"                   # their value = ours
    [times]
    "Create Date" = "%m/%d/%Y %H:%M"       # else the form that reads most of the column

To ship one for another tool: a file in `service/importers/maps/`, `<tool>-<kind>.toml`.
"""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from scoring.dataset.headings import bare_heading, dates_the_end, tells_outcome
from scoring.errors import DataError
from scoring.files.times import is_form
from service.importers.vocabulary import (
    PLAIN,
    Kind,
    is_field,
    objections_among,
    usual_field,
    usual_lead_fields,
)

_TABLES = ("fields", "constants", "values", "times")
_PARTS = frozenset({"others", "leave_out", "fields", "constants", "values", "times"})
OURS = ("rejected_line", "rejected_why")
"""Columns of a rejects file; mended, it is imported again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMap:
    """How one file is read."""

    fields: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    times: Mapping[str, str] = field(default_factory=dict)
    leave_out: tuple[str, ...] = ()
    others: Literal["attributes", "nothing"] = "nothing"
    is_guessed: bool = False
    """Whether nobody has said so: what does not look right is then asked about."""


def shipped() -> list[str]:
    """The maps that come with Giveget."""
    found = files("service.importers").joinpath("maps").iterdir()
    return sorted(e.name.removesuffix(".toml") for e in found if e.name.endswith(".toml"))


def read_map(named: str, kind: Kind, header: Sequence[str]) -> ColumnMap:
    """The map in a file, or the shipped map of a tool, checked. Raises `DataError`."""
    path = Path(named)
    is_shipped = not path.is_file()
    if is_shipped and f"{named}-{kind}" not in shipped():
        raise DataError(f"--map {named} is no file, and no shipped map: {', '.join(shipped())}")
    if is_shipped:
        name = f"{named}-{kind}.toml"
        text = files("service.importers").joinpath(f"maps/{name}").read_text("utf-8")
    else:
        name, text = path.name, _text_of(path)
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{name} is no TOML: {error}") from None
    wrong = list(_mistakes(given, kind, None if is_shipped else header))
    if wrong:
        raise DataError(f"{name}: " + "; ".join(wrong))
    return _present(given, kind, header)


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise DataError(f"{path.name} is not in UTF-8; save it as that") from None
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}") from None


def guess(kind: Kind, header: Sequence[str]) -> ColumnMap:
    """What the columns' names say."""
    columns = [column for column in header if column not in OURS]
    if kind == "leads":
        left = tuple(column for column in columns if tells_outcome(column))
        fields = {c: ours for c, ours in usual_lead_fields(columns).items() if c not in left}
        return ColumnMap(fields=fields, leave_out=left, others="attributes", is_guessed=True)
    found: dict[str, str] = {}
    for column in sorted(columns, key=_names_another):
        ours = usual_field(kind, column)
        is_other_end = kind == "outcomes" and ours == "at" and dates_the_end(column)
        if ours is not None and (ours not in found.values() or is_other_end):
            found[column] = ours
    return ColumnMap(fields=found, others="nothing", is_guessed=True)


def _names_another(column: str) -> bool:
    """Whether a heading may be of somebody else: a person's name, the address of who is logged in.

    Another column of the same field goes first.
    """
    return bare_heading(column) in ("name", "useremail", "useremailaddress")


def as_toml(mapping: ColumnMap) -> str:
    """The map as a file one can save and change."""
    lines = [f'others = "{mapping.others}"']
    if mapping.leave_out:
        lines.append(f"leave_out = {_quoted(list(mapping.leave_out))}")
    tables = {"fields": mapping.fields, "constants": mapping.constants, "times": mapping.times}
    tables |= {f"values.{_quoted(name)}": table for name, table in mapping.values.items()}
    for name, table in tables.items():
        if table:
            lines += ["", f"[{name}]"]
            lines += [f"{_quoted(key)} = {_quoted(value)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"


def _mistakes(given: Mapping[str, Any], kind: Kind, header: Sequence[str] | None) -> Iterable[str]:
    """What is wrong with a map; a shipped one may name columns that this file lacks."""
    for part in given.keys() - _PARTS:
        yield f"{part} is no part of a map{_near(part, _PARTS)}"
    if shapeless := [name for name in _TABLES if not isinstance(given.get(name, {}), dict)]:
        yield f'{shapeless[0]} must be a table: [{shapeless[0]}], with lines "Their name" = …'
        return
    fields, times, left = (given.get(name, {}) for name in ("fields", "times", "leave_out"))
    for column in dict.fromkeys((*fields, *times)):
        if header is not None and column not in header:
            yield f'the file has no column "{column}"{_near(column, header)}'
    if left and not (isinstance(left, list) and all(isinstance(name, str) for name in left)):
        yield 'leave_out must be a list: ["One column", "Another"]'
    elif header is not None:
        for column in left:
            if column not in header and (near := _near(column, header)):
                yield f'leave_out names "{column}", which the file has not{near}'
    for column, form in times.items():
        if not isinstance(form, str) or not is_form(form):
            yield (
                f'[times] "{column}" must be a form such as "%d/%m/%Y %H:%M", "day first", '
                '"month first" or "iso"'
            )
    for ours, table in given.get("values", {}).items():
        if not is_field(kind, ours):
            yield f'"{ours}" is no field of {kind}{_near(ours, PLAIN[kind])}'
        elif not isinstance(table, dict):
            yield f'values.{ours} must be a table: [values.{ours}], with lines "Theirs" = …'
    for ours in (*fields.values(), *given.get("constants", {})):
        if not is_field(kind, ours):
            yield f'"{ours}" is no field of {kind}{_near(ours, PLAIN[kind])}'
    if given.get("others", "nothing") not in ("attributes", "nothing"):
        yield 'others must be "attributes" or "nothing"'


def _present(given: Mapping[str, Any], kind: Kind, header: Sequence[str]) -> ColumnMap:
    """The map, less the columns that the file lacks; of several for a field, the first filled.

    A column of leads that it does not name and that objects is read so: an attribute would lose
    that.
    """
    fields: dict[str, str] = {}
    for column, ours in given.get("fields", {}).items():
        if column in header:
            fields[column] = ours
    others = given.get("others", "attributes" if kind == "leads" else "nothing")
    if kind == "leads" and others == "attributes":
        left = {*fields, *given.get("leave_out", ()), *OURS}
        fields |= {c: o for c, o in objections_among(header).items() if c not in left}
    return ColumnMap(
        fields=fields,
        constants=dict(given.get("constants", {})),
        values={name: dict(table) for name, table in given.get("values", {}).items()},
        times=dict(given.get("times", {})),
        leave_out=tuple(given.get("leave_out", ())),
        others=others,
    )


def _near(word: object, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(str(word), list(known), n=1)
    return f'; did you mean "{near[0]}"?' if near else ""


def _quoted(value: Any) -> str:
    if isinstance(value, date | time):
        return value.isoformat()  # as TOML has it
    return json.dumps(value, ensure_ascii=False)
