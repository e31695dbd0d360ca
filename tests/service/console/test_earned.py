"""What rules gave and changed, said on the policy, the overview, the team's page and the ledger."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from scoring.evaluation.drift import MOVED, score_psi
from service.console import drift as drifting
from service.console.words import money
from service.db.tables.leads import offers
from service.store.leads import leads
from service.use_cases.tx import Tx
from service.use_cases.views import concessions
from service.use_cases.views.kept_figures import count_anew
from service.use_cases.views.lead_figures import LeadFigures
from tests.service.console.test_console import page, pressed, sign_in
from tests.service.offers.test_effect import READ_ONCE, READ_TWICE, drawn, giveget, long_ago, pays
from tests.service.queue.test_undo import let_managers_alone
from tests.support.service import World
from tests.support.service_offers import a_lead_due_an_offer, the_policy
from tests.support.trade_doors import HttpDoor
from tests.support.trades import Trade


def words(shown: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", shown).split())


def test_a_decided_effect_says_why_where_a_manager_finds_it(world: World) -> None:
    long_ago(world, READ_ONCE)
    arms = drawn(world, 60)
    for accounts, payers in ((arms["offer"], 18), (arms["control"], 2)):
        for lead in accounts[:payers]:
            pays(world, lead)
    world.wait(days=61)
    sign_in(world, "manager")

    for path in ("/", "/effect"):
        shown = words(world.client.get(path).text)
        assert "Offers brought more buyers" in shown
        assert re.search(
            r"At reading 1 of 1, of 60 accounts, the limits of the difference, "
            r"\+[\d.]+ to \+[\d.]+ points, lay wholly above zero\. ",
            shown,
        )
        told = f"{len(arms['offer'])} accounts with an offer, {len(arms['control'])} held out."
        assert f"Counted so far, each over 60 days: {told}" in shown
    assert "readings and figures" in words(page(world)).casefold()


def test_an_open_effect_says_what_it_lacks(world: World) -> None:
    long_ago(world, READ_TWICE)
    drawn(world, 60)
    sign_in(world, "manager")
    assert "; the first reading that can decide is of 60." in words(page(world))
    world.wait(days=61)
    sign_in(world, "manager")
    shown = words(world.client.get("/effect").text)
    assert re.search(
        r"At reading 1 of 2, of 60 accounts, the difference could still be none: its limits were "
        r"-[\d.]+ to \+[\d.]+ points\.",
        shown,
    )


def test_what_each_rule_s_offers_sold_and_cost_is_told_wherever_a_manager_looks(
    world: World,
) -> None:
    long_ago(world, READ_ONCE)
    arms = drawn(world, 60)
    lead = arms["offer"][0]
    (offer,) = world.rows(sa.select(offers).where(offers.c.lead == lead))
    quote = json.loads(offer.terms)["quote"]
    world.runtime.store.write_now(  # as an order leaves it
        lambda c: c.execute(
            sa.update(offers)
            .where(offers.c.id == offer.id)
            .values(state="redeemed", settled_minor=12_345)
        )
    )
    for arm, payers in (("offer", 18), ("control", 11)):
        for each in arms[arm][:payers]:
            pays(world, each, minor=100_000 if arm == "offer" else 50_000 + 100 * len(each))
    world.wait(days=61)
    sign_in(world, "manager")
    sold, conceded = money(quote["net_minor"], "USD"), money(12_345, "USD")

    every, line = world.client.get("/earned.json").json()["earned"]

    assert (every["rule"], line["rule"]) == ("all offers", "three-more-months")
    assert every | {"rule": ""} == line | {"rule": ""}
    counts = (len(arms["offer"]), 1, quote["net_minor"], 12_345)
    names = ("offers", "redeemed", "sold_minor", "conceded_minor")
    assert tuple(line[name] for name in names) == counts
    assert line["open_minor"] > 0
    net = rf"-?[\d,]+\.\d\d USD \(-?[\d,.]+ to -?[\d,.]+\) over {counts[0]} accounts"
    assert re.fullmatch(net, line["net"])
    shown = words(world.client.get("/effect").text)
    assert f"three-more-months {counts[0]} 1 {sold} {conceded}" in shown
    assert line["net"] in words(page(world))
    told = world.get("manager", "/v1/effect?rule=three-more-months").json()["earned"]
    assert told[0]["sold_minor"] == {"USD": quote["net_minor"]}
    said = giveget(world, "effect").stdout
    assert f"three-more-months: {counts[0]} offers, 1 redeemed; sold " in said
    assert "conceded 123.45 USD; at most " in said
    assert line["net"] in said
    assert "Verdict on its rule" in words(world.client.get("/ledger").text)


def test_a_rule_s_card_says_what_it_gave_and_leads_to_what_that_changed(world: World) -> None:
    let_managers_alone(world)
    lead = a_lead_due_an_offer(world)
    sign_in(world, "manager")
    assert "So far: no offer yet." in words(world.client.get("/policy").text)
    to = pressed(world, f"/leads/{lead}/offer", once="1" * 16).headers["location"]
    cost = money(world.rows(sa.select(offers.c.reserve_minor))[0].reserve_minor, "USD")

    shown = world.client.get("/policy").text

    told = f"So far: 1 offer, 0 redeemed, $0.00 conceded, at most {cost} more in open ones."
    assert told in words(shown)
    assert 'href="/effect#effects"' in shown
    assert 'id="effects"' in world.client.get("/effect").text
    offer = to.split("/offers/")[1].split("?")[0]
    assert pressed(world, f"/offers/{offer}/undo", once="2" * 16).status_code == 303
    assert "So far: no offer yet." in words(world.client.get("/policy").text)  # it was never made


def test_the_conceded_money_of_team_and_ledger_adds_up_in_words(world: World) -> None:
    the_policy(world)
    lead = a_lead_due_an_offer(world)
    world.did(lead, "project created")
    world.work()
    while world.runtime.store.write_now(
        lambda c: count_anew(Tx(c, world.runtime, world.clock.now()), 5_000)
    ):
        pass
    (row,) = world.rows(sa.select(offers.c.reserve_minor))
    cost = money(row.reserve_minor, "USD")
    sign_in(world, "manager")
    told = (
        f"Conceded, {cost} in all, is the $0.00 that the ledger has settled and {cost} that open "
        "offers may still cost at most."
    )
    assert told in words(world.client.get("/team").text)
    assert told in words(world.client.get("/ledger").text)


@pytest.mark.parametrize(("enough", "is_said"), [(10, True), (11, False)])
def test_a_drift_of_the_model_needs_a_manager_once_enough_leads_show_it(
    world: World, monkeypatch: pytest.MonkeyPatch, enough: int, is_said: bool
) -> None:
    monkeypatch.setattr(drifting, "_ENOUGH", enough)
    for _ in range(10):
        world.sign_up(seats=2000)
    scores = world.runtime.store.read_now(
        lambda c: drifting.leads.signup_scores(
            c, model=world.runtime.model.name, since=world.clock.now(), limit=5
        )
    )
    assert scores == []  # none came since
    facts = world.runtime.model.facts
    background = {"rows": 900, "score": {"edges": [-1e6], "shares": [1.0, 0.0, 0.0]}}
    monkeypatch.setitem(facts, "background", background)  # type: ignore[arg-type]  # facts are a dict
    sign_in(world, "manager")
    shown = words(page(world))
    assert ("Live leads score unlike those that taught the model" in shown) is is_said
    assert MOVED > drifting.STILL


def test_leads_that_only_grow_older_are_no_drift(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = world.runtime.model
    score = {"edges": [-9000.0, -8000.0, -6000.0], "shares": [0.25, 0.25, 0.25, 0.25, 0.0]}
    monkeypatch.setitem(model.facts, "background", {"rows": 900, "score": score})  # type: ignore[arg-type]  # facts are a dict
    for number in range(40):
        world.sign_up(id=f"L{number}", seats=None if number % 3 else 40)

    def found() -> float | None:
        since = world.clock.now() - timedelta(days=30)
        return score_psi(
            model,
            world.runtime.store.read_now(
                lambda c: leads.signup_scores(c, model=model.name, since=since, limit=50)
            ),
        )

    young = found()
    for number in range(40):
        world.did(f"L{number}", "project created")
    world.wait(days=9)
    for number in range(40):
        world.did(f"L{number}", "visited pricing")
    world.work()

    assert young is not None
    assert found() == young


@pytest.mark.parametrize(
    ("gets", "sells"), [(("talk_to_rep",), False), (("talk_to_rep", "term_months"), True)]
)
def test_the_books_name_as_sold_only_what_was_ordered(
    world: World, gets: tuple[str, ...], *, sells: bool
) -> None:
    trade = Trade(HttpDoor(world), ("trial_days",), gets)
    trade.begin()
    world.wait(hours=1)
    trade.touch("call")
    if sells:
        trade.pay(seats=20, term_months=12, prepaid=True, days_ago=0)
    assert trade.shown()["state"] == "redeemed"
    (offer,) = world.rows(sa.select(offers))
    quote = json.loads(offer.terms)["quote"]
    net = quote["net_minor"] if sells else 0

    by_row = world.runtime.store.read_now(lambda c: concessions.sums(c, "2026-11"))
    assert [(line["redeemed"], line["sold_minor"]) for line in by_row] == [(1, net)]
    while world.runtime.store.write_now(
        lambda c: count_anew(Tx(c, world.runtime, world.clock.now()), 5_000)
    ):
        pass
    assert world.runtime.store.read_now(lambda c: LeadFigures(c).books()) == by_row  # as kept
    sign_in(world, "manager")
    assert f"1 1 {money(offer.reserve_minor, 'USD')}" in words(world.client.get("/ledger").text)
