"""The policy's page: what fails as sentences, two texts side by side, what is completed."""

from __future__ import annotations

import html
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offers.policy import default_policy, parse_policy
from offers.policy_tables import LIMITS
from offers.prove import prove
from offers.situation import FACTS
from offers.terms import GETS, GIVES, read_get, read_give
from service.console import proof_words
from service.console.editor_words import editor_words
from service.console.side_by_side import side_by_side
from tests.service.console.test_console import sign_in
from tests.support.service import World

_TEXT = default_policy().text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("max_percent_off = 30", "max_percent_off = 12"), "more than the largest percent off"),
        (("floor = 1600", "floor = 2400"), "below the floor price"),
    ],
)
def test_what_fails_is_a_sentence_without_code(change: tuple[str, str], says: str) -> None:
    found = prove(parse_policy(_TEXT.replace(*change)))
    sentences = [proof_words.breaks(one) for one in found if one.verdict == "refuted"]
    assert any(says in sentence for sentence in sentences)
    for sentence in sentences:
        assert sentence.endswith(".")
        assert "{" not in sentence
        assert "_" not in sentence
        assert "seats_requested" not in sentence


def test_every_property_that_can_be_proved_has_words() -> None:
    for one in prove(default_policy()):
        assert proof_words.holds(one)


@given(st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abc"), max_size=12))
def test_both_texts_can_be_read_off_the_rows(old: list[str], new: list[str]) -> None:
    rows = side_by_side("\n".join(old), "\n".join(new))
    for row in rows:
        if row.left_number is not None:
            assert old[row.left_number - 1] == row.left
        if row.right_number is not None:
            assert new[row.right_number - 1] == row.right
        if row.kind == "same":
            assert row.left == row.right
    changed = [row for row in rows if row.kind == "changed"]
    assert bool(changed) == (old != new)
    gone = len([row for row in changed if row.left_number is not None])
    came = len([row for row in changed if row.right_number is not None])
    assert len(old) - gone == len(new) - came


def test_the_editor_completes_what_decides() -> None:
    words = editor_words()
    facts = {option["label"] for option in words["facts"]}
    assert facts == {fact.name for fact in FACTS.values() if fact.decides_offers}
    assert [option["label"] for option in words["guardrails"]] == list(LIMITS)
    assert {option["label"] for option in words["gives"]} == set(GIVES)
    assert {option["label"] for option in words["gets"]} == set(GETS)
    for group in ("facts", "guardrails", "approval", "gives", "gets"):
        assert all(len(option["detail"]) > 4 for option in words[group])
    assert {
        "label": "extra_months",
        "detail": "three extra months",
        "info": "extra_months = 3",
    } in words["gives"]


@pytest.mark.parametrize("kind", ["give", "get"])
def test_every_example_of_the_editor_can_be_pasted_into_a_rule(kind: str) -> None:
    read = {"give": read_give, "get": read_get}[kind]
    for option in editor_words()[f"{kind}s"]:
        ((name, value),) = tomllib.loads(option["info"]).items()
        assert name == option["label"]
        assert read(name, value).phrase() == option["detail"]


def test_the_editor_lists_what_a_policy_may_say_with_its_meaning(world: World) -> None:
    sign_in(world, "manager")
    page = html.unescape(world.client.get("/policy").text)
    listed = page.partition('id="may-say"')[2].partition("<form")[0]
    for options in editor_words().values():
        for option in options:
            if "detail" in option:
                assert option["detail"] in listed
    for example in ("extra_months = 3", "trial_day", "budget_minor_per_month"):
        assert f"<code>{example}</code>" in listed
