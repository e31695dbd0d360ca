"""Between the decision and the SMTP server a colleague may call: then nothing is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from service.db.tables.leads import outbox
from tests.support.connected_service import Town, an_offer
from tests.support.hubspot_server import HubSpotTool
from tests.support.service import World
from tests.support.smtp_server import Postbox
from tests.support.stripe_server import StripeTool
from tests.support.tool_servers import Tool, running, settings_for


@pytest.fixture
def live(
    make_world: Callable[..., World], postbox: tuple[Postbox, int]
) -> Iterator[tuple[Town, Postbox]]:
    """A service with its tools that really sends, and where its mails arrive."""
    real: dict[str, Any] = {"live": True, "smtp_port": postbox[1], "smtp_starttls": False}
    with running(HubSpotTool()) as hubspot, running(StripeTool()) as stripe:
        settings = settings_for(hubspot, stripe) | real | {"connect_timeout_seconds": 0.2}
        yield Town(make_world(**settings), hubspot, stripe, Tool()), postbox[0]


def the_mail(town: Town) -> tuple[str, str | None]:
    (row,) = town.world.rows(sa.select(outbox.c.state, outbox.c.reason))
    return row.state, row.reason


def test_the_mail_of_an_offer_leaves_when_nobody_called(live: tuple[Town, Postbox]) -> None:
    town, postbox = live
    an_offer(town)
    town.world.work()
    assert [mail["To"] for mail in postbox.taken] == ["buyer@large.example"]


def test_a_call_told_between_the_decision_and_the_sending_keeps_the_mail_here(
    live: tuple[Town, Postbox],
) -> None:
    town, postbox = live
    an_offer(town)
    assert the_mail(town) == ("due", None)

    town.changed("501", "notes_last_contacted", town.ms())
    town.world.work()

    assert postbox.taken == []
    assert the_mail(town) == ("withheld", "touched_since")


@pytest.mark.parametrize("fault", ["slow", 500])
def test_while_hubspot_cannot_be_asked_the_mail_waits_and_says_why(
    live: tuple[Town, Postbox], fault: str | int
) -> None:
    town, postbox = live
    an_offer(town)
    called = town.ms()
    town.hubspot.slow_seconds = 0.5 if fault == "slow" else 0.0
    town.hubspot.faults = [(500, {})] * 30 if fault == 500 else []

    town.changed("501", "hubspot_owner_id", "77")  # what else is new is known when it is asked
    town.world.work()

    assert postbox.taken == []
    assert the_mail(town) == ("due", "hubspot_not_read_yet")
    town.hubspot.slow_seconds, town.hubspot.faults = 0.0, []
    town.world.wait(minutes=2)
    town.hubspot.put("501", town.world.clock.now(), notes_last_contacted=called)
    town.world.work()
    assert postbox.taken == []
    assert the_mail(town) == ("withheld", "touched_since")


def test_what_hubspot_then_says_lets_the_mail_go_when_nobody_called(
    live: tuple[Town, Postbox],
) -> None:
    town, postbox = live
    an_offer(town)
    town.hubspot.faults = [(500, {})] * 9
    town.changed("501", "hubspot_owner_id", "77")
    town.world.work()
    assert postbox.taken == []

    town.hubspot.faults = []
    town.world.wait(minutes=2)
    town.world.work()

    assert len(postbox.taken) == 1
    assert the_mail(town) == ("sent", None)
