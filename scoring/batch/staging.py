"""Reads leads and events once, strictly, into Parquet parts that every engine reads the same.

Memory holds one part at a time and the leads' ids. On a cluster the folder must be one that all
its machines see.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from scoring.batch.counting import event_frame, kind_frame, members_of, moments_of
from scoring.batch.part import check_ids
from scoring.batch.table import lead_table, read_as_of
from scoring.files.csv_strict import Seen
from scoring.files.event_file import EventRows, event_rows, form_of, time_column
from scoring.files.export import read_parts
from scoring.model.model import Model

PART_ROWS = 50_000
_EVENT_ROWS = 200_000
_PACKED = {".gz": 8, ".parquet": 5}
"""How many bytes of text one byte of such a file stands for, roughly."""


@dataclass(slots=True)
class Staged:
    """The staged files: `parts` lead parts, and events in `buckets` when there are any."""

    folder: Path
    parts: int = 0
    rows: int = 0
    buckets: int = 0
    names: set[str] = field(default_factory=set)
    with_members: bool = False

    def leads(self, part: int) -> Path:
        """The leads of one part."""
        return self.folder / "leads" / f"{part:06}.parquet"

    def scores(self, part: int) -> Path:
        """Where the scores of that part go."""
        return self.folder / "scores" / f"{part:06}.parquet"

    def events(self, bucket: str = "*") -> str:
        """A pattern for the event files of one bucket, or of all."""
        return str(self.folder / f"events-{bucket}" / "*.parquet")

    @property
    def moments(self) -> str:
        """A pattern for the files of moments: `row`, `lead_id`, `as_of_us`, `bucket`."""
        return str(self.folder / "moments" / "*.parquet")

    @property
    def members(self) -> str:
        """A pattern for the files of leads that have an account, where those are asked for."""
        return str(self.folder / "members" / "*.parquet")

    @property
    def colleagues(self) -> Path:
        """The folder of the active colleagues by `row`."""
        return self.folder / "colleagues"

    @property
    def kinds(self) -> Path:
        """The kinds of all event names."""
        return self.folder / "kinds.parquet"

    @property
    def counters(self) -> Path:
        """The folder of the rolled-up rows, in files ordered by `row`."""
        return self.folder / "counters"


def stage_leads(
    staged: Staged, path: Path, model: Model, *, as_of: str | None, encoding: str, seen: Seen
) -> None:
    """Write the leads as tables, part by part; refuses what `score_export` refuses."""
    moment = read_as_of(as_of, read_parts(path, encoding=encoding, rows=PART_ROWS))
    staged.with_members = model.asks_for_colleagues and staged.buckets > 0
    for name in ("leads", "moments", "members", "scores"):
        (staged.folder / name).mkdir()
    ids = []
    for export in read_parts(path, encoding=encoding, rows=PART_ROWS, seen=seen):
        table = lead_table(export, model, moment)
        table.write_parquet(staged.leads(staged.parts))
        if staged.buckets:
            moments = moments_of(table.lazy()).with_columns(bucket=_bucket(staged))
            moments.sink_parquet(staged.folder / "moments" / f"{staged.parts:06}.parquet")
        if staged.with_members:
            members = members_of(table.lazy())
            members.sink_parquet(staged.folder / "members" / f"{staged.parts:06}.parquet")
        ids.append(table["id"])
        staged.parts += 1
        staged.rows += table.height
    if model.schema.id_column is not None:
        check_ids(path.name, model.schema.id_column, ids)


def stage_events(
    staged: Staged, path: Path, *, encoding: str, bucket_bytes: int | None, seen: Seen
) -> None:
    """Write the events, split by lead into buckets of about `bucket_bytes` of text if given, and
    the kinds of their names."""
    parts = read_parts(path, encoding=encoding, rows=_EVENT_ROWS)
    form = form_of(part.columns[time_column(part)] for part in parts)
    text_bytes = path.stat().st_size * _PACKED.get(path.suffix, 1)
    staged.buckets = 1 + (text_bytes // bucket_bytes if bucket_bytes else 0)
    none = EventRows(lead_ids=(), ids=(), names=(), at=(), known_at=())
    for bucket in range(staged.buckets):
        (staged.folder / f"events-{bucket}").mkdir()
        event_frame(none).write_parquet(staged.folder / f"events-{bucket}" / "none.parquet")
    for number, export in enumerate(
        read_parts(path, encoding=encoding, rows=_EVENT_ROWS, seen=seen)
    ):
        rows = event_rows(export, form)
        staged.names.update(rows.names)
        bucketed = event_frame(rows).with_columns(bucket=_bucket(staged))
        for (bucket,), events in bucketed.partition_by("bucket", as_dict=True).items():
            folder = staged.folder / f"events-{bucket}"
            events.drop("bucket").write_parquet(folder / f"{number:06}.parquet")
    kind_frame(staged.names).write_parquet(staged.kinds)


def _bucket(staged: Staged) -> pl.Expr:
    """A lead's bucket; the hash need not mean the same in another run."""
    return (pl.col("lead_id").hash() % staged.buckets).cast(pl.Int64)
