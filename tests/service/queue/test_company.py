"""One company is one item: a claim holds all its waiting leads; never two reps in one company."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa

from service.db.tables.leads import claims, leads, queue
from service.store.leads.leads import look_again
from service.store.queue.queue import main_claim
from service.use_cases.queue import undo
from service.use_cases.tx import transact_now
from tests.support.service import World

FIRM = "large.example"


def people_of(world: World, firm: str, count: int, **fields: Any) -> list[str]:
    titles = ("CFO", "VP Operations", "IT Manager", "Engineer", "Intern")
    told = [
        {"email": f"p{n}@{firm}", "title": titles[n % 5], "seats": 50, "first_name": f"P{n}"}
        for n in range(count)
    ]
    return [str(world.sign_up(**each, **fields)["lead_id"]) for each in told]


def end(world: World, claim: dict[str, Any], step: str, rep: str = "ada", **fields: Any) -> Any:
    body = {"version": claim["version"]} | fields
    return world.post(rep, f"/v1/claims/{claim['claim']}/{step}", body)


def places(world: World) -> dict[str, tuple[str | None, str]]:
    return {row.lead: (row.rep, row.state) for row in world.rows(sa.select(queue))}


def test_a_claim_holds_and_lists_the_companys_other_leads_best_first(world: World) -> None:
    world.hire("ada")
    alone = people_of(world, "small.example", 1)
    world.wait(minutes=1)  # of two equal ones the newer is worth more
    firm = people_of(world, FIRM, 4)
    claim = world.claim()
    listed = [each["lead_id"] for each in claim["colleagues"]]
    assert {claim["lead"]["id"], *listed} == set(firm)
    points = [claim["score"]["points"], *(each["score"]["points"] for each in claim["colleagues"])]
    assert points == sorted(points, reverse=True)
    assert claim["colleagues"][0]["name"] is not None
    shown = world.get("ada", "/v1/reps/ada/queue").json()["items"]
    assert [item["lead_id"] for item in shown] == [claim["lead"]["id"], *alone]
    assert shown[0]["colleagues"] == claim["colleagues"]
    held = {lead for lead, (rep, state) in places(world).items() if (rep, state) == ("ada", "held")}
    assert held == set(firm)
    assert world.claim()["lead"]["id"] == alone[0]
    assert world.post("ada", "/v1/reps/ada/claim").status_code == 204
    assert world.count(claims) == 2  # colleagues are no claims of their own


def test_a_company_is_one_item_of_the_queue_however_many_wait(world: World) -> None:
    world.hire("ada")
    firm = people_of(world, FIRM, 5)
    world.wait(minutes=1)
    alone = people_of(world, "small.example", 1)
    free = [world.sign_up(email=f"p{n}@gmail.com", seats=1)["lead_id"] for n in range(2)]

    def items(limit: int = 50) -> list[dict[str, Any]]:
        answer = world.get("ada", f"/v1/reps/ada/queue?limit={limit}")
        return list(answer.json()["items"])

    shown = {item["lead_id"]: item for item in items()}
    assert len(shown) == 4  # two strangers at a free mail provider are no company
    assert {*alone, *free} < {*shown}
    best = next(item for item in shown.values() if item["colleagues"])
    assert {best["lead_id"], *(each["lead_id"] for each in best["colleagues"])} == {*firm}
    assert {each["claim"] for each in best["colleagues"]} == {None}
    assert [len(items(n)) for n in (1, 2, 3, 9)] == [1, 2, 3, 4]
    secret = world.bearer("ada")["authorization"].removeprefix("Bearer ")
    world.client.post("/sign-in", data={"secret": secret})
    rows = world.client.get("/queue.csv").text.splitlines()
    assert len(rows) == 5
    assert sum(f"{best['name']} and 4 colleagues" in row for row in rows) == 1


def test_done_settles_the_named_lead_and_the_rest_waits_for_that_rep(world: World) -> None:
    world.hire("ada")
    firm = people_of(world, FIRM, 3)
    claim = world.claim()
    assert end(world, claim, "done", disposition="reached").status_code == 200
    world.hire("bob")
    rest = set(firm) - {claim["lead"]["id"]}
    still = {lead: place for lead, place in places(world).items() if lead in rest}
    assert all(rep == "ada" for rep, _ in still.values())
    assert "held" not in {state for _, state in still.values()}
    assert world.post("bob", "/v1/reps/bob/claim").status_code == 204


def test_done_with_all_settles_the_whole_company(world: World) -> None:
    world.hire("ada")
    firm = people_of(world, FIRM, 3)
    claim = world.claim()
    done = end(world, claim, "done", disposition="lost", all=True)
    assert done.status_code == 200, done.text
    assert places(world) == {}
    outcomes = {row.outcome for row in world.rows(sa.select(leads.c.outcome))}
    assert outcomes == {"lost"}
    assert len(firm) == 3


def test_one_colleague_is_worked_alone(world: World) -> None:
    world.hire("ada")
    people_of(world, FIRM, 3)
    claim = world.claim()
    colleague = claim["colleagues"][1]
    assert end(world, colleague, "done", disposition="bad_fit").status_code == 200
    assert colleague["lead_id"] not in places(world)
    assert end(world, claim, "extend").status_code == 200
    assert {state for _, state in places(world).values()} == {"held"}
    assert end(world, colleague, "done", disposition="bad_fit").status_code == 409


def test_the_company_sleeps_is_given_back_and_runs_out_together(world: World) -> None:
    world.hire("ada")
    people_of(world, FIRM, 3)
    until = (world.clock.now() + timedelta(hours=1)).isoformat()
    assert end(world, world.claim(), "snooze", until=until).status_code == 200
    assert [state for _, state in places(world).values()] == ["snoozed"] * 3
    world.wait(minutes=61)
    claim = world.claim()
    assert len(claim["colleagues"]) == 2
    world.wait(hours=1)
    world.work()  # ada went silent
    assert "held" not in {state for _, state in places(world).values()}
    again = world.claim()
    assert len(again["colleagues"]) == 2
    assert end(world, again, "release").status_code == 200
    assert "held" not in {state for _, state in places(world).values()}


def test_a_lead_in_another_reps_queue_joins_the_claim(world: World) -> None:
    world.hire("ada")
    world.hire("bob")
    first, second = people_of(world, FIRM, 2)
    other = people_of(world, "small.example", 1)
    for lead, rep in ((first, "ada"), (second, "bob"), (other[0], "bob")):
        query = sa.update(queue).where(queue.c.lead == lead).values(rep=rep)
        world.runtime.store.write_now(lambda c, query=query: c.execute(query))
    claim = world.claim("ada")
    assert [each["lead_id"] for each in claim["colleagues"]] == [second]
    assert world.claim("bob")["lead"]["id"] == other[0]
    assert world.get("ada", f"/v1/leads/{second}").status_code == 200


def test_who_signs_up_while_the_company_is_held_joins_and_is_nobody_elses(world: World) -> None:
    world.hire("ada")
    (first,) = people_of(world, FIRM, 1)
    claim = world.claim("ada")
    assert claim["colleagues"] == []
    late = world.sign_up(email=f"late@{FIRM}", title="CEO", seats=50)["lead_id"]
    world.hire("bob")
    query = sa.update(queue).where(queue.c.lead == late).values(rep="bob")
    world.runtime.store.write_now(lambda c: c.execute(query))
    assert world.post("bob", "/v1/reps/bob/claim").status_code == 204
    assert places(world)[late] == ("ada", "held")
    assert world.get("ada", f"/v1/leads/{late}").json()["lead"]["rep"] == "ada"
    assert end(world, claim, "done", disposition="reached", all=True).status_code == 200
    assert first is not None
    assert "held" not in {state for _, state in places(world).values()}


@pytest.mark.parametrize("step", ["release", "done", "snooze"])
def test_who_joins_a_claim_while_it_ends_is_held_by_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    world.hire("ada")
    people_of(world, FIRM, 2)
    claim = world.claim("ada")
    late = world.sign_up(email=f"late@{FIRM}", title="CEO", seats=50)["lead_id"]
    world.hire("bob")
    query = sa.update(queue).where(queue.c.lead == late).values(rep="bob")
    world.runtime.store.write_now(lambda c: c.execute(query))
    headers = world.bearer("bob")
    racing = Thread(
        target=world.client.post, args=("/v1/reps/bob/claim",), kwargs={"headers": headers}
    )

    def remember(*args: Any) -> None:
        undo.remember(*args)
        racing.start()
        racing.join(timeout=2)  # it may have to wait until the end of this transaction

    monkeypatch.setattr("service.use_cases.queue.claims.remember", remember)
    until = (world.clock.now() + timedelta(hours=1)).isoformat()
    fields = {"done": {"disposition": "reached"}, "snooze": {"until": until}}.get(step, {})
    assert end(world, claim, step, **fields).status_code == 200
    racing.join()
    ended = {row.id for row in world.rows(sa.select(claims)) if row.ended is not None}
    assert claim["claim"] in ended
    held = [row for row in world.rows(sa.select(queue)) if row.state == "held"]
    assert [row for row in held if main_claim(row.claim) in ended] == []
    assert {row.rep for row in held} == {"bob"}


def test_a_held_lead_whose_date_has_come_is_looked_at_once_and_when_its_lease_ends(
    world: World,
) -> None:
    world.hire("ada")
    (lead,) = people_of(world, FIRM, 1)
    world.work()
    claim = world.claim()
    transact_now(world.runtime, lambda tx: look_again(tx.connection, lead, tx.now))
    world.work()  # comes to rest
    again = world.rows(sa.select(leads.c.look_again_at))
    lease_until = datetime.fromisoformat(claim["lease_until"])
    assert [row.look_again_at for row in again] == [lease_until]
    world.wait(hours=1)
    world.work()
    assert {state for _, state in places(world).values()} == {"waiting"}


def test_people_of_no_company_are_nobodys_colleagues(world: World) -> None:
    world.hire("ada")
    for name in ("a", "b"):
        world.sign_up(email=f"{name}@gmail.com", title="CEO", seats=80)
    assert world.claim()["colleagues"] == []
    assert world.claim()["colleagues"] == []


@pytest.mark.parametrize("count", [4, pytest.param(16, marks=pytest.mark.long)])
def test_racing_reps_of_several_processes_never_meet_in_one_company(
    world: World, count: int
) -> None:
    """Each in a process of their own; every company's leads lie in four reps' queues before."""
    reps = [f"rep-{n}" for n in range(count)]
    for rep in reps:
        world.hire(rep, capacity=100)
    spread = [lead for firm in range(8) for lead in people_of(world, f"firm-{firm}.example", 4)]
    for number, lead in enumerate(spread):
        query = sa.update(queue).where(queue.c.lead == lead).values(rep=reps[number % count])
        world.runtime.store.write_now(lambda c, query=query: c.execute(query))
    command = [sys.executable, "-m", "tests.support.claim_process", world.settings.db]
    racing = [
        subprocess.Popen(  # our own module
            [*command, rep, "9"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for rep in reps
    ]
    told: dict[str, list[str]] = {}
    for child in racing:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in racing:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    for rep, child in zip(reps, racing, strict=True):
        said, _ = child.communicate(timeout=120)
        assert child.returncode == 0
        told[rep] = json.loads(said)
    got = [company for companies in told.values() for company in companies]
    assert sorted(got) == [f"firm-{firm}.example" for firm in range(8)]  # each once
    rows = world.rows(
        sa.select(leads.c.account, queue.c.rep, queue.c.state).join_from(
            queue, leads, leads.c.id == queue.c.lead
        )
    )
    assert [row.state for row in rows] == ["held"] * 32
    holders: dict[str, set[str]] = {}
    for row in rows:
        holders.setdefault(row.account, set()).add(row.rep)
    assert {firm: {rep} for rep, firms in told.items() for firm in firms} == holders
