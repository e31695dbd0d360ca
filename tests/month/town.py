"""A month in the life of a service: sign-ups, mails read, offers taken, deeds done, orders paid."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from offers.terms import DEEDS
from tests.month.people import Person
from tests.support.service import World
from tests.support.smtp_server import Postbox
from tests.support.webhook_target import Target

NAMED = {
    "pay-the-year": "annual prepay",
    "currency-fell": "geo-currency",
    "partner-site": "bundle",
    "longer-trial": "extended trial",
}
_LINK = re.compile(r"https?://\S+?(/[oy]/[\w.~-]+)")
_TICK = timedelta(hours=6)


@dataclass(slots=True)
class Deal:
    """One offer that somebody took, and what they did for it: kept by us, not asked for."""

    person: Person
    offer: dict[str, Any]
    deeds: dict[str, datetime] = field(default_factory=dict)
    paid_at: datetime | None = None
    told_at: datetime | None = None
    refunded: bool = False
    pays_on: datetime | None = None
    tells_after: timedelta = timedelta()


def comes_before(get: str, value: object) -> bool:
    """Whether a get is a deed that must be done before anything is conceded."""
    return get in DEEDS and not (isinstance(value, dict) and "within_days" in value)


class Town:
    """The world, its people, and what has come of them."""

    def __init__(
        self, world: World, people: list[Person], post: Postbox, target: Target, seed: int
    ) -> None:
        self.world, self.people, self.post, self.target = world, people, post, target
        self.random = Random(seed)
        self.read = 0
        self.answered = 0
        self.counts: Counter[str] = Counter()
        self.deals: dict[str, Deal] = {}
        self.by_mail = {p.fields["email"]: p for p in people}
        self.seen: set[str] = set()
        self.asked: set[str] = set()
        self.delivered = 0
        """Gives that the customer's own system handed over, whatever became of them later."""

    def run(self, days: int) -> None:
        """Every six hours: who comes, what they do, what they read, what they pay."""
        waiting = sorted(self.people, key=lambda person: person.starts)
        end = self.world.clock.now() + timedelta(days=days)
        while self.world.clock.now() < end:
            now = self.world.clock.now()
            while waiting and waiting[0].starts <= now:
                self._arrive(waiting.pop(0))
            for person in self.people:
                if person.lead and now - person.starts < timedelta(days=20):
                    self._act(person, now)
            self.world.work()
            self._read_mail(now)
            for deal in list(self.deals.values()):
                self._go_on(deal, now)
            self._answer_gives()
            self.world.clock.advance(_TICK)

    def ends_at(self, shown: dict[str, Any]) -> datetime:
        """When an offer ends."""
        return datetime.fromisoformat(shown["ends_at"])

    def _arrive(self, person: Person) -> None:
        person.lead = self.world.sign_up(**person.fields)["lead_id"]
        self.counts["trials"] += 1
        if "consent" in person.fields:
            self.counts["consent on the form"] += 1
        elif self.random.random() < 0.7:
            body = {
                "lead_id": person.lead,
                "purpose": "offers",
                "wording": "Yes, send me offers by mail.",
            }
            answer = self.world.send("/v1/consents/request", body)
            assert answer.status_code == 200, answer.text
            self.counts["asked for consent by mail"] += 1

    def _act(self, person: Person, now: datetime) -> None:
        if self.random.random() > 0.25 * person.keen:
            return
        names = ["project created"]
        if self.random.random() < 0.4 * person.keen:
            names.append("pricing page viewed")
        if self.random.random() < 0.15 * person.keen:
            names.append("teammate invited")
        self.world.did(person.lead, *names)

    def _read_mail(self, now: datetime) -> None:
        new, self.read = self.post.taken[self.read :], len(self.post.taken)
        for mail in new:
            self.counts["mails"] += 1
            person = self.by_mail[str(mail["to"]).rpartition("<")[2].strip("<> ")]
            text = mail.get_body(("plain",))
            assert text is not None
            for path in dict.fromkeys(_LINK.findall(text.get_content())):
                if path.startswith("/y/"):
                    self._confirm(person, path)
                else:
                    self._look(person, path, now)

    def _confirm(self, person: Person, path: str) -> None:
        if self.random.random() < person.country.double:
            assert self.world.client.get(path).status_code == 200
            assert self.world.client.post(path).status_code == 200
            self.counts["consent confirmed by mail"] += 1

    def _look(self, person: Person, path: str, now: datetime) -> None:
        if path in self.seen or self.random.random() > 0.4 + 0.5 * person.keen:
            return
        self.seen.add(path)
        page = self.world.client.get(path)
        assert page.status_code == 200, page.text
        token = path.rpartition("/")[2]
        offer = self.world.runtime.links.read_offer(token)
        shown = self.world.get("manager", f"/v1/offers/{offer}").json()
        kind = NAMED.get(shown["rule"], shown["rule"])
        self.counts[f"{kind}: seen"] += 1
        if self.random.random() < 0.35 + 0.5 * person.keen:
            answer = self.world.client.post(f"{path}/accept")
            if answer.status_code != 200:
                return
            self.counts[f"{kind}: accepted"] += 1
            deal = Deal(person, self.world.get("manager", f"/v1/offers/{offer}").json())
            deal.pays_on = now + timedelta(days=self.random.choice((0, 1, 2, 4, 40)))
            deal.tells_after = timedelta(days=self.random.choice((0, 0, 0, 1, 9)))
            self.deals[offer] = deal

    def _go_on(self, deal: Deal, now: datetime) -> None:
        """One step of what was asked: a call, colleagues, a word, the order."""
        terms = deal.offer["terms"]
        for get in terms["gets"]:
            if comes_before(get, terms["gets"][get]) and get not in deal.deeds:
                if self.random.random() < 0.35:
                    self._do(deal, get, now)
                return
        if deal.paid_at is None and deal.pays_on is not None and now >= deal.pays_on:
            deal.paid_at = now
        is_bought = any(not comes_before(get, value) for get, value in terms["gets"].items())
        is_heard = deal.paid_at is not None and now >= deal.paid_at + deal.tells_after
        if is_bought and is_heard and not deal.told_at:
            self._pay(deal, now)
        elif deal.told_at and not deal.refunded and self.random.random() < 0.004:
            body = {"order": None}
            path = f"/v1/offers/{deal.offer['id']}/reverse"
            if self.world.send(path, body).status_code == 200:
                deal.refunded = True
                self.counts["refunded"] += 1

    def _do(self, deal: Deal, get: str, now: datetime) -> None:
        lead = deal.person.lead
        wanted = deal.offer["terms"]["gets"][get]
        if get in ("talk_to_rep", "feedback_call"):
            self.world.touched(lead, "call")
        elif get == "invite_teammates":
            self.world.did(lead, *["teammate invited"] * int(wanted))
        elif get == "departments":
            self._bring_colleagues(deal.person, now)
        elif get != "campaign_code":
            tasks = self.world.get("manager", f"/v1/offers/{deal.offer['id']}").json()["tasks"]
            open_ones = [t for t in tasks if t["give"] == get and t["state"] == "open"]
            if not open_ones:
                return
            self.world.post("manager", f"/v1/tasks/{open_ones[0]['id']}/done")
        deal.deeds[get] = now

    def _bring_colleagues(self, person: Person, now: datetime) -> None:
        """Three departments of the company work in the trial."""
        for title in ("CFO", "IT Director", "Marketing Manager"):
            email = f"{title.lower().replace(' ', '.')}@company-{person.company}.example"
            lead = self.world.sign_up(email=email, title=title, country=person.country.code)
            self.world.did(lead["lead_id"], "project created", "report exported")

    def _pay(self, deal: Deal, now: datetime) -> None:
        deal.told_at = now
        terms = deal.offer["terms"]
        quote, gets = terms["quote"], terms["gets"]
        assert deal.paid_at is not None
        body = {
            "id": f"order-{deal.offer['id']}",
            "lead_id": deal.person.lead,
            "kind": "converted",
            "at": deal.paid_at.isoformat(),
            "plan": quote["plan"],
            "seats": quote["seats"],
            "term_months": quote["term_months"],
            "prepaid": bool({"prepay", "pay_by", "pay_within_days"} & set(gets)) or None,
            "amount": {"minor": quote["net_minor"], "currency": quote["currency"]},
            "invoice": f"inv-{deal.offer['id']}",
            "billing_country": deal.person.country.code,
            "offer": deal.offer["id"],
        }
        if not body["prepaid"]:
            body["prepaid"] = True
        answer = self.world.send("/v1/outcomes", body)
        assert answer.status_code == 200, answer.text
        self.counts["orders"] += 1

    def _answer_gives(self) -> None:
        """The customer's own system hands over what it is asked for, most of the time."""
        new, self.answered = self.target.attempts[self.answered :], len(self.target.attempts)
        for attempt in new:
            data = attempt.said["data"]
            if attempt.said["type"] != "give.requested" or data["give"] in self.asked:
                continue
            self.asked.add(data["give"])
            fails = self.random.random() < 0.02
            body = {"reason": "no such subscription"} if fails else {}
            step = "failed" if fails else "done"
            answer = self.world.send(f"/v1/gives/{data['give']}/{step}", body)
            assert answer.status_code == 200, answer.text
            if answer.json()["state"] == "delivered":  # a refund may take it back afterwards
                rule = self.world.get("manager", f"/v1/offers/{data['offer']}").json()["rule"]
                self.counts[f"{NAMED.get(rule, rule)}: delivered"] += 1
                self.delivered += 1
