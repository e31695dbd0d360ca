"""`answers` of a rule and `[objections]` of a policy: read with their line, and decided by."""

from __future__ import annotations

import pytest

from offers.decide import decide
from offers.policy import PolicyError, parse_policy
from tests.support.policies import NOW, RULE, a_policy, a_situation, policy_text

ANSWERS = RULE.replace('email = "extra-months"', 'answers = ["price"]')


def problem(text: str) -> str:
    with pytest.raises(PolicyError) as refused:
        parse_policy(text)
    (found,) = refused.value.problems
    return str(found)


def test_an_unknown_objection_is_refused_with_its_line_and_the_nearest() -> None:
    text = policy_text(ANSWERS.replace('"price"', '"price", "prise"'))
    line = next(n for n, each in enumerate(text.splitlines(), 1) if "answers" in each)

    said = problem(text)

    assert said.startswith(f"line {line}, ")
    assert "unknown objection `prise`; did you mean `price`?" in said
    assert "[objections]" in said


@pytest.mark.parametrize("wrong", ['"price"', "[]", "[7]", '["price", "price"]', "{ price = 1 }"])
def test_what_is_no_list_of_objections_is_refused(wrong: str) -> None:
    assert "line " in problem(policy_text(ANSWERS.replace('["price"]', wrong)))


def test_a_policy_declares_objections_of_its_own_with_what_to_send() -> None:
    own = '[objections]\nlegal = "Send the terms."\nprice = "Send our sums."'
    policy = a_policy(ANSWERS.replace('"price"', '"legal"'), more=own)

    assert policy.rules[0].answers == ("legal",)
    assert policy.objections["legal"] == "Send the terms."
    assert policy.objections["price"] == "Send our sums."
    assert policy.objections["security"].startswith("Send the security overview")


@pytest.mark.parametrize("wrong", ['"Legal Dept" = "x"', "legal = 7", 'legal = " "'])
def test_a_wrong_objection_is_refused(wrong: str) -> None:
    assert "line " in problem(policy_text(more=f"[objections]\n{wrong}"))


def test_only_a_rule_that_answers_is_offered_as_an_answer() -> None:
    policy = a_policy(RULE + ANSWERS.replace("three-more-months", "the-answer"))

    plain = decide(a_situation(), policy, NOW)
    to_price = decide(a_situation(), policy, NOW, answers="price")
    to_time = decide(a_situation(), policy, NOW, answers="timing")

    assert plain.offer is not None
    assert plain.offer.rule == "three-more-months"
    assert to_price.offer is not None
    assert to_price.offer.rule == "the-answer"
    assert to_time.offer is None
    assert to_time.guardrails == plain.guardrails


def test_an_unknown_last_objection_fires_no_rule_that_asks_for_it() -> None:
    policy = a_policy(RULE.replace("not rep_contacted", 'last_objection != "price"'))

    assert decide(a_situation(), policy, NOW).offer is None
    assert decide(a_situation(last_objection="timing"), policy, NOW).offer is not None
