"""A manager sends a test to each tool that we call, and reads how it went in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from service.console.connections_page import in_words
from service.db.tables.leads import deliveries
from service.db.tables.people import audit
from service.store.ops import http_calls
from service.use_cases.access.connection_test import ask_test
from service.use_cases.tx import Tx
from tests.service.console.test_console import pressed, sign_in
from tests.support.connected_service import Town
from tests.support.service import World
from tests.support.webhook_target import NEW, Target, listening, settings_for


def said(world: World, tool: str) -> str:
    shown = world.client.get("/connections/tests").text
    form = re.search(rf'/{tool}/test".*?aria-live="polite">(.*?)</form>', shown, re.DOTALL)
    assert form is not None
    return " ".join(re.sub(r"<[^>]+>", " ", form[1]).split())


def pressed_for(world: World, tool: str) -> str:
    assert pressed(world, f"/connections/{tool}/test", once="1" * 16).status_code == 303
    assert said(world, tool).startswith("On its way.")
    assert 'hx-trigger="every 1s"' in world.client.get("/connections").text
    world.work()
    world.work()  # what was called is written down
    assert "hx-trigger" not in world.client.get("/connections/tests").text
    return said(world, tool)


@pytest.mark.parametrize(
    ("status", "words"),
    [(204, "the connection works."), (401, "compare the secrets"), (500, "has a fault")],
)
def test_the_webhook_gets_one_signed_event_and_the_answer_is_in_words(
    make_world: Callable[..., World], status: int, words: str
) -> None:
    with listening(Target(otherwise=status)) as target:
        world = make_world(**settings_for(target))
        sign_in(world, "manager")
        assert said(world, "webhook").startswith("Not tested yet.")
        answered = pressed_for(world, "webhook")
        world.wait(days=1)
        world.work()

    assert re.match(rf"Answered {status} in \d+ ms: ", answered)
    assert words in answered
    (attempt,) = target.attempts  # a refused test is not tried again
    assert attempt.said["type"] == "test"
    assert attempt.fits(NEW)
    (call,) = world.runtime.store.read_now(lambda c: http_calls.newest(c, limit=9, direction="out"))
    assert (call["status"], call["request"]) == (status, attempt.id)
    noted = [row.what for row in world.rows(sa.select(audit.c.what))]
    assert noted.count("connection.tested") == 1


def a_tx(world: World, connection: sa.Connection) -> Tx:
    return Tx(connection, world.runtime, world.clock.now())


def test_every_tool_we_call_is_tested_by_one_harmless_call(town: Town) -> None:
    world = town.world
    town.hubspot.contacts["contacts"] = {"id": "contacts", "properties": {}}
    for tool in ("slack", "hubspot", "stripe"):
        world.runtime.store.write_now(lambda c, t=tool: ask_test(a_tx(world, c), t))  # type: ignore[misc]  # a name of its own
    world.work()
    states = world.rows(sa.select(deliveries.c.tool, deliveries.c.state))
    assert dict(states) == dict.fromkeys(("slack", "hubspot", "stripe"), "done")  # type: ignore[arg-type]  # rows of two
    calls = [(method, path) for method, path, _ in town.stripe.calls]
    assert calls == [("GET", "/v1/checkout/sessions")]
    assert [body["text"] for body in town.slack.seen("POST", "/")] == [
        "A test from Giveget: the connection works."
    ]


def test_what_is_not_set_up_is_not_tested(world: World) -> None:
    sign_in(world, "manager")
    assert pressed(world, "/connections/slack/test", once="1" * 16).status_code == 409
    assert pressed(world, "/connections/telegraph/test", once="2" * 16).status_code == 404
    assert world.count(deliveries) == 0
    sign_in(world, "ada")
    assert pressed(world, "/connections/slack/test", once="3" * 16).status_code == 403


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ((0, "timeout", 9900), "No answer in 10 s."),
        ((0, "unreachable_ConnectError", 3), "Nobody could be reached"),
        ((0, "private_address", 0), "private network; to allow that, start with GIVEGET_WEBHOOK_A"),
        ((302, "", 7), "Answered 302 in 7 ms, where 200 to 299 was expected."),
    ],
)
def test_each_end_has_its_words(told: tuple[Any, Any, Any], words: str) -> None:
    assert words in in_words(*told)


def test_what_waits_for_a_tool_is_counted_with_since_when_and_the_next_try(
    make_world: Callable[..., World],
) -> None:
    with listening(Target(otherwise=500)) as target:
        world = make_world(**settings_for(target, webhook_events="lead.scored"))
        began = world.clock.now()
        world.sign_up()
        world.wait(minutes=5)
        world.sign_up()
        world.work()
    sign_in(world, "manager")

    rows = world.client.get("/connections.json").json()["connections"]

    (row,) = [row for row in rows if row["name"] == "Webhook"]
    assert row["waiting"] == 2
    assert datetime.fromisoformat(row["waits_since"]) == began
    assert datetime.fromisoformat(row["next_at"]) > world.clock.now() - timedelta(minutes=5)
    (idle,) = [row for row in rows if row["name"] == "Slack"]
    assert (idle["waiting"], idle["next_at"]) == (None, None)
    assert '<a href="/docs">' in world.client.get("/connections").text


def test_a_webhook_whose_target_is_gone_reads_stopped_until_it_is_tried_again(
    make_world: Callable[..., World],
) -> None:
    with listening(Target(statuses=[410])) as target:
        world = make_world(**settings_for(target, webhook_events="lead.scored"))
        sign_in(world, "manager")
        for _ in range(2):
            world.sign_up()
            world.work()
        (heard,) = target.attempts
        assert heard.said["type"] == "lead.scored"
        assert "But no event is sent" in pressed_for(world, "webhook")
        page = world.client.get("/connections").text
        (row,) = re.findall(r"<tr>\s*<td[^>]*>Webhook.*?(?=<tr>|</tbody>)", page, re.DOTALL)
        assert "stopped" in row
        assert re.search(r'data-label="Given up"[^>]*>\s*2', row)

        assert pressed(world, "/connections/webhook/retry", once="2" * 16).status_code == 303
        world.work()

    kinds = [attempt.said["type"] for attempt in target.attempts]
    assert kinds == ["lead.scored", "test", "lead.scored", "lead.scored"]
    assert "Try again for Webhook" not in world.client.get("/connections").text
