"""A spreadsheet (.xlsx, .xls, .xlsb, .ods) as rows of cells.

Read by python-calamine: one wheel of 1 MB without dependencies, kept up, in Rust, for all four
formats. fastexcel reads by the same calamine through Arrow, and openpyxl one format, ten times
slower.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from scoring.errors import DataError
from scoring.leads.lead import Value

_Range = tuple[tuple[int, int], tuple[int, int]]
"""The first and the last cell of merged ones, each as row and column from 0."""
_FAILED = re.compile(rb'<c [^<>]*\bt="e"')
_UNKNOWN = re.compile(
    rb'<c (?![^<>]*\bt="str")[^<>]*>\s*<f\b[^<>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>'
)
_MOST_BYTES, _MOST_TIMES = 1 << 30, 200


def sheet_rows(path: Path, notes: list[str]) -> list[list[Value]]:
    """The rows of the first visible sheet that holds a table; notes which, where there are more.

    Raises `DataError` when the file is damaged, locked by a password, or holds no row.
    """
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    _refuse_bomb(path)
    try:
        with path.open("rb") as file:  # by what it holds: an .xlsx is often called .xls
            book = CalamineWorkbook.from_filelike(file)
            opened = {name: book.get_sheet_by_name(name) for name in book.sheet_names}
            sheets = [(name, sheet.to_python()) for name, sheet in opened.items()]
        hidden = {s.name for s in book.sheets_metadata if s.visible != SheetVisibleEnum.Visible}
    except PasswordError as error:
        raise DataError(f"{path.name} is locked by a password; save it without") from error
    except (CalamineError, OSError, ValueError) as error:
        raise DataError(f"{path.name} is a damaged spreadsheet; save it again") from error
    filled = [(name, rows) for name, rows in sheets if len(rows) > 0]
    if not filled:
        raise DataError(f"{path.name} is empty; export it again with a header and at least one row")
    name, rows = next(
        (sheet for sheet in filled if sheet[0] not in hidden and _is_table(sheet[1])), filled[0]
    )
    if len(filled) > 1:
        others = ", ".join([other for other, _ in filled if other != name][:3])
        notes.append(f'read sheet "{name}"; not read: {others}')
    sheet = opened[name]
    _fill_merged(path, rows, sheet.merged_cell_ranges or [], sheet.start or (0, 0), notes)
    _say_failed(path, notes, sheets=len(sheets))
    return [[_plain(cell) for cell in row] for row in rows]


def _fill_merged(
    path: Path,
    rows: Sequence[list[Any]],
    merged: Sequence[_Range],
    start: tuple[int, int],
    notes: list[str],
) -> None:
    """Give the rows of a cell that spans several its value, which stands in the first of them.

    Raises `DataError` for more merged cells than there are cells, as a bomb has.
    """
    count, left_over = 0, sum(map(len, rows))
    for (top, left), (bottom, _) in merged:
        first, column = top - start[0], left - start[1]
        if not (0 <= first < len(rows) and 0 <= column < len(rows[first])):
            continue
        for row in range(first + 1, min(bottom - start[0] + 1, len(rows))):
            rows[row][column] = rows[first][column]
        left_over -= max(min(bottom - start[0], len(rows) - 1) - first, 0)
        if left_over < 0:
            raise DataError(f"{path.name}: its merged cells lie upon each other; save it as CSV")
        count += bottom > top and first + 1 < len(rows)
    if count:
        cells = "1 cell spans" if count == 1 else f"{count:,} cells span"
        notes.append(f"{cells} several rows: its value counts in each of them")


def _say_failed(path: Path, notes: list[str], *, sheets: int) -> None:
    """Note how many formulas of a workbook failed, or were never worked out: their cells are empty.

    calamine reads both as empty cells; the .xlsx file says which are, of all its sheets.
    """
    if not zipfile.is_zipfile(path):
        return
    failed = unknown = 0
    with zipfile.ZipFile(path) as packed:
        for entry in packed.namelist():
            if entry.startswith("xl/worksheets/") and entry.endswith(".xml"):
                for cells in _cells_of(packed, entry):
                    failed += len(_FAILED.findall(cells)) if b't="e"' in cells else 0
                    unknown += len(_UNKNOWN.findall(cells)) if b"<f" in cells else 0
    where = " of all sheets" if sheets > 1 else ""
    if failed:
        said = f"{_counted(failed)}{where} with a formula that failed (#N/A, #REF! …)"
        notes.append(f"{said}: read as empty")
    if unknown:
        said = f"{_counted(unknown)}{where} with a formula that was never worked out"
        notes.append(f"{said}: read as empty; open the file in a spreadsheet and save it")


def _counted(cells: int) -> str:
    return "1 cell" if cells == 1 else f"{cells:,} cells"


def _cells_of(packed: zipfile.ZipFile, entry: str) -> Iterator[bytes]:
    """A sheet's text in pieces of whole cells."""
    rest = b""
    with packed.open(entry) as file:
        while block := file.read(1 << 20):
            whole, end, rest = (rest + block).rpartition(b"</c>")
            yield whole + end
    yield rest


def _is_table(rows: Sequence[Sequence[object]]) -> bool:
    """Whether a sheet holds more than a cover's few lines of text."""
    return len(rows) > 1 and max(sum(cell not in (None, "") for cell in row) for row in rows) > 1


def _refuse_bomb(path: Path) -> None:
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as packed:
        unpacked = sum(entry.file_size for entry in packed.infolist())
    if unpacked > max(64 << 20, _MOST_TIMES * path.stat().st_size) or unpacked > _MOST_BYTES:
        raise DataError(
            f"{path.name} unpacks to {unpacked:,} bytes, as no list of leads does; save it as CSV"
        )


def _plain(cell: object) -> Value:
    """The cell as an attribute's value: times as text, whole numbers without a point."""
    if isinstance(cell, str | bool):
        return cell
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 2**53 else cell
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return cell.total_seconds()
    return None if cell is None else str(cell)
