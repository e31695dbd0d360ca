"""The events of one lead one after the other, so that it is settled once for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice

from scoring.files.csv_lenient import Line
from service.importers.rows import RowReader

_GATHERED = 100_000
"""Lines that are put in order at once: some 50 MB."""


def gathered(reader: RowReader, lines: Iterable[Line]) -> Iterator[Line]:
    """The lines in order of the leads they name, as far as `_GATHERED` of them show it.

    Of lines with one id the first in the file stays the first.
    """
    waiting = iter(lines)
    while some := list(islice(waiting, _GATHERED)):
        by_lead: dict[object, list[Line]] = {}
        seen: set[object] = set()
        again = []
        for line in some:
            whom = reader.names(line)
            id = whom.pop("id", None)
            if id is not None and id in seen:
                again.append(line)
                continue
            seen.add(id)
            by_lead.setdefault(tuple(whom.items()), []).append(line)
        yield from chain(*by_lead.values(), again)
