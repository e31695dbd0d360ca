"""The story of two persons, one who is called and one who buys, as deliveries to be shuffled."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from service.db.tables.leads import (
    captured_mail,
    events,
    external_ids,
    leads,
    offers,
    outcomes,
    parked,
    redemptions,
    tasks,
    touches,
)
from service.store.offers import ledger
from tests.support import signed_calls as tools
from tests.support.connected_service import Town
from tests.support.service import CONSENT
from tests.support.signed_calls import Signed, a_change

_numbers = itertools.count(10_001)
CONFIRMED = "accepted: what we agreed"
SEATS, MINOR = 100, 100 * 12 * 2480


class Act:
    """One delivery, or one round of the worker; shown by its name."""

    def __init__(self, name: str, do: Callable[[], object]) -> None:
        self.name, self.do = name, do

    def __repr__(self) -> str:
        return self.name


@dataclass
class Story:
    """Two persons with a number of their own: one who is called, one who buys."""

    town: Town
    n: int = field(default_factory=lambda: next(_numbers))

    @property
    def now(self) -> datetime:
        return self.town.world.clock.now()

    def send(self, name: str, signed: Signed) -> Act:
        def do() -> None:
            answer = self.town.send(signed)
            assert (answer.status_code, answer.json()["rejected"]) == (200, []), answer.text

        return Act(name, do)

    def of_person(self, who: str, contact: str) -> list[Act]:
        """What tells of a person: their site, their product, their form, the CRM."""
        n, start = self.n, self.now - timedelta(days=6)
        names = {"userId": f"{who}-{n}", "anonymousId": f"browser-{who}-{n}"}
        email = f"{who}@{who}{n}.example"

        def call(kind: str, number: int, at: datetime, **more: Any) -> dict[str, Any]:
            id = {"messageId": f"{who}-{n}-{number}", "timestamp": at.isoformat()}
            return {"type": kind, **id, **names, **more}

        consented = {"consent": {"categoryPreferences": {"Analytics": True}}}
        page = call("page", 1, start, name="Pricing", context=consented)
        traits = {"seats": 100, "trialStartedAt": start.isoformat(), "title": "CFO"}
        later = {"title": "VP Finance"}
        body = {
            "id": f"{who}-{n}",
            "email": email,
            "consent": CONSENT,
            "external_ids": {"user": names["userId"]},
        }
        self.town.hubspot.put(
            contact,
            self.now - timedelta(hours=1),
            email=email,
            jobtitle="Treasurer",
            phone="+1 201 555 0123",
        )
        changed = a_change(contact, "jobtitle", "Treasurer", self.now)
        group = call("group", 4, start, groupId=f"g-{who}-{n}", traits={"name": "Large"})
        did = [
            call("track", 5, start, event="project created"),
            call("track", 6, self.now, event="teammate invited"),
        ]
        told = {
            "page": tools.segment({k: v for k, v in page.items() if k != "userId"}),
            "server": tools.segment(call("identify", 2, start, traits=traits), server=True),
            "identify": tools.segment(call("identify", 3, self.now, traits=later)),
            "group": tools.segment(group),
            "did": tools.segment(did),
            "crm": tools.hubspot([changed], self.now),
        }
        acts = [self.send(f"{who} {name}", signed) for name, signed in told.items()]
        send = self.town.world.send
        form = Act(f"{who} form", lambda: send("/v1/signups", body, message=f"msg-{who}-{n}"))
        return [*acts, form]

    def spoke(self, contact: str, name: str) -> Act:
        """The CRM's word that a person was in touch."""
        change = a_change(contact, name, self.town.ms(), self.now)
        return self.send(name, tools.hubspot([change], self.now))

    def billed(self, kind: str, **thing: str) -> Act:
        return self.send(kind, tools.stripe(kind, thing, self.now))

    def accept(self) -> None:
        """The buyer takes the offer by the link in the mail, and pays."""
        world = self.town.world
        (offer,) = world.rows(sa.select(offers).where(offers.c.lead == f"buyer-{self.n}"))
        (mail,) = world.rows(sa.select(captured_mail).where(captured_mail.c.lead == offer.lead))
        link = re.search(rf"{tools.PUBLIC_URL}(/o/[^\s\"]+)", mail.text)
        assert link is not None
        assert world.client.post(f"{link[1]}/accept").status_code == 200
        self.town.stripe.paid(
            offer.id,
            self.now,
            seats=SEATS,
            minor=MINOR,
            n=str(self.n),
            email=f"buyer@buyer{self.n}.example",
        )

    def paid(self) -> list[Act]:
        n = self.n
        return [
            self.billed("invoice.paid", id=f"in_{n}"),
            self.billed("checkout.session.completed", id=f"cs_{n}", invoice=f"in_{n}"),
            self.billed("customer.subscription.updated", id=f"sub_{n}"),
            self.spoke(f"2{n}", "hs_latest_meeting_activity"),
        ]

    def refunded(self) -> Act:
        return self.billed("charge.refunded", id=f"ch_{self.n}", invoice=f"in_{self.n}")

    def ended(self) -> list[str]:
        """All that is known of both, by names that do not depend on the story's number."""
        world, n = self.town.world, str(self.n)
        state: dict[str, Any] = {}
        mails = sa.select(captured_mail)
        for who in ("called", "buyer"):
            lead = f"{who}-{n}"
            (row,) = world.rows(sa.select(leads).where(leads.c.id == lead))
            record = json.loads(row.record)
            of_lead = {
                table.name: sorted(world.rows(sa.select(table.c.id).where(table.c.lead == lead)))
                for table in (events, touches, outcomes)
            }
            ids = sa.select(external_ids.c.kind, external_ids.c.value).where(
                external_ids.c.lead == lead, external_ids.c.kind.not_in(("lead", "ref"))
            )
            state[who] = {
                "told": {name: record[name] for name in ("fields", "attributes", "consent")},
                "row": (
                    row.lane,
                    row.outcome,
                    row.outcome_at,
                    row.touched_at,
                    row.account,
                    row.hundredths,
                    row.grade,
                ),
                "ids": sorted(world.rows(ids)),
                "offers": [
                    (o.rule, o.state, o.invoice, o.settled_minor, self._ledger(o.id))
                    for o in world.rows(sa.select(offers).where(offers.c.lead == lead))
                ],
                "mails": [
                    (m.recipient, m.subject)
                    for m in world.rows(mails.where(captured_mail.c.lead == lead))
                    if not m.subject.endswith(CONFIRMED)
                ],
                **of_lead,
            }
            waiting = world.rows(sa.select(parked.c.id).where(parked.c.id.contains(n)))
            state["waiting"] = waiting
            used = sa.select(redemptions.c.invoice).where(redemptions.c.account == row.account)
            state[who]["used"] = world.rows(used)
            to_do = sa.select(tasks.c.give).where(tasks.c.kind == "grant", tasks.c.state == "open")
            state["to hand over"] = world.rows(to_do)
        return json.dumps(state, default=str, indent=1, sort_keys=True).replace(n, "N").splitlines()

    def confirmations(self) -> int:
        """How many mails said what was agreed: one, where the worker ran before the refund."""
        said = captured_mail.c.subject.endswith(CONFIRMED)
        about = captured_mail.c.lead == f"buyer-{self.n}"
        return len(self.town.world.rows(sa.select(captured_mail.c.id).where(about, said)))

    def _ledger(self, offer: str) -> list[tuple[str, str]]:
        lines = self.town.world.runtime.store.read_now(lambda c: ledger.about(c, offer))
        told = []
        for line in lines:
            facts = {
                k: v for k, v in line.facts.items() if k not in ("account", "lead", "by", "number")
            }
            told.append((line.step, json.dumps(facts, sort_keys=True)))
        return told
