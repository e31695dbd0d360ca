"""Polls that are killed, cut short, repeated or out of order: each change is told once."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from service.db.tables.leads import lead_versions, leads
from service.integrations.salesforce import Person
from service.use_cases.intake import salesforce
from service.use_cases.tx import Tx
from tests.support.salesforce_org import Org, an_org
from tests.support.salesforce_server import SalesforceTool, salesforce_settings
from tests.support.service import World
from tests.support.tool_servers import Answer
from tests.support.webhook_target import unused_port
from tests.support.worker_process import workers

PEOPLE = 7


@pytest.fixture
def org(make_world: Callable[..., World]) -> Iterator[Org]:
    with an_org(make_world) as made:
        made.sf.page_size = 3
        yield made


def contacts(org: Org) -> list[str]:
    """Some people whom both know."""
    made = []
    for number in range(PEOPLE):
        email = f"p{number}@firm{number}.example"
        org.world.sign_up(id=f"L{number}", email=email)
        made.append(org.sf.put("Contact", Email=email, Title="CFO"))
    org.poll()
    return made


def told(org: Org) -> int:
    """How often anything was told from Salesforce."""
    of_salesforce = lead_versions.c.body.contains('"salesforce"')
    count = sa.select(sa.func.count()).select_from(lead_versions).where(of_salesforce)
    return int(org.world.rows(count)[0][0])


def titles(org: Org) -> set[str]:
    return {org.lead(f"L{number}")["title"] for number in range(PEOPLE)}


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("begin", "step"), [(60, 97), pytest.param(1, 2, marks=pytest.mark.long)])
def test_a_worker_killed_before_any_statement_tells_each_change_once(
    org: Org, begin: int, step: int
) -> None:
    known = contacts(org)
    before, calls = told(org), 0
    settings = salesforce_settings(org.sf)
    with workers(org.world.settings.db, unused_port(), **settings) as team:
        for kill_at in range(begin, 2000, step):
            org.world.wait(seconds=130)
            for contact in known:
                org.sf.put("Contact", contact, Title=f"Title {kill_at}")
            org.sf.put("Task", WhoId=known[0], TaskSubtype="Call", Status="Completed")
            calls += 1
            was_killed = team.work(org.world.clock.now(), kill_at=kill_at) is None
            for _ in range(2):  # the lost worker holds what it took for two minutes
                org.poll(seconds=181)

            assert titles(org) == {f"Title {kill_at}"}
            assert len(org.touches()) == calls
            assert told(org) == before + calls * PEOPLE
            if not was_killed:
                break
    assert calls >= 3
    assert not was_killed


def test_many_rows_of_one_second_are_all_read_over_pages_and_rounds(
    org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.jobs.poll_salesforce._MOST_PAGES", 1)
    known = contacts(org)
    before = told(org)
    org.world.wait(seconds=130)
    for contact in known:
        org.sf.put("Contact", contact, Title="CEO")
    org.sf.calls.clear()
    org.world.work()
    assert titles(org) == {"CEO"}
    assert told(org) == before + PEOPLE
    assert [path for _, path, _ in org.sf.calls if "/query/01g" in path] == []  # each its own query


class Shuffled(SalesforceTool):
    """An org whose answers come in no order."""

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        if "ORDER BY SystemModstamp" in query.get("q", ""):
            self.records = dict(
                random.Random(7).sample(list(self.records.items()), len(self.records))
            )
            query = {"q": query["q"].partition(" ORDER BY")[0]}
        return super().answer(method, path, query, body)


def test_rows_out_of_order_end_alike(org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(org.sf, "__class__", Shuffled)
    known = contacts(org)
    before = told(org)
    for round in range(3):
        org.world.wait(seconds=130)
        for contact in random.Random(round).sample(known, PEOPLE):
            org.world.wait(seconds=1)
            org.sf.put("Contact", contact, Title=f"Title {round}")
        org.world.work()
        org.world.work()
        assert titles(org) == {f"Title {round}"}
    org.poll()
    assert told(org) == before + 3 * PEOPLE


def test_an_older_state_that_comes_later_changes_nothing_but_an_opt_out(org: Org) -> None:
    (first, *_) = contacts(org)
    older = dict(org.sf.records[first]) | {"Title": "Clerk", "HasOptedOutOfEmail": True}
    org.world.wait(seconds=60)
    org.sf.put("Contact", first, Title="CEO")
    org.poll()
    newer = org.sf.records[first]
    org.sf.records[first] = older
    org.poll()
    org.sf.records[first] = newer
    org.poll()
    assert org.lead("L0")["title"] == "CEO"
    assert org.lead("L0")["do_not_email"] is True


def test_the_newer_word_stands_field_by_field(org: Org) -> None:
    (first, *_) = contacts(org)
    org.world.wait(seconds=60)
    org.world.sign_up(id="L0", email="p0@firm0.example", title="Treasurer")  # newer than theirs
    org.world.wait(seconds=60)
    org.sf.put("Contact", first, Phone="+1 201 555 0123")  # their title was not touched
    org.poll()
    assert org.lead("L0")["title"] == "Treasurer"
    assert org.lead("L0")["phone"] == "+1 201 555 0123"
    org.sf.put("Contact", first, Title="CEO")
    org.poll()
    assert org.lead("L0")["title"] == "CEO"


HALVES: list[Any] = [
    {},
    [],
    {"records": None, "done": True},
    {"records": [{}], "done": True},
    {"records": [{"Id": "003000000000001AAA"}], "done": True},
    {"records": [], "done": False},
    {"records": [], "done": False, "nextRecordsUrl": "https://elsewhere.example/query/01g"},
    {
        "records": [],
        "done": False,
        "nextRecordsUrl": "@elsewhere.example/services/data/v64.0/query",
    },
    {"records": ["no row"], "done": True},
    {
        "records": [
            {"Id": "003000000000001AAA", "SystemModstamp": "2026-11-02", "IsDeleted": False}
        ],
        "done": True,
    },
]


@pytest.mark.parametrize("half", HALVES, ids=range(len(HALVES)))
def test_half_an_answer_changes_nothing_and_is_asked_for_again(
    org: Org, monkeypatch: pytest.MonkeyPatch, half: Any
) -> None:
    known = contacts(org)
    before = told(org)
    org.world.wait(seconds=130)
    org.sf.put("Contact", known[0], Title="CEO")
    true = org.sf.answer

    def answer(method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        if path.endswith(("/query", "/queryAll")):
            return 200, half
        return true(method, path, query, body)

    monkeypatch.setattr(org.sf, "answer", answer)
    org.world.work()
    assert told(org) == before
    monkeypatch.undo()
    org.poll()
    assert told(org) == before + 1


def test_a_fault_at_any_call_ends_alike(org: Org) -> None:
    known = contacts(org)
    before = told(org)
    true, count = org.sf.answer, itertools.count()
    for number, fault_at in enumerate((0, 1, 2, 4, 7), start=1):
        org.world.wait(seconds=130)
        for contact in known:
            org.sf.put("Contact", contact, Title=f"Title {number}")
        count = itertools.count()

        def answer(
            method: str,
            path: str,
            query: dict[str, str],
            body: Any,
            count: Iterator[int] = count,
            fault_at: int = fault_at,
        ) -> Answer:
            if next(count) == fault_at:
                return 503, [{"errorCode": "SERVER_UNAVAILABLE", "message": "busy"}]
            return true(method, path, query, body)

        org.sf.answer = answer  # type: ignore[method-assign]  # a fault of this round
        org.poll()
        org.poll()
        assert titles(org) == {f"Title {number}"}
    assert told(org) == before + 5 * PEOPLE
    assert org.world.count(leads) == PEOPLE


def test_a_record_of_the_future_hides_none_of_today(org: Org) -> None:
    known = contacts(org)
    org.sf.records[known[0]]["SystemModstamp"] = "2099-01-01T00:00:00.000+0000"
    org.poll()
    org.world.wait(seconds=60)
    org.sf.put("Contact", known[1], Title="CEO")
    org.poll()
    assert org.lead("L1")["title"] == "CEO"


def test_a_record_that_cannot_be_taken_keeps_no_other_back(
    org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = contacts(org)
    org.world.wait(seconds=60)
    org.sf.put("Contact", known[0], Title="Half a \ud83d", Phone="+1 201 555 0123")
    org.sf.put("Contact", known[1], Title="Poison")
    org.sf.put("Contact", known[2], Title="CEO", HasOptedOutOfEmail=True)
    true = salesforce._take_person

    def take(tx: Tx, person: Person) -> Any:
        if person.fields.get("title") == "Poison":
            raise ValueError("a fault of ours")
        return true(tx, person)

    monkeypatch.setattr(salesforce, "_take_person", take)
    org.poll()
    assert (org.lead("L0")["title"], org.lead("L0")["phone"]) == ("CFO", "+1 201 555 0123")
    assert (org.lead("L1")["title"], org.lead("L2")["title"]) == ("CFO", "CEO")
    assert org.lead("L2")["do_not_email"] is True
    monkeypatch.undo()
    org.poll()  # read again, since a poll begins before the end of the last one
    assert org.lead("L1")["title"] == "Poison"
