"""Decides what each column of an unknown export is: a field, an attribute of some type, or neither.

Types are read from the values only, never from the target. What is dropped is said, with the
reason: a column that names people or is different in every row must not reach the model file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from scoring.dataset.headings import group_of, known_fields, tells_outcome
from scoring.errors import DataError
from scoring.features import Group
from scoring.files.export import Export
from scoring.files.numbers import PLACEHOLDERS, Decimal
from scoring.files.reading import (
    WORTH_SAYING,
    Asked,
    FileEvidence,
    Reading,
    evidence_of,
    reading_of,
)
from scoring.files.values import as_boolean, as_category, as_number, as_time, present
from scoring.leads.columns import RARE_ROWS
from scoring.leads.lead import FIELDS, Value
from scoring.model.schema import TIMES, Attribute, AttributeKind, Schema

MIN_NUMERIC_SHARE = 0.98
MIN_FILLED_SHARE = 0.2
"""Of the cells, the numbers beside which "-" is a missing number and no category."""
MAX_DISTINCT_SHARE = 0.5
MIN_TIME_SHARE = 0.5
"""Of a column that a name calls a time; where fewer cells are times, it is called none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the caller said about the columns."""

    target: str | None = None
    positive: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    id_column: str | None = None
    time_column: str | None = None
    horizon_days: int | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    asked: Asked = field(default_factory=Asked)


@dataclass(slots=True)
class _Inference:
    """The schema as it comes about."""

    export: Export
    options: Options
    evidence: FileEvidence
    notes: list[str] = field(default_factory=list)
    times: dict[str, str] = field(default_factory=dict)
    readings: dict[str, Reading] = field(default_factory=dict)

    def present(self, name: str) -> list[Value]:
        values = (present(v, self.options.missing) for v in self.export.columns[name])
        return [v for v in values if v is not None]


def infer_schema(
    export: Export, options: Options, *, knows_outcome: str | None = None
) -> tuple[Schema, list[str]]:
    """The schema of an export, and one sentence for every column that is left out.

    `knows_outcome` is the column that says when a lead converted; it is no feature.
    Raises `DataError` when an option names a column or a field that does not exist, and
    `AmbiguousError` when a column reads two ways.
    """
    _check_options(export, options)
    mapped = known_fields(export.columns, options.fields)
    timed = {c for c, known in mapped.items() if known in TIMES} | {options.time_column or ""}
    evidence = evidence_of(export, options.missing, options.asked, timed | {knows_outcome or ""})
    work = _Inference(export, options, evidence)
    work.notes += [f"{name}: dropped as asked" for name in options.drop]
    if knows_outcome:
        work.notes.append(f"{knows_outcome}: says when they converted; never a feature")
    spoken_for = {options.target, options.id_column, knows_outcome, *options.drop}
    fields: dict[str, str] = {}
    numbers: dict[str, Decimal] = {}
    attributes: list[Attribute] = []
    for name in export.columns:
        known = None if name in options.keep else mapped.get(name)
        if name in spoken_for or (name == options.time_column and not known):
            continue
        if known and (known not in TIMES or _is_time(work, name)):
            fields[name] = known
            if known == "seats" and (decimal := evidence.decimal(name)):
                numbers[name] = decimal
        elif name == options.time_column or known:
            continue
        elif tells_outcome(name) and name not in options.keep:
            work.notes.append(
                f"{name}: left out, its name says how a trial ended; --keep it if it was known "
                "when the lead is scored"
            )
        elif (kind := _kind(work, name)) is not None:
            attributes.append(_attribute(work, name, kind))
    _time_column(work, fields)
    schema = Schema(
        fields=fields,
        attributes=tuple(attributes),
        missing=options.missing,
        times=work.times,
        numbers=numbers,
        readings=work.readings,
        id_column=options.id_column,
        time_column=options.time_column,
        target_column=options.target,
    )
    for name, known in fields.items():
        read_as = "time" if known in TIMES else known
        work.readings[name] = reading_of(
            export,
            name,
            options.missing,
            lambda value, known=known, name=name: schema.read_field(known, name, value),  # type: ignore[misc]  # bound now
            read_as=read_as,
            form=work.times.get(name, numbers.get(name, "")),
        )
    return schema, work.notes


def _check_options(export: Export, options: Options) -> None:
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


def _is_time(work: _Inference, name: str) -> bool:
    """Whether the cells of a column that is called a time are times; notes why not."""
    evidence = work.evidence.times[name]
    form = work.evidence.time_form(name)
    if form is None or evidence.read(form) < MIN_TIME_SHARE * evidence.cells:
        work.notes.append(
            f"{name}: not used as a time, {evidence.read(form):,} of {evidence.cells:,} cells "
            "are one; known forms: 2026-03-31 14:05, 31.03.2026, 31/03/2026, 03/31/2026 2:05 PM, "
            "31 Mar 2026, 20260331, Excel's and Unix's numbers"
        )
        return False
    work.times[name] = form
    return True


def _time_column(work: _Inference, fields: dict[str, str]) -> None:
    """The column of `--time` as the sign-up's time, where no other column is and it holds times."""
    name = work.options.time_column
    if name is None or name in fields:
        return
    work.export.column(name, "--time")
    form = work.evidence.time_form(name)
    evidence = work.evidence.times[name]
    is_named = form is not None and (form != "Excel serial" and not form.startswith("Unix"))
    if form and is_named and evidence.read(form) >= MIN_TIME_SHARE * evidence.cells:
        work.times[name] = form
        if "signed_up_at" not in fields.values():
            fields[name] = "signed_up_at"
    elif "signed_up_at" not in fields.values():
        work.notes.append(
            f"{name}: orders the leads only; when they signed up is not known"
            + (f" (if these are {form}s, --map it to signed_up_at)" if form else "")
        )


def _attribute(work: _Inference, name: str, kind: AttributeKind) -> Attribute:
    """The attribute with its record; raises `AmbiguousError` for numbers that read two ways."""
    decimal = work.evidence.decimal(name) if kind == "number" else None
    attribute = Attribute(
        name=name,
        kind=kind,
        group=work.options.groups.get(name) or group_of(name),
        decimal=decimal,
    )
    units = work.evidence.numbers[name].units if kind == "number" else Counter[str]()
    unit = " and ".join(sorted(units))
    words: Mapping[str, str] = {"boolean": "yes/no", "category": "category", "number": "number"}
    work.readings[name] = reading_of(
        work.export,
        name,
        work.options.missing,
        attribute.read,
        read_as="percent" if unit == "%" else "money" if unit else words[kind],
        form=decimal or "",
        unit="" if unit == "%" else unit,
    )
    if len(units) > 1:
        work.notes.append(
            f"{name}: holds {', '.join(f'{u} ({n:,})' for u, n in units.items())}: read as plain "
            "numbers, which do not compare; convert them to one"
        )
    return attribute


def _kind(work: _Inference, name: str) -> AttributeKind | None:
    """The attribute's type, or `None` after noting why it is dropped."""
    found = work.present(name)
    rows, options = work.export.rows, work.options
    distinct = Counter(as_category(v) for v in found)
    numbers = work.evidence.numbers[name]
    share = max(numbers.read["point"], numbers.read["comma"]) / max(numbers.cells, 1)
    reason = None
    kind: AttributeKind = "category"
    if not found:
        reason = "empty"
    elif len(distinct) == 1 and len(found) == rows:
        reason = "the same in every row"
    elif share >= MIN_NUMERIC_SHARE and numbers.read["either"] >= MIN_FILLED_SHARE * len(found):
        kind = "number"
        whole = all((n := as_number(v)) is None or n.is_integer() for v in found)
        plain = not numbers.needs_form["point"] and not numbers.needs_form["comma"]
        if whole and plain and len(distinct) >= max(20, 0.99 * rows):
            reason = "a different whole number in every row, as an id has"
    elif all(as_boolean(v) is not None for v in found):
        kind = "boolean"
    elif _are_times(work, name):
        reason = "a date; name it with --time or --map if it belongs to the lead's clock"
    elif len(distinct) > MAX_DISTINCT_SHARE * len(found) and len(found) >= RARE_ROWS:
        reason = "free text or an id (different in most rows)"
    elif max(distinct.values()) < RARE_ROWS:
        reason = f"no value in {RARE_ROWS} rows or more"
    if reason and 0.5 <= share < MIN_NUMERIC_SHARE and kind == "category":
        reason += f"; {_odd_numbers(found, share)}"
    if kind == "number" and not reason:
        _say_placeholders(work, name, found)
    if reason is None or (name in options.keep and found):
        return kind
    work.notes.append(f"{name}: dropped, {reason}")
    return None


def _are_times(work: _Inference, name: str) -> bool:
    evidence = work.evidence.times[name]
    ordered = evidence.clear + evidence.differing + evidence.same + sum(evidence.only.values())
    return evidence.cells > 0 and ordered >= (1 - WORTH_SAYING) * evidence.cells


def _odd_numbers(found: Sequence[Value], share: float) -> str:
    odd = Counter(
        str(v)[:20]
        for v in found
        if as_number(v, "point") is None and as_number(v, "comma") is None
    )
    texts = ", ".join(f'"{text}"' for text, _ in odd.most_common(2))
    return (
        f"{share:.0%} of its cells are numbers, the others are such as {texts}: mend them, or "
        "name what means not given with --missing"
    )


def _say_placeholders(work: _Inference, name: str, found: Sequence[Value]) -> None:
    odd = Counter(v for v in found if isinstance(v, str) and v.casefold() in PLACEHOLDERS)
    if odd:
        said = ", ".join(f'"{text}" ({n:,})' for text, n in odd.most_common(3))
        work.notes.append(
            f"{name}: {len(found) - sum(odd.values()):,} of {len(found):,} cells are numbers; "
            f"{said} is read as not given, as --missing would say"
        )


def outcome_column(export: Export, options: Options) -> str | None:
    """The column that says when a lead converted, if the export has one by a usual name."""
    named = (c for c in export.columns if tells_outcome(c) == "time")
    column = next(named, None)
    if column is None or column in (options.target, *options.drop, *options.keep):
        return None
    return column


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
