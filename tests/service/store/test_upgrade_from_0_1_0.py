"""A store that 0.1.0 left behind: it comes to the newest schema with every row, and goes on.

The dumps hold a month of a team, with rows in every table; all in them is made up, and the secrets
in them open nothing. 0.1.0 wrote them, and they stay as they are. What is asked of a store before
its upgrade is asked in the words of 0.1.0's schema.
"""

from __future__ import annotations

import itertools
import json
import re
import sqlite3
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from service.cli import app
from service.db import Store
from tests.support.service import World

DUMPS = Path(__file__).parents[2] / "cases" / "store"
_TABLE = r'^{} (?:public\.)?"?(\w+)"?'
_NAMES = {
    "leads": "SELECT id FROM leads WHERE record <> '{}' AND score <> 'null'",
    "objecting": "SELECT id FROM leads WHERE score = 'null'",
    "erased": "SELECT id FROM leads WHERE record = '{}'",
    "merged": "SELECT value FROM external_ids WHERE kind = 'lead'",
    "reps": "SELECT id FROM reps",
    "queued": "SELECT lead FROM queue",
    "pooled": "SELECT lead FROM queue WHERE rep IS NULL",
    "late": "SELECT rep FROM queue WHERE state = 'held'",
    "mailed": "SELECT text FROM captured_mail",
    "unmailed": "SELECT lead FROM outbox WHERE state = 'due'",
    "signers": "SELECT signing_secret FROM key_secrets WHERE signing_secret IS NOT NULL",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Old:
    """A store as 0.1.0 left it, and what it held."""

    url: str
    held: dict[str, list[str]]
    offers: dict[str, tuple[str, str]]


def dumped(kind: str) -> str:
    return (DUMPS / f"0_1_0.{kind}.sql").read_bytes().decode()


def counted(dump: str, statement: str = "INSERT INTO") -> dict[str, int]:
    """How many statements of one kind there are for each table."""
    return Counter(re.findall(_TABLE.format(statement), dump, re.MULTILINE))


def kind_of(url: str) -> str:
    return url.partition(":")[0].partition("+")[0]


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def ask(url: str, query: str) -> list[tuple[Any, ...]]:
    """A query as it stands, past all of the service's code."""
    if kind_of(url) == "sqlite":
        with closing(sqlite3.connect(file_of(url), isolation_level=None)) as file:
            return file.execute(query).fetchall()
    with psycopg.connect(url) as connection:
        cursor = connection.execute(query)
        return cursor.fetchall() if cursor.description else []


def load(url: str) -> None:
    """Put 0.1.0's rows in the place of what is there."""
    if kind_of(url) == "sqlite":
        for file in file_of(url).parent.glob(f"{file_of(url).name}*"):
            file.unlink()
        with closing(sqlite3.connect(file_of(url))) as made:
            made.executescript(dumped("sqlite"))
        return
    with psycopg.connect(url) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
        connection.execute(dumped("postgresql"))


def schema_of(url: str) -> tuple[str, dict[str, Any]]:
    """The revision, and each table's columns, indexes and keys."""
    ((revision,),) = ask(url, "SELECT version_num FROM alembic_version")
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    look = sa.inspect(engine)
    columns, keys = look.get_multi_columns(), look.get_multi_pk_constraint()
    indexes, unique = look.get_multi_indexes(), look.get_multi_unique_constraints()
    tables = {
        place[1]: {
            "columns": {c["name"]: (str(c["type"]), c["nullable"]) for c in columns[place]},
            "key": keys[place]["constrained_columns"],
            "indexes": sorted((str(i["name"]), bool(i["unique"])) for i in indexes[place]),
            "unique": sorted(str(rule["name"]) for rule in unique[place]),
        }
        for place in columns
    }
    return str(revision), tables


@pytest.fixture
def old(store_url: str) -> Old:
    load(store_url)
    return Old(
        url=store_url,
        held={name: [str(row[0]) for row in ask(store_url, q)] for name, q in _NAMES.items()},
        offers={
            id: (lead, state)
            for id, lead, state in ask(store_url, "SELECT id, lead, state FROM offers")
        },
    )


def findings(url: str) -> set[str]:
    """What the doctor finds."""
    shown = CliRunner().invoke(app, ["doctor", "--json", "--db", url])
    return {finding["code"] for finding in json.loads(shown.stdout)["findings"]}


def broken(url: str) -> set[str]:
    """Which of its findings nobody may get by upgrading."""
    return findings(url) & {"broken_audit", "broken_ledger", "other_schema", "store_unavailable"}


def test_the_dumps_hold_a_row_in_every_table_and_as_many_of_each() -> None:
    sqlite, postgresql = dumped("sqlite"), dumped("postgresql")

    assert counted(sqlite).keys() == counted(sqlite, "CREATE TABLE").keys()
    assert counted(postgresql).keys() == counted(postgresql, "CREATE TABLE").keys()
    assert counted(sqlite) == counted(postgresql)


def test_it_comes_to_the_newest_schema_with_every_row(store_url: str) -> None:
    newest = schema_of(store_url)
    load(store_url)

    Store(store_url).close()

    assert schema_of(store_url) == newest
    kept = counted(dumped(kind_of(store_url)))
    there = {table: ask(store_url, f'SELECT count(*) FROM "{table}"')[0][0] for table in kept}
    assert there == kept


def test_every_lead_rep_and_offer_of_it_is_shown(old: Old) -> None:
    assert all(old.held.values())
    with World(old.url) as world:
        for lead in old.held["leads"] + old.held["merged"]:
            shown = world.get("manager", f"/v1/leads/{quote(lead, safe='')}")
            assert (shown.status_code, lead) == (200, lead)
            assert shown.json()["score"]["reasons"]
        for lead in old.held["objecting"]:
            shown = world.get("manager", f"/v1/leads/{lead}")
            assert (shown.status_code, lead) == (200, lead)
            assert (shown.json()["score"], shown.json()["reasons"]) == (None, [])
        for lead in old.held["erased"]:
            shown = world.get("manager", f"/v1/leads/{lead}")
            assert (shown.status_code, shown.json()["code"]) == (404, "lead_erased")

        queued: list[str] = []
        for rep in old.held["reps"]:
            for who in (rep, "manager"):
                queue = world.get(who, f"/v1/reps/{rep}/queue")
                assert queue.status_code == 200, queue.text
            queued += [item["lead_id"] for item in queue.json()["items"]]
        assert sorted(queued + old.held["pooled"]) == sorted(old.held["queued"])

        for offer, (lead, state) in old.offers.items():
            shown = world.get("manager", f"/v1/offers/{offer}")
            told = shown.json()
            if lead in old.held["erased"]:
                assert (shown.status_code, told["code"]) == (404, "lead_erased")
            else:
                assert (shown.status_code, told["lead_id"], told["state"]) == (200, lead, state)
        listed = world.get("manager", "/v1/offers").json()["offers"]
        assert {offer["id"] for offer in listed} == old.offers.keys()
        for path in ("audit", "unreached", "shadow", "tasks", "objections", "policies", "mail"):
            assert world.get("manager", f"/v1/{path}").status_code == 200, path


def test_every_page_of_the_console_opens_on_it(old: Old) -> None:
    with World(old.url) as world:
        secret = world.bearer("manager")["authorization"].removeprefix("Bearer ")
        world.client.post("/sign-in", data={"secret": secret})
        shown = old.held["leads"] + old.held["objecting"]
        pages = ["", "leads", "offers", "policy", "mail", "ledger", "team"]
        pages += [f"leads/{quote(lead, safe='')}" for lead in shown]
        pages += [f"offers/{id}" for id, (lead, _) in old.offers.items() if lead in shown]

        answers = {page: world.client.get(f"/{page}").status_code for page in pages}

    assert set(answers.values()) == {200}, answers


def test_its_chains_verify_and_a_change_to_them_still_shows(
    old: Old, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where there is no .env
    with World(old.url) as world:
        world.work()
    assert broken(old.url) == set()

    forge(old.url, "audit", "who")
    forge(old.url, "ledger", "facts")

    assert broken(old.url) == {"broken_audit", "broken_ledger"}


def forge(url: str, table: str, column: str) -> None:
    ask(url, f"UPDATE {table} SET {column} = '{{}}' WHERE number = 5")


def test_what_it_began_goes_on(old: Old, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with World(old.url) as world:
        links = re.findall(r"https?://[^/\s]+(/[ou]/\S+)", old.held["mailed"][0])
        assert {link[:3] for link in links} == {"/o/", "/u/"}
        assert [world.client.get(link).status_code for link in links] == [200] * len(links)
        for number, secret in enumerate(old.held["signers"]):
            body = {"email": f"new{number}@new{number}-works.example"}
            taken = world.send("/v1/signups", body, message=f"new-{number}", secret=secret)
            assert taken.status_code == 200, taken.text

        world.work()

        sent = {mail["lead"] for mail in world.captured()}
        assert sent >= set(old.held["unmailed"])
        (rep,) = set(old.held["late"])
        assert world.claim(rep)["lead"]["id"] in old.held["queued"]
        for lead in old.held["leads"] + old.held["objecting"]:
            shown = world.get("manager", f"/v1/leads/{quote(lead, safe='')}")
            assert (shown.status_code, lead) == (200, lead)
        world.work()
    assert broken(old.url) == set()


def test_what_0_1_0_still_writes_while_the_store_moves_on_is_kept_once_or_refused(
    store_url: str,
) -> None:
    load(store_url)
    kept: list[str] = []
    refused: list[str] = []
    over = threading.Event()

    def write_on() -> None:
        """Events, one a transaction, in the words of 0.1.0's schema."""
        for number in itertools.count():
            if over.is_set():
                return
            id = f"during-{number}"
            row = f"('{id}', NULL, 'opened', 1, 1, 1, NULL)"
            columns = "id, lead, name, at, received_at, known_at, properties"
            try:
                ask(store_url, f"INSERT INTO events ({columns}) VALUES {row}")
            except (sqlite3.Error, psycopg.Error):
                refused.append(id)
            else:
                kept.append(id)
            time.sleep(0.002)

    before = ask(store_url, "SELECT count(*) FROM events")[0][0]
    writing = threading.Thread(target=write_on)
    writing.start()
    while len(kept) < 20:
        time.sleep(0.01)
    Store(store_url).close()
    moved_on = len(kept)
    while len(kept) + len(refused) < moved_on + 20:
        time.sleep(0.01)
    over.set()
    writing.join()

    there = [row[0] for row in ask(store_url, "SELECT id FROM events WHERE id LIKE 'during-%'")]
    assert sorted(there) == sorted(kept)
    assert ask(store_url, "SELECT count(*) FROM events")[0][0] == before + len(kept)
    assert broken(store_url) == set()
