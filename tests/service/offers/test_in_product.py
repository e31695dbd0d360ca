"""The open offer inside the product: its words, or why it is not shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from offers.policy import parse_policy
from service.db.tables.leads import offers
from service.domain.consent import read_lawful_bases
from service.store.ops import switches
from service.store.ops.switches import Turned
from tests.service.offers.test_public_pages import path_of
from tests.support.service import World
from tests.support.service_offers import POLICY, a_lead_due_an_offer, the_policy

ACCOUNT = "large.example"


def asked(world: World, lead: str | None = None, account: str = ACCOUNT) -> Any:
    params = {} if lead is None else {"lead": lead}
    path = f"/v1/accounts/{account}/offer"
    return world.client.get(path, params=params, headers=world.signed(b""))


def why(world: World, lead: str | None = None) -> str:
    answer = asked(world, lead)
    assert answer.status_code == 200, answer.text
    assert answer.json()["offer"] is None
    return str(answer.json()["why"])


def due(world: World, **fields: Any) -> str:
    the_policy(world)
    wanted = {"seats": 100, "email": "bea@large.example"}
    lead = a_lead_due_an_offer(world, **(wanted | fields))
    world.did(lead, "project created")
    return lead


def states(world: World) -> list[str]:
    return [row.state for row in world.rows(sa.select(offers.c.state))]


def test_the_offer_is_shown_in_the_leads_language_and_seeing_it_is_a_view(world: World) -> None:
    lead = due(world, locale="de-DE")
    assert states(world) == ["issued"]
    for person in (lead, None):
        shown = asked(world, person).json()
        assert shown["why"] is None
        offer = shown["offer"]
        assert (offer["state"], offer["language"]) == ("viewed", "de")
        assert offer["title"] == "Drei Monate zusätzlich"
        assert "7.440,00" in offer["worth"]
        assert "100 Lizenzen über 15 Monate" in offer["worth"].replace("\u00a0", " ")
        assert world.client.get(path_of(offer["link"])).status_code == 200
    assert states(world) == ["viewed"]
    world.work()
    assert len(world.captured()) == 1  # the mail goes its way


def test_only_who_it_was_made_to_sees_it(world: World) -> None:
    due(world)
    colleague = world.sign_up(email="cem@large.example")["lead_id"]
    stranger = world.sign_up(email="x@other.example")["lead_id"]
    assert why(world, colleague) == "for_another_person"
    for nobody in (stranger, "nobody", ""):
        assert asked(world, nobody).status_code == 404
    assert states(world) == ["issued"]


def test_a_company_named_by_its_id_and_a_person_without_one_are_found(world: World) -> None:
    odd = "Küche & Co/Süd?"
    named = due(world, email="bea@gmail.com", external_ids={"company": odd})
    alone = due(world, email="cem@gmail.com")
    for lead, account in ((named, f"company:{odd}"), (alone, "whatever you call it")):
        assert asked(world, lead, quote(account, safe="")).json()["why"] is None


def test_an_account_that_was_merged_into_another_is_shown_what_that_one_has(world: World) -> None:
    world.sign_up(id="A", email="bea@large.example", external_ids={"user": "u1"})
    world.wait(seconds=1)
    world.sign_up(id="B", email="b@new.example", external_ids={"hubspot": 7})
    world.sign_up(email="bea@large.example", external_ids={"user": "u1", "hubspot": 7})
    assert due(world, id="A") == "A"
    assert states(world) == ["issued"]
    for person in (None, "A", "B"):
        assert asked(world, person, "new.example").json()["why"] is None
        assert asked(world, person, "new.example").json() == asked(world, person).json()
    assert states(world) == ["viewed"]

    world.sign_up(id="C", email="c@new.example")  # somebody is there again
    assert asked(world, None, "new.example").json() == {"offer": None, "why": "no_open_offer"}
    assert asked(world, "A", "new.example").json() == asked(world, "A").json()
    assert asked(world, "C").status_code == 404


def test_a_lead_that_found_its_company_is_shown_its_offer_by_either_name(world: World) -> None:
    lead = due(world, id="A", email="bea@gmail.com")
    (alone,) = {row.account for row in world.rows(sa.select(offers.c.account))}
    assert alone.startswith("lead:")
    world.sign_up(id="A", email="bea@gmail.com", external_ids={"company": "K"})
    for person in (None, lead):
        assert asked(world, person, alone).json() == asked(world, person, "company:K").json()


def test_what_keeps_a_mail_back_keeps_it_back_here(world: World) -> None:
    lead = due(world)
    world.wait(minutes=5)
    world.touched(lead)
    assert why(world, lead) == "touched_since"
    world.wait(days=40)
    assert why(world, lead) == "offer_ended"
    world.work()
    assert why(world, lead) == "no_open_offer"


def test_a_talk_with_a_colleague_and_a_paused_rule_keep_it_back_too(world: World) -> None:
    lead = due(world)
    colleague = world.sign_up(email="cem@large.example")["lead_id"]
    rule = world.rows(sa.select(offers.c.rule))[0].rule

    def turn(is_on: bool) -> None:
        turned = Turned(is_on=is_on, by="a manager", reason="complaints", at=world.clock.now())
        name = switches.RULE_PAUSED + rule
        world.runtime.store.write_now(lambda c: switches.turn(c, name, turned))

    turn(True)
    assert why(world, lead) == "rule_paused"
    turn(False)
    assert asked(world, lead).json()["why"] is None
    world.wait(minutes=5)
    world.touched(colleague)
    assert why(world, lead) == "touched_since"


def test_a_country_that_asks_for_consent_inside_a_product_is_heard(make_world: Any) -> None:
    world = make_world()
    shipped = read_lawful_bases()
    strict = replace(shipped.rule_of("BR", "product"), accepts=("consent",))
    rules = {**shipped.rules, "BR": {**shipped.rules["BR"], "product": strict}}
    world.runtime.grounds = replace(shipped, rules=rules)
    ground = {"ground": "trial_account", "notice_at": "2026-11-01T00:00:00Z"}
    tried = due(world, consent=ground, country="BR")
    assert why(world, tried) == "ground_not_accepted"
    agreed = {"ground": "consent", "wording": "Show me your offers.", "source": "settings"}
    world.sign_up(id=tried, email="bea@large.example", consent=agreed)
    assert asked(world, tried).json()["why"] is None


def test_an_accepted_offer_is_said_to_be_accepted(world: World) -> None:
    lead = due(world)
    link = asked(world, lead).json()["offer"]["link"]
    world.client.post(f"{path_of(link)}/accept")
    assert why(world, lead) == "accepted"


def test_the_holdout_and_a_service_in_shadow_see_nothing(make_world: Any) -> None:
    world = make_world()
    share = POLICY.replace("[guardrails]", "[guardrails]\nholdout = 0.5")
    world.runtime.policy = parse_policy(share)
    seen = set()
    for number in range(12):
        account = f"firm-{number}.example"
        lead = a_lead_due_an_offer(world, seats=100, email=f"bea@{account}")
        world.did(lead, "project created")
        seen.add(asked(world, lead, account).json()["why"])
    assert seen == {"held_out", None}

    shadow = make_world(shadow=True)
    lead = due(shadow)
    assert why(shadow, lead) == "shadow"


def test_only_a_signature_opens_it(world: World) -> None:
    due(world)
    path = f"/v1/accounts/{ACCOUNT}/offer"
    assert world.client.get(path).status_code == 401
    assert world.client.get(path, headers=world.bearer("manager")).status_code == 401
    wrong = world.signed(b"other")
    assert world.client.get(path, headers=wrong).status_code == 401
    assert states(world) == ["issued"]
