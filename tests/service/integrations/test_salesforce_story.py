"""One person's story in Salesforce: whenever they sign up, and however often it is polled, it ends
alike."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from service.db.tables.leads import external_ids, leads, touches
from tests.support.salesforce_org import Org, an_org
from tests.support.service import World


@pytest.fixture
def org(make_world: Callable[..., World]) -> Iterator[Org]:
    with an_org(make_world) as made:
        yield made


class Story:
    """A person with a number of their own: first a lead there, then a contact with a deal."""

    def __init__(self, org: Org, number: int) -> None:
        self.org, self.email, self.id = org, f"ada@large{number}.example", f"ada-{number}"
        self.lead = self.twin = self.contact = ""

    def acts(self) -> list[Callable[[], object]]:
        """What happens there, in its only possible order."""
        return [self.appears, self.twice, self.called, self.merged, self.stops, self.converted]

    def signs_up(self) -> None:
        self.org.world.sign_up(id=self.id, email=self.email, plan="business")

    def appears(self) -> None:
        self.lead = self.org.sf.put("Lead", Email=self.email, Title="CFO", Status="Open")

    def twice(self) -> None:
        self.twin = self.org.sf.put("Lead", Email=self.email, Phone="+1 201 555 0123")

    def called(self) -> None:
        self.org.sf.put("Task", WhoId=self.lead, TaskSubtype="Call", Status="Completed")

    def merged(self) -> None:
        self.org.sf.put("Lead", self.lead, Phone="+1 201 555 0123")
        self.org.sf.delete(self.twin, into=self.lead)

    def stops(self) -> None:
        self.org.sf.put("Lead", self.lead, HasOptedOutOfEmail=True, DoNotCall=True)

    def converted(self) -> None:
        sf = self.org.sf
        copied = {"Email": self.email, "Phone": "+1 201 555 0123", "HasOptedOutOfEmail": True}
        self.contact = sf.put("Contact", Title="VP Finance", **copied)
        sf.put("Lead", self.lead, IsConverted=True, ConvertedContactId=self.contact)
        deal = sf.put("Opportunity", IsClosed=False)
        sf.put("OpportunityContactRole", ContactId=self.contact, OpportunityId=deal)
        for id, kind in sf.kinds.items():  # conversion moves what was done to the contact
            if kind == "Task" and sf.records[id].get("WhoId") == self.lead:
                sf.put("Task", id, WhoId=self.contact)

    def ended(self) -> dict[str, Any]:
        """What is known of them."""
        world, names = self.org.world, {self.lead: "lead", self.contact: "contact"}
        (row,) = world.rows(sa.select(leads).where(leads.c.id == self.id))
        record = json.loads(row.record)
        ids = sa.select(external_ids.c.value).where(
            external_ids.c.lead == self.id, external_ids.c.kind == "salesforce"
        )
        touched = sa.select(touches.c.kind).where(touches.c.lead == self.id)
        stands = {"email": "", **record["fields"]} | {"email": ""}
        return {
            "fields": stands,
            "attributes": record["attributes"],
            "ids": sorted(names[found] for (found,) in world.rows(ids) if found in names),
            "touches": [kind for (kind,) in world.rows(touched)],
        }


def test_a_story_ends_alike_whenever_they_sign_up_and_however_often_it_is_polled(org: Org) -> None:
    ends = []
    for number in range(8):
        chance, story = random.Random(number), Story(org, number)
        acts = story.acts()
        acts.insert(number % (len(acts) + 1), story.signs_up)
        for act in acts:
            act()
            org.world.wait(seconds=5)
            for _ in range(chance.randrange(3)):
                org.poll()
        for _ in range(2):
            org.poll()
        ends.append(story.ended())
    assert [end for end in ends if end != ends[0]] == []
    assert ends[0]["fields"]["title"] == "VP Finance"
    assert ends[0]["fields"]["do_not_email"] is True
    assert ends[0]["attributes"]["open_deal"] is True
    assert ends[0]["touches"] == ["call"]
    assert ends[0]["ids"] == ["contact", "lead"]
    assert org.world.count(leads) == 8


FORGED = [
    ("/v1/connect/salesforce", {"Id": "00Q5g00000ABcdE"}),
    ("/v1/connect/salesforce", [{"sObject": "Lead"}]),
]


@pytest.mark.parametrize(("path", "body"), FORGED, ids=str)
def test_nobody_can_call_in_its_name(org: Org, path: str, body: Any) -> None:
    before = org.versions()
    answer = org.world.client.post(path, json=body)
    assert answer.status_code in (401, 404)
    assert org.versions() == before
    assert org.world.count(leads) == 0
