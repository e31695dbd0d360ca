"""Leads by their ids: which events are theirs, and rows that repeat one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scoring.errors import DataError
from scoring.files.event_file import event_rows, forms_of
from scoring.files.export import Export
from scoring.files.ids import cut_short, id_key, is_cut_short, match, rows_left_out
from scoring.files.reading import AS_IT_IS, Asked
from scoring.files.values import as_category, present
from scoring.leads.lead import Event, Lead


def read_events(export: Export, asked: Asked = AS_IT_IS) -> dict[str, list[Event]]:
    """Events by their lead's key, from a file as `scoring.files.event_file` reads it."""
    rows = event_rows(export, forms_of([export], asked), fold=asked.fold_ids)
    by_lead: dict[str, list[Event]] = {}
    for i, lead_id in enumerate(rows.lead_ids):
        event = Event(
            id=rows.ids[i],
            lead_id=lead_id,
            name=rows.names[i],
            at=rows.at[i],
            known_at=rows.known_at[i],
        )
        by_lead.setdefault(lead_id, []).append(event)
    return by_lead


def events_of(
    leads: Sequence[Lead], file: str, events: Export, asked: Asked = AS_IT_IS
) -> tuple[dict[str, list[Event]], str]:
    """The events of these leads by lead id, and a sentence on how many name one.

    Raises `DataError` when none does, and when folding case would make one of two leads.
    """
    ids: dict[str, str] = {}
    for lead in leads:
        key = id_key(lead.id, fold=asked.fold_ids)
        if key in ids:
            raise DataError(
                f'--ids fold would make one of the leads "{ids[key]}" and "{lead.id}"; mend the '
                "ids of the events instead"
            )
        ids[key] = lead.id
    by_key = read_events(events, asked)
    counts = {key: len(done) for key, done in by_key.items()}
    share = match(ids, counts, file, fold=asked.fold_ids)
    by_lead = {ids.get(key, key): done for key, done in by_key.items()}
    return by_lead, share.sentence(file)


def distinct_leads(export: Export, id_column: str | None, asked: Asked) -> Export:
    """The export with each id once, as `rows_left_out` says, and a note on what is left out."""
    if id_column is None:
        return export
    cells = export.column(id_column, "--id")
    for i, cell in enumerate(cells):
        if is_cut_short(as_category(cell) or ""):
            raise cut_short(export.path.name, export.where(i), id_column)
    keys = [id_key(as_category(present(v, ())) or f"\0{i}") for i, v in enumerate(cells)]
    left_out = rows_left_out(
        keys,
        asked.duplicates,
        lambda rows: {i: tuple(c[i] for c in export.columns.values()) for i in rows},
        file=export.path.name,
        column=id_column,
        where=export.where,
    )
    if not left_out:
        return export
    kept = export.take([i for i in range(export.rows) if i not in left_out])
    how = f"the {asked.duplicates} of each is kept" if asked.duplicates else "the same in all cells"
    note = (
        f"{len(left_out):,} rows repeat the id of another row and are left out: {how}"
        if len(left_out) > 1
        else f"1 row repeats the id of another row and is left out: {how}"
    )
    return replace(kept, notes=[*export.notes, note])
