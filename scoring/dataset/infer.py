"""Decides what each column of an unknown export is: a field, an attribute of some type, or neither.

Types are read from the values only, never from the target. What is dropped is said, with the
reason: a column that names people or is different in every row must not reach the model file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from scoring.dataset.headings import (
    group_of,
    is_no_region,
    known_fields,
    names_people,
    tells_bounce,
    tells_outcome,
)
from scoring.dataset.kinds import Inference, kind_of
from scoring.dataset.options import Options
from scoring.errors import DataError
from scoring.files.export import Export
from scoring.files.numbers import Decimal, are_one_currency
from scoring.files.reading import evidence_of, reading_of
from scoring.files.times import in_zone_of_heading, names_no_moment, names_unknown_zone, read_time
from scoring.files.values import as_number, present
from scoring.leads.lead import FIELDS
from scoring.model.field_readers import countries_of, field_reader, read_callable
from scoring.model.schema import TIMES, Attribute, AttributeKind, Schema

MIN_TIME_SHARE = 0.5
"""Of a column that a name calls a time; where fewer cells are times, it is called none."""


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
    work = Inference(export, options, evidence)
    work.notes += [f"{name}: dropped as asked" for name in options.drop]
    if knows_outcome:
        work.notes.append(f"{knows_outcome}: says when they converted; never a feature")
    spoken_for = {options.target, options.id_column, knows_outcome, *options.drop}
    fields: dict[str, str] = {}
    numbers: dict[str, Decimal] = {}
    attributes: list[Attribute] = []
    for name in export.columns:
        known = None if name in options.keep else mapped.get(name)
        if known == "region" and name not in options.fields and _holds_states(work, name):
            work.notes.append(f"{name}: no region, it holds states of a subscription or a deal")
            known = None
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
        elif tells_bounce(name) and name not in options.keep:
            work.notes.append(
                f"{name}: left out, it says that mail came back, which nobody knows of a new lead; "
                "--keep it if it was known"
            )
        elif names_people(name) and name not in options.keep:
            work.notes.append(f"{name}: left out, it names people; --keep it if it does not")
        elif (kind := kind_of(work, name)) is not None:
            attributes.append(_attribute(work, name, kind))
    _time_column(work, fields)
    sides = (options.positive, options.negative, options.undecided)
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
        target_values=sides if any(sides) else (),
    )
    countries = countries_of(schema, export)
    for name, known in fields.items():
        work.readings[name] = reading_of(
            export,
            name,
            options.missing,
            read_callable if known == "phone" else field_reader(schema, name),
            read_as="time" if known in TIMES else known,
            form=work.times.get(name, numbers.get(name, "")),
            beside=countries if known == "phone" else None,
        )
    _say_no_country(work, fields)
    return schema, work.notes


def _say_no_country(work: Inference, fields: Mapping[str, str]) -> None:
    """That numbers in national form name no country, where no column does either."""
    if "country" in fields.values():
        return
    for name, known in fields.items():
        if known == "phone" and (unread := work.readings[name].unread):
            work.notes.append(
                f"{name}: {unread:,} numbers have no country code, and no column names a country; "
                "export the country too, or the numbers with +49 …"
            )


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


def _is_time(work: Inference, name: str) -> bool:
    """Whether the cells of a column that is called a time are times; notes why not."""
    evidence = work.evidence.times[name]
    form = work.evidence.time_form(name)
    if form is None or evidence.read(form) < MIN_TIME_SHARE * evidence.cells:
        work.notes.append(
            f"{name}: not used as a time, {evidence.read(form):,} of {evidence.cells:,} cells "
            f"are one{_no_time(work, name, form)}; known forms: 2026-03-31 14:05, 31.03.2026, "
            "31/03/2026, 03/31/2026 2:05 PM, 31 Mar 2026, 20260331, Excel's and Unix's numbers"
        )
        return False
    work.times[name] = in_zone_of_heading(form, name)
    return True


def _holds_states(work: Inference, name: str) -> bool:
    return is_no_region(value for value in work.present(name) if isinstance(value, str))


def _no_time(work: Inference, name: str, form: str | None) -> str:
    """The place of the first cell that is none; the cell too where it is one of unknown zone."""
    for row, cell in enumerate(work.export.columns[name]):
        value = present(cell, work.options.missing)
        if value is None or read_time(value, form or "iso") is not None:
            continue
        where = work.export.where(row)
        if isinstance(value, str) and names_unknown_zone(value):
            return f', not {where} "{value}", whose zone is not known: write +05:30 or the like'
        if isinstance(value, str) and (what := names_no_moment(value)):
            return f', not {where} "{value}", {what}'
        return f", not {where}"
    return ""


def _time_column(work: Inference, fields: dict[str, str]) -> None:
    """The column of `--time` as the sign-up's time, where no other column is and it holds times."""
    name = work.options.time_column
    if name is None or fields.get(name) == "signed_up_at":
        return
    work.export.column(name, "--time")
    form = work.evidence.time_form(name)
    evidence = work.evidence.times[name]
    is_named = form is not None and (form != "Excel serial" and not form.startswith("Unix"))
    if form and is_named and evidence.read(form) >= MIN_TIME_SHARE * evidence.cells:
        work.times[name] = in_zone_of_heading(form, name)
        if "signed_up_at" not in fields.values():
            fields[name] = "signed_up_at"
    elif "signed_up_at" not in fields.values():
        work.notes.append(
            f"{name}: orders the leads only; when they signed up is not known"
            + (f" (if these are times in {form}, --map it to signed_up_at)" if form else "")
        )


def _are_whole(work: Inference, attribute: Attribute) -> bool:
    read = (as_number(value, attribute.decimal) for value in set(work.present(attribute.name)))
    return all(number is None or number.is_integer() for number in read)


def _attribute(work: Inference, name: str, kind: AttributeKind) -> Attribute:
    """The attribute with its record; raises `AmbiguousError` for numbers that read two ways."""
    decimal = work.evidence.decimal(name) if kind == "number" else None
    attribute = Attribute(
        name=name, kind=kind, group=work.options.groups.get(name) or group_of(name), decimal=decimal
    )
    units = work.evidence.numbers[name].units if kind == "number" else Counter[str]()
    unit = " and ".join(sorted(units))
    words: Mapping[str, str] = {"boolean": "yes/no", "category": "category", "number": "number"}
    reading = reading_of(
        work.export,
        name,
        work.options.missing,
        attribute.read,
        read_as="percent" if unit == "%" else "money" if unit else words[kind],
        form=decimal or "",
        unit="" if unit == "%" else unit,
    )
    work.readings[name] = replace(reading, whole=kind == "number" and _are_whole(work, attribute))
    if len(units) > 1 and not are_one_currency(units):
        work.notes.append(
            f"{name}: holds {', '.join(f'{u} ({n:,})' for u, n in units.items())}: read as plain "
            "numbers, which do not compare; convert them to one"
        )
    return attribute
