"""From an export to a trained model: the steps in their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from scoring.dataset.account_moments import AccountMoments, account_moments
from scoring.dataset.conversions import conversion_times, outcome_column
from scoring.dataset.dataset import Dataset, build_dataset, lead_order, read_leads
from scoring.dataset.infer import infer_schema
from scoring.dataset.lead_ids import distinct_leads, events_of
from scoring.dataset.maturity import label
from scoring.dataset.options import Options
from scoring.dataset.target import read_target
from scoring.errors import DataError
from scoring.evaluation.leakage import Leak, find_leaks
from scoring.evaluation.tuning import Budget
from scoring.files.export import Export
from scoring.leads.columns import NumberColumn
from scoring.leads.lead import Event, Lead
from scoring.learners.shapes import NOTHING_DECLARED, Expected
from scoring.model.schema import Schema
from scoring.training.train import Progress, Trained, shuffled, train


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An export as rows to train on, and what was noticed on the way."""

    data: Dataset
    schema: Schema
    notes: tuple[str, ...]
    about_target: tuple[str, ...]
    about_labels: str
    leaks: tuple[Leak, ...]
    accounts: AccountMoments | None = None
    """Where leads have sign-up times and accounts, and conversions have times."""
    expected: Expected = NOTHING_DECLARED
    learnt_until: datetime | None = None
    """When the newest lead signed up, those too young to teach among them; None: not known."""


def train_export(
    export: Export,
    options: Options,
    *,
    file_order: bool = False,
    events: Export | None = None,
    budget: Budget | None = None,
    progress: Progress = lambda step: None,
    now: datetime | None = None,
) -> Trained:
    """Read, label, order, train within `budget`; raises `DataError` naming what cannot be used.

    A time after `now` (the clock's, unless given) does not move when the data end.
    """
    ready = prepare_export(
        export, options, file_order=file_order, events=events, progress=progress, now=now
    )
    return train(
        ready.data,
        ready.schema,
        notes=ready.notes,
        about_target=ready.about_target,
        about_labels=ready.about_labels,
        leaks=ready.leaks,
        accounts=ready.accounts,
        expected=ready.expected,
        learnt_until=ready.learnt_until,
        budget=budget or Budget(),
        progress=progress,
    )


def prepare_export(
    export: Export,
    options: Options,
    *,
    file_order: bool = False,
    events: Export | None = None,
    progress: Progress = lambda step: None,
    now: datetime | None = None,
) -> Prepared:
    """All of `train_export` but the training."""
    now = now or datetime.now(UTC)
    export = distinct_leads(export, options.id_column, options.asked)
    target = read_target(
        export, options.target or "", options.positive, options.negative, options.undecided
    )
    decided = np.flatnonzero(~target.is_open)
    export, y = export.take(decided.tolist()), target.y[decided]
    won_column = outcome_column(export, options)
    schema, notes = infer_schema(export, options, knows_outcome=won_column)
    form = schema.times.get(options.time_column or "")
    order = lead_order(export, options.time_column, file_order=file_order, form=form)
    won = None
    if won_column is not None:
        won = conversion_times(export, won_column, y.tolist(), options, now)
    won_at = None if won is None else won.times
    if won_column is not None and won is not None:
        schema = replace(schema, readings={**schema.readings, won_column: won.reading})
        notes += won.notes
    leads = read_leads(export, schema)
    notes += told_twice(export, leads, y.tolist())
    notes += late_signups(export, leads, now)
    if order is None and all(lead.signed_up_at is not None for lead in leads):
        order = np.argsort(np.array([lead.signed_up_at for lead in leads]), kind="stable")
        notes.append("ordered by the sign-ups' times; name another column with --time")
    happened = None
    if events is not None:
        happened, share = events_of(leads, export.path.name, events, options.asked)
        notes += [share, *(f"{events.path.name}: {note}" for note in events.notes)]
    observed_until = _observed_until(leads, won_at, happened, now)
    labels = label(leads, y, won_at, observed_until, options.horizon_days)
    kept = np.flatnonzero(labels.old_enough)
    if len(kept) == 0:
        raise DataError(
            f"{export.path.name}: every lead is younger than the horizon when the data end; "
            "name a shorter --horizon, or export older leads"
        )
    if labels.horizon is not None and not labels.settled:
        raise DataError(
            f"{export.path.name}: the horizon ({labels.horizon.days} days) leaves no settled older "
            f"lead to learn from; the sign-ups span {labels.span_days} days; export more, or name "
            "a shorter --horizon"
        )
    progress("computing features")
    data = build_dataset(
        [leads[i] for i in kept.tolist()],
        labels.y[kept],
        schema,
        order=None if order is None else _renumbered(order, kept),
        events=happened,
        converted_at=None if won_at is None else [won_at[i] for i in kept.tolist()],
        observed_until=observed_until if won_at else None,
        horizon=labels.horizon,
    )
    progress("looking for columns that know the outcome")
    at_signup = data.first_rows()
    names = [attribute.name for attribute in schema.attributes]
    leaks = find_leaks(at_signup if data.is_ordered else shuffled(at_signup), names, options.keep)
    dropped = [leak.column for leak in leaks if leak.verdict == "dropped"]
    attributes = tuple(a for a in schema.attributes if a.name not in dropped)
    data = data.without(dropped)
    accounts = None
    if won_at is not None and observed_until is not None and labels.horizon is not None:
        accounts = account_moments(
            [leads[i] for i in kept.tolist()],
            [won_at[i] if y[i] else None for i in kept.tolist()],
            data.features,
            events=happened,
            observed_until=observed_until,
            horizon=labels.horizon,
        )
    return Prepared(
        data=data,
        accounts=accounts,
        schema=replace(schema, attributes=attributes),
        notes=(*export.notes, *notes),
        about_target=tuple(target.sentences()),
        about_labels=labels.sentence,
        leaks=tuple(leaks),
        expected=_expected(export, options, schema, data),
        learnt_until=max(
            (at for lead in leads if (at := lead.signed_up_at) and at <= now), default=None
        ),
    )


def _expected(export: Export, options: Options, schema: Schema, data: Dataset) -> Expected:
    """What is declared of the features; raises `DataError` for what cannot be meant."""
    numbers = {n for n, c in data.columns.items() if isinstance(c, NumberColumn)}
    for name in (*options.directions, *options.parents, *options.parents.values()):
        if name in data.columns:
            continue
        why = "is no column there"
        if name in schema.fields:
            why = f"is read as the lead's {schema.fields[name]}"
        elif name in export.columns:
            why = "is left out or says the same of every lead"
        raise DataError(
            f'{export.path.name}: a direction or a parent is declared of "{name}", which {why}; '
            f"the features are {', '.join(data.columns)}"
        )
    for name in options.directions:
        if name not in numbers:
            raise DataError(f'"{name}" holds texts, so its effect has no direction; leave it out')
    for child, parent in options.parents.items():
        if numbers & {child, parent} or child == parent:
            raise DataError(
                f'"{child}" cannot be part of "{parent}": a category has another one as its parent'
            )
    return Expected(directions=options.directions, parents=options.parents)


def _observed_until(
    leads: Sequence[Lead],
    won_at: Sequence[datetime | None] | None,
    events: Mapping[str, Sequence[Event]] | None,
    now: datetime,
) -> datetime | None:
    """The latest moment the data know of that is not still to come."""
    moments = [lead.signed_up_at for lead in leads]
    moments += list(won_at or ())
    moments += [event.known_at for done in (events or {}).values() for event in done]
    return max((at for at in moments if at is not None and at <= now), default=None)


def told_twice(export: Export, leads: Sequence[Lead], y: Sequence[int]) -> list[str]:
    """A sentence on mail addresses of which one row says converted and another not."""
    rows_of: dict[str, list[int]] = {}
    for row, lead in enumerate(leads):
        if lead.email is not None:
            rows_of.setdefault(lead.email.strip().casefold(), []).append(row)
    both = [rows for rows in rows_of.values() if len({y[row] for row in rows}) > 1]
    if not both:
        return []
    one, other = both[0][0], next(row for row in both[0] if y[row] != y[both[0][0]])
    return [
        f"{len(both):,} mail addresses stand in a row that converted and in one that did not, such "
        f"as those of {export.where(one)} and {export.where(other)}: each row counts as a lead; if "
        "they are one, name the column with --id and say --duplicates first or last"
    ]


def late_signups(export: Export, leads: Sequence[Lead], now: datetime) -> list[str]:
    """A sentence on sign-ups that lie in the future; empty where none does."""
    starts = [lead.signed_up_at for lead in leads]
    late = [(row, at) for row, at in enumerate(starts) if at is not None and at > now]
    if not late:
        return []
    row, at = late[0]
    return [
        f"{len(late):,} of {len(leads):,} sign-ups lie after {now:%-d %B %Y}, such as "
        f"{at:%-d %B %Y} in {export.where(row)}: they do not move when the data end; mend "
        "their times"
    ]


def _renumbered(order: NDArray[np.int64], kept: NDArray[np.int64]) -> NDArray[np.int64]:
    """The order of the kept rows, by their new numbers."""
    place = np.full(len(order), -1, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    moved = place[order]
    return moved[moved >= 0]
