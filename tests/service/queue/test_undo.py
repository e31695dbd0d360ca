"""A rep takes back how a claim ended, or an offer that has not left; never what came after it."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from offers.policy import parse_policy
from service.db.tables.leads import account_ledger, accounts, claims, leads, queue, touches
from service.db.tables.leads import offers as offers_table
from service.db.tables.leads import outbox as outbox_table
from service.db.tables.people import audit
from service.errors import Conflict
from service.store.offers import limits
from service.store.ops import outbox
from service.use_cases.intake.erasure import erase
from service.use_cases.queue import claims as claiming
from service.use_cases.queue.undo import undo
from service.use_cases.tx import Tx
from tests.service.console.test_console import pressed, sign_in
from tests.service.offers.test_fulfilment import TALK, an_order
from tests.service.queue.test_company import FIRM, end, people_of, places
from tests.support.service import CONSENT, World
from tests.support.service_offers import POLICY, a_lead_due_an_offer, the_policy

_MOVES = {"version", "free_at", "claim", "record"} | {
    "changed_at",
    "hot_at",
    "score",
    "scored_at",
    "look_again_at",
}


def state(world: World) -> dict[str, list[dict[str, Any]]]:
    """What a rep's work changes, but for leases and versions."""
    tables = (leads, queue, claims, touches, account_ledger, accounts)
    return {
        table.name: [
            {name: value for name, value in row._mapping.items() if name not in _MOVES}
            for row in world.rows(sa.select(table).order_by(*table.primary_key))
        ]
        for table in tables
    }


def assert_same(before: dict[str, Any], after: dict[str, Any]) -> None:
    for name, rows in before.items():
        assert len(after[name]) == len(rows), name
        for old, new in zip(rows, after[name], strict=True):
            assert {k: (v, new[k]) for k, v in old.items() if new[k] != v} == {}, name


def take_back(world: World, claim: dict[str, Any], rep: str = "ada") -> str:
    def work(connection: sa.Connection) -> str:
        return undo(Tx(connection, world.runtime, world.clock.now()), claim["claim"], rep)

    return world.runtime.store.write_now(work)


ENDS: list[tuple[str, dict[str, Any]]] = [
    ("release", {"reason": "speaks Polish"}),
    ("snooze", {"until": "2027-01-30T10:00:00+00:00"}),
    *(("done", {"disposition": each}) for each in ("reached", "no_answer", "bad_fit", "won")),
    ("done", {"disposition": "lost", "objection": "price", "note": "Too dear"}),
    ("done", {"disposition": "call_back", "until": "2027-01-30T10:00:00+00:00"}),
]


@pytest.mark.parametrize(("step", "fields"), ENDS, ids=lambda each: str(each)[:40])
def test_everything_stands_as_before(world: World, step: str, fields: dict[str, Any]) -> None:
    world.hire("ada")
    people_of(world, FIRM, 3)
    world.hire("bob")  # who gets what is given back
    claim = world.claim()
    before = state(world)
    assert end(world, claim, step, **fields).status_code == 200
    assert state(world) != before
    world.wait(minutes=2)

    assert take_back(world, claim) == claim["lead"]["id"]

    assert_same(before, state(world))
    held = {lead for lead, place in places(world).items() if place == ("ada", "held")}
    assert len(held) == 3
    noted = [row.what for row in world.rows(sa.select(audit.c.what).order_by(audit.c.id))]
    assert "claim.undone" in noted
    again = world.get("ada", "/v1/reps/ada/queue").json()["items"][0]
    assert again["claim"] == claim["claim"]
    assert end(world, again, "done", disposition="reached").status_code == 200


def test_what_somebody_did_since_stands(world: World) -> None:
    world.hire("ada")
    lead = world.sign_up(consent=CONSENT)["lead_id"]
    claim = world.claim()
    end(world, claim, "done", disposition="reached")
    world.wait(minutes=1)
    world.touched(lead, "meeting")
    with pytest.raises(Conflict, match="in touch with the lead since"):
        take_back(world, claim)


def test_who_claimed_it_since_keeps_it(world: World) -> None:
    world.hire("ada")
    world.sign_up()
    world.hire("bob")
    claim = world.claim()
    end(world, claim, "release")
    taken = world.claim("bob")
    assert taken["lead"]["id"] == claim["lead"]["id"]
    with pytest.raises(Conflict, match="another rep has claimed the lead since"):
        take_back(world, claim)
    end(world, taken, "done", disposition="no_answer")
    with pytest.raises(Conflict, match="another rep has claimed the lead since"):
        take_back(world, claim)


def test_who_claimed_a_colleague_since_keeps_the_company(world: World) -> None:
    world.hire("ada")
    world.sign_up(email="first@large.example")
    claim = world.claim()
    end(world, claim, "snooze", until=(world.clock.now() + timedelta(hours=1)).isoformat())
    world.sign_up(email="second@large.example", title="CEO")
    world.hire("bob")
    query = sa.update(queue).where(queue.c.state == "waiting").values(rep="bob")
    world.runtime.store.write_now(lambda c: c.execute(query))
    assert world.claim("bob")["lead"]["id"] != claim["lead"]["id"]
    with pytest.raises(Conflict, match="another rep has claimed a colleague of theirs since"):
        take_back(world, claim)


def test_a_mail_that_left_cannot_be_taken_back(world: World) -> None:
    the_policy(world)
    lead = a_lead_due_an_offer(world)
    world.hire("ada")
    world.touched(lead, "reply")
    claim = world.claim()
    end(world, claim, "done", disposition="not_now")
    now = world.clock.now()
    world.runtime.store.write_now(
        lambda c: outbox.stage(
            c, id="mail_1", lead=lead, offer=None, email="opt-in", context="{}", now=now
        )
    )
    world.runtime.store.write_now(
        lambda c: c.execute(sa.update(outbox_table).values(begun_at=now, state="maybe_sent"))
    )
    with pytest.raises(Conflict, match="a mail has left"):
        take_back(world, claim)


def test_mails_an_objection_held_back_are_due_again(world: World) -> None:
    world.hire("ada")
    lead = world.sign_up(consent=CONSENT)["lead_id"]
    claim = world.claim()
    now = world.clock.now()
    world.runtime.store.write_now(
        lambda c: outbox.stage(
            c, id="mail_1", lead=lead, offer=None, email="welcome", context="{}", now=now
        )
    )
    end(world, claim, "done", disposition="not_now", objection="price")
    kept = sa.select(outbox_table.c.state).where(outbox_table.c.id == "mail_1")
    assert world.rows(kept)[0].state == "withheld"
    take_back(world, claim)
    assert world.rows(kept)[0].state == "due"


@pytest.mark.parametrize(
    ("wait", "why"), [({"minutes": 11}, "more than 10 minutes"), ({"minutes": 9}, None)]
)
def test_only_for_ten_minutes(world: World, wait: dict[str, float], why: str | None) -> None:
    world.hire("ada")
    world.sign_up()
    claim = world.claim()
    end(world, claim, "done", disposition="reached")
    world.wait(**wait)
    if why is None:
        take_back(world, claim)
        why = "or was already"
    with pytest.raises(Conflict, match=why):
        take_back(world, claim)


def test_an_erased_person_stays_erased(world: World) -> None:
    world.hire("ada")
    lead = world.sign_up()["lead_id"]
    claim = world.claim()
    end(world, claim, "done", disposition="reached")
    world.runtime.store.write_now(lambda c: erase(Tx(c, world.runtime, world.clock.now()), lead))
    kept = world.rows(sa.select(claims.c.undo, claims.c.note))[0]
    assert kept.undo is None
    with pytest.raises(Conflict):
        take_back(world, claim)


def test_an_undo_races_the_next_claim_and_one_of_them_has_the_lead(world: World) -> None:
    """Eight rounds: the rep's undo against another rep's claim, at the same moment."""
    world.hire("ada")
    world.hire("bob", available=False)
    outcomes = set()
    for _ in range(8):
        world.sign_up()
        claim = world.claim()
        end(world, claim, "release")
        world.runtime.store.write_now(
            lambda c: c.execute(sa.update(queue).values(rep=None))  # in the pool: either may
        )
        outcomes.add(_race(world, claim))
        for row in world.rows(sa.select(queue.c.claim, queue.c.rep, queue.c.version)):
            held = {"claim": row.claim, "version": row.version}
            assert end(world, held, "done", rep=row.rep, disposition="bad_fit").status_code == 200
        world.wait(minutes=1)
    assert outcomes <= {("undone", "empty"), ("refused", "claimed")}


def _race(world: World, claim: dict[str, Any]) -> tuple[str, str]:
    barrier = Barrier(2)

    def undoing() -> str:
        barrier.wait()
        try:
            take_back(world, claim)
        except Conflict:
            return "refused"
        return "undone"

    def claiming_next() -> str:
        barrier.wait()

        def work(connection: sa.Connection) -> bool:
            tx = Tx(connection, world.runtime, world.clock.now())
            return claiming.claim_next(tx, "bob") is not None

        return "claimed" if world.runtime.store.write_now(work) else "empty"

    with ThreadPoolExecutor(2) as pool:
        works: list[Callable[[], str]] = [undoing, claiming_next]
        first, second = pool.map(lambda work: work(), works)
    return first, second


def test_the_page_offers_the_undo_and_the_button_takes_it_back(world: World) -> None:
    world.hire("ada")
    world.sign_up(first_name="Ines")
    claim = world.claim()
    sign_in(world, "ada")
    to = pressed(
        world,
        f"/claims/{claim['claim']}/done",
        version=str(claim["version"]),
        disposition="reached",
        once="1" * 16,
    ).headers["location"]
    asked = parse_qs(urlsplit(to).query)
    assert asked["undo"] == [claim["claim"]]
    shown = world.client.get(to).text
    path = re.search(r'action="(/claims/[^"]+/undo)"', shown)
    assert path is not None
    back = pressed(world, path[1], once="2" * 16)
    assert back.headers["location"] == "/?said=undone"
    assert "Taken back: the lead is yours again" in world.client.get("/?said=undone").text
    refused = pressed(world, path[1], once="3" * 16)
    assert refused.status_code == 409
    assert "cannot be taken back" in refused.text
    assert 'action="//' not in world.client.get("/?said=done&undo=//elsewhere").text


def let_managers_alone(world: World) -> None:
    """The policy, under which no offer of a manager needs another's approval."""
    approval = "[approval]\nrep_above_percent = 0\nmanager_above_percent = 90\n\n"
    world.runtime.policy = parse_policy(POLICY.replace("[guardrails]", f"{approval}[guardrails]"))


def test_an_offer_that_has_not_left_was_never_made(world: World) -> None:
    let_managers_alone(world)
    lead = a_lead_due_an_offer(world)
    sign_in(world, "manager")

    def offered() -> str:
        to = pressed(world, f"/leads/{lead}/offer", once=str(world.clock.now())).headers["location"]
        return parse_qs(urlsplit(to).query)["undo"][0]

    first = offered()
    world.wait(seconds=20)
    back = pressed(world, f"/offers/{first}/undo", once="2" * 16)

    assert back.status_code == 303, back.text
    assert world.rows(sa.select(outbox_table.c.state))[0].state == "withheld"
    assert world.runtime.store.read_now(lambda c: limits.used(c, limits.OPEN_OFFERS)) == 0
    second = offered()  # the policy's distance between two offers counts from none
    assert second != first
    world.work()
    assert len(world.captured()) == 1
    refused = pressed(world, f"/offers/{second}/undo", once="3" * 16)
    assert refused.status_code == 409
    states = dict(world.rows(sa.select(offers_table.c.id, offers_table.c.state)))  # type: ignore[arg-type]  # rows of two
    assert states == {first: "withdrawn", second: "sent"}


def test_nobody_takes_back_what_another_did(world: World) -> None:
    the_policy(world)
    lead = a_lead_due_an_offer(world)
    offer = world.post("manager", f"/v1/leads/{lead}/offer").json()["offer_id"]
    sign_in(world, "admin")
    refused = pressed(world, f"/offers/{offer}/undo", once="1" * 16)
    assert refused.status_code == 403
    assert world.rows(sa.select(offers_table.c.state))[0].state == "awaiting_approval"
    sign_in(world, "manager")
    assert pressed(world, f"/offers/{offer}/undo", once="2" * 16).status_code == 303
    assert world.rows(sa.select(offers_table.c.state))[0].state == "withdrawn"


def logged(world: World, lead: str, kind: str = "call", once: str = "1" * 16) -> str:
    """A contact as the lead's page logs it; the path that takes it back."""
    to = pressed(world, f"/leads/{lead}/touch", kind=kind, once=once).headers["location"]
    shown = world.client.get(to).text
    path = re.search(r'action="(/touches/[^"]+/undo)"', shown)
    assert path is not None
    return path[1]


@pytest.mark.parametrize("kind", ["call", "email", "meeting", "chat"])
@pytest.mark.parametrize("earlier", [None, "call", "meeting"])
def test_a_logged_contact_is_taken_back_and_the_lead_stands_as_before(
    world: World, kind: str, earlier: str | None
) -> None:
    world.hire("ada")
    lead, *_ = people_of(world, FIRM, 2)
    if earlier is not None:
        world.touched(lead, earlier)
        world.wait(hours=1)
    sign_in(world, "ada")
    before = state(world)
    undo_path = logged(world, lead, kind)
    assert state(world) != before
    world.wait(minutes=2)

    back = pressed(world, undo_path, once="2" * 16, back=f"/leads/{lead}")

    assert back.headers["location"] == f"/leads/{lead}?said=touch_undone"
    assert_same(before, state(world))
    noted = [row.what for row in world.rows(sa.select(audit.c.what).order_by(audit.c.id))]
    assert [what for what in noted if "touch" in what] == ["lead.touched", "lead.touch_undone"]
    again = pressed(world, undo_path, once="3" * 16)
    assert again.status_code == 409
    assert "cannot be taken back, or was already" in again.text


def test_a_later_contact_stays_when_the_one_before_is_taken_back(world: World) -> None:
    world.hire("ada")
    lead = world.sign_up()["lead_id"]
    sign_in(world, "ada")
    undo_path = logged(world, lead, "meeting")
    world.wait(minutes=1)
    world.touched(lead, "reply")
    kept = world.rows(sa.select(leads.c.touched_at, leads.c.asked_for_rep_at))[0]

    assert pressed(world, undo_path, once="2" * 16).status_code == 303

    assert world.rows(sa.select(leads.c.touched_at, leads.c.asked_for_rep_at))[0] == kept
    assert [row.kind for row in world.rows(sa.select(touches.c.kind))] == ["reply"]


def test_a_contact_is_taken_back_for_ten_minutes_by_who_logged_it(world: World) -> None:
    world.hire("ada")
    lead = world.sign_up()["lead_id"]
    sign_in(world, "ada")
    undo_path = logged(world, lead)
    world.wait(minutes=9)
    assert undo_path in world.client.get(f"/leads/{lead}").text
    sign_in(world, "manager")
    assert undo_path not in world.client.get(f"/leads/{lead}").text
    assert pressed(world, undo_path, once="2" * 16).status_code == 403
    sign_in(world, "ada")
    world.wait(minutes=2)
    assert undo_path not in world.client.get(f"/leads/{lead}").text
    refused = pressed(world, undo_path, once="3" * 16)
    assert refused.status_code == 409
    assert "more than 10 minutes" in refused.text
    assert len(world.rows(sa.select(touches.c.id))) == 1


def test_a_contact_that_an_offer_counted_stays(world: World) -> None:
    world.runtime.policy = parse_policy(TALK)
    lead = world.sign_up(seats=80, campaign_code="SITE20")["lead_id"]
    offer = world.post("manager", f"/v1/leads/{lead}/offer").json()["offer_id"]
    order = {"order": an_order(world, seats=80)}
    assert not world.send(f"/v1/offers/{offer}/redeem", order).json()["redeemed"]
    world.wait(minutes=1)
    sign_in(world, "manager")
    undo_path = logged(world, lead)  # the call that the order lacked
    assert world.send(f"/v1/offers/{offer}/redeem", order).json()["redeemed"] is True
    refused = pressed(world, undo_path, once="2" * 16)
    assert refused.status_code == 409
    assert "has counted it since" in refused.text
    assert len(world.rows(sa.select(touches.c.id))) == 1


def test_a_mail_that_a_contact_held_back_is_due_again(world: World) -> None:
    world.hire("ada")
    lead = world.sign_up(consent=CONSENT)["lead_id"]
    now = world.clock.now()
    world.runtime.store.write_now(
        lambda c: outbox.stage(
            c, id="mail_1", lead=lead, offer=None, email="welcome", context="{}", now=now
        )
    )
    sign_in(world, "ada")
    world.wait(minutes=1)
    undo_path = logged(world, lead)
    world.work()
    kept = sa.select(outbox_table.c.state, outbox_table.c.reason)
    assert tuple(world.rows(kept)[0]) == ("withheld", "touched_since")
    assert pressed(world, undo_path, once="2" * 16).status_code == 303
    assert world.rows(kept)[0].state == "due"


@pytest.mark.parametrize("step", ["done", "release", "snooze"])
def test_the_lead_s_own_page_takes_a_claim_s_end_back(world: World, step: str) -> None:
    world.hire("ada")
    lead = world.sign_up()["lead_id"]
    claim = world.claim()
    sign_in(world, "ada")
    fields = {"done": {"disposition": "reached"}, "snooze": {"hours": "4"}}.get(step, {})
    pressed(
        world,
        f"/claims/{claim['claim']}/{step}",
        version=str(claim["version"]),
        once="1" * 16,
        **fields,
    )
    world.wait(minutes=2)
    path = f"/claims/{claim['claim']}/undo"
    assert path in world.client.get(f"/leads/{lead}").text
    assert pressed(world, path, once="2" * 16).headers["location"] == "/?said=undone"
    assert path not in world.client.get(f"/leads/{lead}").text
