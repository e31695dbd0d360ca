"""The busy paths of the store: along which index, planned how often, on which thread."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from service.auth.key_set import open_secret
from service.auth.keyring import KeyRing
from service.auth.vault import Vault
from service.db import Store
from service.db.loop_handoff import run_on
from service.db.prepared import Statement, flush_deferred
from service.db.tables.leads import queue, secrets
from service.errors import NotKnown
from service.store.leads.lists import LeadFilter, leads_by
from service.store.offers import offers
from service.store.ops import keys
from service.store.queue import claims, listing, overdue
from service.use_cases.access.keys import add_key, revoke_key
from tests.bench.many_leads import fill, settle
from tests.support.query_plans import plan_of, plans

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
VAULT = Vault(lambda: ("m" * 40,))
CLAIMS = 14  # the driver prepares the sixth of a kind, the server plans the sixth after that


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    store = Store(store_url)
    yield store
    store.close()


def test_a_reps_page_follows_the_indexes_of_what_waits_and_what_is_taken(store: Store) -> None:
    found = plans(store, lambda c: listing.page(c, "ada", now=NOW, limit=50))

    named = [
        [
            index
            for index in ("taken", "rep_call_back_at", "waiting_rep_due_at", "waiting_rep_priority")
            if f"ix_queue_{index}" in plan
        ]
        for plan in found
    ]
    assert named == [
        ["taken"],
        ["rep_call_back_at"],
        ["waiting_rep_due_at"],
        ["waiting_rep_priority"],
        ["taken"],
    ]


def test_promised_calls_and_the_length_of_a_queue_are_found_along_indexes(store: Store) -> None:
    (promised,) = plans(store, lambda c: listing.promised(c, "ada", now=NOW, limit=9))
    (count,) = plans(store, lambda c: listing.places_count(c, "ada"))

    assert "ix_queue_rep_call_back_at" in promised
    assert "ix_queue_waiting_rep" in count
    assert "ix_queue_taken" in count


def test_a_claim_looks_along_the_indexes_of_what_waits_in_their_order(store: Store) -> None:
    take = Statement(claims.TAKE)
    store.write_now(fill(2000))
    of_some = queue.c.rep.in_([f"rep-{number}" for number in range(25)])
    store.write_now(lambda c: c.execute(sa.update(queue).where(of_some).values(rep=None)) and None)
    settle(store)

    plan = plan_of(store, take, mine="rep-30", new_claim="c-1", now=NOW, lease_until=NOW)

    assert plan.count("ix_queue_rep_call_back_at") >= 2  # hers, and the pool's
    assert plan.count("ix_queue_waiting_rep_due_at") >= 2  # hers, and the pool's
    assert plan.count("ix_queue_waiting_rep_priority") >= 2
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


@pytest.mark.parametrize("order", ["newest", "changed"])
def test_a_page_of_leads_is_read_along_the_index_of_its_order(store: Store, order: Any) -> None:
    def look(connection: sa.Connection) -> None:
        leads_by(connection, LeadFilter(), order=order, limit=51, after=0)

    store.write_now(fill(2000))
    settle(store)
    (plan,) = plans(store, look)

    index = {"newest": "ix_leads_filters", "changed": "ix_leads_scored_at"}[order]
    assert index in plan
    # only the few that are shown are put in order as a whole, all others by id within a moment
    assert "->  Sort" not in plan
    assert plan.count("TEMP B-TREE FOR ORDER BY") <= 1


def test_leads_of_an_outcome_and_offers_of_a_state_are_found_along_their_indexes(
    store: Store,
) -> None:
    lost = LeadFilter(lane="rep", outcome="lost")
    store.write_now(fill(2000))
    settle(store)

    (of_leads,) = plans(store, lambda c: leads_by(c, lost, order="newest", limit=51, after=0))
    (of_offers,) = plans(store, lambda c: offers.newest(c, limit=25, state="awaiting_approval"))
    (sums,) = plans(store, lambda c: offers.by_rule(c, "default"))

    assert "ix_leads_outcome_received_at" in of_leads
    assert "ix_offers_state_number" in of_offers
    assert "ix_offers_sums" in sums


@pytest.mark.parametrize(
    ("statement", "given", "index"),
    [
        (claims._ENDED, {"now": NOW}, "ix_queue_taken"),
        (overdue._LATE, {"whose": "ada", "now": NOW, "most": 9}, "ix_queue_waiting_rep_due_at"),
        (overdue._LATE_IN_POOL, {"now": NOW, "most": 9}, "ix_queue_waiting_rep_due_at"),
    ],
)
def test_due_work_is_found_along_an_index(
    store: Store, statement: Statement, given: dict[str, Any], index: str
) -> None:
    assert index in plan_of(store, statement, **given)


def test_late_leads_of_all_reps_and_the_pool_come_longest_ago_first(store: Store) -> None:
    store.write_now(fill(120))  # rep-0 … rep-49, each due some minutes later than the one before
    store.write_now(
        lambda c: c.execute(sa.update(queue).where(queue.c.lead == "lead-3").values(rep=None))
    )
    reps = "INSERT INTO reps (id, name, languages, countries, segments, capacity, available,"
    reps += " updated_at) VALUES ('rep-{0}', 'R', '[]', '[]', '[]', 9, true, 0)"
    for number in range(50):
        store.write_now(lambda c, n=number: c.execute(sa.text(reps.format(n))))

    late = store.read_now(lambda c: overdue.breached(c, NOW + timedelta(minutes=60), limit=5))
    all_late = store.read_now(lambda c: overdue.breached(c, NOW + timedelta(minutes=60), limit=99))

    assert late == [f"lead-{number}" for number in range(5)]
    assert all_late == [f"lead-{number}" for number in range(60)]


def test_postgresql_plans_a_claim_once_for_all(store: Store) -> None:
    if store.is_sqlite:
        return  # it plans when a statement is prepared, and only then
    store.write_now(fill(1000))

    def planned(connection: sa.Connection) -> Any:
        for number in range(CLAIMS):
            taken = claims.claim_next(
                connection, rep="rep-1", claim=f"c-{number}", now=NOW, lease_until=NOW
            )
            assert taken is not None
        how = "SELECT statement, generic_plans FROM pg_prepared_statements"
        return [row for row in connection.exec_driver_sql(how) if "WITH taken" in row[0]]

    ((statement, generic),) = store.write_now(planned)
    assert generic > 0
    assert statement.count("LIMIT 1 ") == 6  # unknown, it makes a plan for all look the dearer one


def test_a_claim_is_kept_with_its_lead_on_both_stores(store: Store) -> None:
    store.write_now(fill(50))

    taken = store.write_now(
        lambda c: claims.claim_next(c, rep="rep-1", claim="c-1", now=NOW, lease_until=NOW)
    )

    assert taken is not None
    kept = store.read_now(lambda c: claims.claims_of(c, taken.lead))
    assert [(k["id"], k["rep"], k["claimed_at"], k["minutes"]) for k in kept] == [
        ("c-1", "rep-1", NOW, taken.minutes)
    ]


def test_constants_of_every_kind_are_written_into_a_statement(store: Store) -> None:
    awkward = 'it\'s 100 % "so"; --'
    keep = Statement(secrets.insert(), ("name", "value"))
    fixed = Statement(secrets.insert().values(name=sa.bindparam("as"), value=awkward))
    look = Statement(
        sa.select(secrets.c.name, sa.literal(awkward), sa.literal(7), sa.literal(NOW, _time()))
        .where(secrets.c.value == awkward, secrets.c.name != sa.bindparam("other"))
        .limit(1)
    )

    def work(connection: sa.Connection) -> Any:
        keep.defer(connection, name="a", value=awkward)
        fixed.defer(connection, **{"as": "b"})
        flush_deferred(connection)
        return look.first(connection, other="a")

    assert store.write_now(work) == ("b", awkward, 7, NOW)


def _time() -> Any:
    return queue.c.due_at.type


def test_sqlites_log_is_copied_into_its_file_while_the_store_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = Store(f"sqlite:///{path}")
    for number in range(300):
        row = sa.insert(secrets).values(name=str(number), value="x")
        store.write_now(lambda c, row=row: c.execute(row) and None)

    deadline = time.monotonic() + 20
    while (there := _without_the_log(path)) < 100 and time.monotonic() < deadline:
        time.sleep(0.05)
    store.close()

    assert 100 <= there <= 300


def _without_the_log(path: Path) -> int:
    """What the file itself holds."""
    connection = sqlite3.connect(f"file:{path}?immutable=1", uri=True)
    try:
        return int(connection.execute("SELECT count(*) FROM secrets").fetchone()[0])
    except sqlite3.DatabaseError:  # amid a copy, or not even the tables yet
        return 0
    finally:
        connection.close()


def test_what_is_brief_runs_on_its_loop_and_what_is_not_beside_it(store: Store) -> None:
    threads: dict[str, int] = {}

    def by(name: str) -> Any:
        return lambda c: threads.update({name: threading.get_ident()})

    async def both() -> int:
        await store.write(by("brief"), run_inline=True)
        await store.write(by("long"))
        return threading.get_ident()

    loops = asyncio.run(both())

    assert (threads["brief"] == loops) is store.is_sqlite  # a server's answers are waited for
    assert threads["long"] != loops


def test_a_brief_job_that_fails_is_refused_alone(store: Store) -> None:
    row = sa.insert(secrets).values(name="same", value="x")

    async def rush() -> list[Any]:
        jobs = [store.write(lambda c: c.execute(row) and None, run_inline=True) for _ in range(3)]
        fine = sa.insert(secrets).values(name="other", value="x")
        jobs.append(store.write(lambda c: c.execute(fine) and None, run_inline=True))
        return await asyncio.gather(*jobs, return_exceptions=True)

    ended = asyncio.run(rush())

    assert [type(end) for end in ended].count(IntegrityError) == 2
    assert ended[3] is None
    names = store.read_now(lambda c: set(c.execute(sa.select(secrets.c.name)).scalars()))
    assert {"same", "other"} <= names


def test_work_for_a_loop_that_has_ended_is_done_all_the_same() -> None:
    closed = asyncio.new_event_loop()
    closed.close()
    idle = asyncio.new_event_loop()  # there, and nobody runs it

    assert run_on(closed, lambda: "done") == "done"
    assert run_on(idle, lambda: "done") == "done"
    with pytest.raises(ZeroDivisionError):
        run_on(idle, lambda: 1 // 0)
    idle.close()


def test_a_loop_that_waits_for_the_writer_itself_is_not_waited_for(store: Store) -> None:
    async def impatient() -> str:
        brief = asyncio.create_task(store.write(lambda c: "brief", run_inline=True))
        await asyncio.sleep(0)
        blocking = store.write_now(lambda c: "blocking")
        return await brief + " and " + blocking

    assert asyncio.run(impatient()) == "brief and blocking"


def test_all_who_come_at_once_wait_for_one_look_at_the_keys(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = store.write_now(lambda c: add_key(c, VAULT, role="manager", rep=None, now=NOW))
    looks = []
    real = keys.working
    monkeypatch.setattr(keys, "working", lambda c: looks.append(1) or real(c))
    ring = KeyRing(store, partial(open_secret, vault=VAULT))

    async def crowd() -> list[Any]:
        return await asyncio.gather(*(ring.person(f"Bearer {made.secret}", NOW) for _ in range(30)))

    callers = asyncio.run(crowd())

    assert {caller.key for caller in callers} == {made.id}
    assert len(looks) == 1


def test_a_key_revoked_while_keys_are_read_does_not_work_on(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = store.write_now(lambda c: add_key(c, VAULT, role="manager", rep=None, now=NOW))
    ring, was_seen, goes_on = (
        KeyRing(store, partial(open_secret, vault=VAULT)),
        threading.Event(),
        threading.Event(),
    )
    real = keys.working

    def slowly(connection: sa.Connection) -> Any:
        found = real(connection)
        was_seen.set()
        assert goes_on.wait(10)
        return found

    async def revoked_meanwhile() -> None:
        await ring.person(f"Bearer {made.secret}", NOW)
        monkeypatch.setattr(keys, "working", slowly)
        ring.forget()
        call = asyncio.create_task(ring.person(f"Bearer {made.secret}", NOW))
        await asyncio.to_thread(was_seen.wait, 10)
        await store.write(lambda c: revoke_key(c, key=made.id, now=NOW))
        ring.forget()
        goes_on.set()
        with pytest.raises(NotKnown):
            await call

    asyncio.run(revoked_meanwhile())
