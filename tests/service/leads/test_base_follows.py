"""The served model's base follows settled outcomes: daily, in bounds, dated, where it may."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from scoring.model.model import Model
from service.app import build_runtime
from service.cli.checks import examine
from service.db.tables.leads import bases, outcomes, queue, scores
from service.db.tables.leads import leads as leads_table
from service.domain.served_base import FEWEST, LEAST, STEP, Following, Settled, next_base
from service.jobs.follow_base import follow_base
from service.use_cases.views.score_replay import replay
from tests.support.service import MONDAY, World

HORIZON = 21
DAY = date(2026, 11, 2)


@pytest.fixture
def following(model_dir: Path, tmp_path: Path) -> Path:
    """The trained model, as if following had paid: 100 leads weigh half, settled after 21 days."""
    made = Model.load(model_dir)
    facts = {**made.facts, "following": {"half_life": 100, "lag": 0, "horizon_days": HORIZON}}
    replace(made, facts=facts).save(tmp_path / "following", report="")
    return tmp_path / "following"


def lived(world: World, count: int, *, converted: int) -> list[str]:
    """So many trials that nobody spoke to; the first of them bought after nine days."""
    ids = [world.sign_up(title="CFO", company_size="51-200")["lead_id"] for _ in range(count)]
    world.wait(days=9)
    for lead in ids[:converted]:
        body = {"id": f"out-{lead}", "lead_id": lead, "kind": "converted"}
        told = world.send("/v1/outcomes", body | {"at": world.clock.now().isoformat()})
        assert told.status_code == 200, told.text
    return ids


def rows(world: World) -> list[Any]:
    return world.rows(sa.select(bases).order_by(bases.c.day))


def model_page(world: World) -> str:
    secret = world.bearer("manager")["authorization"].removeprefix("Bearer ")
    assert world.client.post("/sign-in", data={"secret": secret}).status_code == 200
    return world.client.get("/model").text


def settled(count: int, converted: int, **told: Any) -> list[Settled]:
    common = {"hundredths": -200, "left_alone": True} | told
    return [Settled(account=f"a{i}", converted=i < converted, **common) for i in range(count)]


def a_step(leads: list[Settled], **told: Any) -> Any:
    following = Following(half_life=100, horizon=timedelta(days=HORIZON))
    common = {"standing": None, "model": "m", "day": DAY, "now": MONDAY} | told
    return next_base(common.pop("following", following), leads, **common)


@pytest.mark.parametrize(("converted", "sign"), [(400, 1), (0, -1)])
def test_a_step_is_five_points_at_most_from_where_the_base_stands(
    converted: int, sign: int
) -> None:
    leads = settled(400, converted, hundredths=-sign * 4000)
    first = a_step(leads)
    second = a_step(leads, standing=first, day=DAY + timedelta(days=1))
    assert (first.hundredths, second.hundredths) == (sign * STEP, 2 * sign * STEP)
    assert first.accounts == 400


@pytest.mark.parametrize("beside", [LEAST - 1, LEAST, -LEAST, 1 - LEAST, 0])
def test_a_base_stays_where_what_is_asked_is_hardly_another(beside: int) -> None:
    leads = [
        replace(lead, converted=i % 5 == 0)
        for i, lead in enumerate(settled(400, 0, hundredths=-3800))
    ]
    asked = a_step(leads, standing=None).hundredths
    assert 0 < abs(asked) < STEP  # reached in one step, so this is what is asked for
    standing = replace(a_step(leads), hundredths=asked - beside)
    assert a_step(leads, standing=standing).hundredths == (
        asked if abs(beside) >= LEAST else asked - beside
    )


def test_nothing_is_learnt_from_few_or_from_those_that_others_left_over() -> None:
    standing = a_step(settled(FEWEST, 40))
    assert standing.off is None
    assert standing.hundredths != 0
    few = a_step(settled(FEWEST - 1, 40), standing=standing)
    one_account = [replace(lead, account="big.example") for lead in settled(300, 40)]
    met = settled(200, 0) + settled(201, 200, left_alone=False)
    for leads, why in (
        (settled(FEWEST - 1, 40), f"{FEWEST - 1} accounts that were left alone are settled"),
        (one_account, "1 accounts that were left alone are settled"),
        (met, "an offer or a rep reached all but 200 of 401 settled leads"),
    ):
        made = a_step(leads, standing=standing)
        assert made.off is not None
        assert made.off.startswith(why)
        assert made.hundredths == standing.hundredths
    assert few.accounts == FEWEST - 1
    timeless = Following(half_life=100, horizon=timedelta())
    assert "no times" in a_step(settled(300, 40), following=timeless).off


def test_a_lead_that_was_offered_something_does_not_pull_the_base() -> None:
    alone = settled(300, 60)
    with_met = alone + settled(200, 200, left_alone=False)
    assert a_step(with_met).hundredths == a_step(alone).hundredths


def test_outcomes_move_the_base_of_scores_from_then_on_and_every_reason_still_sums(
    make_world: Callable[..., World], following: Path
) -> None:
    world = make_world(model=following)
    before = world.sign_up(title="CFO", company_size="51-200")["score"]
    assert before["base_at"] is None
    lived(world, 55, converted=52)
    world.work()
    assert [row.off for row in rows(world)][-1].startswith("0 accounts")
    world.wait(days=HORIZON)
    world.work()
    (row,) = [row for row in rows(world) if row.off is None]
    assert 0 < row.hundredths <= STEP
    assert row.accounts == 56
    after = world.sign_up(title="CFO", company_size="51-200")["score"]
    assert after["base_at"] == row.day
    moved = round(100 * after["base_points"]) - round(100 * before["base_points"])
    assert moved == row.hundredths
    parts = [after["base_points"], *(reason["points"] for reason in after["reasons"])]
    assert sum(round(100 * part) for part in parts) == round(100 * after["points"])
    by_group = sum(round(100 * after[f"{name}_points"]) for name in ("base", "fit", "engagement"))
    assert by_group == round(100 * after["points"])
    page = model_page(world)
    assert f"{row.hundredths / 100:+.2f} points" in page
    metrics = world.client.get("/metrics").text
    assert f"giveget_base_shift_points {row.hundredths / 100}" in metrics


def test_there_is_one_row_a_day_and_it_grows_from_the_last(
    make_world: Callable[..., World], following: Path
) -> None:
    world = make_world(model=following)
    lived(world, 55, converted=55)
    world.wait(days=HORIZON)
    for _ in range(3):
        world.work()
        world.wait(hours=3)
    assert len(rows(world)) == 1
    world.wait(days=1)
    world.work()
    first, second = rows(world)
    assert first.hundredths == STEP
    assert first.hundredths < second.hundredths <= 2 * STEP


def test_whom_a_rep_or_an_offer_reached_teaches_nothing(
    make_world: Callable[..., World], following: Path
) -> None:
    world = make_world(model=following)
    met = lived(world, 60, converted=60)
    for lead in met:
        assert world.touched(lead).status_code == 200
    world.wait(days=HORIZON)
    world.work()
    (row,) = rows(world)
    assert row.hundredths == 0
    assert row.off.startswith("an offer or a rep reached all but 0 of 60 settled leads")
    assert world.sign_up()["score"]["base_at"] is None
    told = {each.code: each.says for each in examine(world.settings, world.clock.now())}
    assert row.off in told["base_stays"]
    assert row.off in model_page(world)


def test_a_colleagues_call_changes_the_whole_account_but_one_after_the_horizon_does_not(
    make_world: Callable[..., World], following: Path
) -> None:
    world = make_world(model=following)
    pairs = [
        [world.sign_up(email=f"{who}@pair{n}.example")["lead_id"] for who in ("mia", "noa")]
        for n in range(20)
    ]
    for first, _ in pairs:
        assert world.touched(first).status_code == 200
    world.wait(days=HORIZON, hours=1)
    late = lived(world, 60, converted=5)
    world.wait(days=HORIZON)
    for lead in late:
        assert world.touched(lead).status_code == 200
    world.work()
    (row,) = rows(world)
    assert (row.accounts, row.off) == (
        60,
        "an offer or a rep reached all but",
    ) or row.accounts == 60


def test_the_scorecard_and_a_model_whose_base_need_not_follow_have_no_rows(world: World) -> None:
    lived(world, 60, converted=60)
    world.wait(days=HORIZON + 1)
    world.work()
    assert world.count(bases) == 0
    assert "Base that follows" not in model_page(world)


def test_past_scores_come_out_again_with_the_base_of_their_day(
    make_world: Callable[..., World], following: Path
) -> None:
    world = make_world(model=following)
    lived(world, 55, converted=55)
    world.wait(days=HORIZON)
    world.work()
    lead = world.sign_up(title="Head of Finance")["lead_id"]
    for _ in range(2):
        world.wait(days=1)
        world.work()
        world.did(lead, "login")
    found = world.runtime.store.read_now(lambda c: replay(c, lead, [world.runtime.model]))
    assert [one.why for one in found] == [None] * len(found)
    kept = world.rows(sa.select(scores.c.score).where(scores.c.lead == lead))
    assert len({json.loads(text)["base_at"] for (text,) in kept}) == 3
    world.runtime.store.write_now(lambda c: c.execute(sa.delete(bases)))
    gone = world.runtime.store.read_now(lambda c: replay(c, lead, [world.runtime.model]))
    assert all("which is no longer kept" in str(one.why) for one in gone)


def test_what_waits_is_put_where_the_moved_base_says_and_what_is_held_stays(
    make_world: Callable[..., World], following: Path
) -> None:
    world = make_world(model=following)
    lived(world, 55, converted=55)
    world.wait(days=HORIZON - 9, minutes=-1)
    world.hire("ada", capacity=500)
    for number in range(7):
        world.sign_up(title="CFO", seats=5 + number, company_size="51-200")
    held = world.claim()["lead"]["id"]
    query = sa.select(queue.c.lead, queue.c.gain_minor).where(queue.c.state == "waiting")
    before = dict(world.rows(query))
    assert len(before) == 6
    kept = world.rows(sa.select(leads_table.c.score).where(leads_table.c.id == held))
    for _ in range(2):
        world.wait(minutes=1)
        world.work()
    after = dict(world.rows(query))
    assert after.keys() == before.keys()
    assert all(after[lead] > before[lead] for lead in before)
    assert world.rows(sa.select(leads_table.c.score).where(leads_table.c.id == held)) == kept
    told = world.rows(sa.select(leads_table.c.score).where(leads_table.c.id.in_(after)))
    assert {json.loads(text)["base_at"] for (text,) in told} == {rows(world)[-1].day}


def test_two_workers_at_once_add_one_row_and_a_restart_serves_it(
    make_world: Callable[..., World], following: Path
) -> None:
    world = make_world(model=following)
    lived(world, 55, converted=55)
    world.wait(days=HORIZON)
    others = [build_runtime(world.settings, world.clock) for _ in range(2)]

    async def both() -> None:
        await asyncio.gather(*(follow_base(each) for each in others for _ in range(3)))

    try:
        asyncio.run(both())
        assert world.count(bases) == 1
        again = build_runtime(world.settings, world.clock)
        again.store.close()
        assert again.base is not None
        assert again.base.hundredths == STEP
    finally:
        for each in others:
            each.store.close()


def test_another_model_starts_with_the_base_of_its_training(
    make_world: Callable[..., World], following: Path, model_dir: Path
) -> None:
    world = make_world(model=following)
    lived(world, 55, converted=55)
    world.wait(days=HORIZON)
    world.work()
    assert world.sign_up()["score"]["base_at"] is not None
    world.runtime.serve(model=Model.load(model_dir))
    world.work()
    score = world.sign_up()["score"]
    assert score["base_at"] is None
    assert world.count(outcomes) == 55
