"""An import by the batch leaves the store as its rows one by one would, and as the calls would."""

from __future__ import annotations

import csv
import itertools
import secrets
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from contextlib import closing, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from scoring.errors import DataError
from scoring.files.csv_lenient import Line, csv_lines
from scoring.files.reading import Asked
from service import capacity
from service.cli import run_import
from service.db.tables.leads import leads, metadata
from service.importers import read_beside
from service.importers.forms import forms_of
from service.importers.mapping import guess
from service.importers.read_beside import Other, other_process
from service.importers.reading import Reading
from service.importers.rows import Row, RowReader
from service.importers.vocabulary import Kind
from service.store.leads import first_seen
from tests.support import service as support
from tests.support.service import World

_OURS = {
    *("keys", "key_secrets", "secrets", "audit", "alembic_version", "http_calls"),
    "stale_figures",
}
"""What differs between two stores by itself: how often a row was marked to be counted; which
of the accepted calls are kept is drawn."""
FIRMS = ("acme-foods.example", "bolt.example", "gmail.com", "casa-verde.example")


def a_file_of_leads(rows: int) -> str:
    """New people, people named twice in the file, colleagues, people of the store, refusals."""
    lines = ["Lead ID,Email,User,Firm,Job Title,Phone,Country,Seats,Do Not Email,Sign-up date"]
    for i in range(rows):
        id = "" if i % 7 == 3 else f"L{i}"
        user = f"u{i // 2}" if i % 11 == 5 else ""
        email = f"p{i % 97}@{FIRMS[i % 4]}" if i % 13 == 8 else f"q{i}@{FIRMS[i % 3]}"
        seats = "many" if i % 53 == 17 else str(i % 90 or "")
        company = f"c{i % 5}" if i % 6 == 1 else ""
        job, country = ("CEO", "Buyer", "")[i % 3], ("DE", "FR", "")[i % 3]
        lines.append(
            f"{id},{email},{user},{company},{job},+49 151 23456{i % 900:03},{country},{seats},"
            f"{'' if i % 10 else 'yes'},2026-10-{i % 28 + 1:02}"
        )
    return "\n".join(lines) + "\n"


def a_file_of_events(rows: int) -> str:
    lines = ["id,lead_id,email,name,at"]
    for i in range(rows):
        lead = f"L{i * 7 % 60}" if i % 5 else ""
        email = "" if lead else f"q{i % 40}@{FIRMS[i % 40 % 3]}"
        name = ("project created", "invited a colleague", "viewed pricing")[i % 3]
        lines.append(f"e{i - i % 17 % 2},{lead},{email},{name},2026-10-{i % 28 + 1:02}T10:00:00Z")
    return "\n".join(lines) + "\n"


@contextmanager
def a_world(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A service in which whatever is drawn comes in one order, by what it is for."""
    with monkeypatch.context() as patched:
        drawn = {size: itertools.count(1) for size in range(1, 65)}
        patched.setattr(secrets, "token_hex", lambda n: f"{next(drawn[n]):0{2 * n}x}")
        patched.setattr(support, "_numbers", itertools.count(1))
        with World(url) as world:
            world.runtime.keys = replace(world.runtime.keys, address=b"the same for both")
            yield world


def taken(
    world: World,
    folder: Path,
    kind: Kind,
    text: str,
    lines_of: Callable[..., Any] = csv_lines,
    other: Other | None = None,
) -> str:
    """The import's id, after all its rows were read."""
    file = folder / f"{kind}.csv"
    file.write_text(text, encoding="utf-8")
    header, lines = csv_lines(file, "utf-8")
    mapping = guess(kind, header)
    if kind == "leads":
        named = {"User": "external_ids.user", "Firm": "external_ids.company"}
        mapping = replace(mapping, fields={**mapping.fields, **named})
    forms = forms_of(file.name, mapping, header, lines, Asked())
    reading = Reading(
        kind=kind,
        mapping=mapping,
        header=header,
        forms=forms,
        encoding="utf-8",
        out=folder / f"{kind}.rejects.csv",
        other=other,
    )
    try:
        done = run_import.run_import(world.runtime, file.name, reading, lines_of(file, "utf-8")[1])
    finally:
        reading.close()
    return done.id


def everything(world: World) -> dict[str, list[Any]]:
    """Every row of every table but those of `_OURS`, in the order of its key."""
    return {
        table.name: sorted(repr(told(table, row)) for row in world.rows(sa.select(table)))
        for table in metadata.sorted_tables
        if table.name not in _OURS
    }


def told(table: sa.Table, row: Any) -> tuple[Any, ...]:
    """A row without the number it was counted as."""
    numbered = {c.name for c in table.primary_key if isinstance(c.type, sa.Integer)}
    return tuple(v for c, v in zip(table.c, row, strict=True) if c.name not in numbered)


def of_before(world: World, reps: tuple[str, ...] = ("ada", "ben")) -> None:
    """Reps, people, and facts that wait for people of the file."""
    for rep in reps:
        world.hire(rep)
    world.sign_up(id="L4", email="old@acme-foods.example", external_ids={"user": "u8"})
    world.sign_up(id="X1", email="p21@bolt.example")
    world.touched("L9")
    outcome = {"id": "o1", "lead_id": "L30", "kind": "converted", "at": "2026-10-30T10:00:00Z"}
    world.send("/v1/outcomes", outcome)


def everybody(_: sa.Connection, names: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    return set(names)


@pytest.mark.parametrize("is_large", [False, True])
@pytest.mark.parametrize("has_events", [False, True])
def test_leads_by_the_batch_are_the_leads_one_by_one(
    store_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    has_events: bool,
    is_large: bool,
) -> None:
    """`is_large`: where so many sign up that what the team can take is not looked up each time."""
    ends = []
    for url in (store_url, f"sqlite:///{tmp_path}/alone.db"):
        with a_world(url, monkeypatch) as world, monkeypatch.context() as patched:
            of_before(world)
            if is_large:
                patched.setattr(capacity, "_SMALL", 0)
                patched.setattr(capacity.Capacity, "_look_beside", lambda *_: None)
            if has_events:
                world.did("L4", "project created")
            if url != store_url:  # each row is looked up, kept and stored by itself
                patched.setattr(first_seen, "known_names", everybody)
                patched.setattr(run_import, "_AT_ONCE", 1)
            taken(world, tmp_path, "leads", a_file_of_leads(140))
            ends.append((everything(world), (tmp_path / "leads.rejects.csv").read_text()))
    (batch, refused), (alone, refused_alone) = ends
    assert len(batch["leads"]) > 80
    assert len(batch["queue"]) > 10
    assert "another lead" in refused
    assert sorted(refused.splitlines()) == sorted(refused_alone.splitlines())
    for table, rows in batch.items():
        assert rows == alone[table], table


def test_events_by_the_batch_are_the_events_of_a_call(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = a_file_of_events(300)
    ends = []
    for url in (store_url, f"sqlite:///{tmp_path}/alone.db"):
        with a_world(url, monkeypatch) as world:
            of_before(world)
            taken(world, tmp_path, "leads", a_file_of_leads(60))
            if url == store_url:
                taken(world, tmp_path, "events", text)
            else:
                call(world, text)
            ends.append(everything(world))
    batch, called = ends
    assert len(batch["parked"]) > 5
    assert len(batch["events"]) > 140
    for table in batch.keys() - {"imports", "import_facts", "import_snapshots", "messages"}:
        assert batch[table] == called[table], table


def test_events_of_a_file_in_any_batches_end_alike(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One by one a lead is scored after each of its events; its last state is the same.

    Without reps: who gets a lead depends on whose comes first, as it does with calls.
    """
    ends = []
    for url, at_once in ((store_url, 500), (f"sqlite:///{tmp_path}/alone.db", 1)):
        with a_world(url, monkeypatch) as world, monkeypatch.context() as patched:
            of_before(world, reps=())
            taken(world, tmp_path, "leads", a_file_of_leads(60))
            patched.setattr(run_import, "_AT_ONCE", at_once)
            patched.setattr(run_import, "_EVENTS_A_ROW", 1)
            taken(world, tmp_path, "events", a_file_of_events(300))
            ends.append(everything(world))
    batch, alone = ends
    for table in batch.keys() - {"scores", "lane_changes", "import_facts"}:
        assert batch[table] == alone[table], table
    assert len(batch["scores"]) <= len(alone["scores"])
    assert len(batch["import_facts"]) == len(alone["import_facts"])


class Ready(Other):
    """Nothing is read here while the other process starts."""

    def asked(self, chunk: list[Line]) -> Future[Any] | None:
        self._ready.result()
        return super().asked(chunk)


class LostInTheMiddle(Ready):
    """The other process is killed once it has read something."""

    def asked(self, chunk: list[Line]) -> Future[Any] | None:
        answer = super().asked(chunk)
        if chunk[0].number > 60 and answer is not None:
            wait([answer])
            for process in self._pool._processes.values():
                process.kill()
                process.join()
        return answer


def noted(lines: list[int]) -> Callable[[RowReader, Line], Row]:
    """`RowReader.read` that notes which lines it reads."""
    read = RowReader.read

    def reads(self: RowReader, line: Line) -> Row:
        lines.append(line.number)
        return read(self, line)

    return reads


@pytest.mark.parametrize("helps", [False, True])
@pytest.mark.parametrize("process", [Ready, LostInTheMiddle])
@pytest.mark.parametrize("kind", ["leads", "events"])
def test_rows_that_another_process_reads_are_the_rows_read_here(
    store_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: Kind,
    process: type[Ready],
    helps: bool,
) -> None:
    """Also where that process is lost in the middle: then the rest is read here; and where this
    one helps while it waits."""
    text = a_file_of_leads(140)
    if kind == "events":
        text = a_file_of_events(300)
    ends = []
    for url in (store_url, f"sqlite:///{tmp_path}/here.db"):
        with a_world(url, monkeypatch) as world, monkeypatch.context() as patched:
            of_before(world)
            if kind == "events":
                taken(world, tmp_path, "leads", a_file_of_leads(60))
            read_here: list[int] = []
            if url == store_url:
                patched.setattr(read_beside, "_CHUNK", 16)
                if not helps:
                    patched.setattr(read_beside, "_reads_last_here", lambda *_: False)
                patched.setattr(RowReader, "read", noted(read_here))
            with closing(process()) if url == store_url else nullcontext() as other:
                taken(world, tmp_path, kind, text, other=other)
            if url == store_url:
                assert helps or bool(read_here) == (process is LostInTheMiddle)
                assert len(read_here) < text.count("\n") - 10
            refused = tmp_path / f"{kind}.rejects.csv"
            ends.append((everything(world), refused.read_text() if refused.exists() else ""))
            refused.unlink(missing_ok=True)
    (beside, refused_beside), (here, refused_here) = ends
    assert refused_beside == refused_here
    assert len(beside[kind]) > 80
    for table, rows in beside.items():
        assert rows == here[table], table


@pytest.mark.parametrize(("rows", "begun"), [(20, False), (4000, True)])
def test_another_process_is_begun_for_a_long_file_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int, begun: bool
) -> None:
    file = tmp_path / "leads.csv"
    file.write_text(a_file_of_leads(rows), encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(read_beside, "_cores", lambda: 2)
        with other_process(file) as other:
            assert (other is not None) == begun
        with other_process(tmp_path / "none.csv") as other:
            assert other is None
        patched.setattr(read_beside, "_cores", lambda: 1)
        with other_process(file) as other:
            assert other is None


@pytest.mark.parametrize("kind", ["leads", "events"])
@pytest.mark.parametrize("beside", [True, False])
def test_rows_before_a_place_that_cannot_be_read_are_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Kind, beside: bool
) -> None:
    def cut(file: Path, encoding: str) -> tuple[list[str], Iterator[Line]]:
        header, lines = csv_lines(file, encoding)

        def until() -> Iterator[Line]:
            yield from itertools.islice(lines, 90)
            raise DataError("the file ends in the middle")

        return header, until()

    text = a_file_of_leads(140) if kind == "leads" else a_file_of_events(300)
    ends = []
    with monkeypatch.context() as patched:
        patched.setattr(read_beside, "_CHUNK", 16)
        for name, lines_of in (("cut", cut), ("whole", csv_lines)):
            with (
                a_world(f"sqlite:///{tmp_path}/{name}.db", monkeypatch) as world,
                closing(Ready()) if beside else nullcontext() as other,
            ):
                of_before(world)
                if lines_of is cut:
                    with pytest.raises(DataError, match="in the middle"):
                        taken(world, tmp_path, kind, text, cut, other)
                else:
                    taken(world, tmp_path, kind, "".join(text.splitlines(True)[:91]))
                ends.append(everything(world))
    for table, rows in ends[0].items():
        assert rows == ends[1][table], table


def call(world: World, text: str) -> None:
    """The same events as `POST /v1/events` takes them; a mail address names the lead there."""
    by_email = {row.email_key: row.id for row in world.rows(_BY_EMAIL)}
    events = []
    for row in csv.DictReader(text.splitlines()):
        lead = row["lead_id"] or by_email.get(world.runtime.email_key(row["email"]))
        if lead:
            events.append({n: row[n] for n in ("id", "name", "at")} | {"lead_id": lead})
    answer = world.send("/v1/events", {"events": events})
    assert answer.status_code == 200, answer.text


_BY_EMAIL = sa.select(leads.c.email_key, leads.c.id).order_by(
    leads.c.moment.desc(), leads.c.id.desc()
)
