"""The `when` language: what parses, what it means, and that its forms agree."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offers.conditions import parse_condition, reasons, truth
from offers.conditions.compiled import all_held, all_matching, held, truths
from offers.conditions.explain import in_words
from offers.conditions.nodes import Node, negate, written
from tests.support.policies import CASES

GOOD = tomllib.loads((CASES / "conditions.toml").read_text())["case"]
BAD = tomllib.loads((CASES / "bad_conditions.toml").read_text())["case"]
MEANING = {"true": True, "false": False, "unknown": None}


def parsed(text: str) -> Node:
    node, problems = parse_condition(text)
    assert problems == ()
    return node


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case["when"])
def test_a_condition_is_true_false_or_unknown_as_its_case_says(case: dict[str, Any]) -> None:
    node = parsed(case["when"])
    for word, expected in MEANING.items():
        for situation in case[word]:
            assert truth(node, situation) is expected, situation
            assert truths([node])(situation) == (expected is True,)
            assert all_matching([node])(situation) == ([0] if expected else [])
            assert (reasons(node, situation) == ()) is (expected is True)


@pytest.mark.parametrize("case", BAD, ids=lambda case: case["when"])
def test_a_mistake_is_named_at_its_column(case: dict[str, Any]) -> None:
    _, problems = parse_condition(case["when"])
    assert [problem.column for problem in problems] == [case["column"]]
    assert case["says"] in problems[0].message


@pytest.mark.parametrize("text", ["", "   ", "(" * 300, "not " * 900 + "True", "a" * 5000, "\0"])
def test_hostile_text_is_a_problem_and_never_a_crash(text: str) -> None:
    _, problems = parse_condition(text)
    assert problems


def test_several_mistakes_are_all_named() -> None:
    _, problems = parse_condition('lane == "x" and foo > 1 or not bar')
    assert len(problems) == 3


def test_a_reason_names_the_value_and_the_need() -> None:
    node = parsed('seats_requested >= 60 and lane == "offer" and not rep_contacted')
    situation = {"seats_requested": 40, "rep_contacted": True}
    assert tuple(map(in_words, reasons(node, situation))) == (
        "seats_requested 40, needs at least 60",
        "lane unknown",
        "rep_contacted is true, needs false",
    )


ATOMS = st.sampled_from(
    [
        "seats_requested >= 60",
        "seats_requested != 3",
        "seats_requested < seats_active",
        'grade in ("A1", "B2")',
        'grade not in ("A1", "C3")',
        'lane == "offer"',
        'lane != "rep"',
        "rep_contacted",
        "10 <= seats_active < 50",
        "probability > 0.25",
    ]
)
TEXTS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("not ({})".format, inner),
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("({}) or ({})".format, inner, inner),
    ),
    max_leaves=6,
)
SITUATIONS = st.fixed_dictionaries(
    {},
    optional={
        "seats_requested": st.none() | st.integers(0, 100),
        "seats_active": st.none() | st.integers(0, 100),
        "grade": st.sampled_from(["A1", "B2", "C3", None]),
        "lane": st.sampled_from(["rep", "offer", None]),
        "rep_contacted": st.sampled_from([True, False, None]),
        "probability": st.none() | st.floats(0, 1),
    },
)


@settings(max_examples=1000, deadline=None)
@given(TEXTS, SITUATIONS)
def test_compiled_negated_and_written_forms_agree_with_the_plain_reading(
    text: str, situation: dict[str, Any]
) -> None:
    node = parsed(text)
    plain = truth(node, situation)
    assert truths([node, negate(node)])(situation) == (plain is True, plain is False)
    both = [(node, True), (node, False)]
    assert held(both)(situation) == (plain is not False, plain is True)
    assert all_held(both)(situation) is (plain is True)
    assert truth(parsed(written(node)), situation) is plain
    opposite = truth(negate(node), situation)
    assert opposite is (None if plain is None else not plain)
