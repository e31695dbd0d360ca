"""The reference is what the code says, and leaves nothing out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from offers.guardrails import GUARDRAILS
from offers.situation import FACTS
from offers.terms import GETS, GIVES
from service.api.document import read_by
from service.api.problem_codes import catalogue
from service.api.reference import TAGS, operations
from service.domain.account_money import KINDS
from service.domain.screening import RESULTS
from service.domain.webhook_events import EVENTS
from service.settings import Settings
from tests.reference.api import document
from tests.reference.commands import tree
from tests.reference.pages import FOLDER, PAGES
from tests.support.raised_codes import codes_of, of_families, raised, source


def written(page: str) -> str:
    return (FOLDER / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", sorted(PAGES))
def test_the_page_is_what_the_code_says_now(page: str) -> None:
    assert written(page) == PAGES[page](), "python -m tests.reference writes it anew"


def named() -> Iterator[tuple[str, str]]:
    """What there is, and the page that must name it."""
    yield from (("policy.md", name) for name in (*FACTS, *GIVES, *GETS, *GUARDRAILS))
    yield from (("events.md", name) for name in (*EVENTS, *KINDS, *RESULTS))
    yield from (("settings.md", f"GIVEGET_{name.upper()}") for name in Settings.model_fields)
    told = catalogue()
    yield from (("errors.md", code) for code in (*told.fields, *told.warnings))


@pytest.mark.parametrize(("page", "name"), sorted(set(named())))
def test_it_is_named(page: str, name: str) -> None:
    assert f"`{name}`" in written(page)


def headings(page: str) -> set[str]:
    return set(re.findall(r"^##+ (.+)$", written(page), flags=re.MULTILINE))


def test_every_error_call_and_command_has_a_heading() -> None:
    assert headings("errors.md") >= set(catalogue().problems)
    calls = {f"{one.method} {one.path}" for one in operations(document())}
    assert headings("api.md") >= calls
    assert len(calls) > 70
    shown = {path for path, command in tree() if not command.hidden}
    assert headings("commands.md") == shown
    assert {"giveget serve", "giveget model train", "giveget connect hubspot plan"} <= shown


def test_every_call_says_what_it_does_how_and_how_it_is_refused() -> None:
    for one in operations(document()):
        assert one.tag in TAGS, one.path
        assert len(one.summary) > 10, one.path
        assert one.example.startswith("curl "), one.path
        assert "-d " in one.example or not one.fields, one.path
        assert one.refusals or one.path in ("/livez", "/metrics"), one.path


def test_every_example_is_a_body_that_is_read() -> None:
    calls: list[dict[str, Any]] = [
        call
        for path in document()["paths"].values()  # type: ignore[attr-defined]  # JSON
        for call in path.values()
    ]
    checked = 0
    for call in calls:
        told = call.get("requestBody", {}).get("content", {}).get("application/json", {})
        model = read_by(told.get("schema", {}).get("$ref", ""))
        if model is not None:
            model.model_validate(told["example"], strict=False)
            checked += 1
    assert checked >= 35


def test_every_code_that_is_raised_is_in_the_catalogue_with_its_status() -> None:
    listed = {code: set(one.status) for code, one in catalogue().problems.items()}
    found = raised()
    assert len(found) > 90
    for code, statuses in {**found, **of_families()}.items():
        assert code in listed, code
        assert statuses <= listed[code], f"{code} comes with {statuses}"


def test_no_code_is_listed_that_nothing_raises() -> None:
    known = raised().keys() | of_families().keys()
    text = source()
    for code in catalogue().problems.keys() - known:
        stem = code.removeprefix("suppressed_")
        assert f'"{stem}"' in text, code


def test_every_code_of_a_field_and_of_a_warning_is_in_the_catalogue() -> None:
    fields = codes_of("FieldError", 1) | codes_of("_bad_value", 1)
    fields |= codes_of("PydanticCustomError", 0)
    assert len(fields) > 20
    assert fields <= catalogue().fields.keys()
    warnings = codes_of("_warning", 1)
    assert len(warnings) > 10
    assert warnings <= catalogue().warnings.keys()


def test_every_state_that_an_offer_may_be_in_has_its_refusal() -> None:
    from offers.lifecycle import State

    assert {f"offer_{state}" for state in get_args(State)} - {"offer_redeemed"} <= set(
        catalogue().problems
    )
