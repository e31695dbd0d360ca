"""Cohorts of customers who began together, as a file tells of them: cohort, period, active."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from scoring.dataset.headings import listed_columns
from scoring.errors import DataError
from scoring.files.export import Export
from scoring.files.reading import Asked, FileEvidence, evidence_of
from scoring.files.values import as_category, as_number, present

_COLUMNS = ("cohort", "period", "active")
_WANTED = "a file of renewals has one row for each cohort and period: cohort, period, active"
_LONGEST = 1_000
"""Periods; daily ones over some years are no renewals of contracts."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """Customers who began in the same period; `active[t]` of them after t renewals."""

    name: str
    active: tuple[int, ...]

    @property
    def periods(self) -> int:
        """How many renewals are seen."""
        return len(self.active) - 1

    def first(self, periods: int) -> Cohort:
        """The cohort as it was known after so many renewals, or at its newest."""
        return replace(self, active=self.active[: periods + 1])

    def churn(self) -> float | None:
        """Who left of all who could, over all periods; `None` before a renewal was due."""
        due = sum(self.active[:-1])
        return (self.active[0] - self.active[-1]) / due if due else None

    def last_churn(self) -> float | None:
        """Who left of those due in the last period; `None` where nobody was."""
        if self.periods == 0 or self.active[-2] == 0:
            return None
        return 1 - self.active[-1] / self.active[-2]


def cohort_columns(export: Export) -> dict[str, list[str]]:
    """The column of the cohort, the period and how many are active, by their headings.

    Raises `DataError` where one of them is missing.
    """
    found = listed_columns("renewals", export.columns)
    for name in _COLUMNS:
        if not found[name]:
            raise DataError(f'{export.path.name} has no column "{name}"; {_why(export)}')
    return {name: found[name][:1] for name in _COLUMNS}


def _why(export: Export) -> str:
    """What such a file lacks: it lists purchases, or has a column for each period."""
    counted = sum(column[-1].isdigit() for column in export.columns)
    if counted > 1 and 2 * counted > len(export.columns):
        return f"{_WANTED}, where this one has a column for each period"
    return (
        f"{_WANTED}. One row a purchase is not readable here: without contracts nobody says when a "
        "customer left"
    )


def read_cohorts(
    export: Export, columns: Mapping[str, Sequence[str]], asked: Asked
) -> list[Cohort]:
    """The cohorts of a file, in its order; `columns` are those of `cohort_columns`.

    Raises `DataError` where a row says nothing, a period is missing or told of twice, or a cohort
    grows.
    """
    evidence = evidence_of(export, (), asked)
    cohort, period, count = (columns[name][0] for name in _COLUMNS)
    names = [as_category(present(value, ())) for value in export.columns[cohort]]
    periods = _numbers(export, evidence, period, "period")
    active = _numbers(export, evidence, count, "active")
    found: dict[str, dict[int, int]] = {}
    for row, name in enumerate(names):
        if name is None:
            raise DataError(f"{export.path.name}, {export.where(row)}: no cohort; name one")
        told = found.setdefault(name, {})
        if periods[row] in told:
            raise DataError(
                f'{export.path.name}, {export.where(row)}: cohort "{name}" has period '
                f"{periods[row]} twice. One row a purchase is not readable here: without "
                f"contracts nobody says when a customer left; {_WANTED}"
            )
        told[periods[row]] = active[row]
    return [_cohort(export, name, told) for name, told in found.items()]


def _cohort(export: Export, name: str, told: dict[int, int]) -> Cohort:
    last = max(told)
    missing = next((period for period in range(last + 1) if period not in told), None)
    if last > _LONGEST:
        raise DataError(
            f'{export.path.name}: cohort "{name}" has a period {last}; periods are whole numbers '
            f"from 0, the start, to {_LONGEST} at most: no years, no dates"
        )
    if missing is not None:
        raise DataError(
            f'{export.path.name}: cohort "{name}" has no period {missing} but a period {last}; '
            "add how many were active then (period 0 is the start)"
        )
    active = tuple(told[period] for period in range(last + 1))
    if active[0] == 0:
        raise DataError(f'{export.path.name}: cohort "{name}" begins with nobody active')
    for period in range(1, last + 1):
        if active[period] > active[period - 1]:
            raise DataError(
                f'{export.path.name}: active of cohort "{name}" rises from {active[period - 1]} '
                f"to {active[period]} in period {period}; customers of a cohort can only leave: "
                "count who came later in a cohort of their own"
            )
    return Cohort(name, active)


def _numbers(export: Export, evidence: FileEvidence, column: str, name: str) -> list[int]:
    decimal = evidence.decimal(column)
    found = []
    for row, value in enumerate(export.columns[column]):
        number = as_number(present(value, ()), decimal)
        if name == "active" and isinstance(value, str) and "%" in value:
            raise DataError(
                f'{export.path.name}, {export.where(row)}: {name} is a share ("{value.strip()}"); '
                "write how many customers"
            )
        if number is None or number < 0 or not number.is_integer():
            raise DataError(
                f"{export.path.name}, {export.where(row)}: {name} is no whole number from 0; write "
                + ("which it is, the start as 0" if name == "period" else "how many")
            )
        found.append(int(number))
    return found
