"""Reps in processes of their own claim, finish, release, die and time out over one store."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from service.app import build_runtime
from service.db import Store
from service.db.tables.leads import claims, leads, queue
from service.schemas.signup import Signup
from service.store.leads.idempotency import Message
from service.store.queue import reps
from service.use_cases.intake.signups import read_signup, store_signup
from service.use_cases.tx import transact
from tests.support.rep_process import settings_for
from tests.support.service import a_signup

Line = dict[str, Any]


def fill(url: str, rep_count: int, lead_count: int) -> None:
    """So many reps, and a queue place for each of so many leads."""
    runtime = build_runtime(settings_for(url))
    now = runtime.clock.now()
    for number in range(rep_count):
        rep = reps.Rep(
            id=f"rep-{number}",
            name=f"Rep {number}",
            email=None,
            languages=(),
            countries=(),
            segments=(),
            capacity=10_000,
            available=True,
        )
        runtime.store.write_now(lambda c, rep=rep: reps.put(c, rep, now))
    runtime.board.forget()

    async def sign_all_up() -> None:
        for start in range(0, lead_count, 500):
            numbers = range(start, min(start + 500, lead_count))
            await asyncio.gather(*(one(number) for number in numbers))

    async def one(number: int) -> None:
        body = a_signup(id=f"lead-{number}")
        message = Message(sender="test", id=f"m{number}", body_hash="")
        given = read_signup(runtime, Signup(**body), message, json.dumps(body).encode())
        await transact(runtime, lambda tx: store_signup(tx, given))

    asyncio.run(sign_all_up())
    runtime.store.close()


def work(url: str, folder: Path, rep_count: int, lead_count: int, deaths: int) -> list[Line]:
    """Let every rep work until nothing is left; what they logged."""
    command = [sys.executable, "-m", "tests.support.rep_process", url, str(folder)]
    command += map(str, (rep_count, lead_count, deaths))
    with subprocess.Popen(command, start_new_session=True) as team:
        try:
            assert team.wait() == 0
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(team.pid, signal.SIGKILL)  # reps must not outlive a test that gave up
    logs = sorted(folder.glob("rep-*.log"))
    assert len(logs) == rep_count
    return [json.loads(line) for log in logs for line in log.read_text().splitlines()]


def spans(lines: list[Line]) -> Iterator[list[tuple[float, float, str]]]:
    """For each lead, from when until when it was whose, as they believed."""
    ends = {line["claim"]: line["until"] for line in lines if line["what"] in ("done", "released")}
    by_lead: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
    for line in lines:
        if line["what"] == "held":  # who died or was late held it while the lease said so
            leased = datetime.fromisoformat(line["lease_until"]).timestamp()
            until = ends.get(line["claim"], leased)
            by_lead[line["lead"]].append((line["since"], until, line["rep"]))
    for held in by_lead.values():
        yield sorted(held)


def check(url: str, folder: Path, *, rep_count: int, lead_count: int, deaths: int) -> None:
    """Each rep dies `deaths` times."""
    fill(url, rep_count, lead_count)

    lines = work(url, folder, rep_count, lead_count, deaths)

    for held in spans(lines):
        for (_, until, _), (since, _, _) in itertools.pairwise(held):
            assert since >= until, held
    told = Counter(line["what"] for line in lines)
    finished = [line["lead"] for line in lines if line["what"] == "done"]
    assert sorted(finished) == sorted(f"lead-{n}" for n in range(lead_count))  # each once
    assert told["died"] == rep_count * deaths
    late = {line["claim"]: line["code"] for line in lines if line["what"] == "late"}
    assert {line["claim"] for line in lines if line["what"] == "overslept"} <= set(late)
    assert set(late.values()) <= {"lease_over", "claim_ended"}
    assert told["held"] == told["done"] + told["released"] + told["died"] + told["late"]
    assert count(url, queue) == 0
    assert count(url, leads) == lead_count
    assert count(url, claims, claims.c.ended == "done") == lead_count
    assert count(url, claims, claims.c.ended == "released") == told["released"]
    assert count(url, claims, claims.c.ended == "expired") == told["died"] + told["late"]
    assert count(url, claims, claims.c.ended.is_(None)) == 0
    print(dict(told))


def count(url: str, table: sa.Table, *conditions: sa.ColumnElement[bool]) -> int:
    """Rows of a table that fulfil the conditions."""
    store = Store(url)
    query = sa.select(sa.func.count()).select_from(table).where(*conditions)
    found = store.read_now(lambda c: c.execute(query).scalar_one())
    store.close()
    return int(found)


def test_every_lead_is_at_most_one_reps_and_none_is_lost(store_url: str, tmp_path: Path) -> None:
    check(store_url, tmp_path, rep_count=3, lead_count=30, deaths=1)


@pytest.mark.long
def test_sixteen_reps_dying_over_five_thousand_leads_hold_none_twice_and_lose_none(
    store_url: str, tmp_path: Path
) -> None:
    check(store_url, tmp_path, rep_count=16, lead_count=5000, deaths=2)
