"""What an offer's page says: what the gift is worth, when it renews, what comes next."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa

from offers.policy import parse_policy
from service.db.tables.leads import offers
from tests.service.console.test_console import sign_in
from tests.service.offers.test_after_the_order import FORM, LIMIT, RULE, UNIT, ordered
from tests.service.offers.test_public_pages import an_offer_page, path_of
from tests.support.service import World
from tests.support.service_offers import POLICY


def text_of(html: str) -> str:
    """A page's words, as they are read."""
    words = unescape(re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " ")
    return " ".join(words.split())


def asked_for(world: World, get: str, give: str, **fields: Any) -> tuple[str, str, str]:
    """A lead, its offer's call and its page; a rep asked, and a manager approved."""
    head = POLICY[: POLICY.index("[[rule]]")]
    rule = RULE.replace(", GET", f", {get}" if get else "").replace("GIVE", give)
    world.runtime.policy = parse_policy(head + rule)
    world.hire("ada")
    lead = world.sign_up(**({"seats": 20, "plan": "business"} | fields))["lead_id"]
    asked = world.post("ada", f"/v1/leads/{lead}/offer").json()
    offer = f"/v1/offers/{asked['offer_id']}"
    world.post("manager", f"{offer}/approve")
    return lead, offer, path_of(world.runtime.links.offer(asked["offer_id"]))


def test_a_dated_payment_stands_beside_the_last_day_to_accept(world: World) -> None:
    _, _, path = asked_for(world, "pay_within_days = 20", "extra_months = 3", locale="en")
    rule = "Without payment by then the offer ends, even if you accepted it. A transfer counts from"
    page = text_of(world.client.get(path).text)
    end = re.search(r"Accept by (.+?) Pay by (.+?) " + re.escape(rule), page)
    assert end is not None, page
    assert end[1] == end[2]
    taken = text_of(world.client.post(f"{path}/accept").text)
    assert "Accept by" not in taken
    assert rule in taken


def test_the_gift_is_worth_its_list_price_and_the_renewal_has_a_day(world: World) -> None:
    page = text_of(world.client.get(an_offer_page(world)).text)
    worth = "Three extra months, worth US$7,440.00; you pay US$29,760.00 for 100 seats over"
    assert f"{worth} 15 months" in page
    renewal = "US$29,760.00 for 100 seats over 12 months (list price), excluding taxes"
    assert f"Renews on 2 February 2028 if you start today, at {renewal}" in page
    assert "Per seat and month US$19.84 with the extras, instead of US$24.80" in page
    assert "Price US$29,760.00 for 100 seats over 12 months, excluding taxes" in page
    assert "Plan Business" in page

    more = text_of(world.client.get(f"{an_path(world)}?seats=120").text)
    assert "worth US$8,928.00; you pay US$35,712.00 for 120 seats over 15 months" in more


def test_prices_and_the_end_of_the_term_are_said_as_the_seller_set_them(make_world: Any) -> None:
    world = make_world(price_tax="vat", after_term="ends")
    page = text_of(world.client.get(an_offer_page(world)).text)
    price = "US$29,760.00 for 100 seats over 12 months"
    assert f"Price {price}, plus VAT" in page
    again = f"another term costs {price} (list price), plus VAT"
    assert f"Ends on 2 February 2028 if you start today; {again}" in page
    world.work()
    (mail,) = world.captured()
    words = " ".join(mail["text"].replace("\u00a0", " ").split())
    assert f"After the term: Ends with the term; {again}" in words


def test_no_tax_is_named_where_none_is_charged(make_world: Any) -> None:
    world = make_world(price_tax="none")
    page = text_of(world.client.get(an_offer_page(world)).text)
    assert "for 100 seats over 12 months Per seat and month" in page
    assert "tax" not in page


def an_path(world: World) -> str:
    (offer,) = world.rows(sa.select(offers.c.id))
    return path_of(world.runtime.links.offer(offer.id))


@pytest.mark.parametrize(
    ("give", "said", "unsaid"),
    [
        ("extra_seats = 2", "Two extra seats, worth US$595.20; you pay US$5,952.00 for 22", "save"),
        ("percent_off = 10", "You save US$595.20", "worth"),
        ("trial_days = 14", "14 more days of trial", "worth"),
    ],
)
def test_only_what_has_a_price_is_said_in_money(
    world: World, give: str, said: str, unsaid: str
) -> None:
    _, _, path = asked_for(world, "", give)
    page = text_of(world.client.get(path).text)
    assert said in page
    assert unsaid not in page


@pytest.mark.parametrize(
    ("get", "how"),
    [
        ("talk_to_rep = true", "We will call you to agree on a time."),
        ("invite_teammates = 3", "Invite your teammates from the members page"),
        ("case_study = true", "We will write to you to plan the case study."),
    ],
)
def test_an_accepted_offer_says_the_next_step_and_how(world: World, get: str, how: str) -> None:
    _, _, path = asked_for(world, get, "extra_months = 1")
    page = text_of(world.client.post(f"{path}/accept", data={"seats": "25"}).text)
    assert "Next step before the offer is yours" in page
    assert how in page
    assert "Seats 25" in page
    assert text_of(world.client.get(path).text) == page


def test_a_call_that_comes_first_can_be_booked_on_the_page(make_world: Any) -> None:
    world = make_world(booking_url="https://sitewell.example/talk")
    button = '<a class="pay" href="https://sitewell.example/talk">Choose a time for the call</a>'
    _, _, path = asked_for(world, "talk_to_rep = true", "extra_months = 1")
    assert button not in world.client.get(path).text
    assert button in world.client.post(f"{path}/accept", data={"seats": "25"}).text
    assert button in world.client.get(path).text

    _, _, path = asked_for(world, "case_study = true", "extra_months = 1", email="bo@two.example")
    assert button not in world.client.post(f"{path}/accept", data={"seats": "25"}).text


def test_what_was_promised_and_what_was_delivered_are_shown(world: World) -> None:
    get = "referral = { count = 2, within_days = 90 }"
    _, offer, path = asked_for(world, get, "extra_months = 3")
    world.client.post(f"{path}/accept")
    ordered(world, offer, paid_at=world.clock.now().isoformat())
    page = text_of(world.client.get(path).text)
    assert "Two referrals that start a trial, by 31 January 2027" in page
    assert "Three extra months: we are setting this up" in page

    tasks = world.get("manager", offer).json()["tasks"]
    (task,) = [one for one in tasks if one["kind"] == "grant"]
    world.wait(days=2)
    world.post("manager", f"/v1/tasks/{task['id']}/done")
    (owed,) = [one for one in tasks if one["kind"] == "owed"]
    world.post("manager", f"/v1/tasks/{owed['id']}/done")
    page = text_of(world.client.get(path).text)
    assert "Three extra months: delivered on 4 November 2026" in page
    assert "by 31 January" not in page


def test_an_order_on_account_says_until_when_it_is_waited_for(world: World) -> None:
    known = {"legal_form": FORM, "credit_limit_minor": LIMIT}
    _, offer, path = asked_for(world, "", "payment_days = 60", attributes=known)
    world.client.post(f"{path}/accept")
    ordered(world, offer)
    amount = f"US${20 * UNIT / 100:,.2f}"
    page = text_of(world.client.get(path).text)
    assert f"We are waiting for your payment of {amount}, due on 1 January 2027." in page
    world.wait(days=62)
    page = text_of(world.client.get(path).text)
    assert f"Your payment of {amount} was due on 1 January 2027." in page


def test_what_was_taken_for_whom_and_what_must_be_paid_by_when_stays_on_the_page(
    world: World,
) -> None:
    path = an_offer_page(world, first_name="Olga", last_name="Tanaka")
    before = text_of(world.client.get(path).text)
    end = before.partition("Pay by ")[2].partition(")")[0] + ")"
    number = before.partition("Offer ")[2].partition(" for Olga")[0]
    assert f"Offer {number} for Olga Tanaka, 2 November 2026" in before

    page = text_of(world.client.post(f"{path}/accept", data={"seats": "120"}).text)

    assert "Accepted on 2 November 2026: Olga Tanaka, 120 seats." in page
    assert "Next: Our team will contact you about the order and the invoice." in page
    assert (
        f"Pay US$35,712.00 (excluding taxes) by {end}; without payment by then the offer ends."
        in page
    )
    assert f"Pay by {end}" in page
    assert text_of(world.client.get(path).text) == page
    world.wait(days=80)
    assert "Accept this offer" not in world.client.get(path).text


def test_a_question_and_a_no_stay_on_the_page(world: World) -> None:
    path = an_offer_page(world)
    world.client.post(f"{path}/question", data={"text": "May <we> begin in January?"})
    world.wait(days=1)
    page = text_of(world.client.get(path).text)
    assert "You asked on 2 November 2026: “May <we> begin in January?”" in page
    assert "Our team will answer by email." in page

    world.client.post(f"{path}/decline", data={"reason": "timing", "text": "Next year."})
    world.wait(days=1)
    page = text_of(world.client.get(path).text)
    assert "Declined on 3 November 2026: Not the right time. “Next year.”" in page
    assert "You asked on 2 November 2026" in page


@pytest.mark.parametrize(("seats", "is_wrong"), [("2.5", True), ("3", True), ("120", False)])
def test_seats_without_a_price_are_said_beside_the_box(
    world: World, seats: str, is_wrong: bool
) -> None:
    html = world.client.get(f"{an_offer_page(world)}?seats={seats}").text

    assert "Enter a whole number of seats, from 100 to 1,000,000." in text_of(html)
    assert ('id="seats-wrong" role="alert" hidden' not in html) is is_wrong
    assert "From 100 seats; for more than 2" in text_of(html)


def test_what_needs_no_order_asks_for_none(world: World) -> None:
    rule = re.sub(r"get = \{.*?\}", "get = { feedback_call = true }", RULE)
    head = POLICY[: POLICY.index("[[rule]]")]
    world.runtime.policy = parse_policy(head + rule.replace("GIVE", "trial_days = 14"))
    world.hire("ada")
    lead = world.sign_up(seats=20, plan="business")["lead_id"]
    asked = world.post("ada", f"/v1/leads/{lead}/offer").json()
    world.post("manager", f"/v1/offers/{asked['offer_id']}/approve")
    path = path_of(world.runtime.links.offer(asked["offer_id"]))
    page = text_of(world.client.get(path).text)
    assert "No order, no payment." in page
    assert "I buy for a business" not in page


def test_who_is_signed_in_to_the_console_looks_without_having_opened_it(world: World) -> None:
    page = an_offer_page(world)
    sign_in(world, "manager")

    assert world.client.get(page).status_code == 200
    assert [row.state for row in world.rows(sa.select(offers.c.state))] == ["issued"]
    world.client.cookies.clear()
    world.client.get(page)
    assert [row.state for row in world.rows(sa.select(offers.c.state))] == ["viewed"]


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ({"plan": "team"}, "still needs: the Business plan."),
        (
            {"amount": {"minor": 20 * UNIT - 1250, "currency": "USD"}},
            "still needs: another US$12.50.",
        ),
        (
            {"amount": {"minor": 20 * UNIT, "currency": "EUR"}, "seats": 9},
            "still needs: 10 or more seats and payment in USD.",
        ),
        ({"invoice": None}, "still needs: something that we will clear up with you."),
        ({"seats": 9}, "still needs: 10 or more seats."),
    ],
    ids=["plan", "money", "currency and seats", "invoice", "seats"],
)
def test_an_order_that_is_not_as_quoted_is_told_what_it_lacks(
    world: World, order: dict[str, Any], says: str
) -> None:
    _, offer, path = asked_for(world, "", "extra_months = 3", locale="en")
    paid_at = world.clock.now().isoformat()
    assert ordered(world, offer, paid_at=paid_at, **order)["outcome"] == "missed"
    assert says in text_of(world.client.get(path).text)
