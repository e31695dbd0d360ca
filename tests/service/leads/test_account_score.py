"""An account's score: shown with its reasons, and what its queue item is worth by it."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from scoring.model.account_part import AccountPart, Member
from scoring.model.model import Model
from scoring.model.points import probability
from scoring.model.tables import NumberTable
from service.db.tables.leads import leads, queue
from service.domain import priority
from service.domain.deal_value import expected_value_minor
from service.domain.lead import StoredLead
from service.domain.lead_record import contact_from
from service.store.leads.leads import ALL_COLUMNS
from service.use_cases.intake.erasure import erase
from service.use_cases.leads.lead_context import open_lead
from service.use_cases.tx import transact_now
from tests.support.account_parts import DECISION_MAKER, OTHERS, a_part, saved_with
from tests.support.service import World

ACCOUNT = "acme.example"
PART = a_part(
    NumberTable("second_best", (-40.0,), (-207, 411), -333),
    OTHERS,
    NumberTable("others_active_7d", (0.0,), (-17, 571), 0),
    DECISION_MAKER,
)
TITLES = ("CEO", "Head of Procurement", "Security Engineer", "VP Operations", "Accountant", None)


@pytest.fixture
def with_part(model_dir: Path, tmp_path: Path) -> Path:
    """The trained model with a planted part on accounts."""
    return saved_with(PART, model_dir, tmp_path)


@pytest.fixture
def scored(make_world: Callable[..., World], with_part: Path) -> World:
    """A service that scores accounts, with events connected and reps who have room for all."""
    world = make_world(model=with_part)
    world.sign_up(id="first", email="first@first.example")
    world.did("first", "report opened")
    for rep in ("ada", "bob"):
        world.hire(rep, capacity=500)
    return world


def shown(world: World, account: str = ACCOUNT) -> dict[str, Any] | None:
    answer = world.get("manager", f"/v1/accounts/{account}")
    assert answer.status_code == 200, answer.text
    score: dict[str, Any] | None = answer.json()["score"]
    return score


def stored(world: World) -> dict[str, StoredLead]:
    rows = world.rows(sa.select(*ALL_COLUMNS).where(leads.c.erased_at.is_(None)))
    return {row.id: StoredLead._make(row) for row in rows}


def best_first(world: World, account: str = ACCOUNT) -> list[StoredLead]:
    """The scored people of an account."""
    people = [one for one in stored(world).values() if one.account == account]
    return sorted(people, key=lambda one: (-(one.score_hundredths or 0), one.id))


def as_it_should_be(world: World) -> dict[str, int]:
    """What each open lead should be expected to bring, worked out from what is stored."""
    found = stored(world)
    companies: dict[str, list[StoredLead]] = {}
    for lead in found.values():
        if lead.score_hundredths is not None and lead.standing_outcome is None:
            companies.setdefault(lead.account or lead.id, []).append(lead)
    gains = {}
    for people in companies.values():
        people.sort(key=lambda one: (-(one.score_hundredths or 0), one.id))
        members = [_member(world, one) for one in people]
        for place, one in enumerate(people):
            chance = PART.probability(members) if place == 0 else probability(members[place][0])
            gains[one.id] = round(chance * _value(world, one))
    return gains


def _member(world: World, one: StoredLead) -> Member:
    counters, now = one.counters, world.clock.now()
    did = counters is not None and counters.recent(now, days=7)["any"] > 0
    assert one.score_hundredths is not None
    days = (now - one.moment).days
    return Member(one.score_hundredths, contact_from(one.contact_json).buying_role, did, days)


def _value(world: World, one: StoredLead) -> int:
    return expected_value_minor(
        world.runtime.policy,
        open_lead(one).lead,
        seats_when_unknown=world.settings.seats_when_unknown,
    )


def is_in_place(world: World) -> None:
    """Every lead and every waiting place says what the account's score makes of it."""
    gains, found = as_it_should_be(world), stored(world)
    assert {id: one.gain_minor for id, one in found.items() if id in gains} == gains
    for place in world.rows(sa.select(queue)):
        lead = found[place.lead]
        assert place.gain_minor == lead.gain_minor
        worth = math.log(max(lead.gain_minor, 1) / max(lead.minutes, 1))
        assert lead.value_per_minute == worth
        key = priority.priority(worth, lead.hot_at, world.settings.half_life_hours)
        assert place.priority == pytest.approx(key, abs=1e-9)


def outcome(world: World, lead: str, kind: str) -> None:
    at = world.clock.now().isoformat()
    body = {"id": f"{kind}-{lead}", "lead_id": lead, "kind": kind, "at": at}
    assert world.send("/v1/outcomes", body).status_code == 200


def test_an_account_is_scored_of_its_open_people_and_the_reasons_add_up(scored: World) -> None:
    for name, title in zip(("mia", "tom", "zoe"), TITLES, strict=False):
        scored.sign_up(id=name, email=f"{name}@{ACCOUNT}", title=title, company_size="51-200")
    scored.did("tom", "pricing page viewed")
    found = shown(scored)
    assert found is not None
    hundredths = [round(100 * reason["points"]) for reason in found["reasons"]]
    assert round(100 * found["base_points"]) + sum(hundredths) == round(100 * found["points"])
    people = best_first(scored)
    assert found["leads"] == [one.id for one in people]
    assert found["best_lead"] == people[0].id
    members = [_member(scored, one) for one in people]
    assert found["probability"] == PART.probability(members)
    told = {r["feature"]: r["value"] for r in found["reasons"] if r["of"] == "account"}
    assert told["has_decision_maker"] == "yes"
    assert told["others"] == "2"
    assert told["best_lead"] == "0.8"
    own = people[0].score
    assert own is not None
    theirs = [r for r in found["reasons"] if r["of"] == "best_lead"]
    assert {(r["feature"], r["points"]) for r in theirs} == {
        (reason.feature, reason.points) for reason in own.reasons
    }


def test_the_console_shows_the_chance_and_the_sum_behind_it(scored: World) -> None:
    for name, title in zip(("mia", "tom"), TITLES, strict=False):
        scored.sign_up(id=name, email=f"{name}@{ACCOUNT}", title=title, first_name=name.title())
    found = shown(scored)
    assert found is not None
    secret = scored.bearer("manager")["authorization"].removeprefix("Bearer ")
    assert scored.client.post("/sign-in", data={"secret": secret}).status_code == 200
    page = scored.client.get(f"/accounts/{ACCOUNT}").text
    assert "Chance to buy" in page
    assert f"{found['probability']:.0%}" in page
    assert f"{found['points']:+.2f}" in page
    for reason in found["reasons"]:
        assert f"{reason['points']:+.2f}" in page


def test_who_bought_or_objects_to_being_scored_is_not_part_of_it(scored: World) -> None:
    for name in ("mia", "tom", "zoe"):
        scored.sign_up(id=name, email=f"{name}@{ACCOUNT}", title="CEO")
    scored.wait(minutes=1)
    scored.sign_up(id="zoe", email=f"zoe@{ACCOUNT}", do_not_profile=True)
    outcome(scored, "tom", "converted")
    found = shown(scored)
    assert found is not None
    assert found["leads"] == ["mia"]
    is_in_place(scored)
    transact_now(scored.runtime, lambda tx: erase(tx, "mia"))
    assert shown(scored) is None


def test_a_model_without_that_part_answers_null_and_one_without_a_choice_the_best_lead(
    make_world: Callable[..., World], model_dir: Path, tmp_path: Path
) -> None:
    made = Model.load(model_dir)
    replace(made, account=None).save(tmp_path / "older", report="")
    world = make_world(model=tmp_path / "older")
    world.sign_up(id="mia", email=f"mia@{ACCOUNT}")
    assert shown(world) is None
    replace(made, account=AccountPart(why="Too few accounts.")).save(tmp_path / "few", report="")
    world.runtime.serve(model=Model.load(tmp_path / "few"))
    found, lead = shown(world), stored(world)["mia"].score
    assert found is not None
    assert lead is not None
    assert (found["points"], found["probability"]) == (lead.points, lead.probability)
    assert found["why"] == "Too few accounts."


def test_a_colleague_raises_the_companys_item_at_once_and_a_better_one_takes_it(
    scored: World,
) -> None:
    scored.sign_up(id="mia", email=f"mia@{ACCOUNT}", title="CEO", company_size="51-200")
    alone = stored(scored)["mia"].gain_minor
    scored.sign_up(id="tom", email=f"tom@{ACCOUNT}", title="Accountant", company_size="51-200")
    with_tom = {one.id: one.gain_minor for one in stored(scored).values()}
    assert with_tom["mia"] > alone > with_tom["tom"]
    is_in_place(scored)
    scored.did("tom", "report opened")
    assert stored(scored)["mia"].gain_minor > with_tom["mia"]
    assert stored(scored)["tom"].gain_minor == with_tom["tom"]
    is_in_place(scored)
    scored.wait(minutes=1)
    scored.sign_up(id="tom", email=f"tom@{ACCOUNT}", title="CEO", company_size="501-1000")
    scored.sign_up(id="mia", email=f"mia@{ACCOUNT}", title="Student", company_size="51-200")
    assert [one.id for one in best_first(scored)] == ["tom", "mia"]
    is_in_place(scored)
    rep = stored(scored)["tom"].rep
    items = scored.get(str(rep), f"/v1/reps/{rep}/queue").json()["items"]
    (ours,) = [item for item in items if item["account"] == ACCOUNT]
    assert (ours["lead_id"], [one["lead_id"] for one in ours["colleagues"]]) == ("tom", ["mia"])
    found = shown(scored)
    assert found is not None
    expected = round(found["probability"] * _value(scored, stored(scored)["tom"]))
    assert ours["expected_gain"]["minor"] == expected


def test_who_leaves_takes_along_what_they_stood_for(scored: World) -> None:
    for name, title in zip(("mia", "tom", "zoe", "kim"), TITLES, strict=False):
        scored.sign_up(id=name, email=f"{name}@{ACCOUNT}", title=title, company_size="51-200")
    is_in_place(scored)
    best = best_first(scored)[0].id
    transact_now(scored.runtime, lambda tx: erase(tx, best))
    is_in_place(scored)
    best = best_first(scored)[0].id
    scored.wait(minutes=1)
    scored.sign_up(id=best, email=f"{best}@elsewhere.example")
    assert stored(scored)[best].account == "elsewhere.example"
    is_in_place(scored)
    left = [one.id for one in stored(scored).values() if one.account == ACCOUNT]
    outcome(scored, left[0], "lost")
    is_in_place(scored)


@pytest.mark.parametrize("seed", range(3))
def test_any_story_leaves_every_place_where_the_account_puts_it(scored: World, seed: int) -> None:
    rng = random.Random(seed)
    people: list[str] = []
    for step in range(40):
        kind = rng.choice(("came", "came", "did", "did", "did", "lost", "gone", "claimed"))
        if kind == "came" or not people:
            name = f"p{step}"
            mail = f"{name}@{rng.choice(('one', 'two'))}.example"
            scored.sign_up(id=name, email=mail, title=rng.choice(TITLES), company_size="51-200")
            people.append(name)
        elif kind == "did":
            scored.did(rng.choice(people), rng.choice(("pricing page viewed", "report opened")))
        elif kind == "lost":
            outcome(scored, people.pop(rng.randrange(len(people))), "lost")
        elif kind == "gone":
            gone = people.pop(rng.randrange(len(people)))
            transact_now(scored.runtime, lambda tx, gone=gone: erase(tx, gone))  # type: ignore[misc]
        else:
            taken = scored.post("ada", "/v1/reps/ada/claim")
            if taken.status_code == 200:
                body = {"version": taken.json()["version"]}
                scored.post("ada", f"/v1/claims/{taken.json()['claim']}/release", body)
        scored.work()
        try:
            is_in_place(scored)
        except AssertionError:
            print(
                "STEP",
                step,
                kind,
                [
                    (o.id, o.score_hundredths, o.gain_minor, o.account, o.standing_outcome, o.lane)
                    for o in best_first(scored, "one.example") + best_first(scored, "two.example")
                ],
                as_it_should_be(scored),
            )
            raise


def test_colleagues_who_act_while_reps_claim_leave_the_companys_place_right(scored: World) -> None:
    names = [f"p{i}" for i in range(8)]
    for i, name in enumerate(names):
        title = TITLES[i % len(TITLES)]
        scored.sign_up(id=name, email=f"{name}@{ACCOUNT}", title=title, company_size="51-200")
    headers = {rep: scored.bearer(rep) for rep in ("ada", "bob")}

    def act(name: str) -> None:
        for number in range(5):
            event = {
                "id": f"{name}-{number}",
                "lead_id": name,
                "name": "pricing page viewed",
                "at": scored.clock.now().isoformat(),
            }
            answer = scored.send("/v1/events", {"events": [event]})
            assert answer.status_code == 200, answer.text

    def claim(rep: str) -> None:
        for _ in range(8):
            taken = scored.client.post(f"/v1/reps/{rep}/claim", headers=headers[rep])
            assert taken.status_code in (200, 204), taken.text
            if taken.status_code == 200:
                path = f"/v1/claims/{taken.json()['claim']}/release"
                body = {"version": taken.json()["version"]}
                given_back = scored.client.post(path, json=body, headers=headers[rep])
                assert given_back.status_code == 200, given_back.text

    with ThreadPoolExecutor(10) as pool:
        jobs = [pool.submit(act, name) for name in names]
        jobs += [pool.submit(claim, rep) for rep in headers]
    for job in jobs:
        job.result()
    scored.wait(minutes=2)  # who found a colleague's lead taken is looked at again
    scored.work()
    is_in_place(scored)
