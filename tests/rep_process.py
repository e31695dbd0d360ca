"""`python -m tests.rep_process STORE REP SEED LOG`: a rep at work, honest about what they hold.

They claim, finish, release, extend, let leases run out, and now and then die holding a lead. Each
line of the log says what they believed: which lead was theirs, from when, until when.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

from service.bootstrap import build_parts
from service.errors import Conflict, Unavailable
from service.parts import Parts
from service.settings import read_settings
from service.use_cases import claims

LEASE_SECONDS = 1
_EMPTY_ROUNDS = 5


def main(store: str, rep: str, seed: int, log: Path) -> None:
    """Work until nothing has waited for a while."""
    parts = build_parts(read_settings(db=store, lease_seconds=LEASE_SECONDS, exploration_share=0.0))
    draw = random.Random(seed)
    empty = 0
    with log.open("a") as lines:
        while empty < _EMPTY_ROUNDS:
            if _one(parts, rep, draw, lines):
                empty = 0
            else:
                empty += 1
                time.sleep(0.3)
    parts.store.close()


def _one(parts: Parts, rep: str, draw: random.Random, lines: Any) -> bool:
    answer = _call(parts, claims.claim_next, rep)
    held_from = time.time()
    if answer.status == 204:
        return False
    claim = json.loads(answer.body)
    told = {
        "rep": rep, "lead": claim["lead"]["id"], "claim": claim["claim"], "from": held_from,
        "lease_until": claim["lease_until"],
    }  # fmt: skip
    _say(lines, told | {"what": "held"})
    version = claim["version"]
    chosen = draw.random()
    if chosen < 0.02:
        os.kill(os.getpid(), signal.SIGKILL)
    if chosen < 0.08:
        time.sleep(LEASE_SECONDS + 0.2)
    elif chosen < 0.14:
        version = json.loads(
            _call(parts, claims.extend, claim["claim"], rep, version=version).body
        )["version"]
    elif chosen < 0.20:
        _say(lines, told | {"what": "released", "to": time.time()})
        _call(parts, claims.release, claim["claim"], rep, version=version, reason=None)
        return True
    until = time.time()
    try:
        _call(
            parts, claims.done, claim["claim"], rep,
            version=version, disposition="reached", objection=None, note=None,
        )  # fmt: skip
    except Conflict as conflict:
        _say(lines, told | {"what": "late", "code": conflict.code})
    else:
        _say(lines, told | {"what": "done", "to": until})
    return True


def _call(parts: Parts, step: Any, *named: str, **given: Any) -> Any:
    while True:
        now = parts.clock.now()
        try:
            return parts.store.write_now(
                lambda c, now=now: step(c, parts, *named, now=now, **given)
            )
        except Unavailable:
            time.sleep(0.2)  # answered 503: a caller sends it again


def _say(lines: Any, told: dict[str, Any]) -> None:
    lines.write(json.dumps(told) + "\n")
    lines.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
