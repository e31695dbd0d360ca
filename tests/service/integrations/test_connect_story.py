"""The whole story over real sockets, and the same deliveries in any order ending alike."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from service.auth.keyring import sign
from service.db import Store
from service.store.ops import outbox as mail_store
from tests.service.cli.test_cli_keys import a_key
from tests.service.ops.test_crash import served
from tests.support import signed_calls as tools
from tests.support.hubspot_server import HubSpotTool
from tests.support.service import CONSENT
from tests.support.service_offers import POLICY
from tests.support.signed_calls import Signed, a_change
from tests.support.stripe_server import StripeTool
from tests.support.tool_servers import running, settings_for, until

FreshStore = Callable[[], AbstractContextManager[str]]
_numbers = itertools.count(1)


def call(kind: str, user: str, at: datetime, id: str = "", **more: Any) -> dict[str, Any]:
    """A call of Segment's of a person or their browser."""
    return {
        "type": kind,
        "messageId": id or f"m-{next(_numbers)}",
        "userId": user,
        "anonymousId": f"browser-{user}",
        "timestamp": at.isoformat(),
        **more,
    }


def anonymous(page: dict[str, Any]) -> dict[str, Any]:
    told = {"consent": {"categoryPreferences": {"Analytics": True}}}
    return {n: value for n, value in page.items() if n != "userId"} | {"context": told}


class Outside:
    """Everybody who calls a running service."""

    def __init__(self, address: str, url: str) -> None:
        self.address = address
        self.store = Store(url)
        self.ingest = a_key(url, "add", "ingest")["secret"]
        manager = a_key(url, "add", "manager")["secret"]
        self.client = httpx2.Client(base_url=address, trust_env=False, timeout=10)
        self.manager = {"authorization": f"Bearer {manager}"}

    def send(self, signed: Signed) -> None:
        path, raw, headers = signed
        answer = self.client.post(path, content=raw, headers=headers)
        assert (answer.status_code, answer.json()["rejected"]) == (200, []), answer.text

    def sign_up(self, **fields: Any) -> None:
        raw = json.dumps(fields | {"consent": CONSENT}).encode()
        headers = sign(self.ingest, f"msg-{next(_numbers)}", datetime.now(UTC), raw)
        assert self.client.post("/v1/signups", content=raw, headers=headers).status_code == 200

    def offers(self) -> list[dict[str, Any]]:
        answer = self.client.get("/v1/offers", headers=self.manager)
        return list(answer.json()["offers"])

    def state(self) -> str:
        (offer,) = self.offers()
        return str(offer["state"])

    def mails(self) -> list[dict[str, Any]]:
        return self.store.read_now(lambda connection: mail_store.captured(connection, limit=9))


def test_from_the_first_page_to_the_refund_across_all_tools(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY, encoding="utf-8")
    with running(HubSpotTool()) as hubspot, running(StripeTool()) as stripe:
        for name, value in settings_for(hubspot, stripe).items():
            monkeypatch.setenv(f"GIVEGET_{name.upper()}", str(value))
        monkeypatch.setenv("GIVEGET_QUIET_HOURS", "00:00-00:00")  # at whatever hour it runs
        with served(store_url, "--policy", str(policy)) as (_, address):
            outside = Outside(address, store_url)
            try:
                the_called_lead_gets_no_offer(outside, hubspot)
                the_other_pays_and_is_refunded(outside, hubspot, stripe)
            finally:
                outside.client.close()
                outside.store.close()


def the_called_lead_gets_no_offer(outside: Outside, hubspot: HubSpotTool) -> None:
    now = datetime.now(UTC)
    hubspot.put("501", now, email="ada@called.example", hubspot_owner_id="77")
    outside.sign_up(
        id="called",
        email="ada@called.example",
        external_ids={"user": "u-1"},
        signed_up_at=(now - timedelta(days=6)).isoformat(),
    )
    outside.send(tools.segment(anonymous(call("page", "u-1", now, name="Pricing"))))
    outside.send(tools.segment(call("identify", "u-1", now, traits={"title": "CFO"})))
    change = a_change("501", "notes_last_contacted", str(int(now.timestamp() * 1000)), now)
    outside.send(tools.hubspot([change], now))
    wanted = {"seats": 100, "trialStartedAt": (now - timedelta(days=6)).isoformat()}
    outside.send(tools.segment(call("identify", "u-1", now, traits=wanted), server=True))
    outside.send(tools.segment(call("track", "u-1", now, event="project created")))

    def shown() -> dict[str, Any]:
        answer = outside.client.get("/v1/leads/called", headers=outside.manager)
        return dict(answer.json())

    assert shown()["lead"]["title"] == "CFO"
    assert shown()["lead"]["seats"] == 100
    # the worker may be fetching the contact just when HubSpot tells of it: then it does so again
    until(lambda: [line["what"] for line in shown()["timeline"]].count("touch") == 1)
    until(lambda: "giveget_lane" in hubspot.contacts["501"]["properties"])
    assert outside.offers() == []


def the_other_pays_and_is_refunded(
    outside: Outside, hubspot: HubSpotTool, stripe: StripeTool
) -> None:
    now = datetime.now(UTC)
    hubspot.put("502", now, email="bea@large.example")
    outside.sign_up(
        id="buyer",
        email="bea@large.example",
        title="CFO",
        seats=100,
        external_ids={"user": "u-2"},
        trial_started_at=(now - timedelta(days=6)).isoformat(),
    )
    outside.send(tools.segment(call("track", "u-2", now, event="project created")))
    until(lambda: len(outside.mails()) == 1)
    (mail,) = outside.mails()
    assert mail["recipient"] == "bea@large.example"
    link = re.search(rf"{tools.PUBLIC_URL}(/o/[^\s\"]+)", mail["text"])
    assert link is not None
    assert outside.client.post(f"{link[1]}/accept").status_code == 200

    until(lambda: bool(stripe.seen("POST", "/v1/checkout/sessions")))
    (session,) = stripe.seen("POST", "/v1/checkout/sessions")
    (offer,) = outside.offers()
    assert session["line_items[0][quantity]"] == "100"
    assert session["line_items[0][price_data][unit_amount]"] == str(12 * 2480)
    assert session["metadata[giveget_offer]"] == offer["id"]

    now = datetime.now(UTC)
    stripe.paid(offer["id"], now, seats=100, minor=100 * 12 * 2480)
    outside.send(tools.stripe("invoice.paid", {"id": "in_1"}, now))
    until(lambda: outside.state() == "redeemed")
    told = hubspot.contacts["502"]["properties"]
    until(lambda: told.get("giveget_offer", "").endswith("redeemed"))

    stripe.refund()
    outside.send(tools.stripe("charge.refunded", {"id": "ch_1", "invoice": "in_1"}, now))
    until(lambda: outside.state() == "reversed")
    until(lambda: told["giveget_offer"].endswith("reversed"))
