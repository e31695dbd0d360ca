"""Ids as different exports write the same one, and rows that share one.

Excel makes 1001 into 1001.0; Salesforce writes an id with 15 letters, case-sensitive, or with 18,
of which the last three say which of the others are capitals; a GUID is one with and without
braces, in capitals and in small letters. Leading zeros are part of an id.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from scoring.errors import DataError
from scoring.files.cells import typed_text

Duplicates = Literal["first", "last", "refuse"]

_WHOLE = re.compile(r"(-?[0-9]+)\.0+")
_CUT_SHORT = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]{1,3}", re.IGNORECASE)
_SALESFORCE = re.compile(r"(?:[0-9][0-9A-Za-z]{2}|a[0-9A-Za-z]{2})[0-9A-Za-z]{12}")
_GUID = re.compile(r"\{?([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\}?")
_CHECKS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def id_key(text: str, *, fold: bool = False) -> str:
    """What two spellings of one id have in common; with `fold` upper and lower case are one."""
    key = typed_text(text.strip())
    if key.endswith("0") and (found := _WHOLE.fullmatch(key)):
        key = found[1]
    elif key.count("-") == 4 and (found := _GUID.fullmatch(key)):
        key = found[1].lower()
    elif len(key) == 15 and _SALESFORCE.fullmatch(key):
        key = salesforce_18(key)
    return key.casefold() if fold else key


def is_cut_short(text: str) -> bool:
    """Whether a spreadsheet rounded an id ("4.91E+12"), so that it names nobody."""
    return "+" in text and _CUT_SHORT.fullmatch(text.strip()) is not None


def cut_short(file: str, where: str, column: str) -> DataError:
    """What to say of such an id."""
    return DataError(
        f'{file}, {where}: the id in "{column}" was cut short by a spreadsheet, as 4.91E+12 is; '
        "export it again with its ids as text"
    )


def salesforce_18(short: str) -> str:
    """The 18 letters of a Salesforce id given with 15."""
    checks = (
        sum(1 << place for place, letter in enumerate(short[at : at + 5]) if letter.isupper())
        for at in (0, 5, 10)
    )
    return short + "".join(_CHECKS[check] for check in checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """How many events name a lead of the leads' file, with an id of each side as an example."""

    events: int
    named: int
    lead: str
    event: str

    def sentence(self, file: str) -> str:
        """The share in words."""
        share = f"{self.named:,} of {self.events:,} events name a lead of {file}"
        if self.named == self.events:
            return share
        return f'{share}; of the others one is of "{self.event}", the leads are like "{self.lead}"'


def match(
    leads: Mapping[str, str], events: Mapping[str, int], file: str, *, fold: bool = False
) -> Match:
    """The match of `events`, counted by key, with `leads`, each an id by its key.

    Raises `DataError` when there are events and none names a lead.
    """
    named = sum(count for key, count in events.items() if key in leads)
    strange = next((key for key in events if key not in leads), "")
    found = Match(
        events=sum(events.values()), named=named, lead=next(iter(leads.values()), ""), event=strange
    )
    if found.events and not named:
        folded = {key.casefold() for key in leads}
        would = any(key.casefold() in folded for key in events)
        what = (
            "they differ in upper and lower case: say --ids fold if that is one id"
            if would and not fold
            else "name the column of ids with --id, or export both files with the same id"
        )
        raise DataError(
            f'0 of {found.events:,} events name a lead of {file}: its ids are like "{found.lead}", '
            f'the events\' like "{strange}"; {what}'
        )
    return found


def rows_left_out(
    keys: Sequence[str],
    duplicates: Duplicates | None,
    rows_of: Callable[[Sequence[int]], Mapping[int, object]],
    *,
    file: str,
    column: str,
    where: Callable[[int], str],
) -> frozenset[int]:
    """The rows, from 0, that repeat another row's id and are left out.

    Without `duplicates` only a row that is the same in every cell is; `rows_of` gives the cells of
    rows. Raises `DataError` naming the first two rows that share an id and may not.
    """
    places: dict[str, list[int]] = {}
    for row, key in enumerate(keys):
        places.setdefault(key, []).append(row)
    repeated = {key: rows for key, rows in places.items() if len(rows) > 1}
    if not repeated:
        return frozenset()
    if duplicates in ("first", "last"):
        kept = 0 if duplicates == "first" else -1
        return frozenset(r for rows in repeated.values() for r in rows if r != rows[kept])
    cells = {} if duplicates else rows_of([row for rows in repeated.values() for row in rows])
    for rows in repeated.values():
        for row in rows[1:]:
            if duplicates or cells[row] != cells[rows[0]]:
                raise DataError(
                    f'{file}, {where(row)}: the id in "{column}" repeats that of {where(rows[0])}; '
                    "every lead needs an id of its own: keep one of them with --duplicates first "
                    "or --duplicates last"
                )
    return frozenset(row for rows in repeated.values() for row in rows[1:])
