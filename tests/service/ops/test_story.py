from __future__ import annotations

from tests.support.service import World
from tests.support.service_offers import a_lead_due_an_offer, the_policy


def test_a_rep_gets_the_best_lead_with_its_reasons_and_finishes_it(world: World) -> None:
    world.hire("ada")
    small = world.sign_up(email="a@small.example", seats=3)
    large = world.sign_up(email="b@large.example", title="CFO", seats=200, first_name="Bea")
    assert small["lane"] == large["lane"] == "rep"
    assert large["rep"] == "ada"
    world.did(large["lead_id"], "pricing page viewed", "teammate invited")

    queue = world.get("ada", "/v1/reps/ada/queue").json()["items"]
    claim = world.claim("ada")
    done = world.post(
        "ada",
        f"/v1/claims/{claim['claim']}/done",
        {"version": claim["version"], "disposition": "reached", "objection": "price"},
    )

    assert [item["lead_id"] for item in queue] == [large["lead_id"], small["lead_id"]]
    assert claim["lead"]["id"] == large["lead_id"]
    assert claim["reasons"] == claim["score"]["reasons"] != []
    assert done.status_code == 200
    after = world.get("ada", f"/v1/leads/{large['lead_id']}").json()
    happened = [line["what"] for line in after["timeline"]]
    assert sorted(happened) == [
        "claimed",
        "done",
        "event",
        "event",
        "lane_self_serve",
        "signed_up",
        "touch",
    ]
    assert after["lead"]["lane"] == "self_serve"
    assert after["lead"]["unreached"] == "resting"
    assert world.get("ada", "/v1/reps/ada/queue").json()["items"][0]["lead_id"] == small["lead_id"]


def test_a_lead_no_rep_will_reach_gets_the_mail_its_policy_says(world: World) -> None:
    the_policy(world)
    lead = a_lead_due_an_offer(world, email="bea@large.example", first_name="Bea", company="Large")

    world.did(lead, "project created")
    world.work()

    (mail,) = world.captured()
    assert mail["recipient"] == "bea@large.example"
    assert mail["subject"] == "Three extra months for Large"
    trade = "Three extra months in return for 100 or more seats"
    for words in ("Hello Bea,", trade, "30 November 2026"):
        assert words in mail["text"]
        assert words in mail["html"]
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in mail["headers"]
    (offer,) = world.get("manager", "/v1/offers").json()["offers"]
    assert offer["state"] == "sent"
    assert offer["rule"] == "three-more-months"
    assert offer["ends_at"] == "2026-11-30T23:59:59Z"
    page = world.get("manager", f"/v1/leads/{lead}").json()
    assert page["lead"]["lane"] == "offer"
    assert [o["id"] for o in page["offers"]] == [offer["id"]]


def test_no_offer_fires_at_the_sign_up_itself(world: World) -> None:
    the_policy(world)

    a_lead_due_an_offer(world)

    assert world.get("manager", "/v1/offers").json()["offers"] == []


def test_the_worker_looks_again_and_issues_what_became_due(world: World) -> None:
    the_policy(world)
    a_lead_due_an_offer(world, trial_started_at=world.clock.now().isoformat())
    world.work()
    assert world.captured() == []

    for _ in range(5):
        world.wait(days=1, hours=1)
        world.work()

    assert len(world.captured()) == 1


def test_an_account_gets_one_offer_whoever_of_it_is_due(world: World) -> None:
    the_policy(world)
    first = a_lead_due_an_offer(world, email="a@one.example")
    second = a_lead_due_an_offer(world, email="b@one.example")

    world.did(first, "project created")
    world.did(second, "project created")
    world.work()

    assert len(world.captured()) == 1
    why = world.post("manager", f"/v1/leads/{second}/offer", {"dry_run": True}).json()
    assert why["offer"] is None
    broken = [g for g in why["guardrails"] if not g["held"]]
    assert "open_offers_per_account" in [g["name"] for g in broken]


def test_the_customer_reads_and_takes_the_offer_by_its_link(world: World) -> None:
    the_policy(world)
    world.did(a_lead_due_an_offer(world), "project created")
    world.work()
    (mail,) = world.captured()
    link = next(word for word in mail["text"].split() if "/o/" in word)
    path = "/o/" + link.rpartition("/o/")[2]

    page = world.client.get(path)
    assert page.status_code == 200
    assert "Three extra months" in page.text
    assert "30 November 2026" in page.text
    assert world.get("manager", "/v1/offers").json()["offers"][0]["state"] == "viewed"
    taken = [world.client.post(f"{path}/accept") for _ in range(2)]

    assert [answer.status_code for answer in taken] == [200, 200]
    assert world.get("manager", "/v1/offers").json()["offers"][0]["state"] == "accepted"
    assert world.client.get("/o/forged").status_code == 404


def test_an_order_redeems_the_offer_or_hears_what_it_missed(world: World) -> None:
    the_policy(world)
    world.did(a_lead_due_an_offer(world), "project created")
    (offer,) = world.get("manager", "/v1/offers").json()["offers"]
    order = {
        "plan": "business",
        "seats": 90,
        "term_months": 12,
        "prepaid": True,
        "paid_at": world.clock.now().isoformat(),
        "invoice": "in_1",
    }

    short = world.send(f"/v1/offers/{offer['id']}/redeem", {"order": order}).json()
    full = world.send(f"/v1/offers/{offer['id']}/redeem", {"order": order | {"seats": 100}}).json()

    assert short["redeemed"] is False
    assert [(m["get"], m["by"]) for m in short["missed"]] == [("seats", "ten seats short")]
    assert short["offer"]["state"] == "missed"
    assert full["redeemed"] is True
    assert [grant["give"] for grant in full["grants"]] == ["extra_months"]
    assert full["offer"]["state"] == "redeemed"
