"""Whoever has the store and not its master key can neither cut the books nor change an offer."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from service.auth import book_heads
from service.cli.checks import examine
from service.db.tables.leads import audit, ledger, offers, secrets
from service.store.offers import ledger as chain
from tests.support.service import World
from tests.support.service_offers import a_lead_due_an_offer, the_policy
from tests.support.webhook_target import Target, listening, settings_for

BOOKS = {
    "cut_ledger",
    "cut_audit",
    "forged_head",
    "no_head",
    "changed_offer",
    "broken_ledger",
    "broken_audit",
    "unreadable_books",
}


def found(world: World) -> set[str]:
    return {f.code for f in examine(world.settings, world.clock.now())} & BOOKS


def forge(world: World, change: Any) -> None:
    world.runtime.store.write_now(lambda c: c.execute(change) and None)


@pytest.fixture
def lived_in(world: World) -> World:
    the_policy(world)
    for _ in range(2):
        world.did(a_lead_due_an_offer(world), "project created")
    world.work()
    world.hire("ada", available=False)
    world.work()
    assert found(world) == set()
    return world


def last(table: sa.Table) -> Any:
    return table.c.number == sa.select(sa.func.max(table.c.number)).scalar_subquery()


@pytest.mark.parametrize(
    ("table", "column"),
    [(ledger, "facts"), (audit, "facts"), (offers, "terms")],
    ids=["ledger", "audit", "offer"],
)
@pytest.mark.parametrize("text", ["{", "[1]", "7", '{"terms": 3}', "[" * 5000])
def test_what_cannot_be_read_is_found_and_ends_no_other_check(
    lived_in: World, table: sa.Table, column: str, text: str
) -> None:
    forge(lived_in, sa.update(table).values({column: text}))

    assert found(lived_in) & {"unreadable_books", "changed_offer", "broken_ledger", "broken_audit"}

    forge(lived_in, sa.delete(secrets).where(secrets.c.name == "head"))
    assert "no_head" in found(lived_in)


def test_a_cut_end_is_found_and_stays_found_while_the_service_goes_on(lived_in: World) -> None:
    forge(lived_in, sa.delete(ledger).where(last(ledger)))
    forge(lived_in, sa.delete(audit).where(last(audit)))

    assert {"cut_ledger", "cut_audit"} <= found(lived_in)
    lived_in.did(a_lead_due_an_offer(lived_in), "project created")  # the chains go on as they are
    lived_in.work()
    assert {"cut_ledger", "cut_audit"} <= found(lived_in)
    assert "broken_ledger" not in found(lived_in)  # which is all that the chain itself can say


@pytest.mark.parametrize(
    "change",
    [
        {"reserve_minor": 1},
        {"settled_minor": 1},
        {"state": "redeemed"},
        {"rule": "another"},
        {"number": 900},
        {"policy_version": "0123"},
    ],
)
def test_a_changed_offer_is_found(lived_in: World, change: dict[str, Any]) -> None:
    first = sa.select(sa.func.min(offers.c.id)).scalar_subquery()
    forge(lived_in, sa.update(offers).where(offers.c.id == first).values(**change))

    assert found(lived_in) == {"changed_offer"}


@pytest.mark.parametrize("name", ["gives", "gets", "quote", "reserve_minor", "ends_at"])
def test_changed_terms_are_found(lived_in: World, name: str) -> None:
    row = lived_in.rows(sa.select(offers.c.id, offers.c.terms))[0]
    terms = json.loads(row.terms) | {name: {"percent_off": 99} if name == "gives" else None}
    forge(lived_in, sa.update(offers).where(offers.c.id == row.id).values(terms=json.dumps(terms)))

    assert found(lived_in) == {"changed_offer"}


def test_an_offer_that_is_gone_or_was_put_in_is_found(lived_in: World) -> None:
    row = dict(lived_in.rows(sa.select(offers))[0]._mapping)
    forge(lived_in, sa.delete(offers).where(offers.c.id == row["id"]))
    assert found(lived_in) == {"changed_offer"}

    put_in = row | {"id": "offer_x", "code": None, "number": 77}
    forge(lived_in, offers.insert().values(**put_in))
    said = [f.says for f in examine(lived_in.settings, lived_in.clock.now()) if f.code in BOOKS]
    assert said == ["offer 77 is not in the ledger", f"offer {row['number']} of the ledger is gone"]


def test_books_written_anew_from_an_entry_on_are_found(lived_in: World) -> None:
    def rewrite(connection: sa.Connection) -> None:
        kept = list(chain.entries(connection))
        connection.execute(sa.delete(ledger))
        for entry in kept:
            facts = dict(entry.facts) | {"by": "nobody"}
            chain.append(connection, offer=entry.offer, step=entry.step, facts=facts, now=entry.at)

    lived_in.runtime.store.write_now(rewrite)

    assert found(lived_in) == {"cut_ledger"}


@pytest.mark.parametrize("text", [None, "{}", "[1]", "[" * 5000, "another"])
def test_a_head_that_is_gone_or_forged_is_found(lived_in: World, text: str | None) -> None:
    row = secrets.c.name == "head"
    if text == "another":
        signed = lived_in.runtime.store.read_now(
            lambda c: book_heads.head(c, (b"some other key",), lived_in.clock.now())
        )
        text = json.dumps(signed)
    if text is None:
        forge(lived_in, sa.delete(secrets).where(row))
    else:
        forge(lived_in, sa.update(secrets).where(row).values(value=text))
    lived_in.work()

    assert found(lived_in) == {"no_head" if text is None else "forged_head"}


def test_a_store_put_back_to_an_older_day_is_found_by_an_anchor(
    make_world: Any, tmp_path: Path
) -> None:
    anchors = tmp_path / "anchors"
    world = make_world(anchors=anchors)
    the_policy(world)
    world.did(a_lead_due_an_offer(world), "project created")
    world.work()
    older = world.rows(sa.select(secrets.c.value).where(secrets.c.name == "head"))[0][0]
    entries = len(world.rows(sa.select(ledger)))
    for _ in range(3):
        world.wait(hours=25)
        world.did(a_lead_due_an_offer(world), "project created")
        world.work()
    heads = [json.loads(line) for line in anchors.read_text().splitlines()]
    assert len(heads) == 4
    assert found(world) == set()

    newer = [row.offer for row in world.rows(sa.select(ledger).where(ledger.c.number > entries))]
    forge(world, sa.delete(ledger).where(ledger.c.number > entries))
    forge(world, sa.delete(offers).where(offers.c.id.in_(newer)))
    forge(world, sa.update(secrets).where(secrets.c.name == "head").values(value=older))

    assert "cut_ledger" in found(world)
    said = [f.says for f in examine(world.settings, world.clock.now()) if f.code == "cut_ledger"]
    assert all("line" in each for each in said)
    anchors.write_text("scribble\n")
    assert "forged_head" in found(world)


def test_an_offers_whole_life_fits_its_row(lived_in: World) -> None:
    lived_in.wait(days=60)
    lived_in.work()  # they expire
    assert {row.state for row in lived_in.rows(sa.select(offers))} == {"expired"}
    assert found(lived_in) == set()


def test_the_head_is_told_once_a_day_and_finds_a_store_put_back_with_an_older_head(
    make_world: Callable[..., World], tmp_path: Path
) -> None:
    with listening(Target()) as target:
        anchors = tmp_path / "anchors"
        anchors.touch()
        world = make_world(**settings_for(target, webhook_events="books.anchored"), anchors=anchors)
        world.clock.set(datetime.now(UTC))  # the target's own library asks for that
        world.work()
        before = (world.rows(sa.select(secrets)), world.rows(sa.select(sa.func.max(audit.c.id))))
        told = []
        for _ in range(2):
            world.wait(days=1)
            for _ in range(3):
                world.hire("ada")
                world.work()
            told += [attempt.said for attempt in target.attempts[len(told) :]]

    assert [one["type"] for one in told] == ["books.anchored"] * 2
    anchors.write_text("".join(json.dumps(one["data"]) + "\n" for one in told))
    assert found(world) == set()

    (head,), ((newest,),) = [row for row in before[0] if row.name == "head"], before[1]
    forge(world, sa.delete(audit).where(audit.c.id > newest))
    forge(world, sa.update(secrets).where(secrets.c.name == "head").values(value=head.value))
    assert found(world) == {"cut_audit"}
    anchors.write_text("")
    assert found(world) == set()  # which is why it is told
