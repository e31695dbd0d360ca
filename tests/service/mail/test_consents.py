"""A consent is its address's: asked for once by mail, given by a click, and never another's."""

from __future__ import annotations

import concurrent.futures
import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from httpx2 import Response

from offers.policy import parse_policy
from service.db.tables.leads import consents, leads, outbox, suppressions
from service.use_cases.intake.erasure import erase
from service.use_cases.tx import Tx
from tests.support.service import CONSENT, World
from tests.support.service_offers import POLICY, a_lead_due_an_offer

MARIA = "maria@acme-foods.example"


def ask(world: World, **body: Any) -> Response:
    return world.send("/v1/consents/request", body)


def asked(world: World, **body: Any) -> dict[str, Any]:
    answer = ask(world, **body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def pages(world: World) -> list[str]:
    """The links of the mails that ask, the newest first."""
    found = [re.search(r"http\S+/y/\S+", mail["text"]) for mail in world.captured()]
    return [urlsplit(link[0]).path for link in found if link]


def mails(world: World) -> list[tuple[str, str, str | None]]:
    query = sa.select(outbox.c.email, outbox.c.state, outbox.c.reason).order_by(outbox.c.decided_at)
    return [tuple(row) for row in world.rows(query)]


def offers_mail(world: World) -> list[tuple[str, str | None]]:
    return [(state, reason) for email, state, reason in mails(world) if email == "extra-months"]


def ground(world: World, lead: str) -> Any:
    return world.get("manager", f"/v1/leads/{lead}").json()["lead"]["consent"]


def test_a_click_on_the_page_gives_what_the_mail_asked_and_a_look_gives_nothing(
    world: World,
) -> None:
    world.runtime.policy = parse_policy(POLICY)
    lead = a_lead_due_an_offer(world, email=MARIA, locale="de", country="DE", consent=None)
    world.did(lead, "project created")
    world.work()
    assert world.captured() == []  # no ground, so no offer

    first = asked(world, lead_id=lead)
    assert first["state"] == "asked"
    world.work()
    (mail,) = world.captured()
    assert mail["recipient"] == MARIA
    assert "Angebot" not in mail["subject"]
    (page,) = pages(world)
    for _ in range(3):
        shown = world.client.get(page)
        assert shown.status_code == 200
        assert "Ich kann das jederzeit widerrufen." in shown.text
        assert world.client.head(page).status_code == 200
    assert ground(world, lead) is None

    given = world.client.post(page)
    assert given.status_code == 200, given.text
    assert "Vielen Dank" in given.text
    row = world.rows(sa.select(consents))[0]
    proof = json.loads(row.proof)
    assert (row.ground, row.purpose, row.at) == ("consent", "offers", world.clock.now())
    assert proof["wording"] == row.wording
    assert proof["wording"] in mail["text"].replace("\n", " ")
    assert proof.keys() == {"address", "asked_at", "mail", "confirmed_at", "wording"}
    assert MARIA not in row.proof

    world.work()
    assert offers_mail(world) == [("sent", None)]
    again = world.client.post(page)
    assert (again.status_code, world.count(consents)) == (200, 1)
    assert asked(world, lead_id=lead) == first | {"state": "given"}


def test_one_mail_an_address_and_purpose_however_often_it_is_asked_for(world: World) -> None:
    lead = world.sign_up(email=MARIA, external_ids={"user": "u-1"})["lead_id"]
    ways = ({"lead_id": lead}, {"email": MARIA.upper()}, {"external_ids": {"user": "u-1"}})
    answers = [asked(world, **way) for way in (*ways, {"lead_id": lead, "purpose": "Offers"})]

    assert len({answer["consent"] for answer in answers}) == 1
    assert {answer["state"] for answer in answers} == {"asked"}
    assert len(mails(world)) == 1


def test_a_mailbox_is_asked_three_times_a_month_whatever_for_and_under_whatever_tag(
    world: World,
) -> None:
    lead = world.sign_up(email=MARIA)["lead_id"]
    tagged = world.sign_up(email="maria+2@acme-foods.example")["lead_id"]
    states = [
        asked(world, lead_id=who, purpose=f"letter {number}", wording="Yes, send it.")
        for number, who in enumerate((lead, tagged, lead, tagged, lead))
    ]

    assert [answer["why"] for answer in states] == [
        None,
        None,
        None,
        "asked_enough",
        "asked_enough",
    ]
    world.wait(days=31)
    assert asked(world, lead_id=lead, purpose="letter 9", wording="Yes.")["state"] == "asked"


def test_a_suppressed_or_opted_out_person_is_not_asked_under_any_tag(world: World) -> None:
    lead = world.sign_up(email=MARIA)["lead_id"]
    world.send(
        "/v1/bounces", {"id": "b", "email": MARIA, "kind": "complaint", "at": "2026-11-02T09:00Z"}
    )
    tagged = world.sign_up(email="maria+trial@acme-foods.example")["lead_id"]
    out = world.sign_up(email="jo@acme-foods.example", do_not_email=True)["lead_id"]

    assert asked(world, lead_id=lead)["why"] == "suppressed"
    assert asked(world, lead_id=tagged)["why"] == "suppressed"
    assert asked(world, lead_id=out)["why"] == "do_not_email"
    assert asked(world, lead_id=world.sign_up(email="no address")["lead_id"])["why"] == "no_address"
    assert mails(world) == []


def test_who_complains_while_the_asking_mail_waits_gets_none_and_the_link_gives_nothing(
    world: World,
) -> None:
    lead = world.sign_up(email=MARIA)["lead_id"]
    consent = asked(world, lead_id=lead)["consent"]
    world.send(
        "/v1/bounces", {"id": "b", "email": MARIA, "kind": "complaint", "at": "2026-11-02T09:00Z"}
    )
    world.work()

    assert mails(world) == [("confirm-consent", "withheld", "suppressed_complained")]
    page = urlsplit(world.runtime.links.consent(consent)).path
    assert world.client.post(page).status_code == 409
    assert ground(world, lead) is None


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"email": "nobody@nowhere.example"}, 404, "unknown_lead"),
        ({}, 422, "nobody_named"),
        ({"lead_id": "L", "email": "other@acme-foods.example"}, 422, "other_address"),
        ({"lead_id": "L", "purpose": "newsletter"}, 422, "wording_missing"),
        ({"lead_id": "L", "wording": "x" * 601}, 422, "wrong_fields"),
        ({"lead_id": "L", "for": "me"}, 422, "wrong_fields"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(
    world: World, body: dict[str, Any], status: int, code: str
) -> None:
    world.sign_up(id="L", email=MARIA)
    refused = ask(world, **body)

    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert mails(world) == []
    assert world.count(consents) == 0


def test_a_forged_or_cut_link_an_unsigned_call_and_an_old_link_give_nothing(world: World) -> None:
    lead = world.sign_up(id="L", email=MARIA)["lead_id"]
    consent = asked(world, lead_id=lead)["consent"]
    page = urlsplit(world.runtime.links.consent(consent)).path
    unsubscribe = urlsplit(world.runtime.links.unsubscribe("anybody")).path.rpartition("/")[2]

    for wrong in (page[:-1], "/y/x", f"/y/{unsubscribe}"):
        assert world.client.get(wrong).status_code == 404
        assert world.client.post(wrong).status_code == 404
    unsigned = world.client.post("/v1/consents/request", json={"lead_id": lead, "purpose": "x"})
    assert unsigned.status_code == 401
    world.wait(days=31)
    assert world.client.post(page).status_code == 409
    assert ground(world, lead) is None


def test_an_erased_persons_link_is_nobodys(world: World) -> None:
    lead = world.sign_up(id="L", email=MARIA)["lead_id"]
    page = urlsplit(world.runtime.links.consent(asked(world, lead_id=lead)["consent"])).path
    runtime = world.runtime
    runtime.store.write_now(lambda c: erase(Tx(c, runtime, world.clock.now()), "L"))

    assert world.client.get(page).status_code == 404
    assert world.client.post(page).status_code == 404
    assert world.count(consents) == 0


def test_a_changed_address_starts_without_and_the_old_one_keeps_its_own(world: World) -> None:
    world.runtime.policy = parse_policy(POLICY)
    lead = a_lead_due_an_offer(world, id="L", email=MARIA, consent=CONSENT)
    world.did(lead, "project created")
    assert offers_mail(world) == [("due", None)]

    world.sign_up(id="L", email="ceo@acme-foods.example")
    world.work()
    assert offers_mail(world) == [("withheld", "offer_withdrawn")]
    assert world.captured() == []

    world.sign_up(id="L", email=MARIA.title())
    assert ground(world, "L")["ground"] == "consent"
    assert ground(world, "L")["email"] == MARIA
    assert [row.ground for row in world.rows(sa.select(consents))] == ["consent"]


def test_a_second_lead_of_an_address_has_what_was_given_for_it(world: World) -> None:
    world.sign_up(id="L1", email=MARIA, consent=CONSENT)
    world.sign_up(id="L2", email=MARIA)
    world.sign_up(id="L3", email="maria+x@acme-foods.example")

    assert ground(world, "L2")["wording"] == CONSENT["wording"]
    assert ground(world, "L3") is None


def test_what_they_confirmed_stands_over_what_a_form_repeats_but_not_over_its_end(
    world: World,
) -> None:
    world.sign_up(id="L", email=MARIA, country="DE")
    page = urlsplit(world.runtime.links.consent(asked(world, lead_id="L")["consent"])).path
    world.client.post(page)
    world.wait(days=1)

    world.sign_up(id="L", email=MARIA, consent={"ground": "contract_talks"})
    assert ground(world, "L")["ground"] == "consent"
    world.wait(days=1)
    world.sign_up(id="L", email=MARIA, consent={"ground": "withdrawn"})
    assert ground(world, "L")["ground"] == "withdrawn"


def test_the_same_calls_in_any_order_leave_the_same_ground(world: World) -> None:
    calls = [
        {"id": "L", "email": MARIA, "consent": CONSENT},
        {"id": "L", "email": "b@acme-foods.example"},
        {"id": "L", "email": "b@acme-foods.example", "consent": {"ground": "similar_products"}},
    ]
    ends = []
    for number, order in enumerate(((0, 1, 2), (2, 1, 0), (1, 0, 2))):
        told = [json.loads(json.dumps(call).replace('"L"', f'"L{number}"')) for call in calls]
        told = [json.loads(json.dumps(c).replace("@acme", f"@acme{number}")) for c in told]
        signed = []
        for call in told:
            raw = json.dumps(call).encode()
            signed.append((raw, world.signed(raw)))
            world.wait(seconds=1)
        for at in order:
            raw, headers = signed[at]
            assert world.client.post("/v1/signups", content=raw, headers=headers).is_success
        ends.append(ground(world, f"L{number}")["ground"])

    assert set(ends) == {"similar_products"}


def test_an_opt_out_follows_the_person_to_their_next_address_and_every_tag(world: World) -> None:
    world.runtime.policy = parse_policy(POLICY)
    a_lead_due_an_offer(world, id="L", email=MARIA, consent=CONSENT)
    ref = world.rows(sa.select(leads.c.ref))[0].ref
    unsubscribe = urlsplit(world.runtime.links.unsubscribe(ref)).path
    assert world.client.post(unsubscribe).status_code == 200

    for email in ("maria.s@acme-foods.example", "maria+2@acme-foods.example"):
        world.wait(seconds=1)  # told later
        at = CONSENT | {"wording": f"yes, at {email}"}
        world.sign_up(id="L", email=email, consent=at, do_not_email=False)
    world.did("L", "project created")
    other = a_lead_due_an_offer(
        world, id="L2", email="maria.s+news@acme-foods.example", consent=CONSENT
    )
    world.did(other, "project created")
    world.work()

    assert world.captured() == []
    assert {state for state, _ in offers_mail(world)} <= {"withheld"}
    assert world.count(suppressions) >= 2


def test_an_opt_out_of_one_lead_holds_for_the_persons_other_lead(world: World) -> None:
    world.runtime.policy = parse_policy(POLICY)
    world.sign_up(id="L1", email=MARIA, do_not_email=True)
    lead = a_lead_due_an_offer(
        world, id="L2", email=MARIA, external_ids={"user": "2"}, consent=CONSENT
    )
    world.did(lead, "project created")
    world.work()

    assert offers_mail(world) == [("withheld", "do_not_email")]


def test_a_complaint_of_one_of_two_leads_that_merge_holds_for_the_one(world: World) -> None:
    world.runtime.policy = parse_policy(POLICY)
    world.sign_up(id="L1", email=MARIA, external_ids={"user": "1"})
    world.send(
        "/v1/bounces", {"id": "b", "lead_id": "L1", "kind": "complaint", "at": "2026-11-02T09:00Z"}
    )
    lead = a_lead_due_an_offer(
        world,
        id="L2",
        email="ms@acme-foods.example",
        external_ids={"hubspot": "2"},
        consent=CONSENT,
    )
    world.sign_up(external_ids={"user": "1", "hubspot": "2"}, email="ms@acme-foods.example")
    world.did(lead, "project created")
    world.work()

    assert world.captured() == []
    keys = {row.email_key for row in world.rows(sa.select(suppressions))}
    assert world.runtime.email_key("ms@acme-foods.example") in keys


def test_trial_account_is_a_ground_where_they_were_told_of_it(world: World) -> None:
    world.runtime.policy = parse_policy(POLICY)
    trial = {"ground": "trial_account", "at": "2026-11-01T10:00:00Z"}
    told = trial | {"notice_at": "2026-11-01T10:00:00Z", "wording": "You may object at any time."}
    warnings = world.sign_up(id="W", consent=trial)["warnings"]
    for name, country, given in (
        ("told", "DE", told),
        ("untold", "DE", trial),
        ("polish", "PL", told),
    ):
        lead = a_lead_due_an_offer(world, id=name, country=country, consent=given)
        world.did(lead, "project created")
    world.work()

    assert [warning["code"] for warning in warnings] == ["no_notice"]
    (mail,) = world.captured()
    assert "because you have a trial account with us" in mail["text"]
    assert mail["lead"] == "told"


def test_a_consent_for_something_else_lets_no_offer_out(world: World) -> None:
    told = world.sign_up(id="L", consent=CONSENT | {"purpose": "Newsletter"})
    world.sign_up(id="M", consent=CONSENT | {"purpose": "marketing"})

    assert [warning["code"] for warning in told["warnings"]] == ["other_purpose"]
    rows = {row.lead: row.purpose for row in world.rows(sa.select(consents))}
    assert rows == {"L": "newsletter", "M": "marketing"}


PARTNER = POLICY.replace(
    "get = { seats = 100,", 'get = { partner_purchase = "Sitebuilder", seats = 100,'
)


@pytest.mark.parametrize(
    ("more", "end"),
    [
        ({}, ("withheld", "consent_names_no_partner")),
        ({"partner": "sitebuilder"}, ("sent", None)),
        ({"wording": "Write to me, also about Sitebuilder."}, ("sent", None)),
        (
            {"ground": "similar_products", "partner": "Sitebuilder"},
            ("withheld", "consent_names_no_partner"),
        ),
    ],
)
def test_a_partners_mail_needs_a_consent_that_names_the_partner(
    world: World, more: dict[str, str], end: tuple[str, str | None]
) -> None:
    world.runtime.policy = parse_policy(PARTNER)
    lead = a_lead_due_an_offer(world, consent=CONSENT | more)
    world.did(lead, "project created")
    world.work()

    assert offers_mail(world) == [end]


def test_a_consent_asked_for_with_its_partner_names_it(world: World) -> None:
    world.runtime.policy = parse_policy(PARTNER)
    lead = a_lead_due_an_offer(world, consent=None)
    consent = asked(world, lead_id=lead, partner="Sitebuilder")["consent"]
    world.client.post(urlsplit(world.runtime.links.consent(consent)).path)
    world.did(lead, "project created")
    world.work()

    assert offers_mail(world) == [("sent", None)]


def test_two_requests_at_once_ask_once(world: World) -> None:
    world.sign_up(id="L", email=MARIA)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask(world, lead_id="L").status_code, range(16)))

    assert set(answers) == {200}
    assert len(mails(world)) == 1


def test_a_lead_shows_on_which_channels_its_ground_suffices(world: World) -> None:
    def may(lead: str) -> dict[str, bool]:
        told = world.get("manager", f"/v1/leads/{lead}").json()["channels"]
        assert all(rule["why"] and rule["source"] and rule["as_of"] for rule in told.values())
        return {channel: rule["may"] for channel, rule in told.items()}

    trial = {"ground": "trial_account", "notice_at": "2026-11-01T10:00:00Z"}
    nothing = {"mail": False, "call": False, "machine_call": False, "product": True}
    world.sign_up(id="none", country="DE")
    world.sign_up(id="trial", country="DE", consent=trial)
    world.sign_up(id="yes", country="DE", email=MARIA, consent=CONSENT, do_not_call=True)
    world.sign_up(id="tag", country="DE", email="maria+2@acme-foods.example", do_not_email=True)

    assert may("none") == nothing
    assert may("trial") == nothing | {"mail": True, "call": True}
    assert may("yes") == nothing  # by another address of the same mailbox they want no mail
    assert may("tag") == nothing
