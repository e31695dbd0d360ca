"""What the service says of itself: its OpenAPI document, health, metrics, logs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.support.service import World
from tests.support.service_offers import a_lead_due_an_offer, the_policy


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(references(inner) for inner in value.values()))
    if isinstance(value, list):
        return set().union(*(references(inner) for inner in value))
    return set()


def test_the_openapi_document_is_whole_and_names_every_body(world: World) -> None:
    document = world.client.get("/openapi.json").json()

    for reference in references(document):
        at: Any = document
        for step in reference.removeprefix("#/").split("/"):
            at = at[step]
    signup = document["paths"]["/v1/signups"]["post"]
    body = signup["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/Signup"}
    assert {"200", "401", "409", "413", "422", "503"} <= signup["responses"].keys()


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/docs/errors"])
def test_what_anybody_may_ask_for_is_written_once(
    world: World, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = world.client.get(path)
    assert (first.status_code, len(first.content) > 10_000) == (200, True)

    def again(*_: object, **__: object) -> None:
        raise AssertionError("it is written anew")

    monkeypatch.setattr("starlette.responses.JSONResponse.render", again)
    monkeypatch.setattr("service.api.docs.shown_page", again)
    second = world.client.get(path)
    assert (second.content, second.headers) == (first.content, first.headers)


def test_a_call_that_can_answer_a_table_as_csv_says_so(world: World) -> None:
    document = world.client.get("/openapi.json").json()
    said = {
        path: set(calls["get"]["responses"]["200"]["content"])
        for path, calls in document["paths"].items()
        if any(one["name"] == "format" for one in calls.get("get", {}).get("parameters", ()))
    }
    assert said == {path: {"application/json", "text/csv"} for path in ("/v1/rates",)}
    answer = world.get("manager", "/v1/rates?by=country&format=csv")
    assert answer.headers["content-type"].split(";")[0] in said["/v1/rates"]


def test_the_service_says_that_it_lives_and_is_ready(world: World) -> None:
    assert world.client.get("/livez").json() == {"status": "alive"}
    ready = world.client.get("/readyz").json()
    assert ready["status"] == "ready"
    assert ready["model"] == world.runtime.model.id


def test_the_metrics_count_commits_and_times_and_hold_no_ids(world: World) -> None:
    world.sign_up(id="secret-lead")
    world.get("manager", "/v1/leads/secret-lead")

    text = world.client.get("/metrics").text

    commits = re.search(r"^giveget_store_commits (\S+)$", text, re.MULTILINE)
    assert commits is not None
    assert float(commits[1]) >= 1
    assert 'route="/v1/signups"' in text
    assert "secret-lead" not in text


PERSON = ("bea@large.example", "+49 30 901820", "Quirinia")


def test_the_logs_hold_ids_and_no_person(world: World) -> None:
    the_policy(world)
    email, phone, name = PERSON

    with capture_logs() as logs:
        lead = a_lead_due_an_offer(world, email=email, phone=phone, first_name=name)
        world.did(lead, "opened")
        world.work()
        world.send("/v1/signups", {"email": email, "seats": "many"})

    assert any(line["event"] == "mail.ended" for line in logs)
    for word in PERSON:
        assert word not in str(logs)


def test_a_fault_is_a_500_without_its_inside_and_logged_without_its_message(
    make_world: Callable[..., World],
) -> None:
    world = make_world()

    class Broken:
        id = "broken"

        def score(self, *_: object, **__: object) -> None:
            raise RuntimeError(f"cannot score {PERSON[0]}")

    world.runtime.model = Broken()  # type: ignore[assignment]  # the fault is the point
    with capture_logs() as logs:
        answer = world.send("/v1/signups", {"email": PERSON[0]})

    assert answer.status_code == 500
    assert answer.json()["code"] == "fault"
    (line,) = [line for line in logs if line["event"] == "request.failed"]
    assert line["error"] == "RuntimeError"
    assert PERSON[0] not in answer.text + str(logs)


@pytest.mark.parametrize("path", ["/livez", "/nowhere", "/o/forged"])
def test_every_answer_carries_the_careful_headers(world: World, path: str) -> None:
    headers = world.client.get(path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
