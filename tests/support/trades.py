"""A trade as somebody outside sees it: what was done and paid, and what is due for it.

Nothing here asks the product: times and numbers are those that were sent, and what they come to
is worked out anew, so that the product can be compared with it.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from offers.policy import parse_policy
from tests.support.trade_doors import Door

_numbers = itertools.count(1)
HEAD = """
[policy]
id = "trades"
currency = "USD"
timezone = "UTC"
plan = "business"

[price_book.business]
list = 2480
floor = 0

[guardrails]
max_percent_off = 100

[approval]
rep_above_percent = 100
manager_above_percent = 100

[cost.service]
onboarding = 10
[cost.bundle]
site = 10
"""
GIVES = {
    "percent_off": "20",
    "extra_months": "3",
    "extra_seats": "2",
    "price_lock_months": "24",
    "trial_days": "14",
    "service": '"onboarding"',
    "bundle": '{ partner = "site", percent = 15 }',
}
WITHOUT_ORDER = ("trial_days", "service", "bundle")
GETS = {
    "seats": "20",
    "term_months": "12",
    "prepay": "true",
    "pay_within_days": "20",
    "self_serve_purchase": "true",
    "talk_to_rep": "true",
    "feedback_call": "true",
    "case_study": "true",
    "reference_call": "true",
    "referral": "1",
    "partner_purchase": '"site"',
    "invite_teammates": "3",
}
BY_ORDER = ("seats", "term_months", "prepay", "pay_within_days", "self_serve_purchase")
CONFIRMED = ("case_study", "reference_call", "referral", "partner_purchase")
TALKS = ("call", "meeting", "chat", "reply")
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Paid:
    """One order as it was sent."""

    invoice: str
    paid_at: datetime
    told_at: datetime
    seats: int
    term_months: int
    prepaid: bool
    was_touched: bool
    was_open: bool
    """Whether the offer could still be redeemed when we were told."""
    held_seats: int


@dataclass(slots=True)
class Trade:
    """One offer, and everything that happened around it."""

    door: Door
    gives: tuple[str, ...]
    gets: tuple[str, ...]
    lead: str = ""
    offer: str = ""
    issued_at: datetime = NEVER
    ends_at: datetime = NEVER
    deeds: dict[str, datetime] = field(default_factory=dict)
    orders: list[Paid] = field(default_factory=list)
    invited: int = 0
    touched_at: datetime | None = None
    withdrawn_at: datetime | None = None
    accepted: bool = False

    def begin(self) -> None:
        """A lead of its own account and its offer, issued."""
        gives = ", ".join(f"{kind} = {GIVES[kind]}" for kind in self.gives)
        gets = ", ".join(f"{kind} = {GETS[kind]}" for kind in self.gets)
        self.door.world.runtime.policy = parse_policy(
            f"{HEAD}\n[[rule]]\nid = 'trade'\nwhy = 'A trade.'\nwhen = 'seats_requested >= 1'\n"
            f"get = {{ {gets} }}\ngive = {{ {gives} }}\nvalid_days = 20\n"
        )
        self.lead = self.door.sign_up(f"buyer@trade-{next(_numbers)}.example")
        self.offer = self.door.ask(self.lead)
        shown = self.shown()
        self.issued_at = datetime.fromisoformat(shown["issued_at"])
        self.ends_at = datetime.fromisoformat(shown["ends_at"])

    @property
    def now(self) -> datetime:
        """The moment it is in this world."""
        return self.door.world.clock.now()

    def shown(self) -> dict[str, Any]:
        """The offer as a manager sees it."""
        return self.door.shown(self.offer)

    def touch(self, kind: str) -> None:
        """A person speaks with the lead."""
        self.door.touch(self.lead, kind)
        self.touched_at = self.touched_at or self.now
        if kind in TALKS:
            self.deeds.setdefault("talk_to_rep", self.now)
        if kind in ("call", "meeting"):
            self.deeds.setdefault("feedback_call", self.now)

    def invite(self, count: int) -> None:
        """The lead invites colleagues."""
        self.door.invite(self.lead, count)
        self.invited += count
        if self.invited >= 3:
            self.deeds.setdefault("invite_teammates", self.now)

    def confirm(self, get: str) -> None:
        """Somebody ticks the task off that says so, where there is one."""
        for task in self.shown()["tasks"]:
            if (task["kind"], task["give"], task["state"]) == ("confirm", get, "open"):
                self.door.finish(task["id"])
                self.deeds.setdefault(get, self.now)

    def accept(self) -> None:
        """The customer takes it, while they can."""
        self.accepted = self.door.accept(self.offer) or self.accepted

    def pay(self, *, seats: int, term_months: int, prepaid: bool, days_ago: int) -> None:
        """An order is paid, and told of so many days later."""
        paid_at = max(self.now - timedelta(days=days_ago), self.issued_at - timedelta(hours=1))
        state = self.shown()["state"]
        order = Paid(
            invoice=f"inv-{next(_numbers)}",
            paid_at=paid_at,
            told_at=self.now,
            seats=seats,
            term_months=term_months,
            prepaid=prepaid,
            was_touched=self.touched_at is not None and self.touched_at < paid_at,
            was_open=state not in ("withdrawn", "redeemed", "reversed"),
            held_seats=seats,
        )
        body = {
            "plan": "business",
            "seats": seats,
            "term_months": term_months,
            "prepaid": prepaid,
            "paid_at": paid_at.isoformat(),
            "invoice": order.invoice,
        }
        self.door.redeem(self.offer, body)
        self.orders.append(order)

    def hold(self, seats: int) -> None:
        """The redeeming order shrinks to so many seats; none is a refund."""
        used = self._used(self.shown())
        if used is None or seats >= used.held_seats:
            return
        order = {
            "plan": "business",
            "seats": seats,
            "term_months": used.term_months,
            "prepaid": used.prepaid,
            "paid_at": used.paid_at.isoformat(),
            "invoice": used.invoice,
        }
        self.door.reverse(self.offer, order if seats else None)
        used.held_seats = seats

    def withdraw(self) -> None:
        """We take the offer back, while we can."""
        if self.door.withdraw(self.offer):
            self.withdrawn_at = self.withdrawn_at or self.now

    def wait(self, hours: int) -> None:
        """Time passes, and the worker works."""
        self.door.wait(hours)

    @property
    def before(self) -> tuple[str, ...]:
        """The gets that somebody must do before anything is conceded."""
        return tuple(get for get in self.gets if get not in BY_ORDER)

    @property
    def needs_order(self) -> bool:
        """Whether something must be bought."""
        is_by_deeds = len(self.before) == len(self.gets)
        return not is_by_deeds or any(give not in WITHOUT_ORDER for give in self.gives)

    def meets(self, order: Paid) -> bool:
        """Whether an order shows what orders show."""
        return (
            ("seats" not in self.gets or order.held_seats >= 20)
            and ("term_months" not in self.gets or order.term_months >= 12)
            and ("prepay" not in self.gets or order.prepaid)
            and ("self_serve_purchase" not in self.gets or not order.was_touched)
            and self.issued_at.replace(microsecond=0) <= order.paid_at <= self.ends_at
            and order.held_seats > 0
        )

    def complaint(self) -> str | None:
        """What is wrong with how the offer stands, by what happened; None when nothing is."""
        shown = self.shown()
        undone = [get for get in self.before if get not in self.deeds]
        granted = [task for task in shown["tasks"] if task["kind"] == "grant"]
        live = [task for task in granted if task["state"] != "dropped"]
        if shown["state"] == "redeemed":
            if undone:
                return f"conceded before {undone}"
            used = self._used(shown)
            if self.needs_order and (used is None or not self.meets(used)):
                return "conceded for an order that does not hold what was asked"
            if {task["give"] for task in live} != set(self.gives):
                return f"redeemed, and handed over are {sorted(t['give'] for t in live)}"
            return None
        if live and shown["state"] != "reversed":
            return f"handed over though the offer is {shown['state']}"
        if shown["state"] == "reversed" or self.withdrawn_at is not None:
            return None
        in_time = [get for get in self.before if self.deeds.get(get, self.now) <= self.ends_at]
        if undone or len(in_time) < len(self.before):
            return None
        if not self.needs_order:
            return f"every deed was done in time, and the offer is {shown['state']}"
        if any(self.meets(order) and order.was_open for order in self.orders):
            return f"all was met in time, and the offer is {shown['state']}"
        return None

    def _used(self, shown: dict[str, Any]) -> Paid | None:
        """The order that redeemed the offer, found by what it left in the ledger."""
        if shown["state"] not in ("redeemed", "reversed") or not self.needs_order:
            return None
        found = self.door.world.runtime.store.read_now(
            lambda connection: invoice_of(connection, shown["id"])
        )
        return next((order for order in self.orders if order.invoice == found), None)


def invoice_of(connection: Any, offer: str) -> str | None:
    """The invoice that an offer names as the one that redeemed it."""
    from service.store.offers import offers

    found = offers.find(connection, offer)
    return None if found is None else found.invoice
