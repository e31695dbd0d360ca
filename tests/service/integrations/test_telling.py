"""A connector is told what became of leads: once, in order, again when it must, never in shadow."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from service.db.tables.leads import deliveries
from service.domain.lead_now import LeadNow
from service.domain.lead_record import to_text
from service.errors import Unavailable
from service.integrations.contract import Listener, Message, Outcome, Telling
from service.integrations.http import ToolBusy, ToolError, ToolRefused
from service.jobs.run_deliveries import deliver_due
from service.jobs.tellings import together
from service.store.ops import jobs
from service.store.ops.jobs import Delivery
from service.use_cases.intake.erasure import erase
from service.use_cases.tx import transact_now
from tests.support.service import MONDAY, World

_numbers = itertools.count(1)


def changed(world: World, lead: str) -> None:
    """Have the lead's grade and lane become others, and the worker tell it."""
    world.hire("ada")
    world.did(lead, *["invited a colleague", "viewed pricing", "integration"] * 9)
    world.work()


def delivery(what: str, lead: str) -> Delivery:
    return Delivery(
        id=f"t:{what}:{lead}:{next(_numbers)}",
        tool="t",
        what=what,
        subject=lead,
        lead=lead,
        body="{}",
        told=None,
        state="due",
        version=1,
        attempts=0,
        asked_at=MONDAY,
    )


class Told:
    """A tool in memory: what it is told of grade and lane, and what it answers."""

    is_told = True
    at_a_time = 3

    def __init__(self) -> None:
        self.calls: list[Sequence[Telling]] = []
        self.answers: list[ToolError | list[Outcome]] = []

    def to_tell(self, lead: LeadNow) -> Sequence[Message]:
        body = {} if lead.is_erased else {"grade": lead.grade, "lane": lead.lane}
        told = [Message(what="grade", subject=lead.id, body=body)]
        if not lead.is_erased:
            told.append(Message(what="hello", subject=lead.id, body={}, is_once=True))
        return told

    async def tell(self, due: Sequence[Telling]) -> Sequence[Outcome]:
        self.calls.append(due)
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, ToolError):
            raise answer
        return [{"made": one.message.subject} for one in due] if answer is None else answer

    def bodies(self, what: str) -> list[Mapping[str, Any]]:
        """What it was told of one kind, in order."""
        told = [one.message for call in self.calls for one in call]
        return [one.body for one in told if one.what == what]


def listening(world: World, told: Told) -> Told:
    world.runtime.tools.listeners["told"] = told  # type: ignore[index]  # a dict, for who reads it
    return told


def rows(world: World) -> dict[str, Any]:
    found = world.rows(sa.select(deliveries).where(deliveries.c.tool == "told"))
    return {row.what: row for row in found}


def test_the_stub_keeps_the_contract() -> None:
    assert isinstance(Told(), Listener)


def test_a_fact_is_told_once_and_again_only_when_it_says_something_else(world: World) -> None:
    told = listening(world, Told())
    lead = world.sign_up(email="ada@large.example", plan="pro")["lead_id"]
    world.work()
    for _ in range(3):
        world.wait(minutes=5)
        world.send("/v1/signups", {"id": lead, "timezone": "Europe/Paris"})
        world.work()
    assert len(told.bodies("grade")) == len(told.bodies("hello")) == 1

    changed(world, lead)
    assert len(told.bodies("grade")) == 2
    assert told.bodies("grade")[-1]["lane"] == "rep"
    assert len(told.bodies("hello")) == 1


def test_what_a_tool_keeps_it_is_given_again(world: World) -> None:
    told = listening(world, Told())
    lead = world.sign_up(email="ada@large.example")["lead_id"]
    world.work()
    changed(world, lead)
    first, second = (one for call in told.calls for one in call if one.message.what == "grade")
    assert first.kept is None
    assert second.kept == {"made": lead}
    assert first.key != second.key


def test_several_of_a_kind_are_told_together(world: World) -> None:
    told = listening(world, Told())
    for number in range(7):
        world.sign_up(email=f"ada{number}@large{number}.example")
    world.work()
    sizes = [len(call) for call in told.calls if call[0].message.what == "grade"]
    assert max(sizes) <= 3
    assert len(sizes) < 7
    assert len(told.bodies("grade")) == 7


def test_a_busy_tool_is_told_again_under_the_same_key_when_it_said(world: World) -> None:
    told = listening(world, Told())
    told.answers = [ToolBusy("status_429", 600)] * 2
    world.sign_up(email="ada@large.example")
    world.work()
    calls = len(told.calls)
    world.wait(minutes=9)
    world.work()
    assert len(told.calls) == calls
    world.wait(minutes=2)
    world.work()
    keys = [one.key for call in told.calls for one in call if one.message.what == "grade"]
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert rows(world)["grade"].state == "done"


def test_one_of_many_that_is_refused_leaves_the_others_told(world: World) -> None:
    class Picky(Told):
        async def tell(self, due: Sequence[Telling]) -> Sequence[Outcome]:
            bad = ToolRefused("status_400", 400)
            is_bad = [(one.message.what, one.message.subject) == ("grade", "L1") for one in due]
            return [bad if each else None for each in is_bad]

    listening(world, Picky())
    for number in range(3):
        world.sign_up(id=f"L{number}", email=f"ada{number}@large{number}.example")
    world.work()
    states = world.rows(sa.select(deliveries.c.state).where(deliveries.c.what == "grade"))
    assert sorted(row.state for row in states) == ["done", "done", "failed"]


def test_a_listener_with_a_fault_stops_nobody_and_is_tried_again(world: World) -> None:
    class Broken(Told):
        def to_tell(self, lead: LeadNow) -> Sequence[Message]:
            raise RuntimeError("no")

    world.runtime.tools.listeners["broken"] = Broken()  # type: ignore[index]
    told = listening(world, Told())
    told.answers = [[], []]  # as many outcomes as messages are asked for
    world.sign_up(email="ada@large.example")
    world.work()
    assert rows(world)["grade"].state == "due"
    world.wait(minutes=1)
    world.work()
    assert rows(world)["grade"].state == "done"


def test_what_may_have_been_heard_is_told_again_though_it_is_as_it_was(world: World) -> None:
    told = listening(world, Told())
    lead = world.sign_up(email="ada@large.example")["lead_id"]
    world.work()
    before = told.bodies("grade")[-1]
    told.answers = [ToolBusy("timeout")]
    changed(world, lead)  # told, and nobody knows whether it was heard
    now, body = world.clock.now(), to_text(before)
    world.runtime.store.write_now(
        lambda c: jobs.ask(c, "told", "grade", lead, lead=lead, body=body, now=now)
    )
    assert world.client.portal is not None
    world.client.portal.call(deliver_due, world.runtime)
    assert told.bodies("grade")[-1] == before


def test_a_worker_that_is_killed_amid_a_call_tells_it_again(world: World) -> None:
    told = listening(world, Told())

    class Dying(Told):
        async def tell(self, due: Sequence[Telling]) -> Sequence[Outcome]:
            self.calls.append(due)
            raise Unavailable("store_lost", "nothing is written down of how it ended")

    dying = listening(world, Dying())
    world.sign_up(email="ada@large.example")
    world.work()
    listening(world, told)
    world.work()
    assert not told.bodies("grade")  # held by the one that died, as far as anybody knows
    world.wait(minutes=3)
    world.work()
    assert len(told.bodies("grade")) == 1
    assert told.calls[0][0].key == dying.calls[0][0].key


def test_in_shadow_mode_nothing_is_told_not_even_what_was_asked_for_before(
    make_world: Callable[..., World],
) -> None:
    live = make_world()
    told = listening(live, Told())
    told.answers = [ToolBusy("timeout")] * 2
    lead = live.sign_up(email="ada@large.example")["lead_id"]
    live.work()

    shadow = make_world(shadow=True)
    unheard = listening(shadow, Told())
    for _ in range(30):
        shadow.wait(hours=1)
        shadow.work()
    assert not unheard.calls
    assert rows(live)["grade"].state == "due"

    calls = len(told.calls)
    live.wait(hours=31)
    live.work()
    assert len(told.calls) > calls
    assert told.calls[-1][0].message.subject == lead
    assert rows(live)["grade"].state == "done"


def test_an_erased_person_is_taken_back_from_who_was_told_and_nothing_of_it_stays(
    world: World,
) -> None:
    told = listening(world, Told())
    world.sign_up(email="ada@large.example", id="L")
    world.sign_up(email="bob@small.example", id="M")
    world.work()
    transact_now(world.runtime, lambda tx: erase(tx, "L"))
    world.work()
    assert told.bodies("grade")[-1] == {}
    assert told.calls[-1][0].kept == {"made": "L"}
    left = world.rows(sa.select(deliveries.c.id, deliveries.c.told))
    assert not [row for row in left if row.id.endswith(":L")]


def test_of_a_lead_nothing_overtakes_another_and_kinds_go_together() -> None:
    due = [
        delivery("a", "L1"),
        delivery("a", "L2"),
        delivery("b", "L1"),
        delivery("a", "L3"),
        delivery("a", "L1"),
        delivery("b", "L2"),
    ]
    groups = together(due, {("t", "a"): 3, ("t", "b"): 3})
    said = [[(one.what, one.lead) for one in group] for group in groups]
    assert said == [
        [("a", "L1"), ("a", "L2"), ("a", "L3")],
        [("b", "L1"), ("b", "L2")],
        [("a", "L1")],
    ]
    for lead in ("L1", "L2", "L3"):
        in_order = [one for one in due if one.lead == lead]
        assert [one for group in groups for one in group if one.lead == lead] == in_order


def test_of_one_due_time_what_was_asked_for_first_is_told_first(world: World) -> None:
    now, store = world.clock.now(), world.runtime.store
    asked = [("b", 2), ("c", 1), ("a", 2), ("d", 3), ("e", 1)]
    for subject, minute in asked:
        at = now - timedelta(minutes=10 - minute)
        store.write_now(lambda c, s=subject, at=at: jobs.ask(c, "told", "grade", s, now=at))
    store.write_now(lambda c: jobs.hold(c, "told", now))  # it was too much: all wait as long
    due = store.write_now(lambda c: jobs.claim(c, now=now, limit=4))
    assert [one.subject for one in due] == ["c", "e", "a", "b"]
