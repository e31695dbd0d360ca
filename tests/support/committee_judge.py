"""Trains on one draw of a planted world and judges on another, by the score that is served."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from scoring.dataset.dataset import Dataset
from scoring.dataset.options import Options
from scoring.evaluation.tuning import Budget
from scoring.files.export import read_export
from scoring.leads.colleagues import Colleagues
from scoring.leads.counters import Rollup
from scoring.leads.lead import Event, Lead
from scoring.learners.candidates import Logistic
from scoring.learners.ensembles import fit_all
from scoring.model.account_part import Member
from scoring.model.model import Model, Score
from scoring.model.tables import TableModel
from scoring.training.accounts import account_part
from scoring.training.pipeline import Prepared, prepare_export, train_export
from tests.support.committee_worlds import (
    HORIZON_DAYS,
    JUDGED_BY,
    TAUGHT_BY,
    Company,
    Person,
    Verdict,
    World,
    companies,
    looked_at,
    verdict,
    write,
)

OPTIONS = Options(
    target="converted", id_column="id", time_column="signed_up_at", horizon_days=HORIZON_DAYS
)
_ACCOUNT = "one.example"
People = dict[str, tuple[Score, Member]]


def trained(world: World, count: int) -> Model:
    """The model of a whole training on so many companies."""
    with tempfile.TemporaryDirectory() as folder:
        leads, events = write(Path(folder), companies(world, count, TAUGHT_BY))
        return train_export(
            read_export(leads), OPTIONS, events=read_export(events), budget=Budget(seconds=0)
        ).model


def prepared(world: World, count: int) -> Prepared:
    """The rows of a training on so many companies."""
    with tempfile.TemporaryDirectory() as folder:
        leads, events = write(Path(folder), companies(world, count, TAUGHT_BY))
        return prepare_export(read_export(leads), OPTIONS, events=read_export(events))


def quickly_trained(world: World, count: int) -> Model:
    """A model of logistic regression, without a choice of others, and its part on accounts."""
    ready = prepared(world, count)
    assert ready.accounts is not None

    def fit(rows: Dataset) -> TableModel:
        return fit_all((Logistic(),), rows)["logistic"]

    model = Model.assembled(
        kind="logistic",
        verdict="skill",
        why="",
        table_model=fit(ready.data),
        features=ready.data.features,
        schema=ready.schema,
        facts={},
    )
    latest = fit(ready.data.past(0.8))
    return replace(model, account=account_part(ready.data, ready.accounts, fit, latest))


def judged(model: Model, world: World, count: int) -> Verdict:
    """The verdict on so many companies that the model has not seen."""
    assert model.account is not None
    y, account, best = [], [], []
    for company in looked_at(companies(world, count, JUDGED_BY)):
        people = scored(model, company)
        score = model.account.score(people)
        y.append(int(company.buys_after(company.looked_at)))
        account.append(score.probability)
        best.append(max(one.probability for one, _ in people.values()))
    return verdict(np.array(y), np.array(account), np.array(best))


def scored(model: Model, company: Company) -> People:
    """A company's people when it is looked at, by lead."""
    at = company.looked_at
    there = company.known_at(at)
    did = {person.id: _events(person) for person in there}
    leads = [_lead(person) for person in there]
    colleagues = Colleagues.of([(lead, _ACCOUNT) for lead in leads], did)
    found: People = {}
    for lead, person in zip(leads, there, strict=True):
        rollup = Rollup.of(did[lead.id], at)
        active = colleagues.active(lead.id, _ACCOUNT, at)
        score = model.score(lead, rollup, at, colleagues=active)
        is_active = rollup.recent(at, days=7)["any"] > 0
        days = (at - person.signed_up_at).days
        found[lead.id] = (score, Member(score.hundredths, person.role, is_active, days))
    return found


def _lead(person: Person) -> Lead:
    return Lead(
        id=person.id,
        email=person.email,
        title=person.title,
        signed_up_at=person.signed_up_at,
        attributes={"channel": person.channel},
    )


def _events(person: Person) -> Sequence[Event]:
    return [
        Event(id=f"{person.id}-{i}", lead_id=person.id, name=name, at=at, known_at=at)
        for i, (name, at) in enumerate(person.did)
    ]
