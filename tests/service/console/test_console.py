"""The console: who gets in, what they see, and that it only shows what is theirs."""

from __future__ import annotations

import csv
import io
import re
from html import unescape

import pytest
from httpx2 import Response

from service.auth.sessions import COOKIE
from service.console.places import PAGES
from service.console.tables import TABLES
from service.db.tables import leads
from service.store.ops import keys
from tests.support.service import World
from tests.support.service_offers import a_lead_due_an_offer, the_policy


def sign_in(world: World, who: str, **headers: str) -> Response:
    secret = world.bearer(who)["authorization"].removeprefix("Bearer ")
    return world.client.post(
        "/sign-in", data={"secret": secret}, headers=headers, follow_redirects=False
    )


def page(world: World) -> str:
    return world.client.get("/").text


def test_a_stranger_sees_only_the_form(world: World) -> None:
    world.hire("ada")
    world.sign_up(first_name="Ines")
    assert "Your key's secret" in page(world)
    assert "Ines" not in page(world)
    refused = world.client.post("/sign-in", data={"secret": "guess"})
    assert refused.status_code == 401
    assert "guess" not in refused.text


def test_a_rep_sees_their_queue_with_reasons_that_add_up(world: World) -> None:
    world.hire("ada")
    score = world.sign_up(first_name="Ines", title="CEO")["score"]
    entered = sign_in(world, "ada")
    assert entered.status_code == 303
    assert "HttpOnly" in entered.headers["set-cookie"]
    assert "samesite=strict" in entered.headers["set-cookie"].lower()
    shown = page(world)
    assert "Ines" in shown
    for reason in score["reasons"]:
        assert f"{reason['points']:+.2f}" in shown
    assert f"{score['points']:+.2f}" in shown


def test_a_rep_sees_nothing_of_another_reps(world: World) -> None:
    world.hire("ada")
    world.sign_up(first_name="Ines")
    world.hire("bob", available=False)
    sign_in(world, "bob")
    assert "Ines" not in page(world)


def test_a_manager_sees_every_queue_and_every_page(world: World) -> None:
    world.hire("ada")
    world.hire("bob")
    sign_in(world, "manager")
    shown = world.client.get("/queue").text
    assert "Ada" in shown
    assert "Bob" in shown
    for name, path in PAGES.values():
        seen = world.client.get(path)
        assert seen.status_code == 200
        assert f'aria-current="page">{name}</a>' in seen.text
    assert page(world).count("<nav") == 3  # the menu, what stands beside, and the days
    assert page(world).split("</nav>")[0].count("<a href") <= 8


def test_a_form_from_another_site_is_refused(world: World) -> None:
    refused = sign_in(world, "manager", origin="http://elsewhere.test")
    assert refused.status_code == 403
    assert COOKIE not in world.client.cookies
    assert sign_in(world, "manager", origin="http://giveget.test").status_code == 303


def test_an_entrance_link_signs_in_its_owner_and_a_made_up_one_nobody(world: World) -> None:
    sign_in(world, "manager")
    key = world.runtime.sessions.read(world.client.cookies[COOKIE])
    world.client.cookies.clear()
    token = world.runtime.sessions.entrance(key)
    assert world.client.get(f"/enter/{token}x").status_code == 401
    assert "Sign out" in world.client.get(f"/enter/{token}").text


def test_signing_out_and_revoking_the_key_end_the_session(world: World) -> None:
    sign_in(world, "manager")
    assert "Sign out" in page(world)
    world.client.post("/sign-out")
    assert "Your key's secret" in page(world)
    sign_in(world, "manager")
    key = world.runtime.sessions.read(world.client.cookies[COOKIE])
    now = world.clock.now()
    world.runtime.store.write_now(lambda connection: keys.revoke(connection, key=key, now=now))
    world.runtime.keyring.forget()
    assert "Your key's secret" in page(world)


def pressed(world: World, path: str, **fields: str) -> Response:
    return world.client.post(path, data=fields, follow_redirects=False)


def field(shown: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', shown)
    assert found is not None, name
    return found[1]


def test_a_lead_is_claimed_and_done_with_plain_forms_once_however_often_they_are_sent(
    world: World,
) -> None:
    world.hire("ada")
    lead = world.sign_up(first_name="Ines")["lead_id"]
    world.sign_up(email="b@other.example")
    sign_in(world, "ada")
    once = field(page(world), "once")

    for _ in range(2):
        assert pressed(world, "/claim", once=once).headers["location"] == "/?said=claimed"
    assert world.count(leads.claims) == 1
    held = page(world)
    claim = re.search(r'action="/claims/([^/]+)/done"', held)
    assert claim is not None
    told = {"version": field(held, "version"), "disposition": "reached", "objection": "price"}
    done = pressed(world, f"/claims/{claim[1]}/done", **told)

    assert done.headers["location"].startswith(f"/?answer={lead}&said=done&undo=claim_")
    seen = world.get("manager", f"/v1/leads/{lead}").json()
    assert "done" in [line["what"] for line in seen["timeline"]]
    again = pressed(world, f"/claims/{claim[1]}/done", **told)
    assert again.status_code == 409
    assert "has ended" in again.text


def test_a_form_says_what_is_wrong_and_a_rep_presses_nothing_of_another_reps(world: World) -> None:
    world.hire("ada")
    world.sign_up()
    claim = world.claim("ada")
    sign_in(world, "ada")
    wrong = pressed(
        world, f"/claims/{claim['claim']}/done", version=str(claim["version"]), disposition="maybe"
    )
    assert wrong.status_code == 422
    assert "disposition" in wrong.text
    sign_in(world, "bob")
    told = {"version": str(claim["version"]), "disposition": "reached"}
    assert pressed(world, f"/claims/{claim['claim']}/done", **told).status_code == 403
    assert pressed(world, "/claim", origin="x").status_code == 404  # bob was never hired


def test_a_table_is_a_file_too_and_runs_no_formula(world: World) -> None:
    world.hire("ada")
    world.sign_up(first_name="=1+1", company="Summit, Inc.")
    sign_in(world, "ada")

    file = world.client.get("/queue.csv")
    (row,) = csv.DictReader(io.StringIO(file.text))
    as_json = world.client.get("/queue.json").json()

    assert file.headers["content-disposition"] == 'attachment; filename="queue.csv"'
    assert row["name"] == "'=1+1"
    assert row["company"] == "Summit, Inc."
    assert as_json["queue"][0]["name"] == "=1+1"
    assert world.client.get("/nothing.csv").status_code == 404


def test_a_leads_page_shows_its_reasons_history_and_every_rules_verdict(world: World) -> None:
    world.hire("ada")
    lead = world.sign_up(first_name="Ines")["lead_id"]
    world.did(lead, "pricing page viewed")
    sign_in(world, "ada")

    shown = world.client.get(f"/leads/{lead}").text

    assert "What changed between scores" in shown
    assert '<svg class="curve"' in shown
    for rule in world.runtime.policy.rules:
        assert rule.id in shown
    sign_in(world, "bob")
    assert world.client.get(f"/leads/{lead}").status_code == 403


def test_leads_are_listed_page_by_page_and_a_page_is_a_file(world: World) -> None:
    for number in range(51):
        world.sign_up(id=f"lead-{number}", email=f"p@p{number}.example")
        world.wait(minutes=1)
    sign_in(world, "manager")

    first, second = (world.client.get(path).text for path in ("/leads", "/leads?page=2"))

    assert 'href="/leads?page=2"' in first
    assert ("/leads/lead-50" in first, "/leads/lead-0" in first) == (True, False)
    assert ("/leads/lead-50" in second, "/leads/lead-0" in second) == (False, True)
    assert [row["lead"] for row in world.client.get("/leads.json?page=2").json()["leads"]] == [
        "lead-0"
    ]
    assert world.client.get("/leads?page=1234567x").text.count("/leads/lead-") == 50


def test_what_is_no_number_is_refused_and_not_a_fault(world: World) -> None:
    world.hire("ada")
    world.sign_up()
    claim = world.claim("ada")
    sign_in(world, "ada")
    told = {"version": str(claim["version"]), "hours": "1234567x"}
    assert pressed(world, f"/claims/{claim['claim']}/snooze", **told).status_code == 422
    told = {"version": "9" * 5000, "hours": "1"}
    assert pressed(world, f"/claims/{claim['claim']}/snooze", **told).status_code == 422
    sign_in(world, "manager")
    assert world.client.get("/mail/1234567890123456x").status_code == 404


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_table_is_a_file_for_those_who_may_see_it(untouched: World, name: str) -> None:
    sign_in(untouched, "manager")
    of_one = {"life": "offer", "scores": "lead", "timeline": "lead"}
    of_one |= dict.fromkeys(("entries", "members"), "account")
    asked = f"?{of_one[name]}=none" if name in of_one else ""
    for ending in ("csv", "json"):
        answer = untouched.client.get(f"/{name}.{ending}{asked}")
        assert answer.status_code == (404 if asked else 200), answer.text
    sign_in(untouched, "stranger")
    if TABLES[name].managers_only:
        assert untouched.client.get(f"/{name}.csv").status_code == 403


def test_an_offers_life_is_on_its_page_and_a_manager_takes_it_back(world: World) -> None:
    the_policy(world)
    lead = a_lead_due_an_offer(world)
    world.did(lead, "project created")
    world.work()
    sign_in(world, "manager")
    (offer,) = world.get("manager", "/v1/offers").json()["offers"]

    shown = world.client.get(f"/offers/{offer['id']}").text
    assert "Three extra months" in shown
    assert "sent" in shown
    (mail,) = world.client.get("/mails.json").json()["mails"]
    letter = world.client.get(f"/mail/{mail['id']}")
    assert mail["subject"] in letter.text
    body = world.client.get(f"/mail/{mail['id']}/body")
    assert "sandbox" in body.headers["content-security-policy"]
    assert "Three extra months" in world.client.get(f"/leads/{lead}").text
    assert "three extra months" in world.client.get("/ledger").text
    assert pressed(world, f"/offers/{offer['id']}/withdraw").status_code == 303

    assert world.get("manager", "/v1/offers").json()["offers"][0]["state"] == "withdrawn"


def test_who_approves_sees_an_offer_that_takes_nothing_off(world: World) -> None:
    the_policy(world)
    lead = a_lead_due_an_offer(world)
    offer = world.post("manager", f"/v1/leads/{lead}/offer").json()["offer_id"]
    sign_in(world, "admin")
    shown = world.client.get(f"/offers/{offer}")
    assert shown.status_code == 200
    assert field(shown.text, "once")
    assert 'name="percent_off"' not in shown.text


def test_a_draft_is_compared_and_another_person_publishes_it(world: World) -> None:
    text = world.runtime.policy.text.replace("rep_above_percent = 5", "rep_above_percent = 6")
    sign_in(world, "manager")
    draft = pressed(world, "/policy/draft", text=text).headers["location"].partition("?")[0]
    compared = world.client.get(f"{draft}?trials=1").text
    assert "rep_above_percent: 5 → 6" in compared
    assert "another person publishes it" in compared
    assert pressed(world, f"{draft}/publish", reason="more room").status_code == 403

    sign_in(world, "admin")
    assert pressed(world, f"{draft}/publish", reason=" ").status_code == 422
    assert pressed(world, f"{draft}/publish", reason="more room").status_code == 303

    assert world.runtime.policy.approval.rep_above_percent == 6
    assert "more room" in world.client.get("/policy").text
    broken = pressed(world, "/policy/draft", text="[policy]\nid = 3")
    assert broken.status_code == 422
    assert "Line 2:" in broken.text


def test_a_draft_that_is_tried_says_of_each_rule_whom_it_fits_or_what_is_lacking(
    world: World,
) -> None:
    the_policy(world)
    a_lead_due_an_offer(world)
    text = world.runtime.policy.text.replace("seats_requested >= 60", "seats_requested >= 900")
    sign_in(world, "manager")
    draft = pressed(world, "/policy/draft", text=text).headers["location"].partition("?")[0]

    tried = " ".join(world.client.get(f"{draft}?trials=1").text.split())

    nearest = "Fits nobody; nearest: 1 lead, which lacks only this: seats asked for: at least 900."
    assert f"<dt>three-more-months</dt> <dd> {nearest}" in tried


def test_a_draft_that_gives_more_by_the_same_rule_names_who_gets_it(world: World) -> None:
    the_policy(world)
    lead = a_lead_due_an_offer(world, first_name="Bea", last_name="Large")
    text = world.runtime.policy.text.replace("extra_months = 3", "extra_months = 4")
    sign_in(world, "manager")
    draft = pressed(world, "/policy/draft", text=text).headers["location"].partition("?")[0]

    tried = " ".join(world.client.get(f"{draft}?trials=1").text.split())

    assert "1 lead would get the same rule's offer with another trade" in unescape(tried)
    assert f'<a href="/leads/{lead}">Bea Large</a>' in tried


def test_a_rules_card_says_what_it_costs_at_most_and_when_it_pays_back(world: World) -> None:
    the_policy(world)
    sign_in(world, "manager")

    shown = " ".join(world.client.get("/policy").text.split())

    # 100 seats × 12 months × 24.80; three more of the 15 months delivered are conceded
    assert "At most 7,440.00 USD of the 29,760.00 USD that the smallest order leaves" in shown
    assert "pays back if 34 more buy for each 100 who would buy without it" in shown


def test_mail_is_paused_and_the_list_of_objections_kept_from_the_console(world: World) -> None:
    sign_in(world, "manager")
    pressed(world, "/mail/pause", reason="the sender's name is wrong")
    assert world.get("manager", "/v1/mail").json()["paused"] is True
    assert "the sender&#39;s name is wrong" in world.client.get("/mail").text
    pressed(world, "/mail/resume")
    assert world.get("manager", "/v1/mail").json()["paused"] is False
    pressed(world, "/objections", list="price: Too dear\nlegal: Legal must look")
    kept = world.get("manager", "/v1/objections").json()["objections"]
    assert [each["label"] for each in kept] == ["Too dear", "Legal must look"]
