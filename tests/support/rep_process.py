"""`python -m tests.support.rep_process STORE FOLDER REPS LEADS DEATHS`: a process for each rep.

They claim, finish, release, extend, oversleep their leases, and each dies DEATHS times with a lead
in hand and is started again. Every rep keeps a log in FOLDER of what they believed: which lead was
theirs, from when, until when. All end once nothing is left in any queue.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from scoring.contact import read_contact
from service.app import build_runtime
from service.db.tables.leads import queue
from service.errors import Conflict, Unavailable
from service.runtime import Runtime
from service.settings import Settings, read_settings
from service.use_cases.queue import claims
from service.use_cases.tx import transact_now

LEASE_SECONDS = 1
_PAUSE_SECONDS = 0.1
_AGAIN_SECONDS = 0.2
_LEFT = sa.select(queue.c.lead).limit(1)


def settings_for(store: str) -> Settings:
    """Short leases and no luck."""
    return read_settings(db=store, lease_seconds=LEASE_SECONDS, exploration_share=0.0)


def main(store: str, folder: Path, reps: int, leads: int, deaths: int) -> None:
    """Start every rep, and again whoever died; ends when all have gone home."""
    read_contact(email="a@example.com", phone="+1 201 555 0123", title="CEO", country="DE")
    born = {
        _start(store, folder, f"rep-{n}", leads // reps, deaths): f"rep-{n}" for n in range(reps)
    }
    died = dict.fromkeys(born.values(), 0)
    while born:
        process, status = os.wait()
        rep = born.pop(process)
        code = os.waitstatus_to_exitcode(status)
        if code == -signal.SIGKILL:
            died[rep] += 1
            born[_start(store, folder, rep, leads // reps, deaths - died[rep])] = rep
        elif code:
            sys.exit(f"{rep} ended with {code}")


def _start(store: str, folder: Path, rep: str, share: int, deaths_left: int) -> int:
    """A rep in a process of its own; a fork, because importing everything takes seconds."""
    process = os.fork()
    if process:
        return process
    draw = random.Random(f"{rep} {deaths_left}")
    dies_at = draw.randint(2, max(2, share // (deaths_left + 1))) if deaths_left else None
    runtime = build_runtime(settings_for(store))
    with (folder / f"{rep}.log").open("a") as lines:
        _Rep(runtime, rep, draw, lines, dies_at).work()
    runtime.store.close()
    os._exit(0)


@dataclass
class _Rep:
    runtime: Runtime
    id: str
    draw: random.Random
    lines: Any
    dies_at: int | None
    claimed: int = 0

    def work(self) -> None:
        """Take lead after lead until no queue holds any."""
        while True:
            claimed = self._call(claims.claim_next, self.id)
            if claimed is not None:
                self._take(claimed, time.time())
            elif self._retried(
                lambda: self.runtime.store.read_now(lambda c: c.execute(_LEFT).first())
            ):
                time.sleep(_PAUSE_SECONDS)
            else:
                return

    def _take(self, claim: claims.Claimed, since: float) -> None:
        told = {"rep": self.id, "lead": claim.lead.id, "claim": claim.claim}
        self._say(told, "held", since=since, lease_until=claim.lease_until.isoformat())
        self.claimed += 1
        if self.claimed == self.dies_at:
            self._say(told, "died")
            os.kill(os.getpid(), signal.SIGKILL)
        try:
            self._finish(told, claim)
        except Conflict as conflict:
            self._say(told, "late", code=conflict.code)

    def _finish(self, told: dict[str, Any], claim: claims.Claimed) -> None:
        chosen, version = self.draw.random(), claim.place.version
        if chosen < 0.06:
            self._say(told, "overslept")
            time.sleep(LEASE_SECONDS + 0.2)
        elif chosen < 0.12:
            longer = self._call(claims.extend, claim.claim, self.id, version=version)
            version = longer.version
        until = time.time()
        if 0.12 <= chosen < 0.18:
            self._call(claims.release, claim.claim, self.id, version=version, reason=None)
            self._say(told, "released", until=until)
            return
        self._call(
            claims.done,
            claim.claim,
            self.id,
            version=version,
            disposition="reached",
            objection=None,
            note=None,
        )
        self._say(told, "done", until=until)

    def _call(self, step: Any, *named: str, **given: Any) -> Any:
        def once() -> Any:
            return transact_now(self.runtime, lambda tx: step(tx, *named, **given))

        return self._retried(once)

    def _retried(self, call: Any) -> Any:
        while True:
            try:
                return call()
            except Unavailable:
                time.sleep(_AGAIN_SECONDS)  # answered 503: a caller sends it again

    def _say(self, told: dict[str, Any], what: str, **more: Any) -> None:
        self.lines.write(json.dumps(told | {"what": what} | more) + "\n")
        self.lines.flush()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:6]))
