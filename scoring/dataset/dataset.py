"""From an export to labelled rows: leads at landmarks, in the order of time.

A row is a lead at one moment. Where sign-up and outcome times are known, a lead gives one row
at its sign-up and one at each later landmark it lived to unconverted, so that one model serves a
lead at every age. A lead too young to have had its chance is left out, not called a failure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from scoring.errors import DataError
from scoring.features import BUILT_IN, Feature, Moment
from scoring.files.export import Export
from scoring.files.time_evidence import EITHER, TimeEvidence
from scoring.files.times import names_no_moment
from scoring.files.values import as_category, as_number, as_time, present
from scoring.leads.columns import Column, NumberColumn
from scoring.leads.counters_frame import microseconds
from scoring.leads.lead import Event, Lead, Value
from scoring.model.feature_values import History, feature_columns, moment
from scoring.model.schema import Schema

LANDMARK_DAYS = (0, 1, 3, 7, 14)
TRAIN_SHARE = 0.8
"""The oldest 80 % of leads teach and choose; the newest 20 % judge, once."""
CUTS = (0.4, 0.46, 0.52, 0.58, 0.64)
"""Shares of all leads by age: what is older than a cut learns, a quarter as many then judge."""
FOLLOWING = 1.25
"""A slice ends at so many times its past, as the newest 20 % follow the oldest 80 %."""

FEWEST_PAST = 5
"""Fewer settled older leads are no past: a slice after them judges nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """Rows ready for a candidate.

    `columns` by feature name; `y` 0/1 of shape (rows,); `lead` of shape (rows,) numbers each
    row's lead from the oldest lead, 0, to the newest; rows are sorted by it. Where it is known,
    `settled_us` is when each row's label was (its sign-up and the horizon), in microseconds.
    `weights`, of at most 1, say how much of a row each counts for; without them all count whole.
    `log_odds` of shape (rows,) are what trees start from, where that is known of each row.
    """

    features: tuple[Feature, ...]
    columns: Mapping[str, Column]
    y: NDArray[np.int64]
    lead: NDArray[np.int64]
    is_ordered: bool
    settled_us: NDArray[np.int64] | None = None
    horizon_us: int = 0
    weights: NDArray[np.float64] | None = None
    log_odds: NDArray[np.float64] | None = None

    def take(self, rows: NDArray[np.int64]) -> Dataset:
        """The same data for a choice of rows."""
        return replace(
            self,
            columns={name: c.take(rows) for name, c in self.columns.items()},
            y=self.y[rows],
            lead=self.lead[rows],
            settled_us=None if self.settled_us is None else self.settled_us[rows],
            weights=None if self.weights is None else self.weights[rows],
            log_odds=None if self.log_odds is None else self.log_odds[rows],
        )

    def without(self, names: Collection[str]) -> Dataset:
        """The same rows without the features of those names."""
        return replace(
            self,
            features=tuple(f for f in self.features if f.name not in names),
            columns={name: c for name, c in self.columns.items() if name not in names},
        )

    @property
    def rows_a_weight(self) -> float:
        """How many rows it takes on average to count for one; 1 without weights."""
        return 1.0 if self.weights is None else len(self.weights) / float(self.weights.sum())

    def first_rows(self) -> Dataset:
        """Each lead's first row only: its sign-up."""
        return self.take(np.unique(self.lead, return_index=True)[1])

    def between(self, first: float, last: float) -> Dataset:
        """The rows of the leads from share `first` to share `last` of all leads by age."""
        leads = int(self.lead.max()) + 1 if len(self.lead) else 0
        low, high = round(first * leads), round(last * leads)
        return self.take(np.flatnonzero((self.lead >= low) & (self.lead < high)))

    def past(self, border: float) -> Dataset:
        """What one could have learnt from when the first lead after a border signed up.

        The rows of older leads, without those whose label was not settled by then: their horizon
        reaches over the border. Where settling times are not known, all rows of older leads.
        """
        older = self.between(0, border)
        following = self.between(border, 1)
        if older.settled_us is None or following.settled_us is None or not len(following.y):
            return older
        begins = int(following.settled_us.min()) - self.horizon_us
        return older.take(np.flatnonzero(older.settled_us <= begins))

    def slices(self) -> list[tuple[float, float]]:
        """The borders between which candidates are tried: those with a past to learn from."""
        return [
            (first, round(FOLLOWING * first, 4))
            for first in CUTS
            if len(np.unique(self.past(first).lead)) >= FEWEST_PAST
        ]


def read_leads(export: Export, schema: Schema) -> list[Lead]:
    """One lead a row, as the service would hold it had the row been its sign-up.

    Raises `DataError` when the id column has an empty or repeated value.
    """
    left_out = {schema.id_column, schema.target_column}
    names = [name for name in export.columns if name not in left_out]
    ids = _ids(export, schema)
    return [
        schema.admit(Lead(id=lead_id, attributes={name: export.columns[name][i] for name in names}))
        for i, lead_id in enumerate(ids)
    ]


def _ids(export: Export, schema: Schema) -> list[str]:
    if schema.id_column is None:
        return [str(i + 1) for i in range(export.rows)]
    ids: list[str] = []
    seen: dict[str, int] = {}
    for i, value in enumerate(export.column(schema.id_column, "--id")):
        lead_id = as_category(present(value, ())) or ""
        if not lead_id or lead_id in seen:
            problem = f"repeats that of row {seen[lead_id]}" if lead_id else "is empty"
            raise DataError(
                f'{export.path.name}, row {i + 1}: the id in "{schema.id_column}" {problem}; '
                "every lead needs an id of its own"
            )
        seen[lead_id] = i + 1
        ids.append(lead_id)
    return ids


def lead_order(
    export: Export, column_name: str | None, *, file_order: bool, form: str | None = None
) -> NDArray[np.int64] | None:
    """Row numbers from the oldest lead to the newest; `None` when no order is known.

    The column may hold times of `form` (found in the column where it is not given) or numbers.
    Raises `DataError` for a value that is neither.
    """
    if column_name is None:
        return np.arange(export.rows) if file_order else None
    cells = [present(v, ()) for v in export.column(column_name, "--time")]
    keys: list[float | None] = [as_number(v) for v in cells]
    if None in keys or form is not None:
        times = [as_time(v, form or _form_of(cells)) for v in cells]
        dated = [None if at is None else at.timestamp() for at in times]
        keys = min(dated, keys, key=lambda read: read.count(None))
    if None in keys:
        row = keys.index(None)
        cell = cells[row]
        if isinstance(cell, str) and (what := names_no_moment(cell)):
            raise DataError(
                f'{export.path.name}, {export.where(row)}: "{column_name}" holds {what} '
                f'("{cell}"), so nobody knows which lead came first; export the day and time '
                "(2026-03-31 14:05), or name another --time"
            )
        raise DataError(
            f'{export.path.name}, row {row + 1}: "{column_name}" is neither a number '
            "nor a date like the others; known are such as 2026-03-31 14:05, 31.12.2026, "
            "12/31/2026 2:05 PM, 31 March 2026, 20260331 and a spreadsheet's days; mend it or name "
            "another --time"
        )
    return np.argsort(np.array(keys, dtype=np.float64), kind="stable")


def _form_of(cells: Sequence[Value]) -> str:
    evidence = TimeEvidence()
    for value, count in Counter(cells).items():
        if value is not None:
            evidence.add(value, count)
    form = evidence.form()
    return "day first" if form in (None, EITHER) else str(form)


def build_dataset(
    leads: Sequence[Lead],
    y: NDArray[np.int64],
    schema: Schema,
    *,
    order: NDArray[np.int64] | None,
    events: Mapping[str, Sequence[Event]] | None = None,
    converted_at: Sequence[datetime | None] | None = None,
    observed_until: datetime | None = None,
    horizon: timedelta | None = None,
) -> Dataset:
    """Labelled rows, oldest lead first; features that say the same of every row are left out.

    `horizon` is how long after its sign-up a lead's label settles; `None` when that is not known.

    Landmarks after the sign-up need `converted_at` (whose rows they must not pass) and
    `observed_until`; without them each lead gives the one row of its sign-up, and so does one
    that converted nobody knows when.
    """
    moments: list[Moment] = []
    labels: list[int] = []
    ages: list[int] = []
    settled: list[int] = []
    by_age = np.arange(len(leads)) if order is None else order
    history = None if events is None else History.of(leads, events)
    for age, i in enumerate(by_age.tolist()):
        lead = leads[i]
        won_at = converted_at[i] if converted_at else None
        until = observed_until if won_at is not None or not y[i] else None
        for now in _landmarks(lead, won_at, until, events):
            moments.append(moment(lead, history, now))
            labels.append(int(y[i]))
            ages.append(age)
            if horizon is not None and lead.signed_up_at is not None:
                settled.append(microseconds(lead.signed_up_at + horizon))
    own = {attribute.name for attribute in schema.attributes}
    features = (*(f for f in BUILT_IN if f.name not in own), *schema.features())
    columns = feature_columns(features, moments)
    told = tuple(f for f in features if not _is_constant(columns[f.name]))
    return Dataset(
        features=told,
        columns={f.name: columns[f.name] for f in told},
        y=np.array(labels, dtype=np.int64),
        lead=np.array(ages, dtype=np.int64),
        is_ordered=order is not None,
        settled_us=np.array(settled, dtype=np.int64) if len(settled) == len(labels) else None,
        horizon_us=0 if horizon is None else horizon // timedelta(microseconds=1),
    )


def _landmarks(
    lead: Lead,
    converted_at: datetime | None,
    observed_until: datetime | None,
    events: Mapping[str, Sequence[Event]] | None,
) -> list[datetime | None]:
    start = lead.signed_up_at
    if start is None or observed_until is None or events is None:
        return [start]
    end = min(observed_until, converted_at or observed_until)
    later = [start + timedelta(days=d) for d in LANDMARK_DAYS[1:]]
    return [start, *(at for at in later if at < end)]


def _is_constant(values: Column) -> bool:
    missing = values.is_missing()
    if missing.all():
        return True
    kept = values.values if isinstance(values, NumberColumn) else values.codes
    return bool(not missing.any() and (kept == kept[0]).all())
