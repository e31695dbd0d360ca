"""Which form a whole column of times has, from what all of its cells say."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from scoring.files.times import COUNTED, ShortDate, read_time, short_date
from scoring.leads.lead import Value

EITHER = "day or month first"
"""No form: both orders fit a column, and somebody has to say which is meant."""

_FEW_YEARS = 3
_TELLING = 6
"""So many dates all lie in the first twelve days of a month by chance once in 250 times."""


@dataclass(slots=True)
class TimeEvidence:
    """What the cells of one column tell of its form; cells are added as they come."""

    cells: int = 0
    iso: int = 0
    late: int = 0
    """Of these, the ones after a month's twelfth day."""
    clear: int = 0
    """Cells that read the same in every form."""
    counted: Counter[str] = field(default_factory=Counter)
    only: Counter[str] = field(default_factory=Counter)
    differing: int = 0
    same: int = 0
    example: str = ""
    firsts: set[str] = field(default_factory=set)
    lasts: set[str] = field(default_factory=set)
    """First and last parts of dates in six digits, of which one is the year."""
    year_last: bool = False
    """Whether one of these can only end with its year."""
    dashed: bool = False
    """Whether one of these is written as 26-03-31, as databases write the year first too."""

    def add(self, value: Value, cells: int = 1) -> None:
        """Count a value that stands in so many cells."""
        self.cells += cells
        if isinstance(value, str) and read_time(value, "iso") is not None:
            self.iso += cells
            self.late += cells if value[8:10] > "12" else 0
            self.clear += cells
            return
        for form in COUNTED:
            if read_time(value, form) is not None:
                self.counted[form] += cells
        if read_time(value, "year first") is not None:
            self.clear += cells
            return
        if isinstance(value, str) and (short := short_date(value)) is not None:
            self._add_short(short)
        day, month = (read_time(value, f"{order} first") for order in ("day", "month"))
        if day is not None and month is not None and day != month:
            self.differing += cells
            self.example = self.example or str(value)
        elif day is not None and month is not None:
            self.same += cells
        elif day is not None:
            self.only["day first"] += cells
        elif month is not None:
            self.only["month first"] += cells

    def _add_short(self, date: ShortDate) -> None:
        self.dashed |= date.sign == "-"
        if date.may_begin_with_year:
            self.firsts.add(date.first)
            self.lasts.add(date.last)
        else:
            self.year_last = True

    def form(self) -> str | None:
        """The form that reads the most cells; `EITHER` where both orders fit."""
        ordered = self.differing + self.same + sum(self.only.values())
        name, counted = max(
            ((form, self.counted[form]) for form in COUNTED), key=lambda pair: pair[1]
        )
        if not ordered and counted > self.clear:
            return name
        if not ordered:
            return (
                "iso"
                if self.iso and self.iso == self.clear
                else "year first"
                if self.clear
                else None
            )
        return self.settled() or (EITHER if self.differing or self.only else "day first")

    def mixed(self) -> str | None:
        """In words, two kinds of dates that no one form reads; `None` where one does."""
        if len(self.lasts) > max(len(self.firsts), _FEW_YEARS):
            return "dates in six digits whose first two seem to be the year"
        if (
            self.dashed
            and not self.year_last
            and len(self.firsts) <= max(len(self.lasts), _FEW_YEARS)
        ):
            return "dates in six digits that may begin or end with the year"
        day, month = self.only["day first"], self.only["month first"]
        few, many = sorted((day, month))
        if few * 50 > many:
            return f"{day:,} dates that begin with the day and {month:,} that begin with the month"
        if min(self.iso, many) >= _TELLING and not self.late + self.differing + self.same:
            return (
                f"{self.iso:,} dates up to a month's 12th, which a spreadsheet took for dates, and "
                f"{many:,} after it, which it left as text"
            )
        written = self.differing + self.same + day + month + self.clear
        serials = self.counted["Excel serial"] - (self.clear - self.iso)
        few, many = sorted((written, serials))
        if few * 50 > many:
            return f"{written:,} written dates and {serials:,} of a spreadsheet's days (45,000 …)"
        return None

    def settled(self) -> str | None:
        """Which of day and month comes first, where the cells themselves decide."""
        day, month = self.only["day first"], self.only["month first"]
        few, many = sorted((day, month))
        if many and few * 50 <= many:
            return "day first" if day > month else "month first"
        return None

    def read(self, form: str | None) -> int:
        """How many cells a form reads."""
        if form is None:
            return 0
        if form in COUNTED:
            return max(self.counted[form], 0)
        if form in ("iso", "year first"):
            return self.iso if form == "iso" else self.clear
        return self.clear + self.differing + self.same + self.only[form]
