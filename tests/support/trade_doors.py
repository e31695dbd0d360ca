"""The two doors a trade may go through: the HTTP calls, or the use cases behind them."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import sqlalchemy as sa

from offers.terms import Order
from service.auth.keyring import Caller
from service.errors import Conflict
from service.jobs.worker import expire_offers
from service.schemas.facts import Event, Touch
from service.schemas.parsing import read_model
from service.schemas.signup import Signup
from service.store.leads import leads
from service.store.leads.idempotency import Message
from service.store.offers import offers, tasks
from service.use_cases.intake.facts import look_again, store_events, store_touch
from service.use_cases.intake.signups import read_signup, store_signup
from service.use_cases.leads.lead_context import open_lead
from service.use_cases.offers import lifecycle
from service.use_cases.offers.redeeming import redeem
from service.use_cases.offers.requests import request_offer
from service.use_cases.offers.tasks import finish_task
from service.use_cases.tx import Tx
from service.use_cases.views.offer_view import offer_json, task_json
from tests.support.service import World

_numbers = itertools.count(1)
T = TypeVar("T")


class Door(ABC):
    """What people and systems do around one offer; each call is a transaction of its own."""

    def __init__(self, world: World) -> None:
        self.world = world

    @abstractmethod
    def sign_up(self, email: str) -> str:
        """A lead of twenty seats."""

    @abstractmethod
    def ask(self, lead: str) -> str:
        """The id of the offer a manager asks for."""

    @abstractmethod
    def shown(self, offer: str) -> dict[str, Any]:
        """The offer with its tasks."""

    @abstractmethod
    def touch(self, lead: str, kind: str) -> None:
        """A person speaks with the lead."""

    @abstractmethod
    def invite(self, lead: str, count: int) -> None:
        """The lead invites colleagues."""

    @abstractmethod
    def finish(self, task: str) -> None:
        """Somebody ticks a task off."""

    @abstractmethod
    def accept(self, offer: str) -> bool:
        """The customer takes it; whether they could."""

    @abstractmethod
    def redeem(self, offer: str, order: dict[str, Any]) -> None:
        """An order comes to redeem it."""

    @abstractmethod
    def reverse(self, offer: str, order: dict[str, Any] | None) -> None:
        """What is left of its order."""

    @abstractmethod
    def withdraw(self, offer: str) -> bool:
        """We take it back; whether we could."""

    @abstractmethod
    def wait(self, hours: int) -> None:
        """Time passes, and the worker works."""


class HttpDoor(Door):
    """Everything by the calls that outsiders make."""

    def sign_up(self, email: str) -> str:
        return str(self.world.sign_up(email=email, seats=20, plan="business")["lead_id"])

    def ask(self, lead: str) -> str:
        asked = self.world.post("manager", f"/v1/leads/{lead}/offer").json()
        assert asked["issued"], asked
        return str(asked["offer_id"])

    def shown(self, offer: str) -> dict[str, Any]:
        return dict(self.world.get("manager", f"/v1/offers/{offer}").json())

    def touch(self, lead: str, kind: str) -> None:
        assert self.world.touched(lead, kind).status_code == 200

    def invite(self, lead: str, count: int) -> None:
        self.world.did(lead, *["teammate invited"] * count)

    def finish(self, task: str) -> None:
        done = self.world.post("manager", f"/v1/tasks/{task}/done")
        assert done.status_code == 200, done.text

    def accept(self, offer: str) -> bool:
        token = self.world.runtime.links.offer(offer).rpartition("/")[2]
        return bool(self.world.client.post(f"/o/{token}/accept").status_code == 200)

    def redeem(self, offer: str, order: dict[str, Any]) -> None:
        answer = self.world.send(f"/v1/offers/{offer}/redeem", {"order": order})
        assert answer.status_code in (200, 409), answer.text

    def reverse(self, offer: str, order: dict[str, Any] | None) -> None:
        answer = self.world.send(f"/v1/offers/{offer}/reverse", {"order": order})
        assert answer.status_code == 200, answer.text

    def withdraw(self, offer: str) -> bool:
        return self.world.post("manager", f"/v1/offers/{offer}/withdraw").status_code == 200

    def wait(self, hours: int) -> None:
        self.world.wait(hours=hours)
        self.world.decide()
        assert self.world.client.portal is not None
        self.world.client.portal.call(expire_offers, self.world.runtime)


class UseCaseDoor(Door):
    """The same use cases and the same store, without HTTP around them: many times as fast."""

    caller = Caller(key="manager", role="manager")

    def sign_up(self, email: str) -> str:
        body = {"email": email, "seats": 20, "plan": "business"}
        number = next(_numbers)
        message = Message(sender="trades", id=f"msg-{number}", body_hash=str(number))
        signup = read_model(Signup, body)
        given = read_signup(self.world.runtime, signup, message, b"{}")
        return self._do(lambda tx: store_signup(tx, given).lead.id)

    def ask(self, lead: str) -> str:
        asked = self._do(lambda tx: request_offer(tx, lead, self.caller, dry_run=False))
        assert asked.issued is not None, asked
        return asked.issued.id

    def shown(self, offer: str) -> dict[str, Any]:
        def look(connection: sa.Connection) -> dict[str, Any]:
            found = offers.find(connection, offer)
            assert found is not None
            return offer_json(found) | {
                "tasks": [task_json(task) for task in tasks.of_offer(connection, offer)]
            }

        return self.world.runtime.store.read_now(look)

    def touch(self, lead: str, kind: str) -> None:
        at = self.world.clock.now()
        id = f"t-{next(_numbers)}"
        touch = read_model(Touch, {"id": id, "lead_id": lead, "kind": kind, "at": at.isoformat()})
        self._do(lambda tx: store_touch(tx, touch))

    def invite(self, lead: str, count: int) -> None:
        at = self.world.clock.now().isoformat()
        body = {"lead_id": lead, "name": "teammate invited", "at": at}
        events = [read_model(Event, body | {"id": f"e-{next(_numbers)}"}) for _ in range(count)]
        self._do(lambda tx: store_events(tx, events, ()))
        self._do(lambda tx: self._look_again(tx, lead))

    def finish(self, task: str) -> None:
        self._do(lambda tx: finish_task(tx, task))

    def accept(self, offer: str) -> bool:
        return self._may(lambda tx: lifecycle.accept(tx, offer, "customer"))

    def redeem(self, offer: str, order: dict[str, Any]) -> None:
        self._may(lambda tx: redeem(tx, offer, _order(order), "trades"))

    def reverse(self, offer: str, order: dict[str, Any] | None) -> None:
        left = None if order is None else _order(order)
        self._do(lambda tx: lifecycle.reverse(tx, offer, left, "trades"))

    def withdraw(self, offer: str) -> bool:
        return self._may(lambda tx: lifecycle.withdraw(tx, offer, self.caller))

    def wait(self, hours: int) -> None:
        self.world.clock.advance(timedelta(hours=hours))
        self._do(lifecycle.expire)

    def _do(self, work: Callable[[Tx], T]) -> T:
        runtime = self.world.runtime
        now = self.world.clock.now()
        return runtime.store.write_now(lambda connection: work(Tx(connection, runtime, now)))

    def _may(self, work: Callable[[Tx], object]) -> bool:
        try:
            self._do(work)
        except Conflict:
            return False
        return True

    @staticmethod
    def _look_again(tx: Tx, lead: str) -> None:
        stored = leads.lock(tx.connection, lead)
        assert stored is not None
        look_again(tx, open_lead(stored))


def _order(body: dict[str, Any]) -> Order:
    return Order.from_json(
        {"begun_at": None, "period_months": None, "amount": None, "billing_country": None}
        | {"shows": {}}
        | body
    )
