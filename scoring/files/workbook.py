"""A spreadsheet (.xlsx, .xls, .xlsb, .ods) as rows of cells.

Read by python-calamine: one wheel of 1 MB without dependencies, kept up, in Rust, for all four
formats. fastexcel reads by the same calamine through Arrow, and openpyxl one format, ten times
slower.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from scoring.errors import DataError
from scoring.leads.lead import Value

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
            sheets = [(name, book.get_sheet_by_name(name).to_python()) for name in book.sheet_names]
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
    return [[_plain(cell) for cell in row] for row in rows]


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
