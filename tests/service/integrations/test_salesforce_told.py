"""Salesforce is told our fields, opt-outs and tasks: once, by the row, and never in a circle."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import pytest
import sqlalchemy as sa

from service.db.tables.leads import claims, deliveries
from service.integrations.contract import Message, Setup
from service.integrations.listener_tests import LEADS, ListenerContract
from service.integrations.salesforce_client import Salesforce as Client
from service.integrations.salesforce_telling import Connector
from service.settings import Settings
from tests.support.salesforce_org import Org, an_org
from tests.support.salesforce_server import CLIENT_SECRET, SalesforceTool, salesforce_settings
from tests.support.service import CONSENT, World
from tests.support.service_offers import a_lead_due_an_offer, the_policy

REP = "ada@seller.example"


@pytest.fixture
def org(make_world: Callable[..., World]) -> Iterator[Org]:
    with an_org(make_world) as made:
        yield made


def a_hot_lead(org: Org, id: str = "L1") -> tuple[str, str]:
    """A lead in Ada's queue with its contact and Ada's user there: the contact, the user."""
    org.world.hire("ada", email=REP)
    user = org.sf.put("User", Email=REP.upper(), IsActive=True)
    contact = org.sf.put("Contact", Email=f"{id}@large.example".lower())
    org.world.sign_up(id=id, email=f"{id}@large.example".lower(), plan="enterprise", title="CFO")
    org.poll()
    return contact, user


def test_our_fields_stand_on_the_record(org: Org) -> None:
    contact, _ = a_hot_lead(org)
    written = org.sf.written(contact)
    score = org.score("L1")
    assert written["Giveget_Grade__c"] == score["grade"]
    assert written["Giveget_Score__c"] == round(100 * score["probability"], 2)
    assert len(written["Giveget_Reasons__c"].splitlines()) == 3
    assert written["Giveget_Lane__c"] == "rep"
    assert written["Giveget_Rank__c"] == 1
    assert written["Giveget_Due__c"].endswith("Z")
    assert written["Giveget_Link__c"] == "https://giveget.example/leads/L1"
    assert written["Giveget_Offer__c"] is None


def test_an_open_offer_stands_there_in_words_with_its_page(org: Org) -> None:
    the_policy(org.world)
    lead = a_lead_due_an_offer(org.world, seats=100, email="buyer@large.example")
    contact = org.sf.put("Contact", Email="buyer@large.example")
    org.world.did(lead, "project created")
    org.poll()
    (offer,) = org.world.get("manager", "/v1/offers").json()["offers"]
    written = org.sf.written(contact)
    assert written["Giveget_Offer__c"]
    assert offer["id"] in written["Giveget_Offer_Link__c"]


def test_what_we_wrote_comes_back_as_no_news(org: Org) -> None:
    contact, _ = a_hot_lead(org)
    told, written = org.versions(), len(org.sf.seen("PATCH", "/services"))
    for _ in range(5):
        org.poll()
    assert org.versions() == told
    assert len(org.sf.seen("PATCH", "/services")) == written
    assert org.sf.written(contact)


def test_an_opt_out_is_set_there_and_comes_back_as_no_news(org: Org) -> None:
    contact, _ = a_hot_lead(org)
    assert "HasOptedOutOfEmail" not in org.sf.records[contact]
    org.world.sign_up(id="L1", email="l1@large.example", do_not_email=True)
    org.poll()
    assert org.sf.records[contact]["HasOptedOutOfEmail"] is True
    told = org.versions()
    org.poll()
    assert org.versions() == told


def test_a_rep_gets_one_task_and_finishing_it_ends_the_claim_once(org: Org) -> None:
    contact, user = a_hot_lead(org)
    (task,) = org.tasks()
    held = org.sf.records[task]
    assert (held["WhoId"], held["OwnerId"], held["IsDeleted"]) == (contact, user, False)
    assert held["Subject"].startswith("Giveget: call (")
    assert "https://giveget.example/leads/L1" in held["Description"]
    claimed = org.world.claim("ada")
    org.sf.put("Task", task, Status="Completed", CallDisposition="Meeting booked")
    for _ in range(3):
        org.poll()

    ended = org.world.rows(sa.select(claims.c.id, claims.c.ended, claims.c.disposition))
    assert [tuple(row) for row in ended] == [(claimed["claim"], "done", "meeting_booked")]
    assert org.touches() == [("L1", "call", "ada")]
    assert len(org.tasks()) == 1


def test_a_task_finished_without_a_claim_here_ends_the_place(org: Org) -> None:
    a_hot_lead(org)
    (task,) = org.tasks()
    org.sf.put("Task", task, Status="Completed")
    org.poll()
    org.poll()
    (row,) = org.world.rows(sa.select(claims.c.rep, claims.c.ended, claims.c.disposition))
    assert tuple(row) == ("ada", "done", "reached")
    assert org.world.get("ada", "/v1/reps/ada/queue").json()["items"] == []


def test_a_task_of_somebody_elses_making_ends_nothing(org: Org) -> None:
    contact, user = a_hot_lead(org)
    org.sf.put("Task", WhoId=contact, OwnerId=user, Subject="Giveget: call", Status="Completed")
    org.poll()
    assert org.world.count(claims) == 0
    assert org.touches() == []


def test_a_claim_that_ends_here_closes_the_task_there(org: Org) -> None:
    a_hot_lead(org)
    (task,) = org.tasks()
    claim = org.world.claim("ada")
    done = {"version": claim["version"], "disposition": "reached"}
    assert org.world.post("ada", f"/v1/claims/{claim['claim']}/done", done).status_code == 200
    org.poll()
    org.poll()
    assert org.sf.records[task]["Status"] == "Completed"
    assert org.world.count(claims) == 1
    assert org.touches() == [("L1", "call", "ada")]


def test_rows_that_are_locked_are_written_later_and_the_others_at_once(org: Org) -> None:
    first = org.sf.put("Contact", Email="a@large.example")
    second = org.sf.put("Contact", Email="b@small.example")
    org.sf.refuses = {first: [("UNABLE_TO_LOCK_ROW", []), ("DUPLICATES_DETECTED", [])]}
    org.world.sign_up(id="A", email="a@large.example")
    org.world.sign_up(id="B", email="b@small.example")
    org.poll()
    assert org.sf.written(second)
    assert not org.sf.written(first)
    for _ in range(3):
        org.poll()
    assert org.sf.written(first)


@pytest.mark.parametrize(
    ("code", "fields", "reason"),
    [
        (
            "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            ["Giveget_Lane__c"],
            "FIELD_CUSTOM_VALIDATION_EXCEPTION: Giveget_Lane__c",
        ),
        (
            "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
            [],
            "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        ),
    ],
)
def test_what_the_org_refuses_is_named(org: Org, code: str, fields: list[str], reason: str) -> None:
    contact = org.sf.put("Contact", Email="a@large.example")
    org.sf.refuses = {contact: [(code, fields)] * 9}
    org.world.sign_up(id="A", email="a@large.example")
    org.poll()
    job = org.job(f"salesforce:record:{contact}")
    assert (job.state, job.reason) == ("failed", reason)


def test_a_field_that_the_org_lacks_is_named(org: Org) -> None:
    contact = org.sf.put("Contact", Email="a@large.example")
    org.sf.custom["Contact"].discard("Giveget_Rank__c")
    org.world.sign_up(id="A", email="a@large.example")
    org.poll()
    job = org.job(f"salesforce:record:{contact}")
    assert (job.state, job.reason) == ("failed", "INVALID_FIELD")


def test_nothing_more_is_written_to_what_is_gone(org: Org) -> None:
    lead = org.sf.put("Lead", Email="a@large.example")
    org.world.sign_up(id="A", email="a@large.example")
    org.poll()
    org.sf.delete(lead)
    written = org.sf.written(lead)
    org.world.sign_up(id="A", email="a@large.example", title="CFO")
    org.poll()
    assert org.sf.written(lead) == written
    assert org.job(f"salesforce:record:{lead}").state == "done"


def test_a_used_up_limit_of_calls_is_waited_for(org: Org) -> None:
    contact = org.sf.put("Contact", Email="a@large.example")
    org.world.sign_up(id="A", email="a@large.example")
    org.sf.is_over_limit = True
    org.poll()
    calls = len(org.sf.calls)
    org.poll(seconds=300)
    assert len(org.sf.calls) == calls  # left alone for a quarter of an hour
    org.sf.is_over_limit = False
    org.poll(seconds=1000)
    org.poll(seconds=1000)
    assert org.sf.written(contact)


def test_a_session_that_ended_is_begun_anew(org: Org) -> None:
    contact = org.sf.put("Contact", Email="a@large.example")
    org.sf.end_sessions()
    org.world.sign_up(id="A", email="a@large.example")
    org.poll()
    assert org.sf.written(contact)


def test_shadow_mode_reads_and_writes_nothing(make_world: Callable[..., World]) -> None:
    with an_org(make_world, shadow=True) as org:
        contact, _ = a_hot_lead(org)
        org.sf.put("Contact", contact, HasOptedOutOfEmail=True)
        org.poll()
        assert org.lead("L1")["do_not_email"] is True
        assert org.sf.written(contact) == {}
        assert {method for method, path, _ in org.sf.calls if "oauth2" not in path} == {"GET"}


def test_an_erased_persons_fields_are_cleared_and_nothing_of_them_is_kept(org: Org) -> None:
    contact, _ = a_hot_lead(org)
    org.erase("L1")
    org.poll()
    org.sf.put("Contact", contact, Title="CTO")
    org.poll()
    assert set(org.sf.written(contact).values()) == {None}
    rows = org.world.rows(sa.select(deliveries.c.id).where(deliveries.c.lead.is_not(None)))
    assert rows == []


def test_fields_may_have_other_names_or_be_left_out(make_world: Callable[..., World]) -> None:
    names = {"grade": "Lead_Grade__c", "rank": ""}
    with an_org(make_world, salesforce_fields=names) as org:
        org.sf.custom["Contact"] = (org.sf.custom["Contact"] | {"Lead_Grade__c"}) - {
            "Giveget_Grade__c",
            "Giveget_Rank__c",
        }
        contact, _ = a_hot_lead(org)
        assert org.sf.written(contact)["Lead_Grade__c"] == org.score("L1")["grade"]


def test_mail_of_a_lead_that_salesforce_was_not_asked_about_waits(org: Org) -> None:
    the_policy(org.world)
    org.sf.faults = [(503, {})] * 200
    lead = a_lead_due_an_offer(org.world, seats=100, email="buyer@large.example", consent=CONSENT)
    org.world.did(lead, "project created")
    org.world.work()
    assert org.world.captured() == []
    org.sf.faults = []
    for _ in range(4):
        org.poll()
    assert [mail["lead"] for mail in org.world.captured()] == [lead]


def test_an_owner_who_is_a_rep_has_the_lead(org: Org) -> None:
    org.world.hire("bob", email="bob@seller.example")
    contact, _ = a_hot_lead(org)
    org.world.hire("bob", email="bob@seller.example", capacity=50)
    user = org.sf.put("User", Email="Bob@Seller.example", IsActive=True)
    org.sf.put("Contact", contact, OwnerId=user)
    org.poll()
    assert org.rep_of("L1") == "bob"


class TestSalesforceIsTold(ListenerContract):
    """The published contract of what is told."""

    secrets = (CLIENT_SECRET, "session.")

    def listener(self, url: str) -> Connector:
        told = salesforce_settings(SalesforceTool()) | {"salesforce_url": url}
        settings = Settings(**told)
        return Connector(Setup(settings=settings, own={}, client=Client(settings)))

    def bare(self) -> Connector:
        return Connector(Setup(settings=Settings(), own={}))

    def messages(self) -> Sequence[Message]:
        told = self.listener("http://127.0.0.1:9")
        leads = [replace(lead, ids=("0035g00000ABcdE",)) for lead in LEADS]
        messages = [one for lead in leads for one in told.to_tell(lead)]
        return [one for one in messages if one.body.get("is_open", True)]  # the rest takes back

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        tool = SalesforceTool()
        tool.put("Contact", "0035g00000ABcdE")
        tool.put("User", Email="ada@seller.example", IsActive=True)
        tool.sessions.add("a-session")
        tool.shown.append("Bearer a-session")
        path, _, query = path.partition("?")
        if "oauth2" in path:
            body = dict(parse_qsl(body))
        return tool.answer(method, path, dict(parse_qsl(query)), body)
