"""What is refused: 4xx as a problem document, with a path, nothing stored, nothing echoed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi.routing import APIRoute

from service.api.application import ROUTES
from service.db.tables.leads import events, lead_versions, leads, messages
from tests.support.service import World, a_signup

SECRET_WORD = "Zwiebelkuchen"

BAD_BODIES: dict[str, tuple[bytes | dict[str, Any], int, str, str]] = {
    "no json": (b"{" + SECRET_WORD.encode(), 400, "bad_json", ""),
    "empty": (b"", 400, "bad_json", ""),
    "not utf-8": (b'{"email": "\xff\xfe"}', 400, "bad_json", ""),
    "a list": (b'["Zwiebelkuchen"]', 422, "not_an_object", ""),
    "NaN": (b'{"email": "a@b.example", "attributes": {"x": NaN}}', 400, "bad_json", ""),
    "Infinity": (b'{"email": "a@b.example", "seats": Infinity}', 400, "bad_json", ""),
    "1e999": (b'{"email": "a@b.example", "x": 1e999}', 422, "number_not_finite", "x"),
    "NUL in an id": (b'{"id": "a\\u0000b"}', 422, "nul_character", "id"),
    "NUL in an outer id": (
        b'{"external_ids": {"user": "a\\u0000"}}',
        422,
        "nul_character",
        "external_ids.user",
    ),
    "NUL in a name": (b'{"email": "a@b.example", "a\\u0000": 1}', 422, "nul_character", ""),
    "lone surrogate": (b'{"email": "a@b.example", "title": "\\ud800"}', 400, "bad_json", ""),
    "2^63": (b'{"email": "a@b.example", "x": 9223372036854775808}', 422, "number_too_large", "x"),
    "too deep": (b'{"x": ' + b"[" * 70 + b"]" * 70 + b"}", 400, "too_deep", ""),
    "20,000 deep": (b"[" * 20_000 + b"]" * 20_000, 400, "bad_json", ""),
    "mail as number": ({"email": 7}, 422, "string_type", "email"),
    "seats as text": (a_signup(seats=SECRET_WORD), 422, "int_type", "seats"),
    "seats below 0": (a_signup(seats=-1), 422, "greater_than_equal", "seats"),
    "seats as true": (a_signup(seats=True), 422, "int_type", "seats"),
    "naive time": (a_signup(signed_up_at="2026-12-01T10:00:00"), 422, "naive_time", "signed_up_at"),
    "date only": (a_signup(signed_up_at="2026-12-01"), 422, "naive_time", "signed_up_at"),
    "no time": (a_signup(signed_up_at=SECRET_WORD), 422, "time_parsing", "signed_up_at"),
    "time as number": (a_signup(signed_up_at=1764582000), 422, "time_type", "signed_up_at"),
    "year 1": (a_signup(signed_up_at="0001-01-01T00:00Z"), 422, "time_range", "signed_up_at"),
    "year 0": (a_signup(signed_up_at="0001-01-01T00:00+23:00"), 422, "time_range", "signed_up_at"),
    "source as text": (a_signup(source=SECRET_WORD), 422, "dict_type", "source"),
    "attributes as list": (a_signup(attributes=[SECRET_WORD]), 422, "dict_type", "attributes"),
    "consent as text": (a_signup(consent=SECRET_WORD), 422, "model_type", "consent"),
    "consent without ground": (a_signup(consent={"at": None}), 422, "missing", "consent.ground"),
    "do_not_email as text": (a_signup(do_not_email="yes"), 422, "bool_type", "do_not_email"),
    "id too long": (a_signup(id="x" * 256), 422, "string_too_long", "id"),
    "empty id": (a_signup(id=""), 422, "string_too_short", "id"),
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_bad_sign_up_is_refused_by_code_and_path_and_leaves_nothing(
    untouched: World, name: str
) -> None:
    body, status, code, path = BAD_BODIES[name]

    answer = untouched.send("/v1/signups", body)

    problem = answer.json()
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    errors = problem.get("errors", [])
    assert code in [problem["code"], *(error["code"] for error in errors)]
    if path:
        assert path in [error["path"] for error in errors]
    assert SECRET_WORD not in answer.text
    assert problem["type"] == f"/docs/errors/{problem['code']}"
    assert (
        untouched.count(leads) == untouched.count(messages) == untouched.count(lead_versions) == 0
    )


def test_a_refused_message_may_be_mended_and_sent_again_under_its_id(world: World) -> None:
    world.send("/v1/signups", a_signup(seats="ten"), message="m")

    assert world.send("/v1/signups", a_signup(seats=10), message="m").status_code == 200


def test_a_body_that_is_too_large_is_413_with_or_without_a_length(world: World) -> None:
    raw = json.dumps(a_signup(attributes={"x": "y" * 300_000})).encode()

    declared = world.send("/v1/signups", raw)
    chunked = world.client.post(
        "/v1/signups", content=iter([raw[:100_000], raw[100_000:]]), headers=world.signed(raw)
    )

    for answer in (declared, chunked):
        assert answer.status_code == 413
        assert answer.json()["code"] == "body_too_large"


def test_another_media_type_is_415(world: World) -> None:
    raw = json.dumps(a_signup()).encode()
    headers = world.signed(raw) | {"content-type": "text/plain"}

    assert world.client.post("/v1/signups", content=raw, headers=headers).status_code == 415


HOSTILE: dict[str, dict[str, str]] = {
    "no headers": {"webhook-id": "", "webhook-timestamp": "", "webhook-signature": ""},
    "wrong signature": {"webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
    "no version": {"webhook-signature": "g0hM9SsE"},
    "not base64": {"webhook-signature": "v1,dawfeoifkpqwoekfpqoekf"},
    "empty signature": {"webhook-signature": "v1,"},
    "many commas": {"webhook-signature": "v1,,,, v1 , v1,v1,v1"},
    "another version": {"webhook-signature": "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
    "time with a point": {"webhook-timestamp": "1793610000.9"},
    "time with underscores": {"webhook-timestamp": "1_793_610_000"},
    "time in words": {"webhook-timestamp": "nan"},
    "time negative": {"webhook-timestamp": "-1"},
    "time huge": {"webhook-timestamp": "9" * 400},
    "time in other digits": {"webhook-timestamp": "١٧٩٣"},
    "id with spaces": {"webhook-id": "a b"},
    "id too long": {"webhook-id": "x" * 300},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_signature_headers_are_401(untouched: World, name: str) -> None:
    raw = json.dumps(a_signup()).encode()
    headers = untouched.signed(raw) | HOSTILE[name]
    sent = [(key.encode(), value.encode("utf-8")) for key, value in headers.items()]

    answer = untouched.client.post("/v1/signups", content=raw, headers=sent)

    assert answer.status_code == 401, answer.text
    assert untouched.count(leads) == 0


def test_a_changed_body_does_not_fit_its_signature(world: World) -> None:
    raw = json.dumps(a_signup()).encode()

    answer = world.client.post("/v1/signups", content=raw + b" ", headers=world.signed(raw))

    assert answer.json()["code"] == "wrong_signature"


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_message_too_old_or_too_new_is_401(world: World, seconds: int) -> None:
    raw = json.dumps(a_signup()).encode()
    headers = world.signed(raw)
    world.clock.advance(timedelta(seconds=seconds))

    answer = world.client.post("/v1/signups", content=raw, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "old_webhook_timestamp")


def test_bad_events_are_rejected_one_by_one_and_the_others_taken(world: World) -> None:
    world.sign_up(id="L1")
    good = {"id": "e1", "lead_id": "L1", "name": "opened", "at": "2026-11-02T08:00:00Z"}
    batch = [
        good,
        good | {"id": "e2", "at": "2026-11-02T08:00:00"},
        {key: value for key, value in good.items() if key != "name"},
        {key: value for key, value in good.items() if key != "lead_id"} | {"id": "e3"},
        7,
        good | {"id": "e4", "name": 3},
    ]

    answer = world.send("/v1/events", {"events": batch}).json()

    assert answer["accepted"] == 1
    assert [(r["index"], r["code"], r["path"]) for r in answer["rejected"]] == [
        (1, "naive_time", "at"),
        (2, "missing", "name"),
        (3, "nobody_named", "lead_id"),
        (4, "not_an_object", ""),
        (5, "string_type", "name"),
    ]
    assert world.count(events) == 1


def test_paths_and_methods_that_do_not_exist_are_problems_too(world: World) -> None:
    assert world.client.get("/nowhere").json()["code"] == "no_such_route"
    assert world.client.get("/v1/signups").json()["code"] == "method_not_allowed"
    assert world.get("manager", "/v1/offers?limit=lots").json()["code"] == "wrong_fields"


SENDING = [
    (method, route.path)
    for module in ROUTES
    for route in module.router.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods & {"POST", "PUT", "PATCH", "DELETE"})
]
TEN_MEGABYTES = b'{"x": "' + b"y" * (10_000_000 - 9) + b'"}'
HUGE: dict[str, bytes] = {
    "10 MB": TEN_MEGABYTES,
    "20,000 deep": b"[" * 20_000 + b"]" * 20_000,
    "20,000 objects deep": b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    "2^63, NaN, NUL, lone surrogate": b'{"a": 9223372036854775808, "b": NaN, "\\u0000": "\\udc00"}',
}


def in_chunks(raw: bytes) -> Iterator[bytes]:
    return (raw[start : start + 65_536] for start in range(0, len(raw), 65_536))


@pytest.mark.parametrize("name", HUGE)
def test_no_route_fails_at_a_hostile_body_declared_or_in_chunks(
    untouched: World, name: str
) -> None:
    raw = HUGE[name]
    signed, rep = untouched.signed(raw), untouched.bearer("ada")
    manager = untouched.bearer("manager")
    assert len(SENDING) > 25

    for method, path in SENDING:
        path = path.replace(":path", "").replace("{", "").replace("}", "")
        for headers in (signed, rep | {"content-type": "application/json"}, manager):
            for content in (raw, in_chunks(raw)):
                answer = untouched.client.request(
                    method, path, content=content, headers=headers, follow_redirects=False
                )
                assert 300 <= answer.status_code < 500, (method, path, answer.status_code)

    for path in ("/v1/signups", "/v1/events", "/v1/touches", "/v1/outcomes", "/v1/bounces"):
        for content in (raw, in_chunks(raw)):
            refused = untouched.client.post(path, content=content, headers=signed)
            assert refused.status_code == (413 if raw is TEN_MEGABYTES else 400)
    assert untouched.count(leads) == untouched.count(messages) == 0
