"""Segment: signed by the body, whatever order and however often; a browser decides nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from service.db.tables.leads import events, leads, outcomes
from service.errors import ConfigurationError
from tests.service.leads.test_history import past_scores
from tests.support import signed_calls as tools
from tests.support.connected_service import Town, the_lead
from tests.support.service import World
from tests.support.signed_calls import Signed

CONSENTED = {"consent": {"categoryPreferences": {"Advertising": False, "Analytics": True}}}
"""What a consent banner adds: segment.com/docs/privacy/consent-management."""


def identify(**traits: Any) -> dict[str, Any]:
    return {
        "type": "identify",
        "messageId": "m-identify",
        "userId": "u-1",
        "anonymousId": "a-1",
        "timestamp": "2026-11-02T08:59:00Z",
        "traits": traits,
    }


def page(number: int = 1) -> dict[str, Any]:
    return {
        "type": "page",
        "messageId": f"m-page-{number}",
        "anonymousId": "a-1",
        "name": "Pricing",
        "context": CONSENTED,
        "timestamp": "2026-11-02T08:50:00Z",
        "properties": {"path": "/pricing"},
    }


def test_what_a_browser_did_joins_the_person_once_they_say_who_they_are(town: Town) -> None:
    assert town.send(tools.segment(page())).json() == {"taken": 1, "rejected": []}
    told = identify(email="ada@large.example", title="CFO", company={"name": "Large"})
    for _ in range(2):
        assert town.send(tools.segment(told)).status_code == 200
        assert town.send(tools.segment(page())).status_code == 200

    shown = the_lead(town)

    assert shown["lead"]["title"] == "CFO"
    assert shown["lead"]["company"] == "Large"
    assert "viewed Pricing" in str(shown["timeline"])
    (event,) = town.world.rows(sa.select(events.c.lead, events.c.name))
    assert event.lead == shown["lead"]["id"]


VERA = {"email": "vera@victim.example", "first_name": "Vera", "title": "CEO"}
MALLORY = {"email": "mallory@evil.example", "firstName": "Mallory", "title": "CFO"}


def test_whoever_knows_a_user_id_cannot_redirect_their_mail_or_raise_their_title(
    town: Town,
) -> None:
    """The key of a browser's source is public: anybody may name anybody's user id by it."""
    world = town.world
    world.sign_up(id="lead-1", external_ids={"user": "u-1"}, **VERA)
    world.wait(minutes=5)
    late = identify(**MALLORY, phone="+49 30 901820") | {"timestamp": now_text(town)}

    assert town.send(tools.segment(late)).status_code == 200

    lead = world.get("manager", "/v1/leads/lead-1").json()["lead"]
    assert {name: lead[name] for name in VERA} == VERA
    assert lead["phone"] == "+49 30 901820"  # what nobody else said is kept
    assert world.count(leads) == 1
    again = world.sign_up(email="mallory@evil.example")  # their address leads to nobody else
    assert again["lead_id"] != "lead-1"

    world.sign_up(id="lead-1", external_ids={"user": "u-1"}, **VERA | {"title": "CTO"})
    assert world.get("manager", "/v1/leads/lead-1").json()["lead"]["title"] == "CTO"


def test_what_a_server_says_stands_over_a_browser_that_spoke_first(town: Town) -> None:
    town.send(tools.segment(identify(**MALLORY)))
    town.world.wait(minutes=5)
    next_word = identify(**MALLORY | {"title": "Owner"}) | {"messageId": "m-2"}
    town.send(tools.segment(next_word | {"timestamp": now_text(town)}))
    assert the_lead(town)["lead"]["title"] == "Owner"  # of browsers the later stands

    town.world.sign_up(external_ids={"user": "u-1"}, **VERA)
    last = identify(**MALLORY) | {"messageId": "m-3", "timestamp": now_text(town)}
    town.send(tools.segment(last))

    lead = the_lead(town)["lead"]
    assert {name: lead[name] for name in VERA} == VERA
    past = past_scores(town.world, lead["id"])
    assert past
    assert [one.points for one in past] == [one.again for one in past]


def test_of_two_servers_words_the_later_stands_though_a_browser_spoke_between(town: Town) -> None:
    town.world.sign_up(external_ids={"user": "u-1"}, title=None)
    told = [("Owner", now_text(town), False), ("CFO", "2026-11-02T08:30:00Z", True)]
    for title, at, is_server in [*told, ("Clerk", "2026-11-01T09:00:00Z", True)]:
        call = identify(title=title) | {"messageId": f"m-{title}", "timestamp": at}
        assert town.send(tools.segment(call, server=is_server)).status_code == 200

    assert the_lead(town)["lead"]["title"] == "CFO"


def test_a_browser_makes_no_two_leads_one(town: Town) -> None:
    world = town.world
    world.sign_up(id="lead-1", external_ids={"user": "u-1"}, **VERA)
    world.sign_up(id="lead-2", email="mallory@evil.example")

    town.send(tools.segment(identify(**MALLORY) | {"timestamp": now_text(town)}))

    assert {row.id for row in world.rows(sa.select(leads.c.id))} == {"lead-1", "lead-2"}
    lead = world.get("manager", "/v1/leads/lead-1").json()["lead"]
    assert lead["email"] == VERA["email"]


def now_text(town: Town) -> str:
    return town.world.clock.now().isoformat().replace("+00:00", "Z")


def test_a_browsers_seats_country_and_trial_decide_nothing_a_servers_do(town: Town) -> None:
    claims = {
        "email": "ada@large.example",
        "seats": 500,
        "country": "BR",
        "plan": "enterprise",
        "trialStartedAt": "2026-10-01T00:00:00Z",
        "consent": {"ground": "consent"},
    }
    town.send(tools.segment(identify(**claims)))
    lead = the_lead(town)["lead"]
    assert "seats" not in lead
    assert "country" not in lead
    assert "trial_started_at" not in lead
    assert lead["consent"] is None

    town.send(tools.segment(identify(**claims) | {"messageId": "m-2"}, server=True))

    lead = the_lead(town)["lead"]
    assert (lead["seats"], lead["country"], lead["consent"]) == (500, "BR", None)


@pytest.mark.parametrize(
    ("signed", "code"),
    [
        ((*tools.segment(page(), batch=None)[:2], {"x-signature": "0" * 40}), "wrong_signature"),
        ((*tools.segment(page())[:2], {}), "wrong_signature"),
        (tools.segment([page(), page(2)], batch=None), "batch_not_proven"),
        (tools.segment([page(), page(2)], batch="not-the-secret-at-all"), "batch_not_proven"),
    ],
)
def test_a_call_segment_did_not_sign_is_refused(town: Town, signed: Signed, code: str) -> None:
    answer = town.send(signed)
    assert (answer.status_code, answer.json()["code"]) == (401, code)


@pytest.mark.parametrize(("is_server", "by"), [(True, "segment"), (False, "browser")])
def test_what_a_company_is_said_to_be_is_kept(town: Town, is_server: bool, by: str) -> None:
    """segment.com/docs/connections/spec/identify: `company` has name, id, industry,
    employee_count and plan."""
    company = {"id": "acme", "name": "Acme", "industry": "Software", "employee_count": 420}
    town.send(tools.segment(identify(email="ada@acme.example", company=company), server=is_server))
    lead = the_lead(town)["lead"]
    assert lead["company"] == "Acme"
    assert lead["attributes"] == {"industry": "Software", "employees": 420}
    row = town.world.rows(sa.select(leads.c.record))[0]
    assert json.loads(row.record)["attribute_sources"] == {"industry": by, "employees": by}


def test_a_persons_own_traits_stand_before_their_companys(town: Town) -> None:
    company = {"name": "Acme", "plan": "business", "employees": 5}
    told = identify(email="ada@acme.example", company=company, plan="team", employees=7)
    town.send(tools.segment(told, server=True))
    lead = the_lead(town)["lead"]
    assert (lead["plan"], lead["attributes"]) == ("team", {"employees": 7})


def test_a_companys_address_phone_and_first_day_are_not_its_persons(town: Town) -> None:
    company = {"name": "Acme", "email": "info@acme.example", "phone": "+49301234567"}
    company |= {"createdAt": "2001-01-01T00:00:00Z", "website": "acme.example"}
    town.send(tools.segment(identify(company=company), server=True))
    lead = the_lead(town)["lead"]
    assert lead["website"] == "acme.example"
    assert not {"email", "phone"} & lead.keys()
    assert not str(lead.get("signed_up_at")).startswith("2001")


def test_a_batch_is_taken_event_by_event(town: Town) -> None:
    batch = [page(), {"type": "track"}, identify(email="ada@large.example")]
    answer = town.send(tools.segment(batch)).json()
    assert answer["taken"] == 2
    assert answer["rejected"] == [{"index": 1, "code": "not_a_segment_call", "path": ""}]
    assert the_lead(town)["lead"]["email"] == "ada@large.example"


def test_a_trait_map_gives_other_names_to_fields(
    make_world: Callable[..., World], tmp_path: Path
) -> None:
    file = tmp_path / "traits.toml"
    file.write_text('[traits]\nteam_size = "seats"\nfunction = "title"\n', encoding="utf-8")
    world = make_world(segment_server_secret=tools.SEGMENT_SERVER_SECRET, segment_map=file)
    told = identify(email="ada@large.example", team_size=80, function="CFO")
    path, raw, headers = tools.segment(told, server=True)
    assert world.client.post(path, content=raw, headers=headers).status_code == 200
    (row,) = world.rows(sa.select(leads.c.record))
    assert json.loads(row.record)["fields"]["seats"] == 80
    assert json.loads(row.record)["fields"]["title"] == "CFO"


def test_a_trait_map_that_names_no_field_stops_the_start(
    make_world: Callable[..., World], tmp_path: Path
) -> None:
    file = tmp_path / "traits.toml"
    file.write_text('[traits]\nteam_size = "seets"\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="no field of a sign-up: seets"):
        make_world(segment_map=file)


@pytest.mark.parametrize("context", ["Chrome", 12, True, [1], None])
@pytest.mark.parametrize("traits", [None, {}, {"email": "ada@large.example"}])
def test_a_context_that_is_no_object_says_nothing(town: Town, context: Any, traits: Any) -> None:
    """A caller's own code sends it; the call's user and traits stand without it."""
    call = identify() | {"context": context, "traits": traits}
    answer = town.send(tools.segment(call))
    assert (answer.status_code, answer.json()) == (200, {"taken": 1, "rejected": []})
    assert the_lead(town)["lead"].get("email") == (traits or {}).get("email")


def test_nothing_a_browser_writes_is_an_outcome_an_order_or_a_consent(town: Town) -> None:
    claims = {
        "email": "ada@large.example",
        "outcome": "converted",
        "converted": True,
        "do_not_email": False,
        "consent": {"ground": "consent"},
        "stripe": "cus_1",
        "fit_for_use": True,
        "currency": "BRL",
        "ip_country": "BR",
    }
    town.send(tools.segment(identify(**claims)))
    bought = page(3) | {
        "type": "track",
        "event": "Order Completed",
        "userId": "u-1",
        "properties": {"offer": "x", "seats": 900},
    }
    town.send(tools.segment(bought))

    told = the_lead(town)["lead"]

    assert town.world.count(outcomes) == 0
    assert told["consent"] is None
    assert "stripe" not in told["external_ids"]
    (row,) = town.world.rows(sa.select(leads.c.record))
    sources = json.loads(row.record)["attribute_sources"]
    assert {sources[name] for name in ("outcome", "currency", "ip_country")} == {"browser"}
