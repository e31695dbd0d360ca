"""Rare levels lean on what they are part of; a level never seen has its parent's cell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scoring.dataset.dataset import Dataset
from scoring.features import BUILT_IN
from scoring.leads.columns import CategoryColumn, Column, column
from scoring.learners.candidates import BaseRate, Logistic
from scoring.learners.ensembles import fit_all
from scoring.learners.naive import Naive
from scoring.learners.parents import leaning, parents_in
from scoring.learners.scorecard import Scorecard
from scoring.learners.shapes import Shape, as_learnt, details
from scoring.learners.trees import AdditiveTrees
from scoring.model.tables import CategoryTable, TableModel
from tests.support.scoring_data import a_dataset

CITIES = {"Lyon": "FR", "Paris": "FR", "Berlin": "DE", "Bonn": "DE", "Ulm": "DE"}
PARENTS = {"City": "country"}


def located(rows: int, *, own: float, seed: int = 1) -> Dataset:
    """Leads of France buy, those of Germany do not; a city beside its country has `own`."""
    rng = np.random.default_rng(seed)
    cities = rng.choice(list(CITIES), rows, p=[0.3, 0.2, 0.3, 0.18, 0.02])
    logit = np.array([1.0 if CITIES[city] == "FR" else -1.5 for city in cities])
    logit += own * np.isin(cities, ["Lyon", "Bonn", "Ulm"])
    columns: dict[str, Column] = {
        "City": column("category", cities.tolist()),
        "country": column("category", [CITIES[city] for city in cities]),
    }
    y = (rng.random(rows) < 1 / (1 + np.exp(-logit))).astype(np.int64)
    return replace(a_dataset(rows, weight=0.0), features=(), columns=columns, y=y)


def tables_of(model: TableModel) -> dict[str, CategoryTable]:
    return {t.feature: t for t in model.tables if isinstance(t, CategoryTable)}


@pytest.mark.parametrize("learner", [AdditiveTrees(seeds=1), Logistic(), Naive()])
def test_a_city_never_seen_has_its_countrys_cell(learner: Logistic) -> None:
    data = located(3000, own=0.8)
    model = leaning(learner.fit(data), PARENTS, data)
    order = [table.feature for table in model.tables]
    for country in ("FR", "DE"):
        values = {"City": "Toulouse", "country": country}
        total, cells = model.explain([values[name] for name in order])
        said = dict(zip(order, cells, strict=True))
        assert said == {"City": 0, "country": tables_of(model)["country"].cells[country]}
        assert total == model.base + sum(cells)
    french, german = (tables_of(model)["country"].cells[c] for c in ("FR", "DE"))
    assert french - german > 2000, "what cities share is their country's"


def test_what_a_city_says_of_its_own_counts_by_its_leads() -> None:
    leads = {"Bonn": (600, 0.6), "Berlin": (600, 0.2), "Ulm": (15, 0.6)}
    cities = [city for city, (rows, _) in leads.items() for _ in range(rows)]
    y = [int(i < share * rows) for rows, share in leads.values() for i in range(rows)]
    cells = {"City": column("category", cities), "country": column("category", ["DE"] * len(y))}
    data = replace(a_dataset(len(y), weight=0.0), features=(), columns=cells, y=np.array(y))
    own = tables_of(leaning(Logistic().fit(data), PARENTS, data))["City"].cells
    assert own["Berlin"] < 0 < own["Ulm"] < 0.9 * own["Bonn"]


def test_cities_that_differ_by_chance_say_nothing_of_their_own() -> None:
    data = located(4000, own=0.0)
    own = tables_of(leaning(Naive().fit(data), PARENTS, data))["City"]
    assert max(map(abs, own.cells.values())) < 250
    assert own.other == 0


def test_the_mean_score_stays() -> None:
    data = located(2000, own=0.8)
    model = AdditiveTrees(seeds=1).fit(data)
    means = [m.score(data.columns, 2000).mean() for m in (model, leaning(model, PARENTS, data))]
    assert means[0] == pytest.approx(means[1], abs=1)


def test_a_lead_that_names_no_city_keeps_its_score_on_average() -> None:
    data = located(3000, own=0.8)
    codes = data.columns["City"].codes.copy()  # type: ignore[union-attr]
    codes[::5] = -1
    city = CategoryColumn(codes, tuple(sorted(CITIES)))
    data = replace(data, columns={**data.columns, "City": city})
    model = Logistic().fit(data)
    lacks = data.take(np.flatnonzero(codes < 0))
    scores = [m.score(lacks.columns, 600).mean() for m in (model, leaning(model, PARENTS, data))]
    assert scores[0] == pytest.approx(scores[1], abs=40)


def test_a_city_of_two_countries_leans_on_neither() -> None:
    data = located(3000, own=0.0)
    countries = ["FR" if i % 2 else "DE" for i in range(3000)]
    data = replace(data, columns={**data.columns, "country": column("category", countries)})
    before = Logistic().fit(data)
    after = leaning(before, PARENTS, data)
    assert tables_of(after)["country"] == tables_of(before)["country"]


def test_chains_are_found_by_heading_and_declared_ones_come_first() -> None:
    data = located(300, own=0.0)
    assert parents_in(data) == {"City": "country", "country": None}
    renamed = replace(data, columns={"Stadt": data.columns["City"], "x": data.columns["country"]})
    assert parents_in(renamed) == {"Stadt": None}
    assert parents_in(renamed, {"Stadt": "x"}) == {"Stadt": "x", "x": None}


def titled(rows: int) -> Dataset:
    """Titles of one department, of which one buys; the features are the built-in ones."""
    rng = np.random.default_rng(4)
    titles = rng.choice(["cto", "developer", "tester"], rows)
    logit = np.where(titles == "cto", 0.5, -1.5)
    names = ("department", "job_title")
    return replace(
        a_dataset(rows, weight=0.0),
        features=tuple(f for f in BUILT_IN if f.name in names),
        columns={
            "department": column("category", rng.choice(["it", "sales"], rows).tolist()),
            "job_title": column("category", titles.tolist()),
        },
        y=(rng.random(rows) < 1 / (1 + np.exp(-logit))).astype(np.int64),
    )


def test_titles_are_seen_only_where_they_lean_on_their_department() -> None:
    data = titled(2000)
    assert details(data) == ["job_title"]
    assert list(as_learnt(data).columns) == ["department"]
    card = (BaseRate(), Scorecard())
    plain = fit_all((Logistic(), *card), data)
    leant = fit_all((Logistic(), *card), data, Shape(parents=parents_in(data)))
    assert plain["logistic"].names == ("department",)
    assert leant["logistic"].names == ("department", "job_title")
    assert tables_of(leant["logistic"])["job_title"].cells["cto"] > 2000
    assert leant["base rate"].tables == ()
    assert leant["scorecard"] == plain["scorecard"]


def test_a_level_of_few_leads_is_not_named_however_many_rows_they_have() -> None:
    data = titled(1000)
    titles = ["jane doe ltd" if i < 45 else "other" for i in range(1000)]
    data = replace(
        data,
        columns={**data.columns, "job_title": column("category", titles)},
        lead=np.arange(1000) // 5,
    )
    leant = leaning(Logistic().fit(as_learnt(data)), {"job_title": "department"}, data)
    assert set(tables_of(leant)["job_title"].cells) == {"other"}


def test_a_column_of_ones_own_that_is_called_so_is_seen() -> None:
    data = titled(100)
    own = tuple(replace(feature, caption=feature.name) for feature in data.features)
    assert details(replace(data, features=own)) == []
