"""The demo's customers and their shop: a system that is told of gives and hands them over, and
buyers who accept offers and pay their orders."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

from service.auth.keyring import new_secret
from service.demo.caller import Caller, RefusedError
from service.demo.stage import tell
from service.runtime import Runtime
from service.store.offers import offers
from service.store.offers.offers import StoredOffer

TOLD = ("give.requested", "give.taken_back", "offer.redeemed", "approval.requested")
"""The events that the shop wants."""
_TAKES_IT = 0.8
_DAYS_TO_PAY = 3


@dataclass(slots=True)
class Shop:
    """Who is told events at `url`; the gives it was asked for wait in `asked`."""

    url: str = ""
    secret: str = field(default_factory=lambda: new_secret("ingest").shown)
    asked: list[str] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of a service that tells this shop."""
        return {
            "webhook_url": self.url,
            "webhook_secret": self.secret,
            "webhook_allow_private": True,
            "webhook_events": TOLD,
        }

    def hand_over(self, caller: Caller) -> int:
        """Say of every give it was asked for that it is handed over; how many they were."""
        asked, self.asked = self.asked, []
        for give in asked:
            caller.signed(f"/v1/gives/{give}/done", {})
        return len(asked)


@contextmanager
def open_shop() -> Iterator[Shop]:
    """The shop's server on a free port of this machine."""
    shop = Shop()

    class Told(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            event = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if event["type"] == "give.requested":
                shop.asked.append(event["data"]["give"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Told)
    server.daemon_threads = True
    shop.url = f"http://127.0.0.1:{server.server_port}/events"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()


@dataclass(slots=True)
class Buyers:
    """Those who are mailed offers: each decides once, a day after; who takes it pays days later."""

    caller: Caller
    runtime: Runtime
    shop: Shop
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(9))
    decided: set[str] = field(default_factory=set)
    to_pay: dict[str, datetime] = field(default_factory=dict)
    redeemed: int = 0

    def day(self, now: datetime) -> None:
        """What they do on one day."""
        mailed = self.runtime.store.read_now(
            lambda c: offers.issued_between(c, now - timedelta(days=14), now)
        )
        for offer in mailed:
            is_out = offer.state in ("sent", "viewed") and offer.id not in self.decided
            if is_out and now - offer.issued_at >= timedelta(days=1):
                self._decide(offer, now)
        due = [offer for offer, at in self.to_pay.items() if at <= now]
        for offer_id in due:
            del self.to_pay[offer_id]
            self._pay(offer_id, now)
        if due:
            tell(self.runtime)
            self.shop.hand_over(self.caller)

    def _decide(self, offer: StoredOffer, now: datetime) -> None:
        self.decided.add(offer.id)
        if self.rng.random() > _TAKES_IT:
            return
        page = self.runtime.links.offer(offer.id)
        if self.caller.anybody("GET", page) and self.caller.anybody("POST", f"{page}/accept"):
            self.to_pay[offer.id] = now + timedelta(days=_DAYS_TO_PAY)

    def _pay(self, offer_id: str, now: datetime) -> None:
        offer = self.runtime.store.read_now(lambda c: offers.find(c, offer_id))
        assert offer is not None
        order = _order(json.loads(offer.terms), now) | {"invoice": f"R-{offer.number}"}
        try:
            answer = self.caller.signed(f"/v1/offers/{offer_id}/redeem", {"order": order})
        except RefusedError:
            return  # it ended meanwhile
        if not answer["redeemed"]:
            return
        self.redeemed += 1
        seats = order["seats"]
        outcome = {
            "id": f"order-{offer_id}",
            "lead_id": offer.lead,
            "kind": "converted",
            "at": now.isoformat(timespec="seconds"),
            "plan": "business",
            "seats": seats,
            "term_months": 12,
            "prepaid": True,
            "amount": {"minor": 2480 * seats * 12, "currency": "USD"},
        }
        self.caller.signed("/v1/outcomes", outcome)


def _order(terms: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """An order that meets what an offer asks for, as far as an order can."""
    gets = terms["gets"]
    quoted = (terms.get("quote") or {}).get("seats") or 0
    return {
        "plan": (terms.get("quote") or {}).get("plan") or terms.get("plan") or "business",
        "seats": max(quoted, gets.get("seats") or 0, 5),
        "term_months": max(gets.get("term_months") or 12, 12),
        "prepaid": True,
        "paid_at": now.isoformat(),
    }
