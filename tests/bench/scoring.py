"""One lead and a million: against LightGBM's contributions and a scikit-learn pipeline."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pandas as pd
from lightgbm import Booster, Dataset, train
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from scoring.batch import score_export
from scoring.contact import read_contact
from scoring.dataset.dataset import read_leads
from scoring.dataset.options import Options
from scoring.features import Moment
from scoring.files.export import read_export
from scoring.leads.columns import CategoryColumn, Column, NumberColumn
from scoring.leads.counters import Rollup
from scoring.leads.lead import Lead
from scoring.model.feature_values import feature_columns, moment
from scoring.model.model import Model
from scoring.model.tables import CategoryTable
from tests.bench.harness import Figure, in_child, micro, seconds, shared, times
from tests.support.batch import a_model, some_trials, write_leads

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TITLES = Path(__file__).parents[1] / "cases" / "contact_title.csv"
LEADS = 3000
MILLION = 1_000_000


def run() -> Iterator[Figure]:
    """Done-when 3 of the scores issue, and how many leads a second a file takes."""
    with TemporaryDirectory() as folder:
        trials = some_trials(LEADS)
        path = write_leads(Path(folder), trials)
        model = a_model(path)
        y = np.array([trial.converted_at is not None for trial in trials], dtype=np.int64)
        leads = read_leads(read_export(path), model.schema)
        moments = [_counted(moment(lead, None, NOW)) for lead in leads]
        yield from _one_lead(model, moments, y)
        yield from _raw_signups(model)
        (spent, rows), peak = in_child(_many, model_folder(model, folder))
        yield Figure(
            f"{rows:,} leads from columns, with contributions",
            f"{spent:.2f} s of one core, peak {peak:.2f} GB",
            "aim ≤ 1.5 s, ≤ 2 GB",
        )
        yield _file("simulated export", path, model)
    if real := shared("x_education/leads.csv.gz"):
        yield _file("x_education export", real, None)


def model_folder(model: Model, folder: str) -> str:
    """The model on disk, for a child process."""
    model.save(Path(folder) / "m", report="")
    return str(Path(folder) / "m")


def _counted(then: Moment) -> Moment:
    """The moment of a lead that did nothing yet."""
    return Moment(lead=then.lead, contact=then.contact, counters=Rollup().counters(NOW), now=NOW)


def _one_lead(model: Model, moments: list[Moment], y: Any) -> Iterator[Figure]:
    columns = feature_columns(model.features, moments)
    frame = pd.DataFrame({name: _plain(c) for name, c in columns.items()})
    booster, matrix = _booster(columns, y), _matrix(columns)
    pipeline = _pipeline(columns).fit(frame, y)
    values = [[feature.value(then) for feature in model.features] for then in moments[:500]]
    row, one = partial(next, cycle(range(500))), model.table_model
    ours, contributions, one_row, whole = seconds(
        lambda: one.explain(values[row()]),
        lambda: booster.predict(matrix[[row()]], pred_contrib=True, num_threads=1),
        lambda: pipeline.predict_proba(frame.iloc[[row()]]),
        lambda: [feature.value(moments[0]) for feature in model.features],
        number=200,
    )
    what = f"{len(model.features)} features → score with all reasons, one lead"
    yield Figure(
        what,
        micro(ours),
        f"pred_contrib, 200 × 31 leaves: {micro(contributions)}",
        times(contributions, ours, "≥ 50 ×"),
    )
    yield Figure(
        what,
        micro(ours),
        f"pipeline on a one-row DataFrame: {micro(one_row)}",
        times(one_row, ours, "≥ 200 ×"),
    )
    yield Figure("lead and counters → features, one lead", micro(whole))


def _plain(column: Column) -> Any:
    if isinstance(column, NumberColumn):
        return column.values
    return np.array([*column.levels, None], dtype=object)[column.codes]


def _matrix(columns: Mapping[str, Column]) -> Any:
    parts = [c.values if isinstance(c, NumberColumn) else c.codes for c in columns.values()]
    return np.column_stack([np.asarray(part, dtype=np.float64) for part in parts])


def _booster(columns: Mapping[str, Column], y: Any) -> Booster:
    categories = [i for i, c in enumerate(columns.values()) if isinstance(c, CategoryColumn)]
    settings = {"num_leaves": 31, "min_data_in_leaf": 5, "verbosity": -1, "num_threads": 1}
    data = Dataset(_matrix(columns), label=y, categorical_feature=categories)
    return train(settings | {"objective": "binary"}, data, num_boost_round=200)


def _pipeline(columns: Mapping[str, Column]) -> Any:
    numbers = [name for name, c in columns.items() if isinstance(c, NumberColumn)]
    categories = [name for name, c in columns.items() if isinstance(c, CategoryColumn)]
    impute = SimpleImputer(keep_empty_features=True)
    return make_pipeline(
        make_column_transformer(
            (make_pipeline(impute, StandardScaler()), numbers),
            (OneHotEncoder(handle_unknown="ignore"), categories),
        ),
        LogisticRegression(max_iter=500),
    )


def _raw_signups(model: Model) -> Iterator[Figure]:
    """Sign-ups as they come, none seen before: each its own mail address, number and title."""
    with TITLES.open(encoding="utf-8") as file:
        titles = list(dict.fromkeys(row["title"] for row in csv.DictReader(file)))
    signups = []
    for title, trial in zip(titles, some_trials(len(titles), seed=99), strict=True):
        flat = {
            k: v for k, v in trial.signup.items() if k not in ("source", "attributes", "consent")
        }
        flat |= {**trial.signup["source"], **trial.signup["attributes"], "title": title}
        signups.append(flat)
    read_contact(email="a@example.com", phone="+4930123456", title="CEO", country="DE")  # the lists
    spent = []
    for flat in signups:
        started = perf_counter()
        model.score(Lead(id=flat["id"], attributes=flat), Rollup(), NOW)
        spent.append(perf_counter() - started)
    what = f"raw sign-up → score with all reasons, median of {len(spent):,} never seen"
    yield Figure(what, micro(median(spent)), "aim ≤ 200 µs")
    yield Figure("the same, 95 in 100 within", micro(float(np.quantile(spent, 0.95))))


def _many(model_path: str) -> tuple[float, int]:
    """Seconds of one core to score a million leads; the columns are drawn."""
    model = Model.load(Path(model_path))
    rng = np.random.default_rng(1)
    columns: dict[str, Column] = {}
    for table in model.table_model.tables:
        if isinstance(table, CategoryTable):
            codes = rng.integers(-1, len(table.cells), MILLION)
            columns[table.feature] = CategoryColumn(codes, tuple(table.cells))
        else:
            values = rng.integers(0, 60, MILLION).astype(np.float64)
            values[rng.random(MILLION) < 0.05] = np.nan
            columns[table.feature] = NumberColumn(values)
    spent = []
    for _ in range(3):
        started = process_time()
        scores = model.score_columns(columns, MILLION)
        assert len(scores.probability) == MILLION
        spent.append(process_time() - started)
    return median(spent), MILLION


def _file(what: str, path: Path, model: Model | None) -> Figure:
    """Leads a second from a file in memory, contact data read and all reasons written."""
    export = read_export(path)
    scored = partial(score_export, export, model or a_model(path, Options(target="Converted")))
    (spent,) = seconds(partial(scored, as_of="2026-06-01", with_reasons=True), repeats=3)
    return Figure(f"{what}, {export.rows:,} leads", f"{export.rows / spent:,.0f} leads/s")
