"""An open offer lies at the address it was made to: another address withdraws it, by any door."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from offers.policy import parse_policy
from service.cli import app
from service.db.tables.leads import captured_mail, leads, offers, outbox
from service.use_cases.offers import lifecycle
from service.use_cases.tx import transact_now
from tests.support import signed_calls
from tests.support.service import World
from tests.support.service_offers import POLICY, a_lead_due_an_offer

LEAD, OLD, NEW = "lead-1", "vera@victim.example", "vera@elsewhere.example"


def by_sign_up(world: World, _folder: Path) -> None:
    world.sign_up(id=LEAD, email=NEW)


def by_import(world: World, folder: Path) -> None:
    file = folder / "leads.csv"
    file.write_text(f"id,email,signed_up_at\n{LEAD},{NEW},2026-11-02T09:30:00Z\n")
    given = ["import", "leads", str(file), "--yes", "--db", world.settings.db]
    shown = CliRunner().invoke(app, given)
    assert shown.exit_code == 0, shown.output


def by_merging(world: World, _folder: Path) -> None:
    world.wait(hours=1)
    world.sign_up(id="newer", email=NEW, external_ids={"crm": "7"})
    both = {"id": LEAD, "external_ids": {"user": "1041", "crm": "7"}}
    assert world.send("/v1/signups", both).status_code == 200
    assert world.count(leads) == 1


def identify(world: World, *, server: bool) -> None:
    world.wait(minutes=5)
    call = {
        "type": "identify",
        "messageId": "call-1",
        "userId": "1041",
        "timestamp": "2026-11-02T09:04:00Z",
        "traits": {"email": NEW},
    }
    path, raw, headers = signed_calls.segment(call, server=server, batch=None)
    assert world.client.post(path, content=raw, headers=headers).status_code == 200


def by_a_tools_server(world: World, _folder: Path) -> None:
    identify(world, server=True)


@pytest.fixture
def paused(make_world: Callable[..., World]) -> World:
    world = make_world(
        segment_secret=signed_calls.SEGMENT_SECRET,
        segment_server_secret=signed_calls.SEGMENT_SERVER_SECRET,
    )
    world.runtime.policy = parse_policy(POLICY)
    world.post("manager", "/v1/mail/pause", {"reason": "a look"})
    world.did(
        a_lead_due_an_offer(world, id=LEAD, email=OLD, external_ids={"user": "1041"}), "opened"
    )
    assert states(world) == ["issued"]
    return world


def states(world: World) -> list[str]:
    return [row.state for row in world.rows(sa.select(offers.c.state).order_by(offers.c.number))]


@pytest.mark.parametrize("door", [by_sign_up, by_a_tools_server, by_import, by_merging])
def test_the_open_offer_of_a_lead_whose_address_changed_is_withdrawn(
    paused: World, tmp_path: Path, door: Callable[[World, Path], None]
) -> None:
    door(paused, tmp_path)

    assert states(paused)[0] == "withdrawn"
    paused.post("manager", "/v1/mail/resume", {"reason": "looked"})
    paused.work()
    sent = paused.rows(sa.select(outbox.c.state).where(outbox.c.state == "sent"))
    assert (sent, paused.count(captured_mail)) == ([], 0)


def test_a_browser_changes_no_address_and_no_offer(paused: World) -> None:
    identify(paused, server=False)

    assert states(paused) == ["issued"]


def test_the_same_address_in_another_spelling_and_an_accepted_offer_stay(paused: World) -> None:
    paused.sign_up(id=LEAD, email="  VERA@victim.example ")
    assert states(paused) == ["issued"]

    offer = paused.get("manager", "/v1/offers").json()["offers"][0]["id"]
    transact_now(paused.runtime, lambda tx: lifecycle.accept(tx, offer, "customer"))
    paused.sign_up(id=LEAD, email=NEW)
    assert states(paused) == ["accepted"]
