"""A worker is killed just before any statement of its pass, and another one starts.

Each pass moves on a lead that nobody answered, decides one offer, and sends its mail over SMTP.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from offers.policy import parse_policy
from service.db.tables.leads import ledger as ledger_lines
from service.db.tables.leads import offers, outbox, queue
from service.store.offers import ledger
from tests.support.service import CONSENT, World
from tests.support.service_offers import POLICY
from tests.support.smtp_server import Postbox
from tests.support.worker_process import Workers, workers

REPS = ("ada", "bob")


def lead_nobody_answers(world: World, name: str) -> None:
    for rep in REPS:  # whoever was silent works again
        world.hire(rep, countries=["DE"])
    world.sign_up(id=name, country="DE")
    world.wait(hours=49)


def lead_due_an_offer(world: World, name: str) -> None:
    """No rep knows its country; the worker has not looked at it yet."""
    started = (world.clock.now() - timedelta(days=6)).isoformat()
    world.sign_up(
        id=name,
        email=f"{name}@{name}.example",
        country="US",
        seats=80,
        title="CFO",
        consent=CONSENT,
        trial_started_at=started,
    )
    event = {"id": name, "lead_id": name, "name": "opened", "at": world.clock.now().isoformat()}
    assert world.send("/v1/events", {"events": [event]}).json()["accepted"] == 1


def check_moved_on(world: World, name: str) -> None:
    (place,) = world.rows(sa.select(queue.c.rep, queue.c.passed_by).where(queue.c.lead == name))
    other = [rep for rep in REPS if rep != place.rep]
    assert place.passed_by == f'["{other[0]}"]'
    claim = world.claim(place.rep)
    assert claim["lead"]["id"] == name
    body = {"version": claim["version"], "disposition": "lost"}
    assert world.post(place.rep, f"/v1/claims/{claim['claim']}/done", body).status_code == 200


def check_offered_once(world: World, name: str, postbox: Postbox) -> bool:
    """Whether the mail is one that may have been sent twice."""
    (offer,) = world.rows(sa.select(offers.c.id, offers.c.state).where(offers.c.lead == name))
    assert offer.state == "sent"
    steps = (
        sa.select(ledger_lines.c.step)
        .where(ledger_lines.c.offer == offer.id)
        .order_by(ledger_lines.c.number)
    )
    assert [row.step for row in world.rows(steps)] == ["issued", "sent"]
    (mail,) = world.rows(sa.select(outbox.c.state).where(outbox.c.offer == offer.id))
    copies = [m["Message-ID"] for m in postbox.taken if m["To"] == f"{name}@{name}.example"]
    assert len(set(copies)) == 1
    if mail.state == "sent":
        assert len(copies) == 1
    else:
        assert (mail.state, len(copies)) == ("maybe_sent", 2)
    return mail.state == "maybe_sent"


def kill_at_each(
    world: World, team: Workers, postbox: Postbox, numbers: Iterable[int]
) -> tuple[int, int]:
    """Passes killed, and mails that left a doubt, until a pass ends before its statement."""
    killed = doubts = 0
    for number in numbers:
        lead_nobody_answers(world, f"late-{number}")
        lead_due_an_offer(world, f"trial-{number}")
        was_killed = team.work(world.clock.now(), kill_at=number) is None
        world.wait(minutes=10)
        assert team.work(world.clock.now()) is not None
        check_moved_on(world, f"late-{number}")
        doubts += check_offered_once(world, f"trial-{number}", postbox)
        if not was_killed:
            break
        killed += 1
    assert world.runtime.store.read_now(ledger.broken_at) is None
    return killed, doubts


@pytest.fixture
def live(make_world: Callable[..., World], postbox: tuple[Postbox, int]) -> World:
    world = make_world(live=True, smtp_port=postbox[1], smtp_starttls=False)
    world.runtime.policy = parse_policy(POLICY)
    return world


@pytest.mark.long
def test_a_worker_killed_amid_its_pass_leaves_nothing_undone_or_done_twice(
    live: World, postbox: tuple[Postbox, int]
) -> None:
    with workers(live.settings.db, postbox[1]) as team:
        lead_nobody_answers(live, "late-0")
        lead_due_an_offer(live, "trial-0")
        whole = team.work(live.clock.now())
        assert whole is not None
        check_moved_on(live, "late-0")
        numbers = [whole // 3, whole * 4 // 5]

        killed, _ = kill_at_each(live, team, postbox[0], numbers)

    assert killed == len(numbers)


@pytest.mark.long
@pytest.mark.timeout(2700)  # 125 kills, each in a longer pass than the one before
def test_a_worker_killed_at_one_statement_in_eight_leaves_nothing_undone_or_done_twice(
    live: World, postbox: tuple[Postbox, int]
) -> None:
    with workers(live.settings.db, postbox[1]) as team:
        killed, _ = kill_at_each(live, team, postbox[0], range(4, 1000, 8))

    assert killed > 8
