"""Who is who: leads that turn out to be one person, and the same end for any order of calls."""

from __future__ import annotations

import itertools
import random
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from service.db.tables.leads import claims, events, leads, offers, outbox, search_terms
from service.use_cases.leads.identity import is_made
from tests.support.service import CONSENT, World

EARLIER, LATER = "2026-10-20T08:00:00Z", "2026-10-28T08:00:00Z"


def shown(world: World, lead: str) -> dict[str, Any]:
    answer = world.get("manager", f"/v1/leads/{lead}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def two_leads(world: World, **second: Any) -> None:
    """A by user id, and B, younger, by HubSpot's id: nobody knows yet that they are one."""
    world.sign_up(
        id="A",
        email="mia@acme.example",
        title="CFO",
        signed_up_at=EARLIER,
        external_ids={"user": "u1"},
        consent=CONSENT,
    )
    world.sign_up(
        id="B",
        email="mia@home.example",
        company="Acme",
        signed_up_at=LATER,
        external_ids={"hubspot": 7},
        **second,
    )


def are_one(world: World) -> dict[str, Any]:
    """Somebody says so."""
    return world.sign_up(email=None, external_ids={"user": "u1", "hubspot": 7})


def test_ids_of_two_leads_in_one_sign_up_make_them_one_under_the_older_id(world: World) -> None:
    two_leads(world)
    world.did("A", "pricing page viewed")
    world.did("B", "teammate invited")

    merged = are_one(world)

    assert (merged["lead_id"], merged["duplicate"]) == ("A", True)
    assert world.count(leads) == 1
    lead = shown(world, "A")
    assert (lead["lead"]["title"], lead["lead"]["company"]) == ("CFO", "Acme")
    assert lead["lead"]["external_ids"] == {"user": ["u1"], "hubspot": ["7"], "lead": ["B"]}
    assert [line["detail"] for line in lead["timeline"] if line["what"] == "event"] == [
        "pricing page viewed",
        "teammate invited",
    ]
    assert {row.lead for row in world.rows(sa.select(events.c.lead))} == {"A"}


def test_a_merged_lead_answers_to_its_old_id(world: World) -> None:
    two_leads(world)
    are_one(world)

    world.did("B", "data exported")
    again = world.sign_up(id="B", seats=30)

    assert shown(world, "B")["lead"]["id"] == "A"
    assert again["lead_id"] == "A"
    assert shown(world, "A")["lead"]["seats"] == 30


def test_a_merged_leads_unsubscribe_link_still_works(world: World) -> None:
    two_leads(world)
    (ref,) = world.rows(sa.select(leads.c.ref).where(leads.c.id == "B"))[0]
    link = world.runtime.links.unsubscribe(ref)
    are_one(world)

    assert world.client.post(link.removeprefix(world.settings.public_url)).status_code == 200

    assert shown(world, "A")["lead"]["do_not_email"] is True


def test_a_claim_goes_on_after_a_merge_and_the_other_one_ends(world: World) -> None:
    world.hire("ada")
    world.hire("bob")
    two_leads(world)
    first = world.claim("ada")
    second = world.claim("bob")
    assert {first["lead"]["id"], second["lead"]["id"]} == {"A", "B"}

    are_one(world)

    ended = [
        world.post(
            rep,
            f"/v1/claims/{claim['claim']}/done",
            {"version": claim["version"], "disposition": "reached"},
        )
        for rep, claim in (("ada", first), ("bob", second))
    ]
    of_a = [first, second].index(next(c for c in (first, second) if c["lead"]["id"] == "A"))
    assert ended[of_a].status_code == 200
    assert (ended[1 - of_a].status_code, ended[1 - of_a].json()["code"]) == (409, "claim_ended")
    assert {row.ended for row in world.rows(sa.select(claims.c.ended))} == {"done", "merged"}


def test_of_two_open_offers_the_one_at_their_address_stays_and_both_count(world: World) -> None:
    for _ in range(40):  # offers go to a share of the live trials
        world.sign_up()
    two_leads(world, consent=CONSENT)
    started = (world.clock.now() - timedelta(days=6)).isoformat()
    for lead in "AB":
        world.sign_up(id=lead, email=None, seats=80, title="CFO", trial_started_at=started)
        world.did(lead, "opened")
        world.wait(minutes=1)
    issued = world.rows(sa.select(offers.c.lead, offers.c.state).order_by(offers.c.number))
    assert [tuple(row) for row in issued] == [("A", "issued"), ("B", "issued")]

    are_one(world)

    kept = world.rows(
        sa.select(offers.c.lead, offers.c.state, offers.c.account).order_by(offers.c.number)
    )
    assert [(row.lead, row.state) for row in kept] == [("A", "withdrawn"), ("A", "issued")]
    assert len({row.account for row in kept}) == 1
    states = world.rows(sa.select(outbox.c.state).order_by(outbox.c.decided_at))
    assert [row.state for row in states] == ["withheld", "due"]


def test_two_people_of_one_browser_stay_two(world: World) -> None:
    world.sign_up(id="A", external_ids={"anonymous": "b1"})
    second = world.sign_up(id="B", external_ids={"anonymous": "b1"})

    assert second["duplicate"] is False
    assert second["warnings"][0]["code"] == "belongs_to_another_lead"
    assert world.count(leads) == 2


STARTED = "2026-10-27T08:00:00Z"
CALLS: list[tuple[str, str, dict[str, Any]]] = [
    (
        "m1",
        "/v1/signups",
        {
            "id": "A",
            "email": "mia@acme.example",
            "title": "CFO",
            "seats": 60,
            "signed_up_at": EARLIER,
            "trial_started_at": STARTED,
            "external_ids": {"user": "u1", "anonymous": "b1"},
            "consent": CONSENT,
        },
    ),
    (
        "m2",
        "/v1/signups",
        {
            "id": "B",
            "email": "mia@acme.example",
            "title": "VP Finance",
            "signed_up_at": LATER,
            "external_ids": {"hubspot": 7},
        },
    ),
    (
        "m3",
        "/v1/signups",
        {
            "external_ids": {"user": "u1", "hubspot": 7},
            "seats": 80,
            "signed_up_at": LATER,
            "country": "DE",
        },
    ),
    (
        "m4",
        "/v1/events",
        {
            "events": [
                {
                    "id": f"e{n}",
                    "external_ids": {"anonymous": "b1"},
                    "consent": True,
                    "name": "pricing page viewed",
                    "at": f"2026-10-{20 + n}T10:00:00Z",
                }
                for n in range(3)
            ]
        },
    ),
    (
        "m5",
        "/v1/events",
        {
            "events": [
                {
                    "id": "e9",
                    "lead_id": "B",
                    "name": "teammate invited",
                    "at": "2026-10-30T10:00:00Z",
                }
            ]
        },
    ),
    (
        "m6",
        "/v1/signups",
        {
            "id": "C",
            "email": "tom@other.example",
            "seats": 120,
            "signed_up_at": EARLIER,
            "trial_started_at": STARTED,
            "consent": CONSENT,
        },
    ),
    (
        "m7",
        "/v1/touches",
        {"id": "t1", "lead_id": "C", "kind": "call", "by": "ada", "at": "2026-10-31T10:00:00Z"},
    ),
    (
        "m8",
        "/v1/events",
        {
            "events": [
                {"id": "e10", "lead_id": "C", "name": "data exported", "at": "2026-10-30T10:00:00Z"}
            ]
        },
    ),
    (
        "m9",
        "/v1/signups",
        {
            "id": "D",
            "email": "eve@third.example",
            "seats": 120,
            "signed_up_at": EARLIER,
            "consent": CONSENT,
        },
    ),
    (
        "m10",
        "/v1/signups",
        {
            "id": "E",
            "email": "kim@third.example",
            "seats": 5,
            "signed_up_at": LATER,
            "consent": CONSENT,
        },
    ),
    (
        "m11",
        "/v1/outcomes",
        {"id": "o1", "lead_id": "E", "kind": "converted", "at": "2026-10-31T10:00:00Z"},
    ),
    ("m12", "/v1/signups", {"email": "zoe@fourth.example", "seats": 9, "signed_up_at": EARLIER}),
    ("m13", "/v1/signups", {"id": "F", "email": "zoe@fourth.example", "signed_up_at": EARLIER}),
]


def end_of(world: World, order: list[int]) -> dict[str, Any]:
    """What is there after these calls, whoever was first: leads with scores, lanes and offers."""
    connected = {"id": "e0", "lead_id": "nobody", "name": "opened", "at": EARLIER}
    world.send("/v1/events", {"events": [connected]})  # whether events come at all is no lead's
    for index in order:
        message, path, body = CALLS[index]
        answer = world.send(path, body, message=message)
        assert answer.status_code == 200, answer.text
    world.work()
    found = {}
    for (lead,) in world.rows(sa.select(leads.c.id)):
        view = shown(world, lead)
        facts = view["lead"]
        found[facts["email"]] = {
            "lead": {
                name: facts.get(name)
                for name in ("id", "title", "seats", "country", "account", "outcome", "consent")
            },
            "ids": sorted(
                (kind, value)
                for kind, values in facts["external_ids"].items()
                for value in values
                if not is_made(value)
            ),
            "points": view["score"]["points"],
            "reasons": view["score"]["reasons"],
            "lane": (facts["lane"], facts["unreached"]),
            "offers": [(offer["rule"], offer["terms"]["gives"]) for offer in view["offers"]],
            "events": sorted(
                line["detail"] for line in view["timeline"] if line["what"] == "event"
            ),
        }
    return found


def some_orders(count: int) -> list[list[int]]:
    draw = random.Random(20261102)
    orders = []
    for _ in range(count):
        order = list(range(len(CALLS)))
        order += draw.sample(order, 4)  # some come again
        draw.shuffle(order)
        orders.append(order)
    return orders


def check_orders(world: World, count: int) -> None:
    expected = None
    for order in some_orders(count):
        found = end_of(world, order)
        expected = expected or found
        assert found == expected, [CALLS[i][0] for i in order]
        reset(world)
    assert expected is not None
    assert set(expected) == {
        "mia@acme.example",
        "tom@other.example",
        "eve@third.example",
        "kim@third.example",
        "zoe@fourth.example",
    }
    assert expected["mia@acme.example"]["lead"]["title"] == "VP Finance"
    assert expected["mia@acme.example"]["offers"]
    assert not expected["tom@other.example"]["offers"]
    assert not expected["eve@third.example"]["offers"]  # a colleague pays


def reset(world: World) -> None:
    """Empty the store, keeping keys and reps."""
    from service.db.tables.leads import metadata

    kept = {"keys", "key_secrets", "secrets", "reps"}

    def empty(connection: sa.Connection) -> None:
        for table in metadata.sorted_tables:
            if table.name not in kept:
                connection.execute(sa.delete(table))

    world.runtime.store.write_now(empty)
    world.runtime.board.forget()


def test_any_order_of_the_same_calls_ends_alike(world: World) -> None:
    check_orders(world, 8)


@pytest.mark.long
def test_any_of_many_orders_of_the_same_calls_ends_alike(world: World) -> None:
    check_orders(world, 150)


def test_two_orders_of_one_pair_are_both_among_those_tried() -> None:
    pairs = {(a, b) for order in some_orders(150) for a, b in itertools.pairwise(order)}

    assert {(0, 1), (1, 0), (2, 0), (0, 2), (10, 8), (8, 10), (11, 12), (12, 11)} <= pairs


def test_colleagues_that_the_worker_knows_by_their_words_become_one_person(world: World) -> None:
    for name in ("anna", "berta"):
        world.sign_up(id=name, email=f"{name}@acme.example", company="Acme")
    world.work()  # keeps the words by which both are found

    world.sign_up(id="anna", external_ids={"user": "7"}, email="anna@acme.example")
    one = world.sign_up(id="berta", external_ids={"user": "7"}, email="berta@acme.example")

    assert one["lead_id"] == "anna"
    world.work()
    found = world.rows(sa.select(search_terms.c.lead).where(search_terms.c.term == "acme"))
    assert [row.lead for row in found] == ["anna"]
