"""Aircall's webhooks: a token is compared, the call is fetched, and the body is never believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from service.db.tables.leads import deliveries, screenings, touches
from tests.support.aircall_server import API_KEY, AircallTool
from tests.support.service import CONSENT, World
from tests.support.signed_calls import AIRCALL_TOKEN, aircall
from tests.support.tool_servers import running


class Desk:
    """A service that Aircall tells of calls."""

    def __init__(self, world: World, tool: AircallTool) -> None:
        self.world, self.tool = world, tool

    def told(self, event: str, call: dict[str, Any], token: str = AIRCALL_TOKEN) -> Any:
        path, raw, headers = aircall(event, call, self.world.clock.now(), token)
        return self.world.client.post(path, content=raw, headers=headers)

    def heard(self) -> list[tuple[str, str, bool]]:
        c = screenings.c
        rows = self.world.rows(sa.select(c.id, c.result, c.by_machine).order_by(c.id))
        return [(row.id, row.result, row.by_machine) for row in rows]


def settings_of(tool: AircallTool) -> dict[str, Any]:
    return {
        "aircall_token": AIRCALL_TOKEN,
        "aircall_api_key": API_KEY,
        "aircall_url": tool.url,
        "connect_timeout_seconds": 1.0,
    }


@pytest.fixture
def desk(make_world: Callable[..., World]) -> Iterator[Desk]:
    with running(AircallTool()) as tool:
        desk = Desk(make_world(**settings_of(tool)), tool)
        desk.world.hire("ada", email="Ada@seller.example")
        desk.world.sign_up(
            id="L1",
            phone="(201) 555-0123",
            country="US",
            timezone="Europe/London",  # it is day there
            consent=CONSENT,
        )
        yield desk


def test_a_tagged_call_is_a_screening_of_the_lead_with_that_number(desk: Desk) -> None:
    call = desk.tool.put(7, desk.world.clock.now(), tags=("Call-back later", "INTERESTED"))

    answer = desk.told("call.ended", call)

    assert answer.status_code == 200
    assert desk.heard() == []  # answered at once, fetched later
    desk.world.work()
    assert desk.heard() == [("aircall:7", "interested", False)]
    assert desk.world.claim("ada")["screening"]["result"] == "interested"


@pytest.mark.parametrize("event", [["call.ended"], {"name": "call.ended"}, None, 5])
def test_an_event_without_a_name_asks_for_nothing(desk: Desk, event: Any) -> None:
    body = {"token": AIRCALL_TOKEN, "resource": "call", "event": event, "data": {"id": 7}}
    answer = desk.world.client.post("/v1/connect/aircall", json=body)
    assert answer.status_code == 200
    desk.world.work()
    assert desk.tool.calls == []


def test_the_body_is_never_believed(desk: Desk) -> None:
    now = desk.world.clock.now()
    desk.tool.put(7, now, answered=False)
    forged = dict(desk.tool.kept["7"], tags=[{"id": 1, "name": "do not call"}], answered_at=1)

    desk.told("call.ended", forged)
    desk.told(
        "call.ended", {"id": 8, "tags": [{"name": "do not call"}], "raw_digits": "+12015550123"}
    )
    desk.world.work()

    assert desk.heard() == [("aircall:7", "no_answer", False)]
    lead = desk.world.get("manager", "/v1/leads/L1").json()["lead"]
    assert "do_not_call" not in lead


def test_a_wrong_token_changes_nothing_and_asks_for_nothing(desk: Desk) -> None:
    call = desk.tool.put(7, desk.world.clock.now(), tags=("interested",))

    for token in ("", "45XXYYZZa08", AIRCALL_TOKEN + "x", "é" * 20):
        assert desk.told("call.ended", call, token).status_code == 401
    desk.world.work()

    assert desk.tool.calls == []
    assert not desk.world.rows(sa.select(deliveries.c.id).where(deliveries.c.subject != ""))


def test_either_of_two_tokens_is_taken_while_the_webhook_is_made_anew(
    make_world: Callable[..., World],
) -> None:
    with running(AircallTool()) as tool:
        world = make_world(
            **settings_of(tool) | {"aircall_token": f"another-token,{AIRCALL_TOKEN}"}
        )
        desk = Desk(world, tool)
        for token in (AIRCALL_TOKEN, "another-token"):
            assert desk.told("call.ended", tool.put(7, world.clock.now()), token).status_code == 200


@pytest.mark.parametrize(
    ("event", "call"),
    [
        ("call.created", {"id": 7}),
        ("user.opened", {"id": 7}),
        ("call.ended", {}),
        ("call.ended", {"id": "../numbers/1"}),
        ("call.ended", {"id": {"id": 7}}),
        ("number.closed", {"id": 7, "name": "call.ended"}),
    ],
)
def test_what_is_no_ended_call_is_answered_200_and_asks_for_nothing(
    desk: Desk, event: str, call: dict[str, Any]
) -> None:
    assert desk.told(event, call).status_code == 200
    desk.world.work()
    assert desk.tool.calls == []


def test_an_untagged_talk_is_a_touch_by_its_rep_and_no_screening(desk: Desk) -> None:
    desk.told("call.ended", desk.tool.put(7, desk.world.clock.now()))
    desk.world.work()

    assert desk.heard() == []
    (touch,) = desk.world.rows(sa.select(touches))
    assert (touch.lead, touch.kind, touch.by) == ("L1", "call", "ada")


def test_a_talk_that_is_tagged_later_is_one_conversation_still(desk: Desk) -> None:
    at = desk.world.clock.now()
    desk.told("call.ended", desk.tool.put(7, at))
    desk.world.work()
    desk.told("call.tagged", desk.tool.put(7, at, tags=("interested",)))
    desk.world.work()

    assert desk.heard() == [("aircall:7", "interested", False)]
    (touch,) = desk.world.rows(sa.select(touches))
    assert (touch.lead, touch.kind, touch.by) == ("L1", "call", "ada")


def test_a_robots_talk_is_no_conversation(desk: Desk) -> None:
    desk.told("call.ended", desk.tool.put(7, desk.world.clock.now(), user=None))
    tagged = desk.tool.put(8, desk.world.clock.now(), user=None, tags=("interested",))
    desk.told("call.ended", tagged)
    desk.world.work()

    assert desk.heard() == [("aircall:8", "interested", True)]
    assert desk.world.count(touches) == 0


@pytest.mark.parametrize(
    "missed",
    [
        {"missed_call_reason": "agents_did_not_answer"},
        {"missed_call_reason": "out_of_opening_hours", "user": None},
        {"voicemail": "https://a.example/v", "user": None},
    ],
)
def test_a_call_of_theirs_that_nobody_took_asks_to_be_called_back(
    desk: Desk, missed: dict[str, Any]
) -> None:
    """`missed_call_reason` and `voicemail` are of inbound calls."""
    call = desk.tool.put(7, desk.world.clock.now(), answered=False, direction="inbound", **missed)
    desk.told("call.ended", call)
    desk.world.work()
    assert [result for _, result, _ in desk.heard()] == ["callback"]
    assert desk.world.count(touches) == 0  # nobody of ours spoke
    assert desk.world.claim("ada")["screening"]["result"] == "callback"


def test_what_a_tag_says_of_a_missed_call_stands(desk: Desk) -> None:
    call = desk.tool.put(
        7, desk.world.clock.now(), answered=False, direction="inbound", tags=("do not call",)
    )
    desk.told("call.ended", call)
    desk.world.work()
    assert [result for _, result, _ in desk.heard()] == ["do_not_call"]


def test_a_voicemail_and_a_missed_call_are_told_apart(desk: Desk) -> None:
    now = desk.world.clock.now()
    desk.told("call.ended", desk.tool.put(7, now, answered=False, voicemail="https://a.example/v"))
    desk.told("call.ended", desk.tool.put(8, now, answered=False))
    desk.world.work()

    assert [result for _, result, _ in desk.heard()] == ["voicemail", "no_answer"]


def test_a_call_tagged_anew_is_what_its_tag_says_now(desk: Desk) -> None:
    now = desk.world.clock.now()
    desk.told("call.ended", desk.tool.put(7, now, tags=("interested",)))
    desk.world.work()

    desk.told("call.tagged", desk.tool.put(7, now, tags=("interested", "Not interested")))
    desk.world.work()

    assert desk.heard() == [("aircall:7", "not_interested", False)]
    assert desk.world.post("ada", "/v1/reps/ada/claim").status_code == 204


def test_do_not_call_beats_every_other_tag(desk: Desk) -> None:
    call = desk.tool.put(7, desk.world.clock.now(), tags=("DNC", "interested"))
    desk.told("call.tagged", call)
    desk.world.work()

    assert [result for _, result, _ in desk.heard()] == ["do_not_call"]


def test_while_aircall_fails_it_is_answered_200_and_asked_again_later(desk: Desk) -> None:
    desk.tool.faults = [(500, {}), (429, {"retry-after": "30"})]
    call = desk.tool.put(7, desk.world.clock.now(), tags=("interested",))
    assert desk.told("call.ended", call).status_code == 200
    desk.world.work()
    assert desk.heard() == []

    for _ in range(2):
        desk.world.wait(minutes=30)
        desk.world.work()

    assert [result for _, result, _ in desk.heard()] == ["interested"]


def test_a_number_that_two_people_share_is_nobodys_unless_the_contact_has_an_address(
    desk: Desk,
) -> None:
    desk.world.sign_up(id="L2", phone="+12015550123", email="two@acme.example", consent=CONSENT)
    now = desk.world.clock.now()
    desk.told("call.ended", desk.tool.put(7, now, tags=("interested",)))
    desk.world.work()
    assert desk.heard() == []

    emails = {"emails": [{"id": 1, "label": "Work", "value": "Two@acme.example"}]}
    desk.told("call.ended", desk.tool.put(8, now, tags=("interested",), contact=emails))
    desk.world.work()

    assert [row.lead for row in desk.world.rows(sa.select(screenings.c.lead))] == ["L2"]


def test_a_call_of_a_stranger_makes_no_lead(desk: Desk) -> None:
    call = desk.tool.put(7, desk.world.clock.now(), raw_digits="+44 20 7946 0958")
    desk.told("call.ended", call)
    desk.world.work()

    assert desk.heard() == []
    assert len(desk.world.get("manager", "/v1/leads").json()["leads"]) == 1


def test_your_own_words_come_before_the_shipped_ones(
    make_world: Callable[..., World], tmp_path: Path
) -> None:
    own = tmp_path / "results.toml"
    own.write_text('[results]\n"Termin vereinbart" = "callback"\n"Interested" = "not_interested"\n')
    with running(AircallTool()) as tool:
        desk = Desk(make_world(**settings_of(tool), call_results=own), tool)
        desk.world.sign_up(id="L1", phone="+1 201 555 0123", consent=CONSENT)
        now = desk.world.clock.now()
        desk.told("call.ended", tool.put(7, now, tags=("termin vereinbart",)))
        desk.told("call.ended", tool.put(8, now, tags=("interested",)))
        desk.world.work()

        assert [result for _, result, _ in desk.heard()] == ["callback", "not_interested"]


def test_without_a_token_the_call_names_the_setting(world: World) -> None:
    path, raw, headers = aircall("call.ended", {"id": 7}, world.clock.now())
    refused = world.client.post(path, content=raw, headers=headers)

    assert refused.status_code == 401
    assert "GIVEGET_AIRCALL_TOKEN" in refused.text
