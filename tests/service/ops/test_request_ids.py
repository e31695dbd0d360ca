"""Each 5xx names a request that the log has, and a store that is away fills no log."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from httpx2 import Response
from structlog.testing import capture_logs

from service.api.edge import UnavailableLog
from service.db.tables.http_calls import http_calls
from tests.service.store.test_store_takes_no_writes import full, read_only, send
from tests.support.service import World, a_signup


def assert_named(answer: Response, lines: list[Any]) -> None:
    named = answer.headers["x-request-id"]
    assert re.fullmatch("req_[0-9a-f]{16}", named)
    (line,) = [line for line in lines if line.get("request") == named]
    assert line["route"].startswith("/")
    assert line["log_level"] == "error"


def test_a_fault_has_a_request_of_its_own_in_header_body_and_log(world: World) -> None:
    class Broken:
        id = "broken"

        def score(self, *_: object, **__: object) -> None:
            raise ZeroDivisionError

    world.runtime.model = Broken()  # type: ignore[assignment]  # the fault is the point
    with capture_logs() as lines:
        answers = [world.send("/v1/signups", a_signup()) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [500] * 3
    assert len({answer.headers["x-request-id"] for answer in answers}) == 3
    for answer in answers:
        assert_named(answer, lines)
        assert answer.headers["x-request-id"] in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "asks", "said"),
    [
        ("/u/x", {"accept": "text/html"}, "Wait a minute and open the link again"),
        ("/u/x", {"accept": "text/html", "accept-language": "de-AT"}, "Warten Sie eine Minute"),
        ("/leads", {"accept": "text/html,*/*"}, 'Go to <a href="/leads">Leads</a>'),
    ],
)
def test_a_browser_is_shown_a_page_that_names_the_request(
    world: World, path: str, asks: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(world.runtime.links, "read_unsubscribe", broken)
    monkeypatch.setattr("service.use_cases.access.sign_in.of_session", broken)
    with capture_logs() as lines:
        answer = world.client.get(path, headers=asks)
        program = world.client.get("/u/x", headers={"accept": "application/json"})

    assert answer.status_code == program.status_code == 500
    assert answer.headers["content-type"].startswith("text/html")
    assert said in answer.text
    assert answer.headers["x-request-id"] in answer.text
    assert "ZeroDivision" not in answer.text
    assert program.json()["code"] == "fault"
    for each in (answer, program):
        assert_named(each, lines)


@pytest.mark.parametrize("broken", [full, read_only])
def test_a_store_that_takes_nothing_is_one_line_that_every_answer_names(
    world: World, request: pytest.FixtureRequest, broken: Callable[..., Any]
) -> None:
    world.sign_up(id="before")
    with capture_logs() as lines, broken(world, lambda: request.getfixturevalue("postgresql")):
        for number in range(6):  # a last page may have had room
            send(world, f"first-{number}")
        answers = [world.send("/v1/signups", a_signup(comment="x" * 4000)) for _ in range(4)]
        answers.append(world.client.get("/readyz"))

    assert [answer.status_code for answer in answers] == [503] * 5
    assert [line["event"] for line in lines].count("request.unavailable") == 1
    for answer in answers:
        assert_named(answer, lines)


def test_an_answer_that_is_no_fault_names_none(world: World) -> None:
    for path in ("/livez", "/nowhere", f"/{'x' * 4000}"):
        assert "x-request-id" not in world.client.get(path).headers
    assert "x-request-id" not in world.send("/v1/signups", a_signup()).headers


def test_a_refused_call_names_the_id_by_which_it_is_found_among_the_calls(world: World) -> None:
    unsigned = world.client.post("/v1/signups", json=a_signup())
    named = world.client.post("/v1/signups", json=a_signup(), headers={"webhook-id": "msg_17"})
    unnamed = world.client.get("/v1/leads")
    world.work()

    assert [answer.status_code for answer in (unsigned, named, unnamed)] == [401] * 3
    ids = [answer.headers["x-request-id"] for answer in (unsigned, named, unnamed)]
    assert ids[1] == "msg_17"
    assert ids[0].startswith("req_")
    assert len(set(ids)) == 3
    kept = [row.request for row in world.rows(sa.select(http_calls.c.request))]
    assert sorted(kept) == sorted(ids)


def test_a_minute_later_the_log_has_the_next_and_how_many_there_were() -> None:
    seconds = [0.0]
    log = UnavailableLog(clock=lambda: seconds[0])
    named = []
    with capture_logs() as lines:
        for _ in range(90):
            named.append(log.request_of(503, "/v1/signups"))
            seconds[0] += 1.0
        other = log.request_of(502, "/v1/signups")

    assert len(set(named)) == 2
    assert other not in named
    assert [(line["status"], line["answers"]) for line in lines] == [(503, 1), (503, 60), (502, 1)]
