"""A table as a page, a `.csv` and a `.json` show it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote, urlencode

from scoring.files.cells import safe_cell
from service.domain.lead_record import time_text

Kind = Literal[
    "text", "name", "long", "number", "points", "percent", "money", "time", "grade", "state"
]
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in files, its caption on the page, how a value is shown."""

    name: str
    caption: str
    kind: Kind = "text"
    link: str | None = None
    """A path with the names of other columns in braces."""
    shown: str | None = None
    """What the page shows instead, under this name in its row; files keep the id."""

    @property
    def align(self) -> str:
        """The class of its cells: numbers stand to the right; times and names are not broken."""
        if self.kind in ("number", "points", "percent", "money"):
            return "r"
        return "n" if self.kind in ("time", "name") else ""

    def href(self, row: Mapping[str, Any]) -> str | None:
        """Where a row's cell leads; nowhere in a row that is `closed` to who looks."""
        if self.link is None or row.get(self.name) is None or row.get("closed"):
            return None
        return self.link.format_map({k: quote(str(v), safe="/") for k, v in row.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under columns; a money column holds minor units of the row's `currency`."""

    name: str
    """Its files are `/{name}.csv` and `/{name}.json`."""
    title: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]
    empty: str
    """What stands there when there are no rows, and what to do about it."""
    note: str = ""
    counted_at: datetime | None = None
    """As of when its figures are, where that is not now."""
    asked: Mapping[str, str] | None = None
    """The parameters its files need to be of the same rows."""

    def begun(self) -> Table:
        """The table as a page of few kilobytes shows it: its first rows, and where the rest is."""
        if len(self.rows) <= _SHOWN:
            return self
        note = f"{self.note} The newest {_SHOWN}; the CSV goes further.".strip()
        return replace(self, rows=self.rows[:_SHOWN], note=note)

    def file(self, ending: str) -> str:
        """The path of its file."""
        query = f"?{urlencode(self.asked)}" if self.asked else ""
        return f"/{self.name}.{ending}{query}"


def as_csv(table: Table) -> str:
    """The rows as CSV; text that a spreadsheet would run as a formula is quoted with `'`."""
    names = _names(table)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(names)
    for row in table.rows:
        writer.writerow([_safe(row.get(name)) for name in names])
    return out.getvalue()


def as_json(table: Table) -> str:
    """The rows as JSON objects under the table's name."""
    names = _names(table)
    rows = [{name: _plain(row.get(name)) for name in names} for row in table.rows]
    return json.dumps({table.name: rows}, ensure_ascii=False)


def _names(table: Table) -> list[str]:
    """The columns', the currency beside money, and the ids that links are made of."""
    names = [column.name for column in table.columns]
    has_money = any(column.kind == "money" for column in table.columns)
    extra = ["currency"] if has_money else []
    for column in table.columns:
        if column.link is not None:
            extra += [part.split("}")[0] for part in column.link.split("{")[1:]]
    return list(dict.fromkeys([*names, *extra]))


def _plain(value: Any) -> Any:
    return time_text(value) if isinstance(value, datetime) else value


def _safe(value: Any) -> Any:
    plain = _plain(value)
    return safe_cell(plain) if isinstance(plain, str) else plain
