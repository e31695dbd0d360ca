"""A filter that cannot be read is named, and shows nobody: everybody is no answer to it."""

from __future__ import annotations

import pytest

from service.console.filters import not_understood
from tests.service.console.test_console import sign_in
from tests.support.service import World


def test_what_was_not_understood_is_named_with_what_was_asked() -> None:
    assert not_understood({}, "Choose.") is None
    said = not_understood({"grade": "Z9", "rep": "n" * 300}, "Choose.")
    assert said == f'Not understood: grade "Z9", rep "{"n" * 60}". Choose.'


@pytest.mark.parametrize("asked", ["grade=Z9", "rep=nobody", "state=foo", "lane=", "said=noted"])
def test_a_filter_of_leads_that_cannot_be_read_shows_nobody(world: World, asked: str) -> None:
    world.hire("ada")
    world.sign_up(id="L1", email="uwe@weber.example", first_name="Uwe")
    sign_in(world, "manager")
    name, _, value = asked.partition("=")
    is_read = name in ("lane", "said")  # an empty filter and what was done are none
    shown = world.client.get(f"/leads?{asked}").text
    assert (f"Not understood: {name} &#34;{value}&#34;" in shown) is not is_read
    assert ("Uwe" in shown) is is_read
    assert len(world.client.get(f"/leads.json?{asked}").json()["leads"]) == is_read


@pytest.mark.parametrize(
    "path",
    [
        "/offers?state=foo",
        "/offers?rule=foo",
        "/calls?direction=foo",
        "/calls?result=foo",
        "/ledger?month=foo",
        "/figures?by=foo",
        "/figures?from=foo",
        "/?to=foo",
    ],
)
def test_other_pages_name_the_filter_too(world: World, path: str) -> None:
    sign_in(world, "manager")
    name = path.partition("?")[2].partition("=")[0]
    said = f"Not understood: {name} &#34;foo&#34;"
    assert said in world.client.get(path).text
    assert "Not understood" not in world.client.get(path.partition("?")[0]).text
    assert said not in world.client.get(path.replace("=foo", "=")).text


def test_a_list_of_the_api_names_a_filter_that_it_does_not_have(world: World) -> None:
    world.sign_up(id="L1")
    answer = world.get("manager", "/v1/leads?state=converted&limit=5")
    assert answer.status_code == 422
    (wrong,) = answer.json()["errors"]
    assert (wrong["path"], wrong["code"]) == ("state", "unknown_parameter")
    assert "outcome" in wrong["message"]
