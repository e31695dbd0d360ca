"""How a day is written: with its year where that is not the reader's."""

from __future__ import annotations

from datetime import date


def day_in_words(day: date, today: date, *, month: str = "%B") -> str:
    """`2 February`, in another year than today's `2 February 2027`; `month` is of `strftime`."""
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day.day} {day:{month}}{year}"
