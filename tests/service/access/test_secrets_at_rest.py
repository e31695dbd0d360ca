"""What opens doors is sealed in the store, under a key the store does not hold."""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from itsdangerous import URLSafeSerializer, URLSafeTimedSerializer
from typer.testing import CliRunner, Result

from service.auth.master_keys import MasterKeys
from service.auth.vault import Vault
from service.cli import app
from service.db.tables.leads import key_secrets, leads, secrets
from service.errors import Unavailable
from service.settings import Settings
from service.store.ops import outbox
from tests.support.batch import a_model, some_trials, write_leads
from tests.support.service import CONSENT, World

OLD_KEY = "0.1.0 signed everything with this one key, in the store itself"


def giveget(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def path_of(url: str) -> str:
    return urlsplit(url).path


def as_0_1_0(world: World) -> None:
    """Leave the store as the release before wrote it: an old key in a row, secrets as they are."""
    plain = world.ingest_key

    def undo(connection: sa.Connection) -> None:
        connection.execute(sa.delete(secrets))
        connection.execute(secrets.insert(), {"name": "signing", "value": OLD_KEY})
        connection.execute(sa.update(key_secrets).values(signing_secret=plain))

    world.runtime.store.write_now(undo)


def files_of(world: World, folder: Path) -> bytes:
    """All that is on the disk, or in a backup where a server keeps the files."""
    backup = folder / "copy.backup"
    assert giveget("backup", str(backup), "--db", world.settings.db).exit_code == 0
    raw = backup.read_bytes()
    if raw[:2] == b"\x1f\x8b":
        return gzip.decompress(raw)
    return raw + b"".join(
        file.read_bytes() for file in folder.glob("giveget.db*") if file.suffix != ".key"
    )


def a_suppressed_address(world: World) -> str:
    key = world.runtime.email_key("Gone@Firm.example")
    world.runtime.store.write_now(
        lambda c: outbox.suppress(c, [key], reason="unsubscribed", now=world.clock.now())
    )
    return key


def test_a_backup_holds_no_secret_and_forges_nothing(world: World, tmp_path: Path) -> None:
    world.sign_up()
    held = files_of(world, tmp_path)
    key = world.ingest_key.encode()

    assert key not in held
    assert key.removeprefix(b"whsec_") not in held
    kept = dict(tuple(row) for row in world.rows(sa.select(secrets)))
    assert set(kept) <= {"sealed", "head"}
    sealed = kept["sealed"]
    for guess in (sealed.encode(), sealed.encode()[:64], OLD_KEY.encode()):
        forged = URLSafeTimedSerializer(guess, salt="giveget-enter").dumps("admin")
        answer = world.client.get(f"/enter/{forged}", follow_redirects=False)
        assert (answer.status_code, answer.cookies.get("giveget_session")) == (401, None)
        forged = URLSafeSerializer(guess, salt="giveget-offer").dumps("offer_x")
        assert world.client.get(f"/o/{forged}").status_code == 404


def test_the_store_of_0_1_0_is_sealed_at_the_next_start(
    make_world: Callable[..., World], store_url: str, tmp_path: Path
) -> None:
    before = make_world()
    as_0_1_0(before)
    plain = before.ingest_key

    with World(store_url) as world:
        assert world.send("/v1/signups", {"email": "a@b.example"}, secret=plain).is_success
        ref = world.rows(sa.select(leads.c.ref))[0][0]
        for salt, path, expected in (
            ("giveget-unsubscribe", "u", 200),
            ("giveget-enter", "enter", 401),  # a link into the console is good for a day only
        ):
            kind = URLSafeTimedSerializer if path == "enter" else URLSafeSerializer
            token = kind(OLD_KEY.encode()[:64], salt=salt).dumps(ref)
            assert world.client.get(f"/{path}/{token}").status_code == expected
        held = files_of(world, tmp_path)
    assert OLD_KEY.encode() not in held
    assert plain.encode() not in held


def test_addresses_are_found_after_the_upgrade_and_after_a_rotation(
    make_world: Callable[..., World], store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIVEGET_SECRET_KEY", "the key of every process here, of 32 and more")
    with World(store_url) as old:
        as_0_1_0(old)
        old.runtime.keys = type(old.runtime.keys)(address=OLD_KEY.encode()[:64], links=())
        lead = old.sign_up(email="eva@lake.example")["lead_id"]
        gone = a_suppressed_address(old)

    with World(store_url) as world:
        assert world.runtime.email_key("gone@firm.example") == gone
        assert world.sign_up(email="EVA@lake.example")["lead_id"] == lead
    monkeypatch.setenv("GIVEGET_SECRET_KEY_OLD", "the key of every process here, of 32 and more")
    monkeypatch.setenv("GIVEGET_SECRET_KEY", "a new key for every process, long enough too")
    assert giveget("keys", "rotate-master", "--db", store_url).exit_code == 0
    monkeypatch.delenv("GIVEGET_SECRET_KEY_OLD")
    with World(store_url) as world:
        assert world.runtime.email_key("gone@firm.example") == gone
        assert world.sign_up(email="Eva@lake.example")["lead_id"] == lead


def ref_of(world: World, lead: str) -> str:
    return str(world.rows(sa.select(leads.c.ref).where(leads.c.id == lead))[0][0])


def rotated(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exchange the master key beside a running service."""
    if not world.runtime.store.is_sqlite:
        new, old = "one more key that all are given, of 32 and more", world.settings.secret_key
        monkeypatch.setenv("GIVEGET_SECRET_KEY", new)
        monkeypatch.setenv("GIVEGET_SECRET_KEY_OLD", str(old))
        world.runtime.vault._read = lambda: (new, str(old))  # as if it had been started with both
    said = giveget("keys", "rotate-master", "--db", world.settings.db)
    assert said.exit_code == 0, said.output


def test_links_mailed_before_a_rotation_are_read_for_400_days(
    make_world: Callable[..., World], store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world()
    lead = world.sign_up(consent=CONSENT)["lead_id"]
    ref = ref_of(world, lead)
    links = world.runtime.links
    leave, code = path_of(links.unsubscribe(ref)), path_of(links.code(ref, world.clock.now()))
    entrance = world.runtime.sessions.entrance("key_x")
    before = dict(world.runtime.store.read_now(lambda c: c.execute(sa.select(secrets)).all()))

    rotated(world, monkeypatch)
    world.work()  # the running service takes the new keys into use by itself

    assert dict(world.rows(sa.select(secrets))) != before
    assert path_of(world.runtime.links.unsubscribe(ref)) != leave
    assert [world.client.get(path).status_code for path in (leave, code)] == [200, 200]
    assert world.client.get(f"/enter/{entrance}").status_code == 401
    assert world.sign_up()["lead_id"]
    key_secret = world.rows(sa.select(key_secrets.c.signing_secret))[0][0]
    newest = Vault(lambda: world.runtime.vault._read()[:1])
    assert newest.open("ingest secrets", key_secret) == world.ingest_key

    world.wait(days=401)
    world.runtime.use_keys(world.runtime.keys)
    assert world.client.get(leave).status_code == 200  # unsubscribing always
    with pytest.raises(Exception, match="not one of ours"):
        world.runtime.links.read_consent(code.rpartition("/")[2])
    assert world.client.get(code).status_code == 404


@pytest.fixture
def open_umask() -> Iterator[None]:
    """A shell whose new files anybody may read, as most are."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_every_file_with_peoples_data_is_its_owners_alone(
    world: World, tmp_path: Path, open_umask: None
) -> None:
    world.clock.set(datetime.now(UTC))  # the commands have a real one
    db = world.settings.db
    world.sign_up(id="ada", email="ada@ada.example", seats=70)
    write_leads(tmp_path, some_trials(120)).rename(tmp_path / "trials.csv")
    (tmp_path / "leads.csv").write_text(
        "id,email,seats\nbea,bea@bea.example,5\n,eva@eva.example,many\ncem,nobody,5\n"
    )
    a_model(tmp_path / "trials.csv").save(tmp_path / "m", report="")
    out = {name: tmp_path / name for name in ("export.json", "copy.backup", "s.csv", "s.parquet")}
    scores = tmp_path / "scores.csv"
    for command in (
        ["person", "export", "ada", "--out", str(out["export.json"]), "--db", db],
        ["backup", str(out["copy.backup"]), "--db", db],
        ["policy", "situations", str(out["s.csv"]), "--db", db],
        ["policy", "situations", str(out["s.parquet"]), "--db", db],
        ["import", "leads", str(tmp_path / "leads.csv"), "--yes", "--db", db],
        [
            *("model", "score", str(tmp_path / "trials.csv"), "--model", str(tmp_path / "m")),
            *("--out", str(scores), "--engine", "local", "--as-of", "2026-06-01"),
        ],
    ):
        done = giveget(*command)
        assert done.exit_code in (0, 1), (command, done.output)

    made = [*out.values(), scores, tmp_path / "leads.csv.rejects.csv"]
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in made}
    assert set(modes.values()) == {0o600}, modes
    assert os.umask(0o022) == 0o022  # nobody else's files are affected


def test_a_key_file_is_its_owners_alone_and_made_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    made = json.loads(giveget("keys", "add", "ingest", "--db", url).stdout)
    key = tmp_path / "x.db.key"
    text = key.read_text()

    assert key.stat().st_mode & 0o777 == 0o600
    with World(url) as world:
        assert world.send("/v1/signups", {"email": "a@b.cc"}, secret=made["secret"]).is_success
    assert key.read_text() == text
    assert sorted(f.name for f in tmp_path.iterdir() if f.name.startswith("tmp")) == []

    giveget("keys", "rotate-master", "--db", url)
    assert key.read_text().splitlines()[1:] == text.splitlines()  # it opens older backups


@pytest.mark.parametrize("text", [None, "k" * 40 + "\n", "short\n", "", "\x00\xff"])
def test_a_missing_or_other_key_is_said_and_changes_nothing(
    tmp_path: Path, text: str | None
) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    giveget("keys", "add", "ingest", "--db", url)
    key = tmp_path / "x.db.key"
    mine = key.read_text()
    key.unlink()
    if text is not None:
        key.write_text(text, encoding="utf-8")

    refused = giveget("keys", "add", "ingest", "--db", url)
    doctor = giveget("doctor", "--json", "--db", url)

    assert refused.exit_code == 2
    assert "x.db.key" in refused.stderr
    assert "secret_key" in refused.stderr
    found = {f["code"]: f for f in json.loads(doctor.stdout)["findings"]}
    assert found["no_secret_key"]["mend"] == f"cp COPY-OF-THE-KEY {key}"
    assert key.exists() == (text is not None)
    key.write_text(mine)
    assert giveget("keys", "add", "ingest", "--db", url).exit_code == 0


def test_a_key_of_the_environment_is_asked_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    monkeypatch.setenv("GIVEGET_SECRET_KEY", "k" * 40)
    giveget("keys", "add", "ingest", "--db", url)

    monkeypatch.delenv("GIVEGET_SECRET_KEY")
    without = giveget("keys", "add", "ingest", "--db", url)
    monkeypatch.setenv("GIVEGET_SECRET_KEY", "l" * 40)
    other = giveget("keys", "add", "ingest", "--db", url)
    doctor = giveget("doctor", "--json", "--db", url)

    assert f"is not in {tmp_path}/x.db.key, where this command looks" in without.stderr
    assert "run it as the service runs (with the same GIVEGET_SECRET_KEY" in without.stderr
    assert "GIVEGET_SECRET_KEY does not open the store's secrets" in other.stderr
    found = {f["code"]: f for f in json.loads(doctor.stdout)["findings"]}
    assert found["no_secret_key"]["mend"] == "export GIVEGET_SECRET_KEY=THE-KEY-OF-THIS-STORE"


def test_a_database_on_a_server_has_its_key_in_the_users_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    keys = MasterKeys(Settings(db="postgresql://a@127.0.0.1/b", secret_key=None))
    other = MasterKeys(Settings(db="postgresql://a@127.0.0.1/c", secret_key=None))
    assert keys.file is not None
    assert keys.read() == ()

    keys.make()

    assert keys.file.parent == tmp_path / "giveget"
    assert (stat.S_IMODE(keys.file.stat().st_mode), len(keys.read())) == (0o600, 1)
    assert other.file != keys.file
    given = Settings(db="postgresql://a@127.0.0.1/b", secret_key="k" * 40)
    assert MasterKeys(given).file is None


def test_what_was_sealed_for_one_purpose_opens_nothing_else() -> None:
    vault = Vault(lambda: ("m" * 40,))
    sealed = vault.seal("ingest secrets", "whsec_x")

    with pytest.raises(Unavailable):
        vault.open("own keys", sealed)


def test_a_process_without_the_new_key_answers_503_and_takes_it_up_once_it_has_it(
    tmp_path: Path,
) -> None:
    with World(f"sqlite:///{tmp_path}/x.db") as world:
        key = tmp_path / "x.db.key"
        old = key.read_text()
        giveget("keys", "rotate-master", "--db", world.settings.db)
        new = key.read_text()
        key.write_text(old)  # this process sees another disk
        world.runtime.keyring.forget()

        late = world.send("/v1/signups", {"email": "a@b.cc"})

        assert (late.status_code, late.json()["code"]) == (503, "other_secret_key")
        key.write_text(new)
        assert world.send("/v1/signups", {"email": "a@b.cc"}).status_code == 200


def test_the_files_of_a_store_that_was_sealed_keep_no_old_page(tmp_path: Path) -> None:
    db = tmp_path / "giveget.db"
    with World(f"sqlite:///{db}") as world:
        as_0_1_0(world)
        plain = world.ingest_key
    with closing(sqlite3.connect(db)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert plain.encode() in db.read_bytes()

    assert giveget("keys", "add", "ingest", "--db", f"sqlite:///{db}").exit_code == 0

    left: Any = b"".join(f.read_bytes() for f in tmp_path.glob("giveget.db*"))
    assert plain.encode() not in left
    assert OLD_KEY.encode() not in left
