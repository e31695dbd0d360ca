"""What an engine does: count the events, and have every part of the leads scored somewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from scoring.batch.staging import Staged
from scoring.files.csv_strict import Seen

PartScorer = Callable[[int], None]
"""Scores the part of a number, from file to file; may be sent to another process."""


class Engine(Protocol):
    """Local, Dask or Spark."""

    @property
    def bucket_bytes(self) -> int | None:
        """The size of event buckets to be staged; `None` where the engine splits by itself."""

    def roll_up(self, staged: Staged, seen: Seen) -> None:
        """Write the rolled-up rows of all moments into `staged.counters`, ordered by `row`."""

    def score(self, score_part: PartScorer, parts: int, seen: Seen) -> None:
        """Have parts 0 … `parts` − 1 scored."""
