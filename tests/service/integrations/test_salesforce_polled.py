"""Salesforce is polled: what its records say of people we know counts, once, in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from service.db.tables.leads import leads
from tests.support.salesforce_org import Org, an_org
from tests.support.service import CONSENT, World


@pytest.fixture
def org(make_world: Callable[..., World]) -> Iterator[Org]:
    with an_org(make_world) as made:
        yield made


def test_a_record_is_known_by_its_address_and_tells_its_facts(org: Org) -> None:
    org.world.sign_up(id="L1", email="ada@large.example", title="CFO")
    owner = org.sf.put("User", Email="rep@seller.example", IsActive=True)
    org.world.wait(seconds=1)
    record = org.sf.put(
        "Lead",
        Email="Ada@Large.example",
        Title="Treasurer",
        LastName="Large",
        Company="Large Ltd",
        OwnerId=owner,
        Status="Working",
        DoNotCall=True,
        HasOptedOutOfEmail=True,
    )
    org.poll()

    lead = org.lead("L1")
    assert lead["external_ids"]["salesforce"] == [record]
    assert (lead["title"], lead["last_name"]) == ("Treasurer", "Large")
    assert (lead["do_not_email"], lead["do_not_call"]) == (True, True)
    assert lead["attributes"]["salesforce_owner"] == "rep@seller.example"
    assert lead["attributes"]["salesforce_status"] == "Working"


def test_who_never_signed_up_becomes_no_lead_and_nothing_is_kept_of_them(org: Org) -> None:
    contact = org.sf.put("Contact", Email="nobody@else.example")
    org.sf.put("Task", WhoId=contact, TaskSubtype="Call", Status="Completed")
    org.poll()
    assert org.world.count(leads) == 0
    assert org.touches() == []


def test_the_same_poll_twice_and_a_restart_tell_nothing_new(org: Org) -> None:
    org.world.sign_up(id="L1", email="ada@large.example")
    org.sf.put("Contact", Email="ada@large.example", Title="CFO")
    for _ in range(4):
        org.poll()
    told = org.versions()
    org.poll(seconds=700)
    assert org.versions() == told == 2


def test_an_opt_out_is_never_lifted_from_there(org: Org) -> None:
    org.world.sign_up(id="L1", email="ada@large.example", consent=CONSENT)
    contact = org.sf.put("Contact", Email="ada@large.example", HasOptedOutOfEmail=True)
    org.poll()
    org.sf.put("Contact", contact, HasOptedOutOfEmail=False, Title="CFO")
    org.poll()
    assert org.lead("L1")["do_not_email"] is True
    assert org.lead("L1")["title"] == "CFO"


def test_a_done_call_is_a_touch_by_its_owner_once(org: Org) -> None:
    org.world.sign_up(
        id="L1", email="ada@large.example", external_ids={"salesforce": "003000001AbcDEF"}
    )
    contact = org.sf.put("Contact", "003000001AbcDEF", Email="ada@large.example")
    rep = org.sf.put("User", Email="rep@seller.example", IsActive=True)
    call = org.sf.put("Task", WhoId=contact, TaskSubtype="Call", OwnerId=rep, Status="Not Started")
    org.sf.put("Task", WhoId=contact, TaskSubtype="ListEmail", Status="Completed")
    org.sf.put("Task", WhoId=contact, TaskSubtype="Task", Type="Other", Status="Completed")
    org.poll()
    assert org.touches() == []
    org.sf.put("Task", call, Status="Completed")
    org.poll()
    org.poll()
    assert org.touches() == [("L1", "call", "rep@seller.example")]


def test_a_lead_that_signs_up_finds_its_record_with_the_calls_and_deals_of_before(org: Org) -> None:
    contact = org.sf.put("Contact", Email="o'hara@large.example", Title="CFO")
    org.sf.put("Task", WhoId=contact, TaskSubtype="Call", Status="Completed")
    deal = org.sf.put("Opportunity", IsClosed=False)
    org.sf.put("OpportunityContactRole", ContactId=contact, OpportunityId=deal)
    org.poll()
    org.poll(seconds=3600)
    org.world.sign_up(id="L1", email="o'hara@large.example")
    org.poll()
    lead = org.lead("L1")
    assert lead["title"] == "CFO"
    assert lead["attributes"]["open_deal"] is True
    assert org.touches() == [("L1", "call", None)]


def test_a_deal_that_is_won_or_lost_is_open_no_more(org: Org) -> None:
    org.world.sign_up(id="L1", email="ada@large.example")
    contact = org.sf.put("Contact", Email="ada@large.example")
    deal = org.sf.put("Opportunity", IsClosed=False)
    org.sf.put("OpportunityContactRole", ContactId=contact, OpportunityId=deal)
    org.poll()
    assert org.lead("L1")["attributes"]["open_deal"] is True
    org.sf.put("Opportunity", deal, IsClosed=True, IsWon=True)
    org.poll()
    assert org.lead("L1")["attributes"]["open_deal"] is False


def test_another_contact_without_a_deal_closes_none(org: Org) -> None:
    org.world.sign_up(id="L1", email="ada@large.example")
    first = org.sf.put("Contact", Email="ada@large.example")
    deal = org.sf.put("Opportunity", IsClosed=False)
    org.sf.put("OpportunityContactRole", ContactId=first, OpportunityId=deal)
    org.poll()
    org.sf.put("Contact", Email="ada@large.example")
    org.poll()
    assert len(org.lead("L1")["external_ids"]["salesforce"]) == 2
    assert org.lead("L1")["attributes"]["open_deal"] is True


def test_records_that_merge_merge_their_leads_and_a_converted_lead_is_its_contact(org: Org) -> None:
    for number in (1, 2):
        org.world.sign_up(id=f"L{number}", email=f"ada{number}@large.example")
    first, second = (org.sf.put("Lead", Email=f"ada{n}@large.example") for n in (1, 2))
    org.poll()
    org.sf.delete(second, into=first)
    org.poll()
    org.poll()
    assert org.world.count(leads) == 1
    contact = org.sf.put("Contact", Email="other@large.example")
    org.sf.put("Lead", first, IsConverted=True, ConvertedContactId=contact)
    org.poll()
    assert org.world.count(leads) == 1
    known = org.lead("L1")["external_ids"]["salesforce"]
    assert sorted(known) == sorted((first, second, contact))
