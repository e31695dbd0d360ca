"""Reads leads and events once, strictly, into Parquet parts that every engine reads the same.

Memory holds one part at a time and the leads' ids. On a cluster the folder must be one that all
its machines see.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from scoring.batch.counting import event_frame, kind_frame, members_of, moments_of
from scoring.batch.table import lead_table, read_as_of
from scoring.files.csv_strict import Seen
from scoring.files.event_file import EventRows, event_rows, forms_of
from scoring.files.export import read_parts
from scoring.files.ids import Match, match, rows_left_out
from scoring.files.parquet import bytes_of
from scoring.files.reading import Asked
from scoring.model.fits import Fit, added, fits
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
    event_counts: list[pl.DataFrame] = field(default_factory=list)
    """How many events each lead's key has, part by part."""
    match: Match | None = None
    notes: list[str] = field(default_factory=list)
    """What of the leads' file was left out."""
    fits: list[Fit] = field(default_factory=list)
    left_out: frozenset[int] = frozenset()
    """Rows of leads that repeat another's id."""

    def sentences(self, file: str) -> list[str]:
        """What a person should know of how the files were read."""
        sentences = [*self.notes, *(fit.sentence() for fit in self.fits)]
        if self.match is not None:
            sentences.insert(0, self.match.sentence(file))
        if self.left_out:
            sentences.append(f"{len(self.left_out):,} rows repeat another's id and are left out")
        return sentences

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
    staged: Staged,
    path: Path,
    model: Model,
    *,
    as_of: str | None,
    encoding: str,
    asked: Asked,
    seen: Seen,
) -> None:
    """Write the leads as tables, part by part; refuses what `score_export` refuses."""
    moment = read_as_of(as_of, read_parts(path, encoding=encoding, rows=PART_ROWS), asked)
    staged.with_members = model.asks_for_colleagues and staged.buckets > 0
    for name in ("leads", "moments", "members", "scores"):
        (staged.folder / name).mkdir()
    keys: list[pl.Series] = []
    first_ids: list[str] = []
    for export in read_parts(path, encoding=encoding, rows=PART_ROWS, seen=seen):
        staged.notes = export.notes  # of all parts, as they are read
        staged.fits = added(staged.fits, fits(export, model.schema, model.levels()))
        table = lead_table(export, model, moment, asked)
        table.write_parquet(staged.leads(staged.parts))
        if staged.buckets:
            moments = moments_of(table.lazy()).with_columns(bucket=_bucket(staged))
            moments.sink_parquet(staged.folder / "moments" / f"{staged.parts:06}.parquet")
        if staged.with_members:
            members = members_of(table.lazy())
            members.sink_parquet(staged.folder / "members" / f"{staged.parts:06}.parquet")
        keys.append(table["key"])
        first_ids = first_ids or table["id"].head(1).to_list()
        staged.parts += 1
        staged.rows += table.height
    every = pl.concat(keys)
    if staged.buckets:
        staged.match = _match(staged, every, first_ids[0], path.name, asked)
    if model.schema.id_column is not None and every.n_unique() < len(every):
        staged.left_out = rows_left_out(
            every.to_list(),
            asked.duplicates,
            lambda rows: _cells_of(path, encoding, rows),
            file=path.name,
            column=model.schema.id_column,
            where=lambda row: f"row {row + 1}",
        )


def _cells_of(path: Path, encoding: str, rows: Collection[int]) -> dict[int, object]:
    """The cells of these rows of a file."""
    wanted = set(rows)
    return {
        export.first_row + i: tuple(column[i] for column in export.columns.values())
        for export in read_parts(path, encoding=encoding, rows=PART_ROWS)
        for i in range(export.rows)
        if export.first_row + i in wanted
    }


def _match(staged: Staged, keys: pl.Series, lead: str, file: str, asked: Asked) -> Match:
    """How many events name a lead; raises `DataError` when none does."""
    events = pl.concat(staged.event_counts).group_by("lead_id").agg(pl.col("count").sum())
    named = int(events.filter(pl.col("lead_id").is_in(keys.implode()))["count"].sum())
    strange = events.filter(~pl.col("lead_id").is_in(keys.implode())).head(1)
    if not named:
        counts = dict(zip(events["lead_id"].to_list(), events["count"].to_list(), strict=True))
        return match({key: key for key in keys}, counts, file, fold=asked.fold_ids)
    return Match(
        events=int(events["count"].sum()),
        named=named,
        lead=lead,
        event=next(iter(strange["lead_id"].to_list()), ""),
    )


def stage_events(
    staged: Staged, path: Path, *, encoding: str, asked: Asked, bucket_bytes: int | None, seen: Seen
) -> None:
    """Write the events, split by lead into buckets of about `bucket_bytes` of text if given, and
    the kinds of their names."""
    parts = read_parts(path, encoding=encoding, rows=_EVENT_ROWS)
    forms = forms_of(parts, asked)
    text_bytes = bytes_of(path) * _PACKED.get(".parquet" if path.is_dir() else path.suffix, 1)
    staged.buckets = 1 + (text_bytes // bucket_bytes if bucket_bytes else 0)
    none = EventRows(lead_ids=(), ids=(), names=(), at=(), known_at=())
    for bucket in range(staged.buckets):
        (staged.folder / f"events-{bucket}").mkdir()
        event_frame(none).write_parquet(staged.folder / f"events-{bucket}" / "none.parquet")
    for number, export in enumerate(
        read_parts(path, encoding=encoding, rows=_EVENT_ROWS, seen=seen)
    ):
        rows = event_rows(export, forms, fold=asked.fold_ids)
        counted = pl.Series("lead_id", rows.lead_ids, dtype=pl.String).value_counts()
        staged.event_counts.append(counted)
        staged.names.update(rows.names)
        bucketed = event_frame(rows).with_columns(bucket=_bucket(staged))
        for (bucket,), events in bucketed.partition_by("bucket", as_dict=True).items():
            folder = staged.folder / f"events-{bucket}"
            events.drop("bucket").write_parquet(folder / f"{number:06}.parquet")
    kind_frame(staged.names).write_parquet(staged.kinds)


def _bucket(staged: Staged) -> pl.Expr:
    """A lead's bucket; the hash need not mean the same in another run."""
    return (pl.col("lead_id").hash() % staged.buckets).cast(pl.Int64)
