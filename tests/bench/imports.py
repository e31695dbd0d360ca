"""`giveget import` of leads and of events, beside the same rows one by one and beside the copying
of the same file into a bare table by SQLite's shell (or by the `sqlite3` module, where there is
none), all in turn in one run. Rows: BENCH_IMPORT, 10,000 leads and five times as many events."""

from __future__ import annotations

import csv
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from unittest.mock import patch

import sqlalchemy as sa

from scoring.files.csv_lenient import csv_lines
from scoring.files.reading import Asked
from service.app import build_runtime
from service.cli import run_import
from service.importers.forms import forms_of
from service.importers.mapping import guess
from service.importers.read_beside import other_process
from service.importers.reading import Reading
from service.importers.vocabulary import Kind
from service.settings import read_settings
from service.store.leads import first_seen
from tests.bench.harness import Figure, seconds, times

_LEADS = int(os.environ.get("BENCH_IMPORT", "10000"))
_ALONE = 20
"""One by one only so many of the rows, as it takes that much longer."""
_COUNTRIES = ("DE", "US", "FR", "BR")
_TITLES = ("CEO", "Head of Sales", "Software Engineer", "VP Operations", "")


def run() -> Iterable[Figure]:
    """Leads into an empty store; events of leads that are there, five and fifty a lead."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        empty, full = folder / "empty.db", folder / "full.db"
        people = _leads(folder / "leads.csv", _LEADS)
        _import(empty, "leads", _leads(folder / "none.csv", 0))
        _copied(empty, full)
        _import(full, "leads", people)
        part = _leads(folder / "part.csv", _LEADS // _ALONE)
        yield _figure("leads", "leads", people, part, empty, _LEADS)
        rows = 5 * _LEADS
        for each in (5, 50):
            did = _events(folder / "did.csv", rows, rows // each)
            part = _events(folder / "part.csv", rows // _ALONE, rows // each // _ALONE)
            yield _figure(f"events, {each} a lead", "events", did, part, full, rows)


def _figure(what: str, kind: Kind, file: Path, part: Path, store: Path, rows: int) -> Figure:
    fresh = count()

    def ours() -> None:
        _import(_copy(store, fresh), kind, file)

    def alone() -> None:
        with (
            patch.object(run_import, "_AT_ONCE", 1),
            patch.object(run_import, "_EVENTS_A_ROW", 1),
            patch.object(first_seen, "known_names", _everybody),
        ):
            _import(_copy(store, fresh), kind, part)

    mine, one_by_one, bare = seconds(ours, alone, lambda: _shell(file), repeats=3)
    one_by_one *= _ALONE
    return Figure(
        f"import {what}",
        f"{rows / mine:,.0f} rows/s",
        f"one by one {rows / one_by_one:,.0f}, bare table {rows / bare:,.0f}",
        f"{times(one_by_one, mine)}; 1/{mine / bare:,.0f} of a bare copy",
    )


def _import(store: Path, kind: Kind, file: Path) -> None:
    with other_process(file) as other:
        header, lines = csv_lines(file, "utf-8")
        mapping = guess(kind, header)
        reading = Reading(
            kind=kind,
            mapping=mapping,
            header=header,
            forms=forms_of(file.name, mapping, header, lines, Asked()),
            encoding="utf-8",
            out=file.with_suffix(".rejects"),
            other=other,
        )
        runtime = build_runtime(read_settings(db=f"sqlite:///{store}"))
        run_import.run_import(runtime, file.name, reading, csv_lines(file, "utf-8")[1])
        reading.close()
        runtime.store.close()


def _copy(store: Path, fresh: Iterable[int]) -> Path:
    return _copied(store, store.with_name(f"{next(iter(fresh))}.db"))


def _copied(store: Path, to: Path) -> Path:
    """A store beside another, with the key that opens its secrets."""
    shutil.copy(f"{store}.key", f"{to}.key")
    return Path(shutil.copy(store, to))


def _everybody(_: sa.Connection, names: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    return set(names)


def _shell(file: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = f"{folder}/bare.db"
        if shell := shutil.which("sqlite3"):
            command = f".import --csv {file} bare"
            subprocess.run([shell, made, command], check=True)  # ours
            return
        with file.open(encoding="utf-8", newline="") as text, sqlite3.connect(made) as connection:
            header, *rows = csv.reader(text)
            connection.execute(
                f"CREATE TABLE bare ({', '.join(f'c{i}' for i in range(len(header)))})"
            )
            places = ", ".join("?" * len(header))
            connection.executemany(f"INSERT INTO bare VALUES ({places})", rows)


def _leads(file: Path, rows: int) -> Path:
    header = "Lead ID,Email,Job Title,Phone,Company,Country,Seats,Sign-up date,Industry"
    return _written(
        file,
        header,
        rows,
        lambda i: (
            f"L{i},p{i}@firm{i % 4000}.example,{_TITLES[i % 5]},+49 151 {20_000_000 + i},"
            f"Firm {i % 4000},{_COUNTRIES[i % 4]},{i % 90},2026-0{i % 9 + 1}-{i % 28 + 1:02},food"
        ),
    )


def _events(file: Path, rows: int, leads: int) -> Path:
    return _written(
        file,
        "id,lead_id,name,at",
        rows,
        lambda i: f"e{i},L{i * 7919 % max(leads, 1)},project created,2026-09-{i % 28 + 1:02}",
    )


def _written(file: Path, header: str, rows: int, row: Callable[[int], str]) -> Path:
    file.write_text("\n".join([header, *map(row, range(rows))]) + "\n", encoding="utf-8")
    return file
