"""The store's promises, on both stores: shared commits, kept faults apart, times, traps."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from threading import Event

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from service.db import Store
from service.db.engines import begin_writing, open_writer, read_url
from service.db.migrate import upgrade
from service.db.tables.leads import ledger as ledger_table
from service.db.tables.leads import metadata, offers, secrets, suppressions
from service.errors import ConfigurationError, Conflict, Unavailable
from service.store.offers import ledger, limits, redemptions

NOW = datetime(2026, 11, 2, 9, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    store = Store(store_url)
    yield store
    store.close()


def keep(name: str, value: str = "x") -> sa.Insert:
    return sa.insert(secrets).values(name=name, value=value)


def names(store: Store) -> list[str]:
    query = sa.select(secrets.c.name).order_by(secrets.c.name)
    return store.read_now(lambda c: list(c.execute(query).scalars()))


def test_many_requests_share_one_commit(store: Store) -> None:
    async def rush() -> None:
        jobs = (store.write(lambda c, n=n: c.execute(keep(f"{n:04}")) and None) for n in range(500))
        await asyncio.gather(*jobs)

    asyncio.run(rush())

    assert len(names(store)) == 500
    assert store.commits <= 50


def test_a_failing_request_takes_nothing_of_its_neighbours_with_it(store: Store) -> None:
    def half_done(connection: sa.Connection) -> None:
        connection.execute(keep("half"))
        raise Conflict("no", "changed its mind")

    async def rush() -> list[object]:
        return await asyncio.gather(
            store.write(lambda c: c.execute(keep("a")) and None),
            store.write(half_done),
            store.write(lambda c: c.execute(keep("a")) and None),
            store.write(lambda c: c.execute(keep("b")) and None),
            return_exceptions=True,
        )

    outcomes = asyncio.run(rush())

    assert [type(outcome) for outcome in outcomes] == [
        type(None),
        Conflict,
        IntegrityError,
        type(None),
    ]
    assert names(store) == ["a", "b"]


def test_nobody_waits_for_ever_and_the_work_stays_done(
    store: Store, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.db.store._LONGEST_WAIT_SECONDS", 0.05)
    goes_on = Event()

    def slow(connection: sa.Connection) -> None:
        goes_on.wait()
        connection.execute(keep("a"))

    async def impatient() -> None:
        with pytest.raises(Unavailable, match="does not answer"):
            await store.write(slow)
        with pytest.raises(Unavailable, match="does not answer"):
            await store.read(lambda _: goes_on.wait(), within=0.05)
        goes_on.set()

    asyncio.run(impatient())
    store.close()

    again = Store(store_url)
    assert names(again) == ["a"]
    again.close()


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises((Unavailable, DBAPIError)):
        store.read_now(lambda c: c.execute(keep("a")) and None)

    assert names(store) == []


def test_a_time_keeps_its_instant_to_the_microsecond_whatever_its_offset(store: Store) -> None:
    at = NOW.astimezone(timezone(timedelta(hours=5, minutes=45)))
    row = {"email_key": "k", "reason": "r", "at": at}
    store.write_now(lambda c: c.execute(suppressions.insert(), row) and None)

    assert store.read_now(lambda c: c.execute(sa.select(suppressions.c.at)).scalar_one()) == NOW


def test_a_naive_time_is_not_stored(store: Store) -> None:
    row = {"email_key": "k", "reason": "r", "at": NOW.replace(tzinfo=None)}

    with pytest.raises(StatementError):
        store.write_now(lambda c: c.execute(suppressions.insert(), row) and None)


def test_the_migrations_make_the_schema_the_code_speaks_of(store: Store) -> None:
    def differences(connection: sa.Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    assert store.read_now(differences) == []


def test_opening_a_store_again_changes_nothing(store: Store, store_url: str) -> None:
    store.write_now(lambda c: c.execute(keep("a")) and None)

    again = Store(store_url)

    assert names(again) == ["a"]
    again.close()


def test_a_store_of_a_newer_giveget_is_left_alone(store: Store, store_url: str) -> None:
    newer = sa.text("UPDATE alembic_version SET version_num = '9999'")
    store.write_now(lambda c: c.execute(newer) and None)

    with pytest.raises(ConfigurationError, match="upgrade Giveget"):
        Store(store_url)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://x/y", "nonsense"])
def test_what_is_no_store_is_refused_by_a_sentence(url: str) -> None:
    with pytest.raises(ConfigurationError, match="db: "):
        Store(url)


def test_the_ledgers_chain_shows_any_change_to_a_line(store: Store) -> None:
    def write(connection: sa.Connection) -> None:
        for number in range(5):
            ledger.append(connection, offer="o", step="issued", facts={"n": number}, now=NOW)

    store.write_now(write)
    assert store.read_now(ledger.broken_at) is None

    forged = sa.update(ledger_table).where(ledger_table.c.number == 3).values(facts='{"n":9}')
    store.write_now(lambda c: c.execute(forged) and None)

    assert store.read_now(ledger.broken_at) == 3


def test_two_processes_may_write_to_one_store(store: Store, store_url: str) -> None:
    other = Store(store_url)

    async def rush() -> None:
        jobs = [
            each.write(lambda c, n=f"{number}-{number % 2}": c.execute(keep(n)) and None)
            for number in range(200)
            for each in [(store, other)[number % 2]]
        ]
        await asyncio.gather(*jobs)

    asyncio.run(rush())
    other.close()

    assert len(names(store)) == 200


OLD_OFFERS = (
    ("a", "issued", "system", 700, None),
    ("b", "redeemed", "ada", 700, 500),
    ("c", "withdrawn", "ada", 700, None),
)


@pytest.fixture
def emptied_url(store_url: str) -> str:
    """A store that has no table yet."""
    store = Store(store_url)

    def empty(connection: sa.Connection) -> None:
        for name in sa.inspect(connection).get_view_names():
            connection.execute(sa.text(f"DROP VIEW {name}"))
        metadata.drop_all(connection)
        connection.execute(sa.text("DROP TABLE alembic_version"))

    store.write_now(empty)
    store.close()
    return store_url


def test_offers_issued_before_limits_were_counted_take_their_share_of_them(
    emptied_url: str,
) -> None:
    engine = open_writer(read_url(emptied_url), connections=1)
    with engine.connect() as connection, begin_writing(connection):
        upgrade(connection, "0001")
        for number, (account, state, by, reserve, settled) in enumerate(OLD_OFFERS, start=1):
            row = {
                "id": account,
                "number": number,
                "lead": "l",
                "account": account,
                "rule": "r",
                "policy_id": "p",
                "policy_version": "v",
                "terms": "{}",
                "state": state,
                "by": by,
                "reserve_minor": reserve,
                "settled_minor": settled,
                "issued_at": NOW,
                "ends_at": NOW,
                "changed_at": NOW,
            }
            connection.execute(offers.insert(), row)
    engine.dispose()

    store = Store(emptied_url)

    used = {
        (name, period): store.read_now(lambda c, n=name, p=period: limits.used(c, n, p))
        for name, period in (("budget", "2026-11"), ("by:ada", "2026-11"), ("open_offers", ""))
    }
    store.close()
    assert list(used.values()) == [1200, 500, 1]


SHARED = (
    ("o1", "a", "in_7", 1),
    ("o2", "b", "in_7", 2),
    ("o3", "c", "R 7", 1),
    ("o4", "a", "R 7", 1),
)
"""Redemptions before invoices were unique: offer, account, invoice, day."""


def test_an_invoice_that_redeemed_for_two_accounts_stays_the_first_ones(emptied_url: str) -> None:
    engine = open_writer(read_url(emptied_url), connections=1)
    insert = sa.text(
        "INSERT INTO redemptions (offer, account, invoice, at) "
        "VALUES (:offer, :account, :invoice, :at)"
    )
    with engine.connect() as connection, begin_writing(connection):
        upgrade(connection, "0014")
        for offer, account, invoice, day in SHARED:
            row = {"offer": offer, "account": account, "invoice": invoice, "at": day}
            connection.execute(insert, row)
    engine.dispose()

    store = Store(emptied_url)
    owners = [store.read_now(lambda c, i=i: redemptions.offer_of(c, i)) for i in ("in_7", "R 7")]
    kept = [store.read_now(lambda c, o=o: redemptions.of_offer(c, o)) for o, *_ in SHARED]
    taken = store.write_now(
        lambda c: redemptions.use_up(c, offer="o5", account="z", invoice="in_7", now=NOW)
    )
    store.close()
    assert owners == ["o1", "o3"]
    assert [one.source for one in kept if one] == ["stripe", "stripe:b", "orders", "orders:a"]
    assert taken is False
