"""Exchange rates of one's own, over the shipped ones: a CSV of `date,currency,per_eur`."""

from __future__ import annotations

import csv
import io
from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation

from offers.fx import Rate, Rates

HEADER = ("date", "currency", "per_eur")
_DEAREST = Decimal(10) ** 9


class OwnRates:
    """A source of rates: one's own where there are any for a day, else those of `base`."""

    def __init__(self, base: Rates, rows: Iterable[tuple[date, str, Decimal]]) -> None:
        self._base = base
        self._own: dict[str, dict[date, Decimal]] = {}
        for day, currency, per_eur in rows:
            self._own.setdefault(currency, {})[day] = per_eur
        self._days = {currency: sorted(rates) for currency, rates in self._own.items()}

    def rate(self, currency: str, day: date) -> Rate | None:
        """The last rate published on or before a day; one's own wins on the same day."""
        shipped = self._base.rate(currency, day)
        days = self._days.get(currency, [])
        found = bisect_right(days, day)
        if not found or currency == "EUR":
            return shipped
        own = Rate(days[found - 1], self._own[currency][days[found - 1]])
        return shipped if shipped is not None and shipped.day > own.day else own


def read_rates(text: str) -> list[tuple[date, str, Decimal]]:
    """The rows of a rates file. Raises ValueError that names the line and what to write."""
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    header = tuple(cell.strip().lower() for cell in next(rows, []))
    if header != HEADER:
        raise ValueError(f"line 1: the header must be {','.join(HEADER)}")
    return [_read_row(row, rows.line_num) for row in rows if any(cell.strip() for cell in row)]


def _read_row(row: list[str], line: int) -> tuple[date, str, Decimal]:
    cells = [cell.strip() for cell in row]
    if len(cells) != len(HEADER):
        raise ValueError(f"line {line}: three cells are needed, there are {len(cells)}")
    try:
        day = date.fromisoformat(cells[0])
    except ValueError:
        raise ValueError(f"line {line}: the date must be written 2026-11-29") from None
    currency = cells[1].upper()
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha()):
        raise ValueError(f"line {line}: the currency must be an ISO 4217 code, as USD")
    try:
        per_eur = Decimal(cells[2])
    except InvalidOperation:
        raise ValueError(f"line {line}: per_eur must be a number with a decimal point") from None
    if not per_eur.is_finite() or not 0 < per_eur < _DEAREST:
        raise ValueError(f"line {line}: per_eur must be above 0 and below {_DEAREST:,f}")
    return day, currency, per_eur
