"""The service's own pages about its calls and errors."""

from __future__ import annotations

import re

import pytest

from service.api.problem_codes import catalogue
from service.api.reference import operations
from tests.support.service import World


def test_the_page_shows_every_call_and_the_way_there(world: World) -> None:
    page = world.client.get("/docs")

    assert page.status_code == 200
    listed = operations(world.client.get("/openapi.json").json())
    places = set(re.findall(r'id="([^"]+)"', page.text))
    for one in listed:
        assert one.anchor in places, one.path
        assert f'href="#{one.anchor}"' in page.text
    assert len({one.anchor for one in listed}) == len(listed)


@pytest.mark.parametrize("path", ["/docs", "/docs/errors", "/docs/errors/key_reused"])
def test_a_page_asks_nobody_else_for_anything_and_runs_nothing(world: World, path: str) -> None:
    page = world.client.get(path)

    asked = re.findall(r'(?:src|href|action|data)="([^"#]*)', page.text)
    assert [each for each in asked if not re.match(r"/(?!/)|$", each)] == []
    assert not re.search(r"<script|style=|\son[a-z]+=|@import|url\(", page.text)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_type_of_each_problem_is_an_address_that_answers(world: World) -> None:
    for code, one in catalogue().problems.items():
        page = world.client.get(f"/docs/errors/{code}")
        assert page.status_code == 200
        assert code in page.text
        for status in one.status:
            assert str(status) in page.text


@pytest.mark.parametrize(
    ("path", "code"), [("/v1/signups", "missing_webhook_id"), ("/nowhere", "no_such_route")]
)
def test_a_refusal_leads_to_its_page(world: World, path: str, code: str) -> None:
    problem = world.client.post(path, content=b"{}", headers={"content-type": "application/json"})
    assert problem.json()["code"] == code

    page = world.client.get(problem.json()["type"])

    assert page.status_code == 200
    assert catalogue().problems[code].means in page.text


@pytest.mark.parametrize("code", ["unheard_of", "<b>", "..", "a/b"])
def test_an_error_that_is_none_is_refused_and_not_echoed(world: World, code: str) -> None:
    answer = world.client.get(f"/docs/errors/{code}")
    assert answer.status_code in (200, 404)
    assert "unheard_of" not in answer.text
    assert "<b>" not in answer.text
