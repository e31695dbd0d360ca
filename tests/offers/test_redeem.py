"""The offer's life: only listed steps, redemption once, and reversal."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offers.decide import decide
from offers.lifecycle import (
    OPEN,
    Offer,
    Redemption,
    Refusal,
    State,
    Step,
    approve,
    begin,
    change_order,
    expire,
    redeem,
    reinstate,
    take,
)
from offers.money import Money
from offers.order_check import expected_minor, settled_minor, to_confirm
from offers.policy import default_policy
from offers.refusal_words import in_words
from offers.terms import Missed, Order, Terms
from tests.support.policies import BOOKS, CASES, NOW, RULE, a_policy, a_situation

STATES: tuple[State, ...] = get_args(State)
ALL_STEPS: tuple[Step, ...] = get_args(Step)
LIFE = tomllib.loads((CASES / "life.toml").read_text())
PERCENT = RULE.replace("extra_months = 3", "percent_off = 20")


def some_terms(rule: str = PERCENT, seats: int = 120, **facts: Any) -> Terms:
    terms = decide(a_situation(seats_requested=seats, **facts), a_policy(rule), NOW).offer
    assert terms is not None
    return terms


def an_offer(state: State = "sent", rule: str = PERCENT, seats: int = 120) -> Offer:
    return replace(begin("o1", some_terms(rule, seats)), state=state)


def an_order(**values: Any) -> Order:
    usual: dict[str, Any] = {
        "plan": "business",
        "seats": 120,
        "term_months": 12,
        "prepaid": False,
        "paid_at": NOW,
        "invoice": "in_1",
    }
    return Order(**(usual | values))


def redeemed() -> Offer:
    answer = redeem(an_offer(), an_order())
    assert isinstance(answer, Redemption)
    assert answer.outcome == "redeemed"
    return answer.offer


@pytest.mark.parametrize(("state", "step"), list(product(STATES, ALL_STEPS)))
def test_a_step_leads_where_its_table_says_or_is_refused(state: State, step: Step) -> None:
    offer = an_offer(state)
    expected = LIFE[state].get(step)
    match expected:
        case None:
            assert take(offer, step) == Refusal(f"cannot_{step}", step, state)
        case "same":
            assert take(offer, step) == offer
        case _:
            assert take(offer, step) == replace(offer, state=expected)


def test_a_new_offer_is_issued_unless_somebody_must_approve_it() -> None:
    terms = some_terms()
    assert begin("o1", terms) == Offer(id="o1", terms=terms, state="issued")
    asked = replace(terms, approval="rep")
    assert begin("o1", asked, "rep-1") == Offer(
        id="o1", terms=asked, state="awaiting_approval", requested_by="rep-1"
    )
    approved = approve(begin("o1", asked, "rep-1"), "rep-2", "rep")
    assert isinstance(approved, Offer)
    assert (approved.state, approved.approved_by) == ("issued", "rep-2")


def test_nothing_leads_out_of_an_end_but_money_that_came_in_time_or_came_back() -> None:
    for state in ("expired", "withdrawn", "reversed"):
        late = some_terms().ends_at + timedelta(seconds=1)
        kept = set() if state == "withdrawn" else {"redeemed"}
        assert set(LIFE[state].values()) == {"same"} | kept
        answer = redeem(an_offer(state), an_order(paid_at=late))
        assert isinstance(answer, Refusal)
        assert answer.code == f"offer_{state}"


def test_an_offer_that_waits_for_approval_cannot_be_redeemed_or_sent() -> None:
    waiting = an_offer("awaiting_approval")
    assert isinstance(redeem(waiting, an_order()), Refusal)
    assert isinstance(take(waiting, "send"), Refusal)
    sent = an_offer("sent")
    assert approve(sent, "anyone", "rep") == sent
    assert isinstance(approve(an_offer("expired"), "anyone", "manager"), Refusal)


@pytest.mark.parametrize("state", OPEN)
def test_an_open_offer_can_be_redeemed(state: State) -> None:
    answer = redeem(an_offer(state), an_order())
    assert isinstance(answer, Redemption)
    assert (answer.outcome, answer.is_replay) == ("redeemed", False)
    assert answer.offer.invoice == "in_1"


def test_a_pending_transfer_is_not_yet_paid_and_changes_nothing() -> None:
    offer = an_offer()
    answer = redeem(offer, an_order(paid_at=None))
    assert isinstance(answer, Redemption)
    assert (answer.outcome, answer.offer, answer.missed) == ("pending", offer, ())
    lacking = redeem(offer, an_order(paid_at=None, seats=99))
    assert isinstance(lacking, Redemption)
    assert [missed.get for missed in lacking.missed] == ["seats"]


def test_redemption_needs_an_invoice_and_the_quoted_plan() -> None:
    answer = redeem(an_offer(), an_order(invoice=None, plan="team"))
    assert isinstance(answer, Redemption)
    assert [missed.get for missed in answer.missed] == ["invoice", "plan"]


def test_what_an_order_lacks_and_why_a_step_is_refused_are_said_in_words() -> None:
    lacking = redeem(an_offer(), an_order(invoice=None, plan="team"))
    assert isinstance(lacking, Redemption)
    assert lacking.missed == (
        Missed("invoice", "an invoice", None, "no invoice"),
        Missed("plan", "business", "team", "another plan"),
    )


def said(answer: object) -> str:
    assert isinstance(answer, Refusal)
    return in_words(answer)


@pytest.mark.parametrize(
    ("state", "step", "words"),
    [
        ("redeemed", "withdraw", "is redeemed and cannot be withdrawn, only reversed"),
        (
            "viewed",
            "reverse",
            "was opened and cannot be reversed, only accepted, redeemed or withdrawn",
        ),
        (
            "awaiting_approval",
            "send",
            "waits for approval and cannot be sent, only approved or withdrawn",
        ),
        ("withdrawn", "accept", "was withdrawn and cannot be accepted: make a new offer"),
        (
            "expired",
            "accept",
            "has expired and cannot be accepted: only a payment from before its end still "
            "redeems the offer",
        ),
    ],
)
def test_a_step_that_does_not_follow_says_what_the_offer_is_and_what_can_be_done(
    state: State, step: Step, words: str
) -> None:
    assert said(take(an_offer(state), step)) == f"the offer {words}"


def test_every_refusal_of_a_step_is_said() -> None:
    for state, step in product(STATES, ALL_STEPS):
        answer = take(an_offer(state), step)
        if isinstance(answer, Refusal):
            assert said(answer).startswith("the offer ")


def test_an_order_that_redeems_nothing_says_why() -> None:
    ends_at = some_terms().ends_at
    end, late = ends_at.isoformat(), ends_at + timedelta(seconds=1)
    assert said(redeem(an_offer("expired"), an_order(paid_at=late))) == (
        f"the offer ended on {end} and was paid after that, on {late.isoformat()}: refund the "
        "order, or make a new offer"
    )
    assert said(redeem(an_offer("expired"), an_order(paid_at=None))) == (
        f"the offer ended on {end} and the order names no paid_at: only a payment until then "
        "redeems the offer"
    )
    assert said(redeem(redeemed(), an_order(invoice="in_2"))) == (
        "another invoice redeemed the offer already: a further order needs a new offer"
    )
    assert said(redeem(an_offer("reversed"), an_order())) == (
        "the offer was reversed and cannot be redeemed: make a new offer"
    )
    paid = NOW + timedelta(hours=1)
    assert said(redeem(an_offer(), an_order(paid_at=paid), now=NOW)) == (
        f"the payment is dated {paid.isoformat()}, which is still to come: correct paid_at or the "
        "clock"
    )


def test_who_may_not_approve_is_told_without_a_name() -> None:
    waiting = replace(
        an_offer("awaiting_approval"),
        terms=replace(some_terms(), approval="manager"),
        requested_by="ada@us.example",
    )
    own = said(approve(waiting, "ada@us.example", "manager"))
    assert own == "whoever asked for an offer cannot approve it: another person must"
    assert said(approve(waiting, "eve", "rep")) == "a manager must approve this offer, a rep cannot"


def test_what_nobody_but_a_person_can_confirm_becomes_a_task_each() -> None:
    assert to_confirm(some_terms()) == ()
    rule = PERCENT.replace('pay_by = "month_end"', 'pay_by = "month_end", referral = 1')
    (task,) = to_confirm(some_terms(rule))
    assert (task.give, task.value) == ("referral", 1)


@pytest.mark.parametrize("currency", ["USD", "EUR"])
def test_the_amount_must_cover_the_price_in_the_quoted_currency(currency: str) -> None:
    due = expected_minor(some_terms(), an_order())
    assert due == 2480 * 120 * 12 * 8 // 10
    enough = redeem(an_offer(), an_order(prepaid=True, amount=Money(due, currency)))
    short = redeem(an_offer(), an_order(prepaid=True, amount=Money(due - 1, currency)))
    assert isinstance(enough, Redemption)
    assert isinstance(short, Redemption)
    assert [missed.get for missed in enough.missed] == ([] if currency == "USD" else ["currency"])
    assert [missed.get for missed in short.missed] == [
        "amount" if currency == "USD" else "currency"
    ]
    assert short.missed[-1].by == (
        "1 minor units short" if currency == "USD" else "another currency"
    )


def test_what_lies_beyond_the_quote_is_at_list_price() -> None:
    terms = some_terms()
    more_seats = expected_minor(terms, an_order(seats=130))
    longer = expected_minor(terms, an_order(term_months=24))
    assert more_seats == 2480 * 12 * (96 + 10)
    assert longer == 2480 * 120 * 12 * 18 // 10


def test_settlement_is_what_the_order_cost_and_never_above_the_reserve() -> None:
    terms = some_terms()
    assert terms.reserve_minor == 2480 * 120 * 12 // 5
    assert settled_minor(terms, an_order()) == terms.reserve_minor
    assert settled_minor(terms, an_order(seats=500)) == terms.reserve_minor
    assert settled_minor(terms, an_order(seats=100)) == 2480 * 100 * 12 // 5
    assert settled_minor(terms, an_order(term_months=6)) == 2480 * 120 * 6 // 5
    assert settled_minor(terms, an_order(term_months=24)) == terms.reserve_minor
    assert redeemed().settled_minor == terms.reserve_minor


def test_what_cost_one_cent_as_quoted_may_cost_nothing_as_ordered() -> None:
    terms = some_terms()
    assert terms.quote is not None
    one = replace(terms.quote, net_minor=terms.quote.list_minor - 1)
    cheap = replace(terms, quote=one, reserve_minor=1)
    assert settled_minor(cheap, an_order()) == 1
    assert settled_minor(cheap, an_order(seats=1)) == 0
    free = replace(terms, quote=replace(one, net_minor=one.list_minor))
    assert settled_minor(free, an_order(seats=1)) == free.reserve_minor


def test_an_offer_without_a_payment_get_still_ends() -> None:
    rule = PERCENT.replace(', pay_by = "month_end"', "") + "valid_days = 14\n"
    offer = an_offer(rule=rule)
    on_time = redeem(offer, an_order(paid_at=offer.terms.ends_at))
    assert isinstance(on_time, Redemption)
    assert on_time.outcome == "redeemed"
    for days, by in ((0, "1 day late"), (2, "3 days late")):
        paid_at = offer.terms.ends_at + timedelta(days=days, seconds=1)
        late = redeem(offer, an_order(paid_at=paid_at))
        assert isinstance(late, Redemption)
        assert [(missed.get, missed.by) for missed in late.missed] == [("valid_days", by)]


def test_an_offer_expires_after_its_end_and_not_before() -> None:
    offer = an_offer()
    early = expire(offer, offer.terms.ends_at)
    assert isinstance(early, Refusal)
    assert early.code == "not_over"
    over = expire(offer, offer.terms.ends_at + timedelta(seconds=1))
    assert isinstance(over, Offer)
    assert over.state == "expired"
    assert isinstance(expire(redeemed(), offer.terms.ends_at + timedelta(days=9)), Refusal)


def test_a_refund_or_an_order_shrunk_below_a_get_reverses_the_give() -> None:
    offer = redeemed()
    assert change_order(offer, an_order(seats=100)) == offer
    for changed in (None, an_order(seats=99), an_order(term_months=11)):
        reversed_ = change_order(offer, changed)
        assert isinstance(reversed_, Offer)
        assert (reversed_.state, reversed_.settled_minor) == ("reversed", 0)
        assert change_order(reversed_, None) == reversed_
        assert isinstance(redeem(reversed_, an_order()), Refusal)
    assert isinstance(change_order(an_offer("sent"), None), Refusal)


def test_an_offer_whose_money_came_back_costs_again_what_it_did() -> None:
    offer = redeemed()
    gone = change_order(offer, None)
    assert isinstance(gone, Offer)
    back = reinstate(gone, an_order())
    assert back == offer
    assert isinstance(back, Offer)
    assert reinstate(back, an_order()) == back
    assert isinstance(reinstate(an_offer("sent"), an_order()), Refusal)


CALLS = st.lists(
    st.sampled_from(["send", "view", "accept", "withdraw", "expire", "redeem", "other", "refund"]),
    max_size=12,
)


@settings(max_examples=1000, deadline=None)
@given(CALLS)
def test_no_order_of_calls_redeems_twice_or_grants_after_an_end(calls: list[str]) -> None:
    offer = an_offer("issued")
    granted = 0
    invoices = set()
    for call in calls:
        before = offer
        answer: Offer | Redemption | Refusal
        match call:
            case "redeem" | "other":
                answer = redeem(offer, an_order(invoice=call))
            case "refund":
                answer = change_order(offer, None)
            case "expire":
                answer = expire(offer, offer.terms.ends_at + timedelta(days=1))
            case _:
                answer = take(offer, call)  # type: ignore[arg-type]
        if isinstance(answer, Refusal):
            continue
        if isinstance(answer, Redemption):
            offer = answer.offer
            if answer.grants and not answer.is_replay:
                granted += 1
                invoices.add(offer.invoice)
                assert before.state in (*OPEN, "expired")
        else:
            offer = answer
        if before.state in ("withdrawn", "reversed"):
            assert offer == before
    assert granted <= 1
    assert len(invoices) == granted


SITUATIONS = st.fixed_dictionaries(
    {
        "lane": st.sampled_from(["rep", "offer"]),
        "rep_contacted": st.booleans(),
        "plan": st.sampled_from(["team", "business", "enterprise", None]),
        "currency": st.sampled_from(["USD", "EUR", "BRL", "CHF", None]),
        "trial_day": st.integers(1, 30),
        "seats_requested": st.integers(0, 500),
        "grade": st.sampled_from(["A1", "A2", "B1", "C3"]),
        "active_users": st.integers(0, 10),
        "credit_limit_minor": st.sampled_from([None, 10**6, 10**8]),
        "lifecycle_stage": st.sampled_from(["trial", "lapsed"]),
        "invites": st.integers(0, 5),
        "other_discount": st.booleans(),
    }
)


@settings(max_examples=1500, deadline=None)
@given(SITUATIONS, st.integers(0, 1000))
def test_an_offer_keeps_floor_cap_and_end_and_an_unrelated_fact_changes_nothing(
    situation: dict[str, Any], hours: int
) -> None:
    policy, now = default_policy(), NOW + timedelta(hours=25 * hours)
    decision = decide(situation, policy, now)
    assert decide(situation, policy, now) == decision
    assert decide(situation | {"exports": 3, "utm_source": "x"}, policy, now) == decision
    terms = decision.offer
    if terms is None:
        return
    assert terms.ends_at > now
    assert terms.gets
    assert situation["other_discount"] is False
    if terms.quote is not None:
        book = policy.price_books[terms.quote.plan][terms.quote.currency]
        assert terms.quote.earns_at_least(book.floor_minor)
        assert terms.quote.is_at_most_percent(30)
        assert terms.reserve_minor >= 0
    if terms.email is not None:
        assert situation["rep_contacted"] is False


def test_two_books_reserve_in_the_policys_currency() -> None:
    books = BOOKS + "[price_book.business.EUR]\nlist = 2000\nfloor = 1000\n"
    policy = a_policy(PERCENT, books=books)
    terms = decide(a_situation(currency="EUR"), policy, NOW).offer
    assert terms is not None
    assert terms.quote is not None
    assert (terms.quote.currency, terms.quote.cost_minor) == ("EUR", 2000 * 1440 // 5)
    assert (terms.reserve_currency, terms.reserve_minor) == ("USD", 2480 * 1440 // 5)


def test_a_late_payment_is_named_once_by_the_get_that_asks_for_it() -> None:
    for get in ('pay_by = "month_end"', "pay_within_days = 9"):
        rule = PERCENT.replace('pay_by = "month_end"', get) + "valid_days = 5\n"
        offer = an_offer(rule=rule)
        answer = redeem(offer, an_order(paid_at=offer.terms.ends_at + timedelta(seconds=1)))
        assert isinstance(answer, Redemption)
        assert [missed.get for missed in answer.missed] == [get.split(" ")[0]]


def test_an_offer_without_a_quote_asks_for_no_plan_and_no_amount() -> None:
    rule = RULE.replace("extra_months = 3", "trial_days = 7")
    terms = some_terms(rule, plan="enterprise")
    assert terms.quote is None
    order = an_order(plan="any", amount=Money(1, "EUR"))
    assert expected_minor(terms, order) is None
    answer = redeem(begin("o1", terms), order)
    assert isinstance(answer, Redemption)
    assert (answer.outcome, answer.offer.settled_minor) == ("redeemed", 0)
    assert settled_minor(replace(terms, reserve_minor=5), order) == 5


def test_a_replay_says_what_the_first_answer_said() -> None:
    again = redeem(redeemed(), an_order())
    assert isinstance(again, Redemption)
    assert (again.outcome, again.is_replay) == ("redeemed", True)
    assert [grant.give for grant in again.grants] == ["percent_off"]


@pytest.mark.parametrize(("country", "redeemed"), [("DE", True), (None, True), ("KP", False)])
def test_a_card_of_a_refused_country_is_granted_nothing(
    country: str | None, redeemed: bool
) -> None:
    answer = redeem(an_offer(), an_order(billing_country=country), frozenset({"KP"}))
    assert isinstance(answer, Redemption)
    assert (answer.outcome == "redeemed") is redeemed
    if not redeemed:
        (missed,) = answer.missed
        assert missed == ("billing_country", "another", "KP", "a refused country")


@pytest.mark.parametrize("plan", ["Business", " business ", "BUSINESS"])
def test_an_order_of_the_plan_redeems_however_it_is_spelt(plan: str) -> None:
    redeemed = redeem(an_offer(), an_order(plan=plan))
    assert isinstance(redeemed, Redemption), redeemed
