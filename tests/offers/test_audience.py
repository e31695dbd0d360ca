"""How a rule fares over situations: whom it fits, and what the nearest of the others lack."""

from __future__ import annotations

from typing import Any

from offers.audience import Audience, audiences
from offers.conditions.nodes import written
from offers.decide import decide
from tests.support.policies import NOW, RULE, a_policy, a_situation


def fares(*situations: dict[str, Any], rules: str = RULE) -> tuple[Audience, ...]:
    policy = a_policy(rules)
    return audiences(policy, [decide(each, policy, NOW) for each in situations])


def test_a_rule_that_fits_nobody_says_what_the_nearest_lack_most_often() -> None:
    far = a_situation(seats_requested=3, lane="rep")
    (found,) = fares(
        far,
        far,
        far,
        *(a_situation(seats_requested=few) for few in (10, 20)),
        a_situation(lane="rep"),
    )

    assert (found.situations, found.matched, found.offered, found.near) == (6, 0, 0, 2)
    (lacking,) = found.lacking
    assert lacking.clause is not None
    assert written(lacking.clause) == "seats_requested >= 60"


def test_of_a_rule_that_fits_somebody_the_winners_are_counted() -> None:
    second = RULE.replace("three-more-months", "behind")
    first, behind = fares(a_situation(), a_situation(lane="rep"), rules=RULE + second)

    assert (first.matched, first.offered, first.lacking) == (1, 1, ())
    assert (behind.matched, behind.offered, behind.held_back) == (1, 0, None)


def test_the_guardrail_that_holds_most_back_is_named() -> None:
    unpriced = a_situation(plan="nowhere")
    (found,) = fares(unpriced, unpriced)

    assert (found.matched, found.offered) == (2, 0)
    assert found.held_back is not None
    assert found.held_back.name == "public_price"


def test_no_situations_have_no_nearest() -> None:
    (found,) = fares()

    assert (found.situations, found.matched, found.near, found.lacking) == (0, 0, 0, ())
