"""For the batch tests and benches: simulated files, and a model that uses every feature.

Its cells are drawn, not learnt: what matters here is that all engines read them alike.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scoring.dataset.infer import infer_schema
from scoring.dataset.options import Options
from scoring.features import BUILT_IN, Feature
from scoring.files.export import read_export
from scoring.model.model import Model
from scoring.model.pair_table import Axis, CategoryAxis, NumberAxis, PairTable
from scoring.model.tables import CategoryTable, NumberTable, Table, TableModel
from service.demo.simulate import Trial, lead_rows, simulate

WORDS = (
    "corporate",
    "free",
    "mobile",
    "yes",
    "no",
    "vp",
    "c_level",
    "sales",
    "DE",
    "US",
    "team",
    "decision_maker",
    "google",
    "software",
    "foods",
    "none",
)


def some_trials(count: int, *, seed: int = 5) -> list[Trial]:
    """Trials of the first half of 2026."""
    return simulate(count, seed=seed, start=datetime(2026, 1, 1, tzinfo=UTC), days=180)


def write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """The rows as a CSV file, one column a name that any row has."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_leads(folder: Path, trials: Sequence[Trial]) -> Path:
    """The trials' leads as an export."""
    return write_csv(folder / "leads.csv", lead_rows(trials))


def write_events(folder: Path, trials: Sequence[Trial], *, seed: int = 1) -> Path:
    """Their events in no order, some known late, some delivered twice and changed."""
    rng = random.Random(seed)
    rows = []
    for event in (event for trial in trials for event in trial.events):
        late = rng.random() < 0.1
        rows.append({**event, "received_at": "2026-04-01T10:00:00Z" if late else ""})
        if rng.random() < 0.05:
            rows.append({**rows[-1], "name": rng.choice(["invite_sent", "login"])})
    rng.shuffle(rows)
    return write_csv(folder / "events.csv", rows)


TRIALS = Options(
    target="converted", id_column="id", time_column="signed_up_at", drop=("converted_at",)
)


def a_model(leads: Path, options: Options = TRIALS, *, seed: int = 3) -> Model:
    """A model of every built-in feature and every attribute of an export."""
    rng = random.Random(seed)
    schema, _ = infer_schema(read_export(leads), options)
    own = {attribute.name for attribute in schema.attributes}
    features = (*(f for f in BUILT_IN if f.name not in own), *schema.features())
    tables: Iterable[Table] = (
        _number_table(f.name, rng) if f.kind == "number" else _category_table(f.name, rng)
        for f in features
    )
    return Model.assembled(
        kind="drawn",
        verdict="none",
        why="for tests",
        table_model=TableModel(-4000, tuple(tables), _pairs(features, rng)),
        features=features,
        schema=schema,
        facts={},
    )


def _pairs(features: Iterable[Feature], rng: random.Random) -> tuple[PairTable, ...]:
    """A pair of two numbers, of two categories, and of one each, all within a group."""
    by_kind: dict[tuple[str, str], list[str]] = {}
    for feature in features:
        by_kind.setdefault((feature.group, feature.kind), []).append(feature.name)
    numbers = by_kind["engagement", "number"]
    categories = by_kind["fit", "category"]
    named = [(numbers[2], numbers[5]), (categories[0], categories[3])]
    if mixed := by_kind.get(("fit", "number")):
        named.append((categories[1], mixed[0]))
    return tuple(
        _pair(*(_axis(name, name in categories, rng) for name in pair), rng) for pair in named
    )


def _axis(name: str, is_category: bool, rng: random.Random) -> Axis:
    if is_category:
        return CategoryAxis.of(name, WORDS)
    return NumberAxis(name, tuple(sorted(float(edge) for edge in rng.sample(range(60), 9))))


def _pair(first: Axis, second: Axis, rng: random.Random) -> PairTable:
    cells = tuple(
        tuple(rng.randrange(-900, 900) for _ in range(second.size)) for _ in range(first.size)
    )
    return PairTable(first, second, cells)


def _number_table(name: str, rng: random.Random) -> NumberTable:
    edges = tuple(sorted(float(edge) for edge in rng.sample(range(60), 12)))
    cells = tuple(rng.randrange(-900, 900) for _ in range(13))
    return NumberTable(name, edges, cells, missing=rng.randrange(-900, 900))


def _category_table(name: str, rng: random.Random) -> CategoryTable:
    cells = {word: rng.randrange(-900, 900) for word in WORDS}
    return CategoryTable(name, cells, other=rng.randrange(-900, 900), missing=rng.randrange(900))
