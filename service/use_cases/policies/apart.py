"""Reads and proves a posted policy in a process of its own, bounded in time and memory.

A text that takes long to read or to prove so delays nobody else's calls, and one that goes beyond
the bounds ends that process only. `multiprocessing` would import our main module anew there.
"""

from __future__ import annotations

import pickle
import resource
import subprocess
import sys
import threading

from offers.policy import Policy, PolicyError, parse_policy
from offers.problems import Problem
from offers.prove import Property, prove
from service.errors import BadInput, Unavailable

SECONDS = 30.0
MEMORY_BYTES = 2**30
_ONE = threading.Lock()  # so that policies never take more than one processor
_WAIT_SECONDS = 20.0
Examined = tuple[Policy, tuple[Property, ...]]


def examine(text: str, *, seconds: float = SECONDS, memory_bytes: int = MEMORY_BYTES) -> Examined:
    """The policy of a text and its proof.

    Raises PolicyError, BadInput where it takes too much, Unavailable while others are examined.
    """
    if not _ONE.acquire(timeout=_WAIT_SECONDS):
        raise Unavailable("policies_busy", "other policies are being proved; try again")
    try:
        done = subprocess.run(  # noqa: S603  # our own module
            [sys.executable, "-m", __name__, str(seconds), str(memory_bytes)],
            input=text.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=True,
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        raise BadInput(
            "policy_too_hard",
            f"reading and proving this policy takes more than {seconds:g} seconds or "
            f"{memory_bytes // 2**20:,} MB: split long conditions, or leave rules out",
            status=422,
        ) from None
    finally:
        _ONE.release()
    said: Examined | list[Problem] = pickle.loads(done.stdout)  # noqa: S301  # our own process wrote it
    if isinstance(said, list):
        raise PolicyError("policy", said)
    return said


def _examine_here(seconds: str, memory_bytes: str) -> None:
    """The other end: a text comes in, what is found goes out."""
    resource.setrlimit(resource.RLIMIT_AS, (int(memory_bytes),) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    most = int(float(seconds)) + 1  # it ends by itself when nobody waits any more
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))
    said: Examined | list[Problem]
    try:
        policy = parse_policy(sys.stdin.buffer.read().decode())
        said = policy, prove(policy)
    except PolicyError as error:
        said = list(error.problems)
    sys.stdout.buffer.write(pickle.dumps(said))


if __name__ == "__main__":
    _examine_here(*sys.argv[1:])
