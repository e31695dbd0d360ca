"""`make soak`: `giveget serve` and `giveget worker` under mixed load; is their memory flat?

SOAK_MINUTES (30), SOAK_RATE (50 requests a second) and SOAK_DB (the URL of an empty store; a
fresh SQLite file without it) say how. Prints a line a minute; ends with 1 after any error, or
when a process held over 5 % more memory in the last third than in the second.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.soak.processes import Running, running
from tests.soak.traffic import Told, Traffic

MINUTES = float(os.environ.get("SOAK_MINUTES", "30"))
RATE = float(os.environ.get("SOAK_RATE", "50"))
MAY_GROW = 1.05
_SAMPLE_SECONDS = 2.0
_HEAD = ("minute", "serve MB", "worker MB", "requests", "errors", "p50 ms", "p99 ms", "mails")


def main() -> int:
    """Run it all; the process's exit code."""
    with tempfile.TemporaryDirectory() as folder:
        db = os.environ.get("SOAK_DB", f"sqlite:///{folder}/giveget.db")
        print(f"soak: {MINUTES:g} minutes of {RATE:g} requests a second over {db.split(':')[0]}")
        with running(db, Path(folder)) as processes:
            faults = soak(processes)
        faults += processes.faults_after()
    for fault in faults:
        print(f"FAULT {fault}")
    print("soak: " + ("failed" if faults else "memory is flat, and there was no error"))
    return 1 if faults else 0


def soak(processes: Running) -> list[str]:
    """Load the processes, printing a line a minute; what was wrong."""
    memory: dict[str, list[float]] = {name: [] for name in processes.pids}
    print(_line(_HEAD), flush=True)
    faults: list[str] = []
    started = time.monotonic()
    with Traffic(processes, RATE) as traffic:
        minute = 0
        while (past := time.monotonic() - started) < MINUTES * 60:
            for name in memory:
                memory[name].append(processes.megabytes(name))
            if past >= (minute + 1) * 60:
                minute += 1
                print(_line(_row(minute, memory, traffic.take(), processes.mails)), flush=True)
            time.sleep(_SAMPLE_SECONDS)
    told = traffic.take()
    print(_line(_row(minute + 1, memory, told, processes.mails)), flush=True)
    faults += [f"{count} × {what}" for what, count in traffic.faults.most_common(10)]
    for name, sizes in memory.items():
        third = len(sizes) // 3
        before, after = median(sizes[third : 2 * third]), median(sizes[2 * third :])
        print(f"{name}: {before:.1f} MB in the second third, {after:.1f} MB in the last")
        if after > before * MAY_GROW:
            faults.append(f"{name} grew by {after / before - 1:.1%}")
    processes.expected_leads = traffic.signed_up
    return faults


def _row(minute: int, memory: dict[str, list[float]], told: Told, mails: int) -> tuple[str, ...]:
    return (
        str(minute),
        *(f"{median(sizes[-25:]):.1f}" for sizes in memory.values()),
        f"{told.requests:,}",
        str(told.errors),
        f"{told.percentile(0.5) * 1e3:.0f}",
        f"{told.percentile(0.99) * 1e3:.0f}",
        f"{mails:,}",
    )


def _line(cells: tuple[str, ...]) -> str:
    return "  ".join(cell.rjust(9) for cell in cells)


if __name__ == "__main__":
    sys.exit(main())
