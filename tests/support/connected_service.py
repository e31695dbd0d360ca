"""A service with all of its tools, each a server on a socket, and what tests do with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from httpx2 import Response

from offers.policy import Policy
from service.db.tables.leads import leads
from tests.support import signed_calls as tools
from tests.support.hubspot_server import HubSpotTool
from tests.support.service import World
from tests.support.service_offers import a_lead_due_an_offer, the_policy
from tests.support.signed_calls import Signed, a_change
from tests.support.stripe_server import StripeTool
from tests.support.tool_servers import Tool


@dataclass
class Town:
    """A service with all of its tools, each a server on a socket."""

    world: World
    hubspot: HubSpotTool
    stripe: StripeTool
    slack: Tool

    def send(self, signed: Signed) -> Response:
        path, raw, headers = signed
        return self.world.client.post(path, content=raw, headers=headers)

    def changed(self, id: str, name: str, value: str, kind: str = "contact.propertyChange") -> Any:
        now = self.world.clock.now()
        answer = self.send(tools.hubspot([a_change(id, name, value, now, kind)], now))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def billed(self, kind: str, thing: dict[str, Any]) -> None:
        answer = self.send(tools.stripe(kind, thing, self.world.clock.now()))
        assert answer.status_code == 200, answer.text
        self.world.work()

    def ms(self) -> str:
        return str(int(self.world.clock.now().timestamp() * 1000))


def the_lead(town: Town) -> Any:
    (row,) = town.world.rows(sa.select(leads.c.id))
    return town.world.get("manager", f"/v1/leads/{row.id}").json()


def an_offer(town: Town, policy: Policy | None = None) -> tuple[str, dict[str, Any]]:
    """A lead linked with a contact, and its offer."""
    the_policy(town.world)
    if policy is not None:
        town.world.runtime.policy = policy
    lead = a_lead_due_an_offer(
        town.world, seats=100, email="buyer@large.example", external_ids={"hubspot": "501"}
    )
    town.hubspot.put("501", town.world.clock.now(), email="buyer@large.example")
    town.world.did(lead, "project created")
    (offer,) = town.world.get("manager", "/v1/offers").json()["offers"]
    return lead, offer


def accepted(town: Town, policy: Policy | None = None) -> dict[str, Any]:
    """An offer whose reader took it and sees where to pay."""
    _, offer = an_offer(town, policy)
    token = town.world.runtime.links.offer(offer["id"]).rpartition("/")[2]
    taken = town.world.client.post(f"/o/{token}/accept")
    assert 'href="https://checkout.stripe.example/cs_1"' in taken.text
    assert (
        'href="https://checkout.stripe.example/cs_1"' in town.world.client.get(f"/o/{token}").text
    )
    town.world.work()
    return offer
