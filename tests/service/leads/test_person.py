"""A person asks what is kept, or to be gone; and what is old goes by itself."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from service.cli import app
from service.db import Store
from service.db.tables.leads import events, leads, messages, metadata, outcomes, scores
from service.store.offers import ledger
from service.store.ops import audit
from tests.support import signed_calls as tools
from tests.support.connected_service import Town
from tests.support.service import CONSENT, World, a_signup
from tests.support.service_offers import a_lead_due_an_offer, the_policy

EMAIL, PHONE, NAME, COMPANY = "quirinia@zzyzx-gmbh.example", "+49 30 901820", "Quirinia", "Zzyzx"
WORDS = (EMAIL, "quirinia", "30 901820", "30901820", "4930901820", NAME, COMPANY, "zzyzx")


def a_whole_story(world: World) -> str:
    """A person whose data went everywhere: worked by a rep, mailed, bought, parked, repeated."""
    the_policy(world)
    lead = a_lead_due_an_offer(
        world,
        email=EMAIL,
        phone=PHONE,
        first_name=NAME,
        company=COMPANY,
        external_ids={"user": "quirinia-1"},
        attributes={"note": f"knows {NAME}"},
        id="crm/quirinia",
    )
    world.did(lead, "project created")
    world.work()
    world.hire("ada")
    body = {
        "id": "t1",
        "lead_id": lead,
        "kind": "reply",
        "by": "ada",
        "at": world.clock.now().isoformat(),
    }
    world.send("/v1/touches", body)
    claimed = world.post("ada", "/v1/reps/ada/claim", **{"idempotency-key": "c1"}).json()
    done = {"version": claimed["version"], "disposition": "reached", "note": f"{NAME} was kind"}
    world.post("ada", f"/v1/claims/{claimed['claim']}/done", done)
    world.get("ada", "/v1/leads/crm%2Fquirinia")
    world.send(
        "/v1/outcomes",
        {
            "id": "o-quirinia",
            "lead_id": lead,
            "kind": "converted",
            "plan": "business",
            "seats": 80,
            "at": world.clock.now().isoformat(),
            "reason": f"{NAME} liked it",
        },
    )
    world.send("/v1/signups", a_signup(email=EMAIL, seats="many"))
    world.work()
    return lead


def everything(world: World) -> str:
    """All rows of all tables, as text."""
    return "\n".join(
        str(row) for table in metadata.sorted_tables for row in world.rows(sa.select(table))
    )


def giveget(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_an_export_holds_everything_about_the_person_and_nobody_else(world: World) -> None:
    lead = a_whole_story(world)
    world.sign_up(email="other@else.example", first_name="Balthasar")

    by_mail = giveget("person", "export", EMAIL.upper(), "--db", world.settings.db)
    by_id = giveget("person", "export", lead, "--db", world.settings.db)

    assert by_mail.exit_code == 0, by_mail.output
    (shown,) = json.loads(by_mail.stdout)["leads"]
    assert {
        "leads",
        "lead_versions",
        "scores",
        "events",
        "touches",
        "outcomes",
        "claims",
        "offers",
        "outbox",
        "captured_mail",
        "external_ids",
    } <= shown.keys()
    assert shown["leads"][0]["record"]["fields"]["email"] == EMAIL
    assert "Balthasar" not in by_mail.stdout
    assert json.loads(by_id.stdout)["leads"][0].keys() == shown.keys()


def test_an_erased_person_is_in_no_table_and_the_chains_still_verify(world: World) -> None:
    lead = a_whole_story(world)
    assert all(word in everything(world) for word in (EMAIL, NAME, COMPANY))
    numbers = [row.number for row in world.rows(sa.select(metadata.tables["offers"]))]

    done = giveget("person", "erase", EMAIL, "--db", world.settings.db)

    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["scores_replayable"] is False
    assert "can no longer be replayed" in done.stderr
    left = everything(world).casefold()
    assert [word for word in WORDS if word.casefold() in left] == []
    world.work()
    assert world.runtime.store.read_now(ledger.broken_at) is None
    assert world.runtime.store.read_now(audit.broken_at) is None
    assert [row.number for row in world.rows(sa.select(metadata.tables["offers"]))] == numbers
    assert [row.kind for row in world.rows(sa.select(outcomes))] == ["converted"]
    again = giveget("person", "erase", lead, "--db", world.settings.db)
    assert again.exit_code == 2
    assert "was erased at" in again.stderr
    ref = world.rows(sa.select(leads.c.ref))[0].ref
    assert world.get("manager", f"/v1/leads/erased_{ref}").json()["code"] == "lead_erased"


def since(world: World) -> dict[str, str]:
    """A consent that is given now."""
    world.clock.set(datetime.now(UTC) + timedelta(seconds=2))  # the command line has its own
    return CONSENT | {"at": world.clock.now().isoformat()}


def test_an_erased_person_comes_back_only_by_a_ground_given_since(world: World) -> None:
    world.sign_up(email="old@lake.example", id="L")
    world.sign_up(email=EMAIL, id="L")  # moved on; the old address is in what was told once
    erased = giveget("person", "erase", "Old@lake.example", "--db", world.settings.db)
    assert json.loads(erased.stdout)["leads"] == 1

    for body in (
        {"email": EMAIL},
        {"email": "old@lake.example"},
        {"id": "L"},
        {"email": EMAIL, "id": "M", "consent": CONSENT},  # given long before
    ):
        refused = world.send("/v1/signups", body)
        assert (refused.status_code, refused.json()["code"]) == (409, "was_erased")
        assert EMAIL not in refused.text
    assert world.count(leads) == 1
    known = world.sign_up(email="else@lake.example", id="N")["lead_id"]
    assert world.send("/v1/signups", {"id": known, "email": EMAIL}).status_code == 409

    back = world.sign_up(email=EMAIL, consent=since(world))
    assert back["duplicate"] is False
    assert world.sign_up(email=EMAIL)["duplicate"] is True  # known again, whatever is told


def test_an_import_brings_nobody_back_unless_it_is_told_to(world: World, tmp_path: Path) -> None:
    world.sign_up(email=EMAIL, id="L")
    giveget("person", "erase", EMAIL, "--db", world.settings.db)
    file = tmp_path / "leads.csv"
    file.write_text(f"id,email\nL,{EMAIL}\nN,new@lake.example\nL,other@lake.example\n")

    def imported(*more: str) -> Result:
        return giveget("import", "leads", str(file), "--yes", "--db", world.settings.db, *more)

    first = imported()

    assert "1 leads imported" in first.stdout
    assert "2 rows refused" in first.stderr
    rejects = (tmp_path / "leads.csv.rejects.csv").read_text()
    assert rejects.count("was_erased") == 2
    assert "--erased take" in rejects
    assert imported("--erased", "perhaps").exit_code == 2
    assert "leads imported" in imported("--erased", "take").stdout
    assert world.send("/v1/signups", {"id": "L"}).status_code == 200  # known again


def test_a_lead_that_went_by_its_age_may_come_again(make_world: Callable[..., World]) -> None:
    world = make_world(keep_leads_days=30)
    world.sign_up(email=EMAIL, id="L")
    world.wait(days=40)
    world.work()
    assert [row.erased_at is not None for row in world.rows(sa.select(leads))] == [True]

    assert world.sign_up(email=EMAIL, id="L")["duplicate"] is False


def test_a_tools_word_brings_no_erased_person_back(town: Town) -> None:
    town.world.sign_up(email=EMAIL, id="L")
    giveget("person", "erase", EMAIL, "--db", town.world.settings.db)
    before = town.world.count(leads)

    for number, server in enumerate((False, True)):
        call = {
            "type": "identify",
            "messageId": f"m-{number}",
            "userId": "u-1",
            "timestamp": "2026-11-02T08:59:00Z",
            "traits": {"email": EMAIL},
        }
        assert town.send(tools.segment(call, server=server)).status_code == 200

    assert town.world.count(leads) == before


def test_a_repeated_call_does_not_bring_an_erased_person_back(world: World) -> None:
    body = a_signup(email=EMAIL, id="L")
    world.send("/v1/signups", body, message="m1")
    giveget("person", "erase", "L", "--db", world.settings.db)

    repeated = world.send("/v1/signups", body, message="m1")

    assert (repeated.status_code, repeated.json()) == (410, {"code": "lead_erased"})
    assert world.sign_up(email=EMAIL, id="L", consent=since(world))["duplicate"] is False


def test_the_other_leads_of_an_account_keep_it(world: World) -> None:
    world.sign_up(email="a@firm.example", id="A")
    world.sign_up(email="b@firm.example", id="B")

    giveget("person", "erase", "A", "--db", world.settings.db)

    accounts = {row.id: row.account for row in world.rows(sa.select(leads))}
    assert accounts["B"] == "firm.example"


def test_an_erased_persons_words_are_not_in_the_stores_files(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/giveget.db"
    with World(url) as world:
        a_whole_story(world)

    assert giveget("person", "erase", EMAIL, "--db", url).exit_code == 0

    found = subprocess.run(
        ["grep", "-ail", "-e", NAME, "-e", COMPANY, *map(str, tmp_path.glob("giveget.db*"))],
        capture_output=True,
        text=True,
    )
    assert found.stdout == ""


@pytest.mark.parametrize("who", ["nobody@nowhere.example", "no-lead"])
@pytest.mark.parametrize("command", ["export", "erase"])
def test_an_unknown_person_is_one_sentence(tmp_path: Path, command: str, who: str) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    Store(url).close()

    refused = giveget("person", command, who, "--db", url)

    assert refused.exit_code == 2
    assert "no lead has this" in refused.stderr


def test_no_log_metric_error_or_chain_holds_a_person_after_a_whole_story(world: World) -> None:
    with capture_logs() as logs:
        a_whole_story(world)
        giveget("person", "erase", "nobody", "--db", world.settings.db)
        refused = [
            world.send("/v1/signups", a_signup(email=EMAIL, title=7, phone=[PHONE])).text,
            world.send("/v1/events", {"events": [{"id": NAME, EMAIL: EMAIL}]}).text,
            world.get("ada", f"/v1/offers?limit={NAME}").text,
            world.client.get(f"/{NAME}").text,
        ]
    said = {
        "logs": str(logs),
        "metrics": world.client.get("/metrics").text,
        "errors": "".join(refused),
        "audit": str(world.rows(sa.select(metadata.tables["audit"]))),
        "ledger": str(world.rows(sa.select(metadata.tables["ledger"]))),
    }

    for where, text in said.items():
        assert text, where
        assert [word for word in WORDS if word.casefold() in text.casefold()] == [], where


def test_each_kind_of_data_goes_at_its_time_and_no_sooner(make_world: Callable[..., World]) -> None:
    world = make_world(
        keep_messages_days=5, keep_events_days=10, keep_scores_days=20, keep_leads_days=30
    )
    world.sign_up(id="old")
    world.did("old", "opened")
    world.send(
        "/v1/outcomes",
        {
            "id": "o",
            "lead_id": world.sign_up(id="bought")["lead_id"],
            "kind": "converted",
            "at": world.clock.now().isoformat(),
            "plan": "business",
        },
    )

    def left() -> tuple[int, ...]:
        world.work()
        kept = world.rows(sa.select(leads.c.id).where(leads.c.erased_at.is_(None)))
        return (world.count(messages), world.count(events), len(kept))

    seen = []
    for days in (4, 2, 5, 18, 3):
        world.wait(days=days)
        seen.append(left())

    assert [count[0] > 0 for count in seen] == [True, False, False, False, False]
    assert [count[1] for count in seen] == [1, 1, 0, 0, 0]
    assert [count[2] for count in seen] == [2, 2, 2, 2, 1]
    assert world.count(scores) < 10
    assert world.get("manager", "/v1/leads/bought").status_code == 200


def test_zero_days_keep_a_kind_for_good(make_world: Callable[..., World]) -> None:
    world = make_world(keep_messages_days=0, keep_leads_days=0)
    world.sign_up()
    world.wait(days=5000)

    world.work()

    assert world.count(messages) == 1
    assert len(world.rows(sa.select(leads).where(leads.c.erased_at.is_(None)))) == 1


def bought(world: World, lead: str) -> None:
    body = {
        "id": f"o-{lead}",
        "lead_id": lead,
        "kind": "converted",
        "plan": "business",
        "seats": 80,
        "at": world.clock.now().isoformat(),
        "invoice": "in-1",
        "amount": {"minor": 100_000, "currency": "USD"},
    }
    assert world.send("/v1/outcomes", body).status_code == 200


def by_country(world: World) -> dict[str, int]:
    groups = world.get("manager", "/v1/rates?by=country").json()["groups"]
    return {group["group"]: group["conversion"]["numerator"] for group in groups}


@pytest.mark.parametrize("company", [{}, {"external_ids": {"company": "C-7"}}])
@pytest.mark.parametrize("door", ["call", "import"])
def test_a_company_goes_on_where_it_stood_once_its_only_person_is_gone(
    world: World, tmp_path: Path, door: str, company: dict[str, Any]
) -> None:
    world.sign_up(email=EMAIL, id="L", country="DE", source={"utm_source": "fair"}, **company)
    bought(world, "L")
    world.wait(days=100)
    world.work()
    name = "company:C-7" if company else "zzyzx-gmbh.example"
    before = world.get("manager", f"/v1/accounts/{name}").json()
    countries = by_country(world)

    assert giveget("person", "erase", "L", "--db", world.settings.db).exit_code == 0
    assert [word for word in WORDS if word.casefold() in everything(world).casefold()] == []
    assert by_country(world) == countries  # of a company, which is no person
    if door == "call":
        world.sign_up(email="else@zzyzx-gmbh.example", id="N", country="FR", **company)
    else:
        file = tmp_path / "leads.csv"
        file.write_text("id,email,crm\nN,else@zzyzx-gmbh.example,C-7\n")
        names = tmp_path / "map.toml"
        kept = "external_ids.company" if company else "attributes.crm"
        names.write_text(f'[fields]\nid = "id"\nemail = "email"\ncrm = "{kept}"\n')
        command = ("import", "leads", str(file), "--yes", "--map", str(names))
        done = giveget(*command, "--db", world.settings.db)
        assert done.exit_code == 0, done.output

    after = world.get("manager", f"/v1/accounts/{name}").json()
    assert after["money"]["sums"] == before["money"]["sums"]
    assert after["money"]["customer_since"] == before["money"]["customer_since"]
    assert (after["stage"], after["value"]) == (before["stage"], before["value"])
    assert [one["lead_id"] for one in after["people"]] == ["N"]
    (pays,) = world.rows(sa.select(metadata.tables["accounts"]))
    assert (pays.id, pays.paying_since is not None) == (name, True)
    assert by_country(world) == countries
    listed = world.get("manager", "/v1/accounts").json()["accounts"]
    assert [one["id"] for one in listed] == [name]

    if door == "import":
        (made,) = world.rows(sa.select(metadata.tables["imports"].c.id))
        undone = giveget("import", "undo", made.id, "--db", world.settings.db)
        assert undone.exit_code == 0, undone.output
        world.work()  # the figures are counted anew
        assert [word for word in WORDS if word.casefold() in everything(world).casefold()] == []
        world.sign_up(email="else@zzyzx-gmbh.example", id="N", **company)
        (pays,) = world.rows(sa.select(metadata.tables["accounts"]))
        assert (pays.id, pays.paying_since is not None) == (name, True)
    assert giveget("person", "erase", "N", "--db", world.settings.db).exit_code == 0
    assert [word for word in WORDS if word.casefold() in everything(world).casefold()] == []


def test_who_signed_up_by_a_free_address_is_nobodys_colleague_afterwards(world: World) -> None:
    world.sign_up(email="quirinia@gmail.com", id="L", country="DE")
    bought(world, "L")
    giveget("person", "erase", "L", "--db", world.settings.db)

    world.sign_up(email="other@gmail.com", id="N")

    rows = world.rows(sa.select(leads).order_by(leads.c.id))
    assert [row.account for row in rows] == [None, None]
    assert json.loads(rows[1].record)["fields"] == {}
