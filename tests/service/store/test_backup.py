"""A backup made while the service runs, and what a restored store can do."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from service.cli import app
from service.db.tables.leads import metadata
from service.store.offers import ledger
from service.store.ops import audit
from tests.support.service import World
from tests.support.service_offers import a_lead_due_an_offer, the_policy


def giveget(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def done(*arguments: str) -> dict[str, Any]:
    result = giveget(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def with_its_key(tmp_path: Path, name: str) -> str:
    """The URL of a store to be restored, beside which its key lies, as its owner put it there."""
    key = tmp_path / "giveget.db.key"
    if key.exists():  # a store on PostgreSQL has its key in the environment
        shutil.copy(key, tmp_path / f"{name}.key")
    return f"sqlite:///{tmp_path}/{name}"


def everything(world: World) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table.name: [tuple(row) for row in world.rows(sa.select(table).order_by(*table.c))]
        for table in metadata.sorted_tables
        if table.name != "audit"  # where the backup itself is noted
    }


def a_lived_in(world: World) -> None:
    the_policy(world)
    world.hire("ada")
    world.sign_up(first_name="Çağrı\u2028", attributes={"x": 0.1, "y": 2**53 + 1})
    world.claim("ada")
    world.hire("ada", available=False)
    world.did(a_lead_due_an_offer(world), "project created")
    world.work()


def test_a_restored_store_is_the_store_and_goes_on(world: World, tmp_path: Path) -> None:
    a_lived_in(world)
    before = everything(world)
    file = tmp_path / "copy.backup"

    made = done("backup", str(file), "--db", world.settings.db)
    world.sign_up()  # later than the backup

    restored = done("restore", str(file), "--db", with_its_key(tmp_path, "restored.db"))
    assert {k: v for k, v in made["rows"].items() if k in before} == {
        name: len(rows) for name, rows in before.items()
    }
    assert sum(restored["rows"].values()) == sum(map(len, before.values())) + made["rows"]["audit"]
    with World(f"sqlite:///{tmp_path}/restored.db") as again:
        keys = {"keys", "key_secrets"}  # a world makes an ingest key of its own
        after = everything(again)
        assert {k: v for k, v in after.items() if k not in keys} == {
            k: v for k, v in before.items() if k not in keys
        }
        assert again.runtime.store.read_now(ledger.broken_at) is None
        assert again.runtime.store.read_now(audit.broken_at) is None
        again.sign_up()
        again.did(a_lead_due_an_offer(again), "opened")
        again.work()


def test_a_backup_of_one_kind_of_store_fits_the_other(
    world: World, store_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    a_lived_in(world)
    before = everything(world)
    done("backup", str(tmp_path / "a"), "--db", world.settings.db)
    done("restore", str(tmp_path / "a"), "--db", with_its_key(tmp_path, "between.db"))
    done("backup", str(tmp_path / "b"), "--db", f"sqlite:///{tmp_path}/between.db")
    url = store_url
    world.client.__exit__(None, None, None)
    world.runtime.store.write_now(
        lambda c: [c.execute(sa.delete(t)) for t in metadata.sorted_tables]
    )

    done("restore", str(tmp_path / "b"), "--db", url)

    world.client.__enter__()
    assert everything(world) == before
    world.runtime.keyring.forget()
    world.sign_up()
    world.hire("bob")


def test_a_backup_is_consistent_while_writers_write(world: World, tmp_path: Path) -> None:
    import threading

    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            world.runtime.store.write_now(lambda c, n=number: pair(c, n))

    def pair(connection: sa.Connection, number: int) -> None:
        secrets = metadata.tables["secrets"]
        for side in ("left", "right"):
            connection.execute(secrets.insert(), {"name": f"{side}-{number}", "value": "x"})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for copy in range(3):
            done("backup", str(tmp_path / str(copy)), "--db", world.settings.db)
    finally:
        stop.set()
        writer.join()

    for copy in range(3):
        url = with_its_key(tmp_path, f"restored-{copy}.db")
        done("restore", str(tmp_path / str(copy)), "--db", url)
        with World(url) as again:
            names = [row.name for row in again.rows(sa.select(metadata.tables["secrets"]))]
        left = {name[5:] for name in names if name.startswith("left-")}
        assert left == {name[6:] for name in names if name.startswith("right-")}


def test_people_read_what_it_holds_and_how_to_restore_it(world: World, tmp_path: Path) -> None:
    a_lived_in(world)
    file, url = tmp_path / "copy.backup", with_its_key(tmp_path, "restored.db")

    made = giveget("backup", str(file), "--db", world.settings.db)
    restored = giveget("restore", str(file), "--db", url)

    assert made.exit_code == 0, made.output
    assert f"Backed up to {file} (" in made.stdout
    assert re.search(r" \([\d.]+ (MB|kB)\): complete and checked\.", made.stdout)
    assert re.search(r"\d+ rows: 2 leads, .*, 1 offer, 1 mail and what belongs", made.stdout)
    assert f"giveget restore {file} --db sqlite:///restored.db" in made.stdout
    key = tmp_path / "giveget.db.key"
    named = f"GIVEGET_SECRET_KEY_FILE={key} " if key.exists() else "GIVEGET_SECRET_KEY:"
    assert named in made.stdout
    assert restored.exit_code == 0, restored.output
    assert f"Restored {file} into {url}: " in restored.stdout
    assert "giveget doctor" in restored.stdout


def test_nothing_is_overwritten_by_a_backup_or_a_restore(world: World, tmp_path: Path) -> None:
    file = tmp_path / "copy"
    done("backup", str(file), "--db", world.settings.db)

    again = giveget("backup", str(file), "--db", world.settings.db)
    over = giveget("restore", str(file), "--db", world.settings.db)

    assert (again.exit_code, over.exit_code) == (2, 2)
    assert "overwrites nothing" in again.stderr
    assert "not empty" in over.stderr


def test_a_damaged_backup_is_refused_before_a_row_is_taken(world: World, tmp_path: Path) -> None:
    file, target = tmp_path / "copy", tmp_path / "restored.db"
    done("backup", str(file), "--db", world.settings.db)
    raw = bytearray(file.read_bytes())
    if raw[:2] == b"\x1f\x8b":
        text = gzip.decompress(bytes(raw)).replace(b"ingest", b"admins")
        raw = bytearray(gzip.compress(text))
    else:
        raw[4096:8192] = bytes(4096)
    file.write_bytes(raw)

    refused = giveget("restore", str(file), "--db", f"sqlite:///{target}")

    assert refused.exit_code == 2
    assert "damaged" in refused.stderr
    assert (
        not target.exists()
        or World(f"sqlite:///{target}").rows(sa.select(metadata.tables["leads"])) == []
    )


def test_an_empty_file_is_no_backup(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()

    refused = giveget("restore", str(tmp_path / "empty"), "--db", f"sqlite:///{tmp_path}/new.db")

    assert refused.exit_code == 2
    assert "is no backup, or a damaged one" in refused.stderr
    assert not (tmp_path / "new.db").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["backup", "{}/no/copy"], "is no folder"),
        (["backup", "{}/copy"], "there is no store at"),
        (["restore", "{}/none"], "cannot read"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path: Path, arguments: list[str], said: str) -> None:
    filled = [argument.format(tmp_path) for argument in arguments]

    refused = giveget(*filled, "--db", f"sqlite:///{tmp_path}/none.db")

    assert refused.exit_code == 2
    assert said in refused.stderr
