"""What the themes share: timing two sides in turn, a row of the table, a child's peak memory."""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

SHARED = Path(__file__).parents[3] / "shared" / "data"
"""Real data beside the checkout; benches go on without it."""


class Figure(NamedTuple):
    """One row of the table."""

    what: str
    ours: str
    reference: str = ""
    ratio: str = ""


def seconds(*sides: Callable[[], object], repeats: int = 7, number: int = 1) -> list[float]:
    """The median seconds of one call of each side; the sides take turns, so that a busy
    neighbour slows all of them alike."""
    spent: list[list[float]] = [[] for _ in sides]
    for _ in range(repeats):
        for times, side in zip(spent, sides, strict=True):
            started = perf_counter()
            for _ in range(number):
                side()
            times.append((perf_counter() - started) / number)
    return [median(times) for times in spent]


def in_child(work: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    """What `work` answers in a fresh process, and that process's peak memory in GB."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_with_peak, (work, *arguments))


def _with_peak(work: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    answer = work(*arguments)
    return answer, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def shared(name: str) -> Path | None:
    """A file of the shared data, or `None` after saying that it is missing."""
    path = SHARED / name
    if path.exists():
        return path
    print(f"· {name} is not beside this checkout: going on without it")
    return None


def micro(spent: float) -> str:
    """Seconds as microseconds."""
    return f"{spent * 1e6:,.1f} µs"


def times(reference: float, ours: float, aim: str = "") -> str:
    """How many times faster, beside the aim."""
    return f"{reference / ours:,.0f} ×" + (f" (aim {aim})" if aim else "")


def show(title: str, figures: Sequence[Figure]) -> None:
    """Print a theme's table."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    table.add_column("figure")
    for heading in ("ours", "reference or aim", "ratio"):
        table.add_column(heading, justify="right")
    for figure in figures:
        table.add_row(*figure)
    Console(width=132).print(table)
