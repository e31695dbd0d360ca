"""Options that say how a file is written, alike in every command that reads one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from scoring.files.export import Export
    from scoring.files.reading import Asked

Positive = Annotated[
    list[str] | None, typer.Option(help="A value that means converted (repeat it).")
]
Negative = Annotated[
    list[str] | None, typer.Option(help="A value that means not converted (repeat it).")
]
Undecided = Annotated[
    list[str] | None,
    typer.Option("--open", help='A value that means undecided: left out ("" for empty cells).'),
]


class DecimalSign(StrEnum):
    """Which sign stands before decimals."""

    POINT = "point"
    COMMA = "comma"


class DateOrder(StrEnum):
    """Which of day and month stands first."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


class IdMatch(StrEnum):
    """When the id of an event is that of a lead."""

    EXACT = "exact"
    FOLD = "fold"


class DuplicateIds(StrEnum):
    """Which of several leads with one id counts."""

    FIRST = "first"
    LAST = "last"
    REFUSE = "refuse"


Ids = Annotated[IdMatch, typer.Option("--ids", help="fold: upper and lower case are one id.")]
Repeated = Annotated[
    DuplicateIds | None,
    typer.Option("--duplicates", help="Which row of an id counts; else only identical ones may."),
]
Decimals = Annotated[
    DecimalSign | None, typer.Option("--decimal", help="Where both fit: the decimal sign.")
]
Dates = Annotated[
    DateOrder | None, typer.Option("--dates", help="Where both fit: what stands first in a date.")
]


def asked_of(
    decimal: DecimalSign | None,
    dates: DateOrder | None,
    ids: IdMatch = IdMatch.EXACT,
    duplicates: DuplicateIds | None = None,
) -> Asked:
    """What the options say of the file's numbers, dates and ids."""
    from scoring.files.reading import Asked

    return Asked(
        decimal=None if decimal is None else decimal.value,
        dates=None if dates is None else dates.value,
        fold_ids=ids is IdMatch.FOLD,
        duplicates=None if duplicates is None else duplicates.value,
    )


def say_columns(export: Export, columns: Mapping[str, Sequence[str]]) -> None:
    """Say on stderr what was left out, which columns fill which field, and which are not read."""
    for note in export.notes:
        typer.echo(note, err=True)
    used = {column for of in columns.values() for column in of}
    if any(list(of) != [ours] for ours, of in columns.items()):
        read = (f"{ours} from {_named(of)}" for ours, of in columns.items())
        typer.echo(f"read: {'; '.join(read)}", err=True)
    if others := [column for column in export.columns if column not in used]:
        typer.echo(f"not read: {', '.join(others)}", err=True)


def _named(columns: Sequence[str]) -> str:
    return ", else ".join(f'"{column}"' for column in columns)
