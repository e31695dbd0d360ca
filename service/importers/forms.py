"""How the numbers and times of a file to import are written, decided from all of its rows.

A first pass looks at every row; the second, which stores, reads by what it found. So a date in
row 1,050 can say in which order the first row's day and month stand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from scoring.dataset.headings import is_no_region
from scoring.errors import DataError
from scoring.files.cells import plain_cell
from scoring.files.csv_lenient import Line
from scoring.files.ids import is_cut_short
from scoring.files.numbers import PLAIN, Decimal, NumberEvidence, is_placeholder
from scoring.files.reading import Asked, FileEvidence, Reading
from scoring.files.time_evidence import TimeEvidence
from scoring.files.times import in_zone_of_heading
from scoring.files.values import as_time, present
from service.importers.mapping import OURS, ColumnMap
from service.importers.vocabulary import may_object, objects, refuses

TIMES = (
    *("signed_up_at", "trial_started_at", "trial_ends_at", "consent.at", "at"),
    *("started_at", "period_starts_at", "period_ends_at", "canceled_at", "ended_at"),
)
COUNTS = ("seats", "term_months", "amount.minor")
_AT_ONCE = 20_000
"""Rows whose distinct cells are held before they are looked at."""
_FEWEST_IDS = 20
_LEAST_ROWS_AN_ID = 0.5
"""The least share of different ids: a column of fewer names an owner, a form, a company."""
_LEAST_ROWS_A_USER = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """The form of each column of times and the decimal sign of each of numbers."""

    times: Mapping[str, str] = field(default_factory=dict)
    decimals: Mapping[str, Decimal] = field(default_factory=dict)
    readings: Mapping[str, Reading] = field(default_factory=dict)
    hints: tuple[str, ...] = ()


def forms_of(
    file: str, mapping: ColumnMap, header: Sequence[str], lines: Iterable[Line], asked: Asked
) -> Forms:
    """The forms of a file's columns: as the map says, else as its cells do.

    Raises `AmbiguousError` when a column reads two ways, and `DataError` when a column that is no
    opt-out holds objections, or one that was guessed to be the id names few rows apart.
    """
    times = {c: TimeEvidence() for c, ours in mapping.fields.items() if ours in TIMES}
    counted = (*COUNTS, "amount")
    numbers = {c: NumberEvidence() for c, ours in mapping.fields.items() if ours in counted}
    others = [] if mapping.others == "nothing" else _others(mapping, header)
    named_by = ("id", "external_ids.user") if mapping.others == "attributes" else ("id",)
    ids = [c for c, ours in mapping.fields.items() if ours in named_by and mapping.is_guessed]
    regions = [c for c, o in mapping.fields.items() if o == "region" and mapping.is_guessed]
    looked_at = [*times, *numbers, *others]
    places = {column: header.index(column) for column in looked_at}
    cells: dict[str, Counter[str]] = {column: Counter() for column in looked_at}
    empty: Counter[str] = Counter()
    said = dict(mapping.times)
    permits = {column for column in others if may_object(column)}
    odd: Counter[str] = Counter()  # cells that are not of the form the map says
    named = {column: Counter[str]() for column in (*ids, *regions)}
    for row, line in enumerate(lines):
        if line.wrong is None:
            for column, place in places.items():
                cells[column][line.cells[place]] += 1
            for column, found in named.items() if row < _AT_ONCE else ():
                found[line.cells[header.index(column)]] += 1
        if row % _AT_ONCE == _AT_ONCE - 1:
            _look(file, cells, empty, times, numbers, said, odd, permits)
    _look(file, cells, empty, times, numbers, said, odd, permits)
    for column in ids:
        _refuse_shared(file, column, named[column], is_id=mapping.fields[column] == "id")
    for column in regions:
        _refuse_states(file, column, named[column])
    known = FileEvidence(file, asked, numbers, times)
    forms = said | {c: known.time_form(c) or "iso" for c in times if c not in said}
    zoned = said | {c: in_zone_of_heading(form, c) for c, form in forms.items() if c not in said}
    decimals = {column: known.decimal(column) for column in numbers}
    return Forms(
        times=zoned,
        decimals={column: sign for column, sign in decimals.items() if sign is not None},
        readings=_readings(forms, decimals, times, numbers, empty, odd, zoned),
        hints=tuple(
            f'"{column}" may say who may be written to; kept as an attribute, unless a map fills '
            "do_not_email or consent.ground from it"
            for column in others
            if column in permits
        ),
    )


def _refuse_shared(file: str, column: str, found: Counter[str], *, is_id: bool) -> None:
    """Raises `DataError` for an id that most rows share: they would become one lead.

    A user's id may as well be that of the lead's owner: few rows may share one.
    """
    kept = ((present(plain_cell(cell), ()), n) for cell, n in found.items())
    counted = {cell: n for cell, n in kept if isinstance(cell, str) and not is_cut_short(cell)}
    rows = sum(counted.values())
    least = _LEAST_ROWS_AN_ID if is_id else _LEAST_ROWS_A_USER
    if (rows >= _FEWEST_IDS or not is_id) and len(counted) < least * rows:
        different = f"{len(counted):,} different values" if len(counted) > 1 else "one value"
        raise DataError(
            f'{file}: "{column}" looks like the id, but {rows:,} rows hold {different}: rows of '
            "one id become one lead. Save the map above as a file, give the right column there, "
            "and name it with --map"
        )


def _refuse_states(file: str, column: str, found: Counter[str]) -> None:
    """Raises `DataError` for a region that holds the states of subscriptions or deals."""
    if is_no_region(found):
        held = ", ".join(f'"{cell}"' for cell, _ in found.most_common(3) if cell)
        raise DataError(
            f'{file}: "{column}" looks like the region, but holds {held}. Save the map above as a '
            'file, name the column in leave_out or below [fields] as "attributes.…", and give it '
            "with --map"
        )


def _others(mapping: ColumnMap, header: Sequence[str]) -> list[str]:
    taken = {*mapping.fields, *mapping.leave_out, *OURS, ""}
    return [column for column in header if column not in taken]


def _look(
    file: str,
    cells: Mapping[str, Counter[str]],
    empty: Counter[str],
    times: Mapping[str, TimeEvidence],
    numbers: Mapping[str, NumberEvidence],
    said: Mapping[str, str],
    odd: Counter[str],
    permits: Collection[str],
) -> None:
    for column, counted in cells.items():
        is_count = column in permits and _counts(counted)
        for cell, count in counted.items():
            text = present(plain_cell(cell), ())
            if not isinstance(text, str) or is_placeholder(text):
                empty[column] += count
            elif column in times:
                times[column].add(text, count)
                if column in said and as_time(text, said[column]) is None:
                    odd[column] += count
            elif column in numbers:
                numbers[column].add(text, count)
            elif objects(text):
                raise DataError(
                    f'{file}: the column "{column}" holds "{text}", an objection that an attribute '
                    f'would lose; map it: [fields] "{column}" = "do_not_email", with its other '
                    "values below [values.do_not_email] as false, or name it in leave_out"
                )
            elif column in permits and refuses(text) and not is_count:
                raise DataError(
                    f'{file}: the column "{column}" holds "{text}", which may say that somebody '
                    "must not be written to; an attribute would lose that. If it does, map it: "
                    f'[fields] "{column}" = "do_not_email", with [values.do_not_email] "{text}" = '
                    f'true and its yes as false; if not, [fields] "{column}" = '
                    f'"attributes.{column}", or name it in leave_out'
                )
        counted.clear()


def _counts(cells: Collection[str]) -> bool:
    """Whether a column counts something, so that its 0 is no refusal."""
    return any(PLAIN.fullmatch(cell.strip()) and float(cell) not in (0, 1) for cell in cells)


def _readings(
    forms: Mapping[str, str],
    decimals: Mapping[str, Decimal | None],
    times: Mapping[str, TimeEvidence],
    numbers: Mapping[str, NumberEvidence],
    empty: Mapping[str, int],
    odd: Mapping[str, int],
    zoned: Mapping[str, str],
) -> dict[str, Reading]:
    """The record of each column, as training prints it."""
    readings = {}
    for column, evidence in times.items():
        readings[column] = Reading(
            read_as="time",
            form=zoned[column],
            cells=evidence.cells + empty[column],
            empty=empty[column],
            unread=odd[column]
            if forms[column].startswith("%")
            else evidence.cells - evidence.read(forms[column]),
        )
    for column, found in numbers.items():
        sign = decimals[column]
        readings[column] = Reading(
            read_as="number",
            form=sign or "",
            unit=" and ".join(sorted(found.units)),
            cells=found.cells + empty[column],
            empty=empty[column],
            unread=found.cells - found.read[sign or "point"],
        )
    return readings
