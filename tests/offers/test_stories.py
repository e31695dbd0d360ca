"""The deals that must work, each from situation to redemption, with twins that are refused."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest

from offers.conditions.explain import in_words
from offers.decide import Decision, decide, decide_offer
from offers.lifecycle import Offer, Redemption, Refusal, approve, begin, redeem
from offers.money import Money
from offers.policy import Policy, load_policy
from offers.prove import prove
from offers.situation import check_situation
from offers.terms import Order, Terms
from tests.support.policies import CASES

STORIES = {path.stem: tomllib.loads(path.read_text()) for path in (CASES / "stories").glob("*")}
POLICY = load_policy(CASES / "policies" / "stories.toml")
TWINS = [(name, twin) for name, story in STORIES.items() for twin in story["refused"]]
MISSES = [(name, miss) for name, story in STORIES.items() for miss in story.get("missed", ())]
DEALS = [name for name, story in STORIES.items() if "rule" in story]


def decided(story: dict[str, Any], policy: Policy = POLICY, **facts: Any) -> Decision:
    changed = {name: None if value == "unknown" else value for name, value in facts.items()}
    situation = story["situation"] | changed
    assert check_situation(situation) == ()
    decision = decide(situation, policy, story["now"])
    assert decide_offer(situation, policy, story["now"]) == decision.offer
    return decision


def an_order(story: dict[str, Any], **changes: Any) -> Order:
    values = story["order"] | changes
    if amount := values.get("amount"):
        values["amount"] = Money(**amount)
    return Order(**values)


def issued(story: dict[str, Any]) -> Offer:
    terms = decided(story).offer
    assert terms is not None
    offer = begin("o1", terms, requested_by="rep-1")
    if offer.state == "awaiting_approval":
        approved = approve(offer, "manager-1", "manager")
        assert isinstance(approved, Offer)
        return approved
    return offer


def test_there_are_thirteen_stories_and_each_has_a_refused_twin() -> None:
    assert len(STORIES) == 13
    assert all(story["refused"] for story in STORIES.values())
    assert {story.get("rule") for story in STORIES.values()} - {None} == {
        rule.id for rule in POLICY.rules
    }


def test_the_policy_of_the_stories_is_proved() -> None:
    assert [p for p in prove(POLICY) if p.verdict == "refuted"] == []


@pytest.mark.parametrize("name", DEALS)
def test_a_story_gets_its_offer_word_for_word(name: str) -> None:
    story = STORIES[name]
    terms = decided(story).offer
    assert terms is not None
    assert terms.rule == story["rule"]
    shown = terms.to_json() | (terms.to_json()["quote"] or {})
    expected = dict(story["offer"])
    assert terms.ends_at == expected.pop("ends_at")
    assert {key: shown[key] for key in expected} == expected


@pytest.mark.parametrize("name", DEALS)
def test_a_story_redeems_once_and_a_replay_changes_nothing(name: str) -> None:
    story = STORIES[name]
    first = redeem(issued(story), an_order(story))
    assert isinstance(first, Redemption)
    assert (first.outcome, first.missed) == ("redeemed", ())
    assert [grant.give for grant in first.grants] == list(first.offer.terms.gives)
    again = redeem(first.offer, an_order(story))
    assert isinstance(again, Redemption)
    assert again.is_replay
    assert (again.offer, again.grants) == (first.offer, first.grants)
    other = redeem(first.offer, an_order(story, invoice="another"))
    assert isinstance(other, Refusal)
    assert other.code == "already_redeemed"


@pytest.mark.parametrize(("name", "twin"), TWINS, ids=lambda value: str(value)[:60])
def test_a_twin_is_refused_and_says_why(name: str, twin: dict[str, Any]) -> None:
    story = STORIES[name]
    decision = decided(story, **twin["facts"])
    rule = story.get("rule", "three-more-months")
    assert decision.offer is None or decision.offer.rule != rule
    if "guardrail" in twin:
        refused = {r.name for r in decision.guardrails if r.rule == rule and not r.held}
        assert twin["guardrail"] in refused
    else:
        because = next(v.because for v in decision.verdicts if v.rule == rule)
        assert twin["says"] in map(in_words, because)
    if "near" in twin:
        assert twin["near"] in [near.sentence for near in decision.near_misses]


@pytest.mark.parametrize(("name", "miss"), MISSES, ids=lambda value: str(value)[:60])
def test_an_order_that_lacks_a_get_hears_which_and_by_how_much(
    name: str, miss: dict[str, Any]
) -> None:
    story = STORIES[name]
    answer = redeem(issued(story), an_order(story, **miss["order"]))
    assert isinstance(answer, Redemption)
    assert answer.outcome == "missed"
    assert (miss["get"], miss["by"]) in [(missed.get, missed.by) for missed in answer.missed]
    assert answer.grants == ()
    mended = redeem(answer.offer, an_order(story))
    assert isinstance(mended, Redemption)
    assert mended.outcome == "redeemed"


def test_a_reps_own_concession_is_approved_by_a_manager_who_is_somebody_else() -> None:
    terms = decided(STORIES["rep_concession"]).offer
    assert terms is not None
    offer = begin("o1", terms, requested_by="rep-1")
    assert offer.state == "awaiting_approval"
    own = approve(offer, "rep-1", "manager")
    assert own == Refusal("own_concession", "another person", "rep-1")
    assert approve(offer, "rep-2", "rep") == Refusal("needs_manager", "manager", "rep")
    early = redeem(offer, an_order(STORIES["rep_concession"]))
    assert isinstance(early, Refusal)
    approved = approve(offer, "boss", "manager")
    assert isinstance(approved, Offer)
    assert (approved.state, approved.approved_by) == ("issued", "boss")


@pytest.mark.parametrize("name", DEALS)
def test_terms_survive_being_stored(name: str) -> None:
    terms = decided(STORIES[name]).offer
    assert terms is not None
    assert Terms.from_json(json.loads(json.dumps(terms.to_json()))) == terms
