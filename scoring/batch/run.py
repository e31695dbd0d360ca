"""From files to a file: stage, count, score, gather."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from scoring.batch.engine import Engine
from scoring.batch.local import LocalEngine
from scoring.batch.part import score_table
from scoring.batch.staging import Staged, stage_events, stage_leads
from scoring.errors import DataError
from scoring.files.reading import AS_IT_IS, Asked
from scoring.files.safe_frames import without_formulas
from scoring.model.model import Model

Progress = Callable[[str, float], None]
"""Told the step at work and the share of it that is done, from 0 to 1."""
Say = Callable[[str], None]
"""Told a sentence on what was read, left out or does not fit."""


def score_file(
    leads: Path,
    model: Model,
    out: Path,
    *,
    as_of: str | None = None,
    events: Path | None = None,
    with_reasons: bool = False,
    encoding: str = "utf-8-sig",
    asked: Asked = AS_IT_IS,
    engine: Engine | None = None,
    progress: Progress = lambda step, share: None,
    say: Say = lambda sentence: None,
) -> int:
    """Score every lead of a file of any size; the number of leads.

    Writes what `score_export` answers, in the leads' order, as CSV, or as Parquet when `out`
    ends in `.parquet`; an older file is replaced whole. What is staged on the way lies beside
    `out`. Raises `DataError` when a file cannot be read or `out` cannot be written.
    """
    engine = engine or LocalEngine()
    try:
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as folder:
            staged = Staged(Path(folder))
            if events is not None:
                stage_events(
                    staged,
                    events,
                    encoding=encoding,
                    asked=asked,
                    bucket_bytes=engine.bucket_bytes,
                    seen=partial(progress, "reading events"),
                )
            stage_leads(
                staged,
                leads,
                model,
                as_of=as_of,
                encoding=encoding,
                asked=asked,
                seen=partial(progress, "reading leads"),
            )
            for sentence in staged.sentences(leads.name):
                say(sentence)
            if events is not None:
                engine.roll_up(staged, partial(progress, "counting events"))
            scorer = _PartScorer(staged=staged, model=model, with_reasons=with_reasons)
            engine.score(scorer, staged.parts, partial(progress, "scoring"))
            _gather(staged, out)
    except OSError as error:
        raise DataError(
            f"{out} cannot be written ({error.strerror or error}); name another --out"
        ) from error
    return staged.rows - len(staged.left_out)


@dataclass(frozen=True, slots=True, kw_only=True)
class _PartScorer:
    staged: Staged
    model: Model
    with_reasons: bool

    def __call__(self, part: int) -> None:
        table = pl.read_parquet(self.staged.leads(part))
        counters = None
        if self.staged.buckets:
            rolled_up = pl.scan_parquet(self.staged.counters / "*.parquet")
            own = pl.col("row").is_between(table["row"][0], table["row"][-1])
            counters = rolled_up.filter(own).collect()
            if self.staged.with_members:
                active = pl.scan_parquet(self.staged.colleagues / "*.parquet").filter(own)
                counters = counters.join(active.collect(), on="row", how="left")
        scores = score_table(table, counters, self.model, with_reasons=self.with_reasons)
        scores.write_parquet(self.staged.scores(part))


def _gather(staged: Staged, out: Path) -> None:
    """All parts as one file, put in place by one rename."""
    scores = pl.scan_parquet([staged.scores(part) for part in range(staged.parts)])
    if staged.left_out:
        scores = scores.filter(~pl.col("row").is_in(sorted(staged.left_out)))
    scores = scores.drop("row")
    unfinished = staged.folder / "all"
    if out.suffix == ".parquet":
        scores.sink_parquet(unfinished)
    else:
        without_formulas(scores).sink_csv(unfinished)
    unfinished.replace(out)
