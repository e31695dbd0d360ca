"""The score of a company from its people, in planted worlds and with its reasons."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from scoring.contact import read_contact
from scoring.dataset.account_moments import account_moments
from scoring.errors import ModelError
from scoring.leads.lead import Event, Lead
from scoring.learners.accounts import Companies
from scoring.learners.accounts import companies as of_moments
from scoring.model import artifact
from scoring.model.account_part import ALONE, MOST_PEOPLE, AccountPart, Member
from scoring.model.model import Model
from scoring.model.score import Score
from scoring.model.tables import CategoryTable, NumberTable, TableModel
from tests.support.committee_judge import judged, prepared, quickly_trained, scored, trained
from tests.support.committee_worlds import (
    COMMITTEE,
    JUDGED_BY,
    MORE_AUC,
    MOST_CALIBRATION_ERROR,
    MOST_LOST_AUC,
    TITLES,
    TWIN,
    World,
    companies,
    looked_at,
)

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
PART = AccountPart(
    kind="logistic",
    why="as planted",
    slope=731,
    centre=-2100,
    table_model=TableModel(
        -317,
        (
            NumberTable("second_best", (-40.0, -10.0), (-501, 13, 207), -333),
            NumberTable("others", (0.0, 2.0), (-99, 51, 149), 0),
            NumberTable("others_active_7d", (0.0,), (-17, 71), 0),
            CategoryTable("account_age", {"3–6": 83, "7–13": -61}, 0, 0),
            CategoryTable("has_buyer", {"yes": 611, "no": -203}, 0, 0),
        ),
    ),
)


@pytest.fixture(scope="module")
def committee() -> Model:
    return quickly_trained(COMMITTEE, 1500)


def a_score(lead: str, hundredths: int) -> Score:
    return Score(
        lead_id=lead,
        base=-1900,
        fit=hundredths + 1900,
        engagement=0,
        labels=(),
        cells=[],
        values=[],
        model="m",
        as_of=NOW,
    )


def people(*told: tuple[int, str | None, bool | None]) -> dict[str, tuple[Score, Member]]:
    return {f"p{i}": (a_score(f"p{i}", one[0]), Member(*one, 4)) for i, one in enumerate(told)}


def test_a_planted_title_is_read_as_its_role_and_a_seed_is_a_world() -> None:
    for role, title in TITLES.items():
        assert read_contact(title=title, email=None, phone=None, country=None).buying_role == role
    assert companies(TWIN, 50, 1) == companies(TWIN, 50, 1) != companies(TWIN, 50, 2)


def test_both_worlds_have_companies_that_buy_and_that_do_not() -> None:
    for world in (COMMITTEE, TWIN):
        there = looked_at(companies(world, 2000, 1))
        bought = np.mean([one.buys_after(one.looked_at) for one in there])
        assert 0.1 < bought < 0.3
        assert np.mean([len(one.known_at(one.looked_at)) for one in there]) > 2


def test_a_committee_says_more_than_its_best_lead(committee: Model) -> None:
    found = judged(committee, COMMITTEE, 2500)
    assert found.gain > MORE_AUC / 2, found
    assert found.gain_interval[0] > 0, found
    assert committee.account is not None
    assert "all people of an account together" in committee.account.why
    roles = {t.feature: t.cells for t in committee.account.table_model.tables}
    for role in ("business_owner", "evaluator", "buyer", "decision_maker"):
        cells = roles[f"has_{role}"]
        assert cells["yes"] > cells["no"]  # type: ignore[call-overload]  # by level


def test_where_one_person_decides_nothing_is_lost() -> None:
    model = quickly_trained(TWIN, 1200)
    assert model.account is not None
    found = judged(model, TWIN, 1500)
    assert found.gain >= -MOST_LOST_AUC, found


@pytest.mark.long
@pytest.mark.timeout(1400)
@pytest.mark.parametrize("world", [COMMITTEE, TWIN], ids=lambda world: world.name)
def test_a_whole_training_keeps_what_was_asked_of_it(world: World) -> None:
    found = judged(trained(world, 2_500), world, 10_000)
    least = MORE_AUC if world is COMMITTEE else -MOST_LOST_AUC
    assert found.gain >= least, found
    assert found.calibration_error <= MOST_CALIBRATION_ERROR, found


def test_the_reasons_of_every_planted_company_add_up(committee: Model) -> None:
    assert committee.account is not None
    for company in looked_at(companies(COMMITTEE, 200, JUDGED_BY)):
        there = scored(committee, company)
        score = committee.account.score(there)
        reasons = [*score.best.reasons, *score.account_reasons]
        assert score.base + sum(reason.hundredths for reason in reasons) == score.hundredths
        assert score.hundredths == committee.account.hundredths([one for _, one in there.values()])
        assert score.leads[0] == score.best.lead_id
        assert sorted(score.leads) == sorted(there)


def test_a_company_scores_alike_one_by_one_and_in_a_table(committee: Model) -> None:
    ready = prepared(COMMITTEE, 150)
    assert ready.accounts is not None
    moments, part = ready.accounts, committee.account
    assert part is not None
    scores = np.random.default_rng(3).integers(-9000, 4000, len(moments.of_row))
    rows = np.arange(len(moments.y))
    table: Companies = of_moments(moments, scores, rows)
    for row, total in zip(rows.tolist(), table.scores(part).tolist(), strict=True):
        there = [
            Member(int(scores[i]), moments.roles[i], bool(moments.active[i]), int(moments.days[i]))
            for i in np.flatnonzero(moments.of_row == row).tolist()
        ]
        assert part.hundredths(there) == total


def test_a_moment_knows_nobody_who_came_later_and_no_company_that_bought() -> None:
    def lead(name: str, day: float) -> Lead:
        return Lead(id=name, email=f"{name}.example", signed_up_at=NOW + timedelta(days=day))

    earlier = [lead(f"p{i}@old{i}", -100) for i in range(3)]
    leads = [*earlier, lead("a@one", 0), lead("b@one", 5), lead("c@two", 1), lead("d@three", 2)]
    won: list[datetime | None] = [None] * len(leads)
    won[4] = NOW + timedelta(days=20)
    did = {"a@one": [Event(id="e", lead_id="a@one", name="seen", at=NOW, known_at=NOW)]}
    found = account_moments(
        leads,
        won,
        (),
        events=did,
        observed_until=NOW + timedelta(days=45),
        horizon=timedelta(days=14),
    )
    assert found is not None
    days = (found.at_us / 86_400_000_000 - found.at_us[0] / 86_400_000_000).round().tolist()
    sizes = np.bincount(found.of_row).tolist()
    told = list(zip(found.account.tolist(), days, sizes, found.y.tolist(), strict=True))
    one = [row[1:] for row in told if row[0] == 3]
    assert one == [(0, 1, 0), (3, 1, 0), (5, 2, 0), (7, 2, 1), (14, 2, 1)]  # bought on day 20
    two = [row[1:] for row in told if row[0] == 4]
    assert two == [(1, 1, 0), (4, 1, 0), (8, 1, 0), (15, 1, 0), (29, 1, 0)]
    assert [int(found.active[i]) for i in np.flatnonzero(found.of_row == 0)] == [1]


def test_leads_that_share_no_company_have_no_moments() -> None:
    leads = [Lead(id=str(i), email=f"{i}@gmail.com", signed_up_at=NOW) for i in range(5)]
    day = timedelta(days=1)
    found = account_moments(
        leads, [None] * 5, (), events=None, observed_until=NOW + day, horizon=day
    )
    assert found is None


@pytest.mark.parametrize("slope", [0, 731, 1000, 1400])
def test_a_better_best_lead_never_lowers_the_score(slope: int) -> None:
    part = replace(PART, slope=slope)
    scores = [part.hundredths([Member(h, "buyer", True, 4)]) for h in range(-9000, 4000, 37)]
    assert scores == sorted(scores)


def test_the_order_of_people_says_nothing_and_a_large_company_has_an_end() -> None:
    three = people((-900, "buyer", True), (-3100, None, False), (-2000, "user", None))
    backwards = dict(reversed(three.items()))
    assert PART.score(three) == PART.score(backwards)
    crowd = people(*((-1000 - i, None, False) for i in range(3 * MOST_PEOPLE)))
    score = PART.score(crowd)
    assert len(score.leads) == MOST_PEOPLE
    assert PART.hundredths([one for _, one in crowd.values()]) == score.hundredths


def test_without_a_choice_an_account_has_its_best_leads_score() -> None:
    score = AccountPart().score(people((-900, "buyer", True), (-3100, None, False)))
    assert score.hundredths == -900
    assert score.account_reasons == ()
    assert AccountPart().kind == ALONE


def test_a_part_is_kept_with_its_model_and_an_older_model_has_none(
    model_dir: Path, tmp_path: Path
) -> None:
    made = Model.load(model_dir)
    with_part = replace(made, account=PART)
    with_part.save(tmp_path / "with", report="")
    loaded = Model.load(tmp_path / "with")
    assert loaded.account == PART
    assert loaded.id == with_part.id != replace(made, account=None).id
    older = replace(made, account=None)
    older.save(tmp_path / "older", report="")
    assert '"account": {' not in (tmp_path / "older" / "model.json").read_text(encoding="utf-8")
    assert Model.load(tmp_path / "older").account is None
    assert Model.load(tmp_path / "older").id == older.id


@pytest.mark.parametrize(
    ("where", "wrong"),
    [("slope", -1), ("slope", 0.5), ("base", "x"), ("features", [{"name": "zodiac"}])],
)
def test_a_garbled_part_is_refused(
    model_dir: Path, tmp_path: Path, where: str, wrong: object
) -> None:
    replace(Model.load(model_dir), account=PART).save(tmp_path / "m", report="")
    stored = artifact.read(tmp_path / "m")
    stored["account"][where] = wrong
    artifact.write(tmp_path / "m", json.dumps(stored), "")
    with pytest.raises(ModelError):
        Model.load(tmp_path / "m")
