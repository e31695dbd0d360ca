"""Imports as the store keeps them: a lead's rows before, put back as they were."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from service.db.column_types import UtcTime
from service.db.prepared import Statement
from service.db.tables.imports import import_facts, import_snapshots, imports
from service.db.tables.jobs import deliveries
from service.db.tables.leads import (
    account_ledger,
    accounts,
    claims,
    consents,
    events,
    explorations,
    external_ids,
    lane_changes,
    lead_versions,
    leads,
    offers,
    outcomes,
    parked,
    queue,
    scores,
    screenings,
    touches,
)
from service.domain.lead import StoredLead
from service.domain.lead_record import to_text
from service.store.leads.leads import row_of

_OF_LEAD = (
    external_ids,
    lead_versions,
    scores,
    lane_changes,
    queue,
    events,
    touches,
    outcomes,
    consents,
    account_ledger,
    screenings,
)
"""What a sign-up or a fact may change of a lead, besides its own row and its account's."""
_FACTS = {"event": events, "touch": touches, "outcome": outcomes, "screening": screenings}


def _key(table: sa.Table) -> sa.Column[str]:
    """By what a table's rows are a lead's, or an account's."""
    return table.c.id if table in (leads, accounts) else table.c.lead


_BEFORE = {
    table.name: Statement(
        sa.select(table).where(_key(table) == sa.bindparam("of")).order_by(*table.primary_key)
    )
    for table in (leads, accounts, *_OF_LEAD)
}
_KEEP = Statement(import_snapshots.insert(), ("import", "lead", "before"))
_MAKE = Statement(import_facts.insert(), ("import", "what", "fact"))
Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One file that came in."""

    id: str
    kind: str
    file: str
    state: str
    taken: int
    rejected: int
    at: datetime


def begin(connection: sa.Connection, new: Import) -> None:
    """A file begins to come in."""
    connection.execute(imports.insert(), {n: getattr(new, n) for n in Import.__slots__})


def count(connection: sa.Connection, id: str, *, state: str, taken: int, rejected: int) -> None:
    """How far it came."""
    change = sa.update(imports).where(imports.c.id == id)
    connection.execute(change.values(state=state, taken=taken, rejected=rejected))


def find(connection: sa.Connection, id: str) -> Import | None:
    """One import."""
    row = connection.execute(sa.select(imports).where(imports.c.id == id)).first()
    return None if row is None else Import(**row._mapping)


def newest(connection: sa.Connection, limit: int) -> list[Import]:
    """The newest imports."""
    query = sa.select(imports).order_by(imports.c.at.desc(), imports.c.id).limit(limit)
    return [Import(**row._mapping) for row in connection.execute(query)]


def insert_snapshot(
    connection: sa.Connection, id: str, lead: str, account: str | None, waiting: Sequence[Any]
) -> None:
    """How a lead is now, what waits under its names, and its account, before a row changes it."""
    before = {table.name: _rows_of(connection, table, lead) for table in (leads, *_OF_LEAD)}
    for what, fact in _waiting(connection, waiting, before):
        table = _FACTS[what]
        before[table.name] += _rows(connection, table, table.c.id == fact)
    before |= _of_account(connection, account)
    _keep(connection, id, lead, account, before)


def insert_snapshots(connection: sa.Connection, id: str, kept: Sequence[StoredLead]) -> None:
    """`insert_snapshot` of many leads for which nothing waits, a statement a table."""
    ids = [lead.id for lead in kept]
    of_lead = {table.name: _rows_by(connection, table, ids) for table in _OF_LEAD}
    named = {lead.account for lead in kept if lead.account is not None}
    of_account = _rows_by(connection, accounts, named)
    for lead in kept:
        before: Rows = {leads.name: [row_of(lead)]}
        before |= {name: rows.get(lead.id, []) for name, rows in of_lead.items()}
        before[parked.name] = []
        if lead.account is not None:
            before[accounts.name] = of_account.get(lead.account, [])
        _keep(connection, id, lead.id, lead.account, before)


def insert_newcomer(connection: sa.Connection, id: str, lead: str, account: str | None) -> None:
    """That there was no such lead and nothing waited for it, and how its account was."""
    before: Rows = {table.name: [] for table in (leads, *_OF_LEAD, parked)}
    before |= _of_account(connection, account)
    _keep(connection, id, lead, account, before)


def insert_facts(connection: sa.Connection, id: str, what: str, made: Iterable[str]) -> None:
    """Which facts the import made."""
    rows = [{"import": id, "what": what, "fact": fact} for fact in made]
    _MAKE.run_many(connection, rows)


def snapshots(connection: sa.Connection, id: str) -> list[tuple[int, str]]:
    """The leads an import touched, the last one first."""
    query = sa.select(import_snapshots.c.id, import_snapshots.c.lead)
    query = query.where(import_snapshots.c["import"] == id).order_by(import_snapshots.c.id.desc())
    return [(row.id, row.lead) for row in connection.execute(query)]


def has_moved_on(connection: sa.Connection, id: str, number: int, lead: str) -> bool:
    """Whether something else than this import told of the lead, or was done with it, since."""
    _, before = _snapshot(connection, number)
    made = sa.select(import_facts.c.fact).where(import_facts.c["import"] == id)
    for table in (events, touches, outcomes):
        old = [row["id"] for row in before[table.name]]
        other = sa.select(table.c.id).where(
            table.c.lead == lead, table.c.id.not_in(old), table.c.id.not_in(made)
        )
        if connection.execute(other.limit(1)).first() is not None:
            return True
    versions = sa.select(sa.func.count()).where(
        lead_versions.c.lead == lead, lead_versions.c.message.not_like(f"% {id}:%")
    )
    if connection.execute(versions).scalar_one() != len(
        [row for row in before[lead_versions.name] if f" {id}:" not in row["message"]]
    ):
        return True
    at = connection.execute(sa.select(imports.c.at).where(imports.c.id == id)).scalar_one()
    defer = (
        sa.select(claims.c.id).where(claims.c.lead == lead, claims.c.claimed_at >= at),
        sa.select(offers.c.id).where(offers.c.lead == lead, offers.c.issued_at >= at),
    )
    return any(connection.execute(query.limit(1)).first() is not None for query in defer)


def put_back(connection: sa.Connection, number: int, lead: str) -> str | None:
    """The lead, what waited for it and its account as they were; which account that is."""
    account, before = _snapshot(connection, number)
    ref = connection.execute(sa.select(leads.c.ref).where(leads.c.id == lead)).scalar()
    for table in _OF_LEAD:
        if table.name in before:  # an older import kept no consents
            connection.execute(sa.delete(table).where(table.c.lead == lead))
    if account_ledger.name not in before:  # nor lines of the ledger, which an upgrade made
        known = [row["id"] for row in before[outcomes.name]]
        mine = (account_ledger.c.lead == lead) & account_ledger.c.id.not_in(known)
        connection.execute(sa.delete(account_ledger).where(mine))
    connection.execute(sa.delete(leads).where(leads.c.id == lead))
    if not before[leads.name] and ref is not None:
        connection.execute(sa.delete(explorations).where(explorations.c.lead == ref))
        untold = sa.delete(deliveries).where(deliveries.c.lead == lead, deliveries.c.state == "due")
        connection.execute(untold)  # of somebody who is not there any more
    if account is not None:
        connection.execute(sa.delete(accounts).where(accounts.c.id == account))
    for name, rows in before.items():
        _insert(connection, name, rows)
    return account


def refunded(connection: sa.Connection, id: str) -> set[str]:
    """The invoices of which the import told refunds."""
    made = sa.select(import_facts.c.fact).where(
        import_facts.c["import"] == id, import_facts.c.what == "outcome"
    )
    lines = account_ledger.c
    query = sa.select(lines.invoice).where(lines.id.in_(made), lines.kind == "refunded")
    return {invoice for invoice in connection.execute(query).scalars() if invoice is not None}


def take_out_facts(connection: sa.Connection, id: str) -> int:
    """Facts of the import that still stand, parked or not; how many."""
    gone = 0
    for what, table in _FACTS.items():
        made = sa.select(import_facts.c.fact).where(
            import_facts.c["import"] == id, import_facts.c.what == what
        )
        connection.execute(sa.delete(parked).where(parked.c.what == what, parked.c.id.in_(made)))
        left = sa.delete(table).where(table.c.id.in_(made), table.c.lead.is_(None))
        gone += connection.execute(left).rowcount
    return gone


def forget(connection: sa.Connection, id: str) -> None:
    """What was kept to take the import back."""
    for table in (import_facts, import_snapshots):
        connection.execute(sa.delete(table).where(table.c["import"] == id))


def _keep(connection: sa.Connection, id: str, lead: str, account: str | None, before: Rows) -> None:
    """Keep how a lead and its account were, at the job's end."""
    text = to_text([account, {str(table): rows for table, rows in before.items()}])
    _KEEP.defer(connection, **{"import": id, "lead": lead, "before": text})


def _of_account(connection: sa.Connection, account: str | None) -> Rows:
    return {} if account is None else {accounts.name: _rows_of(connection, accounts, account)}


def _rows_by(connection: sa.Connection, table: sa.Table, of: Collection[str]) -> dict[str, Any]:
    """The rows of many leads, or accounts, each in the order of `_rows_of`."""
    by: dict[str, list[dict[str, Any]]] = {}
    if of:
        key = _key(table)
        for row in _rows(connection, table, key.in_(set(of))):
            by.setdefault(row[key.name], []).append(row)
    return by


@cache
def _columns(table: sa.Table) -> tuple[str, ...]:
    """Plain texts: JSON of SQLAlchemy's own kind of names takes ten times as long."""
    return tuple(str(column.key) for column in table.c)


def _rows_of(connection: sa.Connection, table: sa.Table, of: str) -> list[dict[str, Any]]:
    names = _columns(table)
    rows = _BEFORE[table.name].all(connection, of=of)
    return [dict(zip(names, row, strict=True)) for row in rows]


def _snapshot(connection: sa.Connection, number: int) -> tuple[str | None, Rows]:
    query = sa.select(import_snapshots.c.before).where(import_snapshots.c.id == number)
    account, before = json.loads(connection.execute(query).scalar_one())
    return account, before


def _waiting(
    connection: sa.Connection, names: Sequence[Any], before: Rows
) -> list[tuple[str, str]]:
    """Facts parked under these names, kept in `before`."""
    if not names:
        before[parked.name] = []
        return []
    under = sa.tuple_(parked.c.kind, parked.c.value).in_(list(names))
    facts = {(row["what"], row["id"]) for row in _rows(connection, parked, under)}
    mine = sa.tuple_(parked.c.what, parked.c.id).in_(list(facts))
    before[parked.name] = _rows(connection, parked, mine) if facts else []
    return sorted(facts)


def _rows(
    connection: sa.Connection, table: sa.Table, condition: sa.ColumnElement[bool]
) -> list[dict[str, Any]]:
    query = sa.select(table).where(condition).order_by(*table.primary_key)
    names = _columns(table)
    return [dict(zip(names, row, strict=True)) for row in connection.execute(query)]


def _insert(connection: sa.Connection, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    table = leads.metadata.tables[name]
    times = {column.name for column in table.c if isinstance(column.type, UtcTime)}
    for row in rows:
        if name in _BY_ID:  # a fact that waited still stands, under no lead or under ours
            connection.execute(sa.delete(table).where(table.c.id == row["id"]))
        read = {
            k: datetime.fromisoformat(v) if k in times and v is not None else v
            for k, v in row.items()
        }
        connection.execute(table.insert(), read)


_BY_ID = frozenset(table.name for table in _FACTS.values())
