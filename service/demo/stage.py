"""Sets the demo up: a trained model, a real server on SQLite, keys and reps."""

from __future__ import annotations

import asyncio
import csv
import gc
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from socket import AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket
from typing import Any

import sqlalchemy as sa
import uvicorn

from scoring.dataset.options import Options
from scoring.evaluation.tuning import Budget
from scoring.files.export import read_export
from scoring.report.report import render_report
from scoring.training.pipeline import train_export
from scoring.training.train import Progress
from service.app import build_runtime, create_app
from service.auth.keyring import Role
from service.demo.clock import StoryClock
from service.demo.simulate import Trial, lead_rows
from service.jobs.run_deliveries import deliver_due
from service.jobs.worker import run_worker, work_once
from service.runtime import Runtime
from service.settings import read_settings
from service.store.ops.users import Person, by_login
from service.use_cases.access import users
from service.use_cases.access.keys import ShownKey, add_key
from service.use_cases.access.sign_in import named_in

_TUNING_SECONDS = 3  # somebody waits to see the rest
PEOPLE: Mapping[str, tuple[tuple[str, ...], str | None]] = {
    "Ben Carter": (("rep",), "ben"),
    "Ana Ribeiro": (("rep", "manager"), "ana"),
    "Vera Lindt": (("manager", "admin"), None),
}
"""Who may look around: their roles, and whose queue is theirs."""


def write_export(trials: Sequence[Trial], leads: Path) -> Path:
    """Write the trials as a lead export and, beside it, their events; the events' path."""
    events = leads.with_name(f"{leads.stem}-events.csv")
    _write_csv(leads, lead_rows(trials))
    _write_csv(events, [event for trial in trials for event in trial.events])
    return events


def _write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)


def train_demo_model(leads: Path, events: Path, out: Path, progress: Progress) -> str:
    """Train on the export as a user would; the sentence that says what was chosen."""
    options = Options(target="converted", id_column="id", time_column="signed_up_at")
    trained = train_export(
        read_export(leads),
        options,
        events=read_export(events),
        budget=Budget(seconds=_TUNING_SECONDS),
        progress=progress,
    )
    trained.model.save(out, report=render_report(trained, title="Giveget model: simulated trials"))
    return trained.model.why


@dataclass(frozen=True, slots=True)
class Stage:
    """A running server, its parts, and a key for each role."""

    url: str
    runtime: Runtime
    ingest: str
    manager: str
    reps: Mapping[str, str]
    keys: Mapping[str, str]
    """A manager's key of each of PEOPLE who is one."""
    entrances: Mapping[str, str]
    """Where each of PEOPLE enters the console without typing a secret."""


@contextmanager
def running_server(
    directory: Path, model: Path, clock: StoryClock, reps: Sequence[str], *, port: int, **more: Any
) -> Iterator[Stage]:
    """A server in a thread of this process, stopped gracefully at the end; `more` are settings.

    Raises OSError when the port is taken.
    """
    with socket(AF_INET, SOCK_STREAM) as listener:
        listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        db = f"sqlite:///{directory / 'giveget.db'}"
        runtime = build_runtime(read_settings(db=db, model=model, public_url=url, **more), clock)
        app = create_app(runtime, with_worker=False)
        gc.freeze()  # as `serve` does; the training before has left much to look through
        config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            manager = _key(runtime, "manager", clock.now())
            entrances = {
                name: f"{url}/enter/{_entrance(runtime, name, clock.now())}" for name in PEOPLE
            }
            yield Stage(
                url=url,
                runtime=runtime,
                ingest=_key(runtime, "ingest", clock.now()).secret,
                manager=manager.secret,
                reps={rep: _key(runtime, "rep", clock.now(), rep).secret for rep in reps},
                entrances=entrances,
                keys={
                    name: _key(runtime, "manager", clock.now(), person=_login(name)).secret
                    for name in entrances
                    if "manager" in PEOPLE[name][0]
                },
            )
        finally:
            server.should_exit = True
            thread.join(timeout=15)
            runtime.store.close()


def work(runtime: Runtime) -> None:
    """Let the worker do all that is due at the story's time."""

    async def until_idle() -> None:
        while await work_once(runtime):
            pass

    asyncio.run(until_idle())


def tell(runtime: Runtime) -> None:
    """Let the worker tell what waits to be told, and nothing else."""

    async def until_told() -> None:
        while await deliver_due(runtime):
            pass

    asyncio.run(until_told())


def keep_working(runtime: Runtime) -> None:
    """Run the worker beside the server from now on."""

    async def until_the_end() -> None:
        await run_worker(runtime, asyncio.Event())

    threading.Thread(target=lambda: asyncio.run(until_the_end()), daemon=True).start()


def _entrance(runtime: Runtime, name: str, now: datetime) -> str:
    """A person of the demo is let in; the token of their link."""
    roles, rep = PEOPLE[name]
    login = _login(name)

    def add(connection: sa.Connection) -> Person | None:
        users.add(connection, login=login, name=name, roles=roles, rep=rep, now=now)
        return by_login(connection, login)

    person = runtime.store.write_now(add)
    assert person is not None
    return runtime.sessions.entrance(named_in(person, roles[0]))


def _login(name: str) -> str:
    return f"{name.split()[0].lower()}@giveget.example"


def _key(
    runtime: Runtime, role: Role, now: datetime, rep: str | None = None, person: str | None = None
) -> ShownKey:
    made = runtime.store.write_now(
        lambda c: add_key(c, runtime.vault, role=role, rep=rep, person=person, now=now)
    )
    runtime.keyring.forget()
    return made
