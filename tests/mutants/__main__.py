"""`python -m tests.mutants [FILE…]`: do the tests notice when a line of `offers` is wrong?

Each mutant is one small mistake in one file (mutations.py); the tests that must notice it run in
a process of their own, forked from one that has imported pytest already. A mutant that no test
notices survives: it is either a test to write, or equivalent and listed with its reason in
equivalent.toml. Exit code 1 when fewer than 90 % of all are noticed, or a listed one is.

`--every N` tries each Nth mutant only, for a quick look; `--jobs N` runs so many at once.
"""

from __future__ import annotations

import argparse
import ast
import os
import signal
import sys
import time
import tomllib
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from importlib.util import spec_from_loader
from pathlib import Path
from typing import NamedTuple

import hypothesis
import pytest

from tests.mutants.mutations import Mutant, mutants_of

ROOT = Path(__file__).parents[2]
FILES = (
    "offers/guardrails/clauses.py",
    "offers/guardrails/priced.py",
    "offers/guardrails/spent.py",
    "offers/quote.py",
    "offers/lifecycle.py",
    "offers/order_check.py",
)
TESTS = ("redeem", "quote", "guardrails", "terms", "stories", "backtest")
LEAST = 0.9
SECONDS = 120
"""Of processor time, five times what the tests need: it made something endless, and is noticed."""
KILLED, SURVIVED = 0, 3


class Result(NamedTuple):
    """One mutant and whether a test noticed it."""

    mutant: Mutant
    killed: bool


class Mutated(MetaPathFinder):
    """Imports one module from a changed text."""

    def __init__(self, name: str, code: ast.Module) -> None:
        self.name = name
        self.code = code

    def find_spec(self, name, path=None, target=None):  # type: ignore[no-untyped-def]  # importlib's own
        return spec_from_loader(name, self) if name == self.name else None

    def create_module(self, spec):  # type: ignore[no-untyped-def]  # importlib's own
        return None

    def exec_module(self, module):  # type: ignore[no-untyped-def]  # importlib's own
        exec(compile(self.code, f"<mutant of {self.name}>", "exec"), module.__dict__)


def main() -> int:
    """Try every mutant of the files asked for."""
    reads = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reads.add_argument("files", nargs="*", default=FILES)
    reads.add_argument("--every", type=int, default=1)
    reads.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    asked = reads.parse_args()
    if not _passes(None):
        print("the tests fail without any mutant: mend them first")
        return 2
    mutants = [m for file in asked.files for m in mutants_of(file, (ROOT / file).read_text())]
    mutants = mutants[:: asked.every]
    known = _equivalent()
    results: list[Result] = []
    started = time.monotonic()
    try:
        for result in _try_all(mutants, asked.jobs):
            results.append(result)
            if not result.killed:
                why = known.get(result.mutant.key)
                listed = "" if why is None else f" (equivalent: {why})"
                print(f"survived: {result.mutant}{listed}", flush=True)
    except KeyboardInterrupt:
        print(f"stopped after {len(results)} of {len(mutants)}")
    return _report(results, known, time.monotonic() - started)


def _report(results: list[Result], known: dict[tuple[str, str, str], str], spent: float) -> int:
    print(f"{'file':34} mutants  noticed  share")
    for file in dict.fromkeys(result.mutant.file for result in results):
        of_file = [result.killed for result in results if result.mutant.file == file]
        share = sum(of_file) / len(of_file)
        print(f"{file:34} {len(of_file):7} {sum(of_file):8} {share:6.1%}")
    killed = sum(result.killed for result in results)
    share = killed / max(1, len(results))
    listed = [r.mutant for r in results if r.killed and r.mutant.key in known]
    for mutant in listed:
        print(f"listed as equivalent, yet noticed: {mutant}")
    print(f"{killed} of {len(results)} noticed ({share:.1%}) in {spent:.0f} s")
    return 1 if share < LEAST or listed else 0


def _try_all(mutants: list[Mutant], jobs: int) -> Iterator[Result]:
    running: dict[int, Mutant] = {}
    waiting = list(reversed(mutants))
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            running[_start(mutant)] = mutant
        pid, status = os.wait()
        yield Result(running.pop(pid), os.waitstatus_to_exitcode(status) != SURVIVED)


def _passes(mutant: Mutant | None) -> bool:
    _, status = os.waitpid(_start(mutant), 0)
    return os.waitstatus_to_exitcode(status) == SURVIVED


def _start(mutant: Mutant | None) -> int:
    pid = os.fork()
    if pid:
        return pid
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    if mutant is not None:
        name = mutant.file.removesuffix(".py").replace("/", ".")
        sys.meta_path.insert(0, Mutated(name, mutant.code))
    hypothesis.settings.register_profile(
        "mutants", phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate), database=None
    )
    hypothesis.settings.load_profile(
        "mutants"
    )  # a failure is enough, the smallest one is not asked
    near = "" if mutant is None else mutant.file
    first = sorted(TESTS, key=lambda name: name not in near)  # those of the file notice soonest
    files = [str(ROOT / f"tests/offers/test_{name}.py") for name in first]
    plainly = ("-x", "-q", "--assert=plain", "-p", "no:cacheprovider", "-m", "not long")
    ended = pytest.main([*plainly, *files])
    os._exit(SURVIVED if ended == pytest.ExitCode.OK else KILLED)


def _equivalent() -> dict[tuple[str, str, str], str]:
    listed = tomllib.loads((ROOT / "tests/mutants/equivalent.toml").read_text())
    return {(each["file"], each["line"], each["change"]): each["why"] for each in listed["mutant"]}


if __name__ == "__main__":
    sys.exit(main())
