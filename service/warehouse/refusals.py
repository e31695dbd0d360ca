"""What every kind of place refuses in the same words."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from scoring.errors import DataError
from service.warehouse.delivery import Delivery
from service.warehouse.places import Place

_LISTED = 12


def no_table(place: Place, there: Iterable[str]) -> DataError:
    """That there is no such table, and which there are."""
    named = sorted(there)
    last = place.table[-1]
    close = difflib.get_close_matches(place.name, named, 1) or [
        name for name in named if name.split(".")[-1].casefold() == last.casefold()
    ]
    if close:
        hint = f'did you mean "{close[0]}"?'
    elif named:
        more = " …" if len(named) > _LISTED else ""
        hint = f"it has: {', '.join(named[:_LISTED])}{more}"
    else:
        hint = "it has none that you may read"
    return DataError(f'there is no table "{place.name}" ({place}); {hint}')


def not_ours(place: Place, delivery: Delivery, found: str) -> DataError:
    """That something else is there already."""
    if delivery.if_there == "append":
        return DataError(
            f"{place} is {found}, so nothing is added to it; name another place, or replace it "
            "whole with --replace"
        )
    return DataError(f"{place} is {found}; name another place, or replace it whole with --replace")


def check_columns(place: Place, new: Mapping[str, str], there: Iterable[str]) -> None:
    """Refuses to add to a table of other columns."""
    lacks, has = sorted(new.keys() - set(there)), sorted(set(there) - new.keys())
    if lacks or has:
        told = [f"no {', '.join(lacks)}" if lacks else "", f"also {', '.join(has)}" if has else ""]
        raise DataError(
            f"{place} has other columns ({'; '.join(filter(None, told))}); it cannot be added to: "
            "replace it with --replace, or name another place"
        )
