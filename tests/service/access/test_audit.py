"""Every decision and every hand: what a manager reads, and that a later change shows."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from service.db.tables.leads import audit as table
from service.db.tables.leads import messages
from service.domain.actor import Actor
from service.store.ops import audit
from tests.support.service import World
from tests.support.service_offers import a_lead_due_an_offer, the_policy


def lines(world: World, query: str = "") -> list[tuple[str, str]]:
    entries = world.get("manager", f"/v1/audit{query}").json()["entries"]
    return [(entry["who"], entry["what"]) for entry in entries]


def test_every_hand_on_a_lead_is_listed_newest_first(world: World) -> None:
    world.hire("ada")
    lead = world.sign_up()["lead_id"]
    claim = world.claim("ada")
    world.wait(minutes=1)
    world.get("ada", f"/v1/leads/{lead}")
    done = {"version": claim["version"], "disposition": "reached"}
    world.wait(minutes=1)
    world.post("ada", f"/v1/claims/{claim['claim']}/done", done)
    other = world.sign_up()["lead_id"]

    assert lines(world, f"?lead={lead}") == [
        ("ada", "claim.done"),
        ("ada", "lead.seen"),
        ("ada", "claim.taken"),
    ]
    assert lines(world, f"?lead={other}") == []
    assert world.get("manager", "/v1/audit?lead=nobody").status_code == 404


def test_every_step_of_an_offer_is_listed_with_who_took_it(world: World) -> None:
    the_policy(world)
    lead = a_lead_due_an_offer(world)
    world.did(lead, "project created")
    world.work()
    (offer,) = world.get("manager", "/v1/offers").json()["offers"]
    world.wait(minutes=1)
    world.post("manager", f"/v1/offers/{offer['id']}/withdraw")

    assert [what for _, what in lines(world, f"?lead={lead}")] == [
        "offer.withdrawn",
        "offer.sent",
        "offer.issued",
    ]


def test_a_refused_call_leaves_no_line(world: World) -> None:
    world.hire("ada")
    before = lines(world)

    world.post("ada", "/v1/claims/none/done", {"version": 1, "disposition": "reached"})
    world.get("ada", "/v1/leads/nobody")

    assert lines(world) == before


def test_sealed_lines_form_a_chain_and_any_change_to_one_shows(world: World) -> None:
    world.hire("ada")
    world.hire("bob")
    world.hire("cem")
    world.work()
    read = world.runtime.store.read_now
    assert read(audit.broken_at) is None
    assert read(audit.oldest_unsealed) is None
    world.hire("dan")
    assert read(audit.oldest_unsealed) == world.clock.now()
    world.work()
    numbers = sorted(row.number for row in world.rows(sa.select(table)))
    assert numbers == list(range(1, len(numbers) + 1))

    forged = sa.update(table).where(table.c.number == 2).values(who="mallory")
    world.runtime.store.write_now(lambda c: c.execute(forged) and None)

    assert read(audit.broken_at) == 2


def test_a_line_removed_from_the_middle_shows(world: World) -> None:
    for rep in ("ada", "bob", "cem"):
        world.hire(rep)
    world.work()

    gone = sa.delete(table).where(table.c.number == 2)
    world.runtime.store.write_now(lambda c: c.execute(gone) and None)

    assert world.runtime.store.read_now(audit.broken_at) == 2


def test_personal_data_does_not_get_in(world: World) -> None:
    with pytest.raises(ValueError, match="leave out email"):
        world.runtime.store.write_now(
            lambda c: audit.note(
                c, Actor(who="x", role="rep"), "did", "it", world.clock.now(), email="a@b.example"
            )
        )


def test_a_rotated_key_is_shown_once_overlaps_and_is_kept_nowhere(world: World) -> None:
    world.bearer("ada")
    key = next(k.key for k in working(world) if k.rep == "ada")
    rotate = f"/v1/keys/{key}/rotate"

    made = world.post("manager", rotate, **{"idempotency-key": "r1"}).json()
    again = world.post("manager", rotate, **{"idempotency-key": "r1"}).json()

    assert made["secret"].startswith("gg_")
    assert again == made | {"secret": None}
    new = {"authorization": f"Bearer {made['secret']}"}
    assert world.client.get("/v1/offers", headers=new).status_code == 200
    assert world.get("ada", "/v1/offers").status_code == 200
    assert made["secret"] not in str(world.rows(sa.select(messages)))
    world.wait(hours=25)
    assert world.get("ada", "/v1/offers").status_code == 401
    assert world.client.get("/v1/offers", headers=new).status_code == 200
    assert world.post("manager", f"/v1/keys/{key}/revoke").json() == {"id": key, "revoked": True}
    assert world.client.get("/v1/offers", headers=new).status_code == 401
    assert ("manager", "key.rotated") in [
        (entry["role"], entry["what"])
        for entry in world.get("manager", "/v1/audit").json()["entries"]
    ]


def test_a_manager_cannot_take_an_admins_key_over(world: World) -> None:
    world.bearer("admin")
    world.bearer("manager")
    admin = next(k.key for k in working(world) if k.role == "admin")
    own = next(k.key for k in working(world) if k.role == "manager")

    assert world.post("manager", f"/v1/keys/{admin}/rotate").status_code == 403
    assert world.post("manager", f"/v1/keys/{admin}/revoke").status_code == 403
    assert world.post("manager", f"/v1/keys/{own}/rotate").status_code == 200
    assert world.post("admin", f"/v1/keys/{own}/revoke").status_code == 200


def working(world: World) -> list:  # type: ignore[type-arg]
    from service.store.ops import keys

    return world.runtime.store.read_now(keys.working)
