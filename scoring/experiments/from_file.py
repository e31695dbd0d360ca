"""Anybody's own randomised data, one row an account or a person, as trials.

Columns are read as everywhere: a column that reads two ways is asked about, and what is left out
or not understood is counted and said.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import nan

import numpy as np
from numpy.typing import NDArray

from scoring.dataset.target import read_outcome
from scoring.errors import DataError
from scoring.experiments.assignment import must_fit_the_plan
from scoring.experiments.trial import Floats, Trial
from scoring.files.export import Export
from scoring.files.ids import id_key
from scoring.files.reading import AS_IT_IS, Asked, FileEvidence, evidence_of, reading_of
from scoring.files.times import names_no_moment
from scoring.files.values import as_boolean, as_category, as_number, as_time, present
from scoring.leads.lead import Value

_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which columns say what; `share` may be a number too, the planned share of controls."""

    arm: str
    outcome: str
    control: str = "control"
    money: str | None = None
    share: str | None = None
    account: str | None = None
    at: str | None = None
    score: str | None = None
    dose: str | None = None
    positive: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    asked: Asked = AS_IT_IS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Randomised:
    """The rows that count: how many each arm has, the control's first, and all arms in one trial.

    `arm` names each row's by its place in `arms`; `dose` is NaN where none was given.
    """

    arms: dict[str, int]
    arm: NDArray[np.int64]
    whole: Trial
    dose: Floats | None
    began: Floats | None
    """When each account came, in their order, in seconds since 1970; None without times, or with
    more than one treated arm."""
    notes: list[str]
    left_out: dict[str, int]

    def trial_of(self, name: str) -> Trial:
        """One arm against the controls."""
        return self.whole.take(np.isin(self.arm, (0, list(self.arms).index(name))))


@dataclass(slots=True)
class _Rows:
    """Which rows are kept, and why the others are not."""

    kept: NDArray[np.bool_]
    notes: list[str] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)

    def leave_out(
        self, name: str, rows: NDArray[np.bool_], why: str, count: int | None = None
    ) -> None:
        """Those marked; `count` where something else than rows is counted."""
        rows = rows & self.kept
        self.kept = self.kept & ~rows
        if rows.any():
            self.left_out[name] = int(rows.sum()) if count is None else count
            self.notes.append(f"{self.left_out[name]:,} {why}")


def read_randomised(export: Export, columns: Columns) -> Randomised:
    """The file's rows in order of assignment; raises `DataError` and `NotRandom`."""
    dated = [columns.at] if columns.at in export.columns else []
    evidence = evidence_of(export, (), columns.asked, dated)
    rows = _Rows(np.ones(export.rows, dtype=np.bool_), notes=[*export.notes])
    names, arm = _arms(export, columns)
    rows.leave_out("no_arm", arm < 0, f'rows are left out: "{columns.arm}" is empty')
    converted = _converted(export, columns, rows)
    share = _shares(export, columns, evidence, rows)
    account = _accounts(export, columns, arm, rows)
    order, at = _order(export, columns, evidence, rows)
    order = order[rows.kept[order]]
    export, arm, account, converted = (
        export.take(order.tolist()),
        arm[order],
        _by_first(account[order]),
        converted[order],
    )
    counted = {name: int((arm == place).sum()) for place, name in enumerate(names)}
    for name, n in counted.items():
        if n == 0:
            raise DataError(
                "; ".join([f'{export.path.name}: arm "{name}" has no row left', *rows.notes])
            )
    _, first = np.unique(account, return_index=True)
    if share is not None:
        share = share[order]
        must_fit_the_plan((arm == 0)[first], share[first])
    return Randomised(
        arms=counted,
        arm=arm,
        whole=Trial(
            treated=arm > 0,
            converted=converted,
            account=account,
            accounts=int(account.max()) + 1,
            is_clustered=columns.account is not None,
            control_share=share if columns.share in export.columns else None,
            money=_money(export, columns, evidence, converted, rows.notes),
            score=_scores(export, columns, evidence, rows.notes),
        ),
        dose=_doses(export, columns, evidence, arm, rows.notes),
        began=None if at is None or len(names) > 2 else at[order][first],
        notes=rows.notes,
        left_out=rows.left_out,
    )


def _arms(export: Export, columns: Columns) -> tuple[list[str], NDArray[np.int64]]:
    """The arms' names, the control's first, and each row's place among them; -1 without one."""
    texts = [_text(value) for value in export.column(columns.arm, "--arm")]
    keys = [_key(text) for text in texts]
    written: dict[str, Counter[str]] = {}
    for key, text in zip(keys, texts, strict=True):
        if key:
            written.setdefault(key, Counter())[text] += 1
    names = {key: counts.most_common(1)[0][0] for key, counts in written.items()}
    control, told = _key(columns.control), f'{export.path.name}: "{columns.arm}" holds'
    listed = ", ".join(sorted(names.values())[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
    if control not in names:
        raise DataError(
            f'{told} no "{columns.control}"; say with --control which of its values are the '
            f"controls: {listed or 'it is empty'}"
        )
    if len(names) == 1:
        raise DataError(f"{told} {listed} only: an effect needs a second arm beside the controls")
    keyed = [control, *sorted(key for key in names if key != control)]
    places = {key: place for place, key in enumerate(keyed)}
    arm = np.array([places.get(key, -1) for key in keys], dtype=np.int64)
    return [names[key] for key in keyed], arm


def _converted(export: Export, columns: Columns, rows: _Rows) -> Floats:
    named = columns.positive, columns.negative, columns.undecided
    read = read_outcome(
        export, columns.outcome, *named, option="--outcome", empty_is_open=not columns.undecided
    )
    if not any(named) and not read.y.any():
        for value, _, side in read.counts:
            if side == "not converted" and as_boolean(value) != "no":
                raise DataError(
                    f'{export.path.name}: "{columns.outcome}" holds "{value}" and no yes; say '
                    "which value means converted with --positive, or that this one means not "
                    "with --negative"
                )
    rows.notes.extend(read.sentences())
    rows.leave_out("no_outcome", read.is_open, "rows are left out: no outcome is known")
    return read.y.astype(np.float64)


def _shares(export: Export, columns: Columns, evidence: FileEvidence, rows: _Rows) -> Floats | None:
    """Each row's planned share of controls."""
    if columns.share is None:
        return None
    if columns.share not in export.columns and (one := as_number(columns.share)) is not None:
        if not 0 < one < 1:
            raise DataError(f"--share {columns.share} must lie between 0 and 1")
        return np.full(export.rows, one)
    shares = _numbers(export, columns.share, "--share", evidence, rows.notes)
    wrong = np.flatnonzero((shares < 0) | (shares > 1))
    if len(wrong):
        raise DataError(
            f'{export.path.name}, {export.where(int(wrong[0]))}: "{columns.share}" is no share '
            "between 0 and 1"
        )
    rows.leave_out(
        "no_share", np.isnan(shares), f'rows are left out: "{columns.share}" is not given'
    )
    rows.leave_out(
        "no_chance", (shares == 0) | (shares == 1), "rows are left out: no chance of both groups"
    )
    return shares


def _accounts(
    export: Export, columns: Columns, arm: NDArray[np.int64], rows: _Rows
) -> NDArray[np.int64]:
    """A number for each row's account; a row without one stands for itself."""
    if columns.account is None:
        return np.arange(export.rows)
    texts = [_text(value) for value in export.column(columns.account, "--account")]
    empty = texts.count("")
    if empty:
        rows.notes.append(f'{empty:,} rows without "{columns.account}" stand for themselves')
    keys = [id_key(text) if text else f"\0{row}" for row, text in enumerate(texts)]
    _, account = np.unique(np.array(keys, dtype=object).astype(str), return_inverse=True)
    arms_of = np.full((int(account.max()) + 1, 2), [np.iinfo(np.int64).max, -1])
    known = arm >= 0
    np.minimum.at(arms_of[:, 0], account[known], arm[known])
    np.maximum.at(arms_of[:, 1], account[known], arm[known])
    both = arms_of[:, 0] < arms_of[:, 1]
    rows.leave_out(
        "several_arms",
        both[account],
        "accounts are left out: they had several arms",
        int(both.sum()),
    )
    return account


def _order(
    export: Export, columns: Columns, evidence: FileEvidence, rows: _Rows
) -> tuple[NDArray[np.int64], Floats | None]:
    """Row numbers by the time of assignment, else as the file has them; unread times come last.

    And each row's time in seconds since 1970, NaN where unread; None where there are none.
    """
    if columns.at is None:
        return np.arange(export.rows), None
    cells = [present(value, ()) for value in export.column(columns.at, "--at")]
    numbers = [as_number(cell) for cell in cells]
    is_numbers = all(
        n is not None for n, cell in zip(numbers, cells, strict=True) if cell is not None
    )
    if is_numbers:
        at = [nan if n is None else n for n in numbers]
    else:
        form = evidence.time_form(columns.at) or "iso"
        times = [None if cell is None else as_time(cell, form) for cell in cells]
        at = [nan if time is None else time.timestamp() for time in times]
    unread = int(np.isnan(at).sum())
    if unread == len(at):
        told = next(filter(None, (names_no_moment(c) for c in cells if isinstance(c, str))), None)
        why = f" but {told}" if told else ""
        raise DataError(f'{export.path.name}: "{columns.at}" holds no times and no numbers{why}')
    if unread:
        rows.notes.append(f'{unread:,} rows come last: their "{columns.at}" is not understood')
    found = np.array(at)
    return np.argsort(found, kind="stable"), None if is_numbers else found


def _money(
    export: Export, columns: Columns, evidence: FileEvidence, converted: Floats, notes: list[str]
) -> Floats | None:
    """An empty cell of who did not convert is nothing."""
    if columns.money is None:
        return None
    money = _numbers(export, columns.money, "--money", evidence, notes)
    empty = np.array([_text(value) == "" for value in export.columns[columns.money]])
    money[empty & (converted == 0)] = 0.0
    unknown = int(np.isnan(money).sum())
    if unknown:
        notes.append(f'{unknown:,} rows are left out of the money: "{columns.money}" is not known')
    return money


def _scores(
    export: Export, columns: Columns, evidence: FileEvidence, notes: list[str]
) -> Floats | None:
    """A score that is not given is taken for the mean: it was so before chance drew the arms."""
    if columns.score is None:
        return None
    scores = _numbers(export, columns.score, "--score", evidence, notes)
    unknown = np.isnan(scores)
    if unknown.all():
        raise DataError(f'{export.path.name}: "{columns.score}" holds no numbers')
    if unknown.any():
        notes.append(f"{int(unknown.sum()):,} rows without a score are taken for average")
    return np.where(unknown, scores[~unknown].mean(), scores)


def _doses(
    export: Export,
    columns: Columns,
    evidence: FileEvidence,
    arm: NDArray[np.int64],
    notes: list[str],
) -> Floats | None:
    """Sizes of who was treated; the controls got none."""
    if columns.dose is None:
        return None
    doses = _numbers(export, columns.dose, "--dose", evidence, notes)
    doses[arm == 0] = nan
    unknown = int((np.isnan(doses) & (arm > 0)).sum())
    if unknown == int((arm > 0).sum()):
        raise DataError(f'{export.path.name}: "{columns.dose}" holds no sizes of who was treated')
    if unknown:
        notes.append(f'{unknown:,} treated rows are left out of the doses: "{columns.dose}"')
    return doses


def _numbers(
    export: Export, column: str, option: str, evidence: FileEvidence, notes: list[str]
) -> Floats:
    """A column of numbers, NaN where none is; what is unread is said."""
    cells = [present(value, ()) for value in export.column(column, option)]
    decimal = evidence.decimal(column)

    def read(value: Value) -> float | None:
        return as_number(value, decimal)

    told = reading_of(export, column, (), read, read_as="number", form=decimal or "")
    if told.unread or decimal == "comma":
        notes.append(told.sentence(column))
    numbers = (read(cell) for cell in cells)
    return np.array([nan if number is None else number for number in numbers])


def _text(value: Value) -> str:
    """A cell as text, "none" and "n/a" too; empty where nothing is written."""
    text = value if isinstance(value, str) else as_category(present(value, ()))
    return " ".join((text or "").split())


def _key(text: str) -> str:
    return id_key(text, fold=True)


def _by_first(account: NDArray[np.int64]) -> NDArray[np.int64]:
    """Accounts numbered anew, by the row in which each comes first."""
    _, first, number = np.unique(account, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[number]
