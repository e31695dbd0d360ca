"""Excel files of several sheets, some hidden, with the types of cells that exports hold."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

Cell = str | int | float | bool | datetime | None
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PARTS = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HIDDEN = ' state="hidden"'
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" '
    'formatCode="dd.mm.yyyy hh:mm"/></numFmts><cellXfs count="2"><xf numFmtId="0"/>'
    '<xf numFmtId="164" applyNumberFormat="1"/></cellXfs></styleSheet>'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet: its name, its rows, whether it is hidden, and its merged cells ("A2:A4")."""

    name: str
    rows: Sequence[Sequence[Cell]]
    is_hidden: bool = False
    merged: Sequence[str] = ()


def a_book(*sheets: Sheet) -> bytes:
    """The bytes of an .xlsx file; a text that begins with "#" is the error of a formula, one that
    begins with "=" a formula that nobody worked out."""
    packed = io.BytesIO()
    numbers = range(1, len(sheets) + 1)
    with zipfile.ZipFile(packed, "w") as book:
        overrides = "".join(
            f'<Override PartName="/xl/worksheets/sheet{i}.xml" '
            f'ContentType="{_KIND}.worksheet+xml"/>'
            for i in numbers
        )
        book.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{_PARTS}/content-types"><Override PartName="/xl/workbook.xml" '
            f'ContentType="{_KIND}.sheet.main+xml"/><Override PartName="/xl/styles.xml" '
            f'ContentType="{_KIND}.styles+xml"/>{overrides}</Types>',
        )
        book.writestr("_rels/.rels", _links([("r1", "officeDocument", "xl/workbook.xml")]))
        named = "".join(
            f'<sheet name="{escape(sheet.name)}" sheetId="{i}" r:id="r{i}"'
            f"{_HIDDEN if sheet.is_hidden else ''}/>"
            for i, sheet in zip(numbers, sheets, strict=True)
        )
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{named}</sheets></workbook>',
        )
        linked = [(f"r{i}", "worksheet", f"worksheets/sheet{i}.xml") for i in numbers]
        book.writestr(
            "xl/_rels/workbook.xml.rels", _links([*linked, ("s", "styles", "styles.xml")])
        )
        book.writestr("xl/styles.xml", _STYLES)
        for i, sheet in zip(numbers, sheets, strict=True):
            rows = "".join(
                f'<row r="{n}">{"".join(_cell(c, n, value) for c, value in enumerate(row))}</row>'
                for n, row in enumerate(sheet.rows, 1)
            )
            book.writestr(
                f"xl/worksheets/sheet{i}.xml",
                f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData>{_merged(sheet)}'
                "</worksheet>",
            )
    return packed.getvalue()


def _merged(sheet: Sheet) -> str:
    cells = "".join(f'<mergeCell ref="{place}"/>' for place in sheet.merged)
    return f"<mergeCells>{cells}</mergeCells>" if cells else ""


def _links(links: Sequence[tuple[str, str, str]]) -> str:
    inner = "".join(
        f'<Relationship Id="{name}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for name, kind, target in links
    )
    return f'<Relationships xmlns="{_PARTS}/relationships">{inner}</Relationships>'


def _cell(column: int, row: int, value: Cell) -> str:
    place = f'r="{chr(ord("A") + column)}{row}"'
    match value:
        case None:
            return ""
        case bool():
            return f'<c {place} t="b"><v>{int(value)}</v></c>'
        case datetime():
            days = (value - datetime(1899, 12, 30, tzinfo=value.tzinfo)).total_seconds() / 86_400
            return f'<c {place} s="1"><v>{days}</v></c>'
        case str() if value.startswith("#"):
            return f'<c {place} t="e"><v>{value}</v></c>'
        case str() if value.startswith("="):
            return f"<c {place}><f>{value[1:]}</f><v></v></c>"
        case str():
            return f'<c {place} t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        case _:
            return f"<c {place}><v>{value}</v></c>"
