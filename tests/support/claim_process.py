"""`python -m tests.support.claim_process STORE REP COUNT`: a rep in a process of their own, who
claims COUNT times and prints, as JSON, the companies they got."""

from __future__ import annotations

import json
import sys

from service.app import build_runtime
from service.settings import read_settings
from service.use_cases.queue import claims
from service.use_cases.tx import transact_now


def main(store: str, rep: str, count: int) -> None:
    """Claim as fast as it goes."""
    runtime = build_runtime(read_settings(db=store, exploration_share=0.0))
    print("ready", flush=True)
    sys.stdin.readline()
    got: list[str | None] = []
    for _ in range(count):
        claimed = transact_now(runtime, lambda tx: claims.claim_next(tx, rep))
        if claimed is not None:
            got.append(claimed.lead.account)
    print(json.dumps(got), flush=True)
    runtime.store.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
