"""Headers that no browser writes: whatever they say, nobody gets in and nothing fails."""

from __future__ import annotations

import pytest

from tests.support.service import World

HOSTS = ("[", "a[b", "[::1", "x:99999999", "\u00ff\u00fe", "", "a/b?c#d", "x" * 4000)
ORIGINS = (
    "http://[::1",
    "http://[",
    "null",
    "http:///",
    "://",
    "\u00ff",
    "http://giveget.test.evil",
)


def signed_in(world: World) -> None:
    secret = world.bearer("manager")["authorization"].removeprefix("Bearer ")
    assert world.client.post("/sign-in", data={"secret": secret}).status_code == 200


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_that_is_none_fails_nowhere(untouched: World, host: str) -> None:
    signed_in(untouched)
    named = {"host": host.encode("latin-1")}
    form = {"once": "one", "reason": "x"}

    answers = [
        untouched.client.get("/", headers=named),  # type: ignore[arg-type]  # bytes as a wire has
        untouched.client.get("/openapi.json", headers=named),  # type: ignore[arg-type]
        untouched.client.post("/offers/none/withdraw", data=form, headers=named),  # type: ignore[arg-type]
        untouched.client.post("/sign-in", data={"secret": "x"}, headers=named),  # type: ignore[arg-type]
        untouched.client.post("/v1/connect/hubspot?a=b", content=b"[]", headers=named),  # type: ignore[arg-type]
    ]

    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []


@pytest.mark.parametrize("origin", ORIGINS)
def test_an_origin_that_is_not_ours_changes_nothing(untouched: World, origin: str) -> None:
    signed_in(untouched)

    answer = untouched.client.post(
        "/mail/pause",
        data={"reason": "x"},
        headers={"origin": origin.encode("latin-1")},  # type: ignore[dict-item]
    )

    assert answer.status_code == 403
    assert "foreign_origin" in answer.text


@pytest.mark.parametrize("asked", ["x-http-method-override", "x-http-method", "x-method-override"])
def test_no_header_or_field_makes_one_call_another(untouched: World, asked: str) -> None:
    hidden = {"capacity": 9999, "name": "Zed"}

    answers = [
        untouched.post("manager", "/v1/reps/zed", hidden, **{asked: "PUT"}),
        untouched.post("manager", "/v1/reps/zed?_method=PUT", hidden | {"_method": "PUT"}),
    ]

    assert {answer.status_code for answer in answers} == {405}
    assert untouched.get("manager", "/v1/reps/zed/queue").status_code == 404
