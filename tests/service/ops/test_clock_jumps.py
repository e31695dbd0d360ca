"""A clock that is set a day ahead and back again: nothing is lost, nothing goes out twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from service.db.tables.jobs import deliveries
from service.db.tables.leads import leads, outbox
from service.domain.actor import WORKER
from service.jobs.run_deliveries import deliver_due
from service.store.ops import jobs, switches
from service.store.ops import outbox as mails
from service.store.ops.switches import Turned
from tests.support.service import World
from tests.support.service_offers import a_lead_due_an_offer, the_policy

_DAY = timedelta(days=1)


def with_a_mail(world: World) -> str:
    the_policy(world)
    lead = a_lead_due_an_offer(world, seats=100, email="bea@large.example")
    world.did(lead, "project created")
    return lead


def states(world: World) -> list[str]:
    return [row.state for row in world.rows(sa.select(outbox.c.state))]


def test_what_a_lost_worker_took_while_the_clock_ran_ahead_leaves_once(world: World) -> None:
    with_a_mail(world)
    world.clock.advance(_DAY)
    now = world.clock.now()
    lease = now + timedelta(minutes=5)
    taken = world.runtime.store.write_now(
        lambda c: mails.due_mail(c, now=now, lease_until=lease, limit=9)
    )
    assert len(taken) == 1
    assert states(world) == ["sending"]

    world.clock.advance(-_DAY)
    world.work()
    world.work()
    assert states(world) == ["sent"]
    assert len(world.captured()) == 1

    now = world.clock.now()
    begun = world.runtime.store.write_now(
        lambda c: mails.begin(c, taken[0], now=now, lease_until=now + timedelta(minutes=5))
    )
    assert not begun  # the first worker wakes up, and finds its lease lost


def test_a_lease_of_a_machine_whose_clock_is_some_minutes_ahead_holds(world: World) -> None:
    with_a_mail(world)
    now = world.clock.now()
    lease = now + timedelta(minutes=9)
    world.runtime.store.write_now(lambda c: mails.due_mail(c, now=now, lease_until=lease, limit=9))
    world.work()
    assert states(world) == ["sending"]
    assert world.captured() == []


def test_mail_that_was_held_while_the_clock_ran_ahead_is_tried_at_once(world: World) -> None:
    with_a_mail(world)
    ahead = Turned(is_on=True, by=WORKER.who, reason="smtp", at=world.clock.now() + _DAY)
    world.runtime.store.write_now(lambda c: switches.turn(c, switches.MAIL_HELD, ahead))
    world.work()
    assert states(world) == ["sent"]
    held = world.runtime.store.read_now(lambda c: switches.find(c, switches.MAIL_HELD))
    assert held is not None
    assert not held.is_on


def test_a_delivery_held_by_a_clock_that_ran_ahead_comes_again(world: World) -> None:
    now = world.clock.now()
    store = world.runtime.store
    store.write_now(lambda c: jobs.ask(c, "slack", "lead", "1", now=now))
    store.write_now(lambda c: jobs.claim(c, now=now + _DAY, limit=9))
    world.client.portal.call(deliver_due, world.runtime)  # type: ignore[union-attr]  # it is open
    ((state, reason),) = world.rows(sa.select(deliveries.c.state, deliveries.c.reason))
    assert (state, reason) == ("failed", "not_connected")  # somebody looked at it


@pytest.mark.parametrize("order", [(_DAY, -_DAY), (-_DAY, _DAY)], ids=["ahead", "behind"])
def test_a_day_there_and_back_amid_everything_loses_and_repeats_nothing(
    world: World, order: tuple[timedelta, timedelta]
) -> None:
    world.hire("ada")
    told: list[dict[str, Any]] = []
    for number, jump in enumerate((timedelta(0), *order)):
        world.clock.advance(jump)
        for each in range(4):
            email = f"p{each}@firm-{number}-{each}.example"
            message = f"m-{number}-{each}"
            given = world.sign_up(message, id=f"l-{number}-{each}", email=email)
            told.append(given)
            again = world.sign_up(message, id=f"l-{number}-{each}", email=email)
            assert again == given  # a repeat gets the first answer
        world.work()
        assert world.client.get("/readyz").status_code == 200
    with_a_mail(world)
    for jump in order:
        world.clock.advance(jump)
        world.work()
    world.wait(days=2)
    world.work()
    assert len({each["lead_id"] for each in told}) == 12
    assert states(world) == ["sent"]
    assert len(world.captured()) == 1
    assert world.count(leads) == 13
