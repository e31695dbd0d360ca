"""Once a give and once a get over HTTP: what the table of trades says is what people meet."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import Any

import pytest

from tests.offers.test_stories import CASES
from tests.support.service import World
from tests.support.trade_doors import HttpDoor
from tests.support.trades import BY_ORDER, CONFIRMED, GETS, GIVES, Trade
from tests.support.webhook_target import Target, listening, settings_for

TABLE = tomllib.loads((CASES / "trades.toml").read_text())
WORDS = {
    "used": "This offer has been used.",
    "missed": "does not meet this offer yet",
    "waiting": "Still to come before the offer is yours",
    "expired": "This offer has ended.",
    "withdrawn": "We have withdrawn this offer.",
    "open": "Accept this offer",
}


def page_of(trade: Trade) -> str:
    link = trade.door.world.runtime.links.offer(trade.offer)
    return str(trade.door.world.client.get(link).text)


def do(trade: Trade, get: str) -> None:
    """The deed of a get."""
    if get in ("talk_to_rep", "feedback_call"):
        trade.touch("call")
    elif get == "invite_teammates":
        trade.invite(3)
    elif get in CONFIRMED:
        trade.confirm(get)


def order(trade: Trade, **changes: Any) -> None:
    trade.pay(**({"seats": 20, "term_months": 12, "prepaid": True, "days_ago": 0} | changes))


@pytest.mark.parametrize("get", list(GETS))
def test_each_get_brings_the_give_once_it_is_done_and_not_before(world: World, get: str) -> None:
    trade = Trade(HttpDoor(world), ("extra_months",), (get,))
    trade.begin()
    assert WORDS["open"] in page_of(trade)
    trade.accept()
    world.wait(hours=1)
    if get in BY_ORDER:
        lacking = {"seats": {"seats": 19}, "term_months": {"term_months": 6}}
        if get == "self_serve_purchase":
            trade.touch("email")
            world.wait(hours=1)
        if get != "pay_within_days":
            order(trade, **lacking.get(get, {"prepaid": False}))
            assert trade.shown()["state"] == "missed"
            assert WORDS["missed"] in page_of(trade)
    else:
        order(trade)
        assert trade.shown()["state"] == "missed"
        assert WORDS["waiting"] in page_of(trade)
        do(trade, get)
        assert trade.shown()["state"] == "redeemed"
    if get != "self_serve_purchase":
        if get in BY_ORDER:
            order(trade)
        assert trade.shown()["state"] == "redeemed"
        assert WORDS["used"] in page_of(trade)
        trade.hold(0)
        assert trade.shown()["state"] == "reversed"
        assert WORDS["withdrawn"] in page_of(trade)
        assert "The order was refunded, ended early" in page_of(trade)
    assert trade.complaint() is None


@pytest.mark.parametrize("give", list(GIVES))
def test_each_give_is_a_persons_where_no_machine_is_told(world: World, give: str) -> None:
    trade = Trade(HttpDoor(world), (give,), ("talk_to_rep",))
    trade.begin()
    trade.accept()
    world.wait(hours=1)
    trade.touch("meeting")
    if trade.needs_order:
        order(trade)
    shown = trade.shown()
    assert (shown["state"], trade.complaint()) == ("redeemed", None)
    (task,) = [one for one in shown["tasks"] if one["kind"] == "grant"]
    is_ours = TABLE["delivered"][give]["neither"] == "giveget"
    assert (task["give"], task["state"]) == (give, "done" if is_ours else "open")


@pytest.mark.parametrize("give", list(GIVES))
def test_each_give_is_asked_of_the_webhooks_target(
    make_world: Callable[..., World], give: str
) -> None:
    with listening(Target()) as target:
        told = make_world(**settings_for(target, webhook_events="give.requested"))
        trade = Trade(HttpDoor(told), (give,), ("talk_to_rep",))
        trade.begin()
        told.wait(hours=1)
        trade.touch("call")
        if trade.needs_order:
            order(trade)
        told.work()
        (asked,) = target.told("give.requested")
        assert asked["kind"] == give
        assert told.send(f"/v1/gives/{asked['give']}/done", {}).status_code == 200
        (shown,) = trade.shown()["gives"]
        assert (shown["kind"], shown["state"]) == (give, "delivered")


@pytest.mark.parametrize("give", ["trial_days", "service", "bundle"])
def test_a_call_that_took_place_in_time_counts_though_we_hear_of_it_late(
    world: World, give: str
) -> None:
    trade = Trade(HttpDoor(world), (give,), ("talk_to_rep",))
    trade.begin()
    world.wait(days=19)
    in_time = world.clock.now().isoformat()
    world.wait(days=4)
    world.work()
    assert trade.shown()["state"] == "expired"
    assert WORDS["expired"] in page_of(trade)
    late = {"lead_id": trade.lead, "kind": "call", "by": "ada"}
    world.send("/v1/touches", late | {"id": "too-late", "at": world.clock.now().isoformat()})
    assert trade.shown()["state"] == "expired"
    world.send("/v1/touches", late | {"id": "in-time", "at": in_time})
    assert trade.shown()["state"] == "redeemed"
    assert WORDS["used"] in page_of(trade)
