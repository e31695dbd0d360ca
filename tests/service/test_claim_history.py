"""Reps in processes of their own claim, finish, release, die and time out over one store."""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from service.bootstrap import build_parts
from service.routes.signup_body import Signup
from service.settings import read_settings
from service.store import reps
from service.store.messages import Message
from service.store.schema import claims, leads, queue
from service.use_cases.signups import take_signup
from tests.rep_process import LEASE_SECONDS
from tests.service_world import a_signup


def fill(url: str, rep_count: int, lead_count: int) -> None:
    """So many reps, and a queue place for each of so many leads."""
    parts = build_parts(read_settings(db=url, lease_seconds=LEASE_SECONDS, exploration_share=0.0))
    now = parts.clock.now()
    for number in range(rep_count):
        rep = reps.Rep(
            id=f"rep-{number}", name=f"Rep {number}", email=None, languages=(), countries=(),
            segments=(), capacity=10_000, available=True,
        )  # fmt: skip
        parts.store.write_now(lambda c, rep=rep: reps.put(c, rep, now))
    parts.board.forget()

    async def sign_all_up() -> None:
        for start in range(0, lead_count, 500):
            numbers = range(start, min(start + 500, lead_count))
            await asyncio.gather(*(one(number) for number in numbers))

    async def one(number: int) -> None:
        body = a_signup(id=f"lead-{number}")
        message = Message(sender="test", id=f"m{number}", body_hash="")
        await take_signup(parts, Signup(**body), message, json.dumps(body).encode())

    asyncio.run(sign_all_up())
    parts.store.close()


def work(url: str, folder: Path, rep_count: int, deaths: int) -> tuple[list[dict[str, Any]], int]:
    """Run every rep until all are idle, those who die again; what they logged, and the deaths."""
    seeds = itertools.count(1)
    logs = {f"rep-{n}": folder / f"rep-{n}.log" for n in range(rep_count)}

    def start(rep: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.rep_process", url, rep, str(next(seeds))]
        return subprocess.Popen([*command, str(logs[rep])])

    running = {rep: start(rep) for rep in logs}
    died = 0
    while running:
        for rep, process in list(running.items()):
            code = process.wait()
            del running[rep]
            if code != 0:
                died += 1
                assert code == -9, f"{rep} ended with {code}"
                if died <= deaths:
                    running[rep] = start(rep)
    lines = [json.loads(line) for log in logs.values() for line in log.read_text().splitlines()]
    return lines, died


def check(url: str, folder: Path, *, rep_count: int, lead_count: int, most_deaths: int) -> None:
    fill(url, rep_count, lead_count)
    died = 0
    for _ in range(20):  # whoever died last left leads behind
        lines, deaths = work(url, folder, rep_count, most_deaths)
        died += deaths
        if waiting(url) == 0:
            break

    held = {line["claim"]: line for line in lines if line["what"] == "held"}
    ends = {line["claim"]: line for line in lines if line["what"] in ("done", "released")}
    late = [line for line in lines if line["what"] == "late"]
    spans: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
    for claim, line in held.items():
        until = ends.get(claim, {}).get("to")
        if until is None:  # died or was late: theirs while the lease said so
            until = datetime.fromisoformat(line["lease_until"]).timestamp()
        spans[line["lead"]].append((line["from"], until, line["rep"]))
    for lead, held_by in spans.items():
        held_by.sort()
        for (_, until, _), (since, _, _) in itertools.pairwise(held_by):
            assert since >= until, (lead, held_by)

    assert len({line["lead"] for line in lines if line["what"] == "done"}) == lead_count
    assert sum(line["what"] == "done" for line in lines) == lead_count  # each once
    assert died > 0
    assert late
    assert {line["code"] for line in late} <= {"lease_over", "claim_ended"}
    check_store(url, held, lead_count)


def waiting(url: str) -> int:
    return count(url, sa.select(sa.func.count()).select_from(queue))


def check_store(url: str, held: dict[str, Any], lead_count: int) -> None:
    assert waiting(url) == 0
    assert count(url, sa.select(sa.func.count()).select_from(leads)) == lead_count
    done = sa.select(sa.func.count()).where(claims.c.ended == "done")
    assert count(url, done) == lead_count
    assert count(url, sa.select(sa.func.count()).select_from(claims)) >= len(held)


def count(url: str, query: sa.Select[tuple[int]]) -> int:
    from service.store import Store

    store = Store(url)
    found = store.read_now(lambda c: c.execute(query).scalar_one())
    store.close()
    return int(found)


def test_every_lead_is_at_most_one_reps_and_none_is_lost(store_url: str, tmp_path: Path) -> None:
    check(store_url, tmp_path, rep_count=3, lead_count=60, most_deaths=3)
