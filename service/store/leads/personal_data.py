"""All that is kept about one lead, table by table: shown, or taken out.

Every table with a `lead` column is covered without being named; those that must stay for the
books, the measured effects and the other leads are named in `_KEPT`, with what is blanked.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from service.db.engines import overwrite_what_is_freed
from service.db.tables.leads import (
    accounts,
    assignments,
    erasures,
    external_ids,
    lead_versions,
    leads,
    merged_accounts,
    messages,
    metadata,
    offers,
    outcomes,
    parked,
    redemptions,
    report_orders,
    reports,
)
from service.store.leads import account_ledger

_KEPT: Mapping[str, Mapping[str, Any]] = {
    "claims": {"note": None, "objection": None, "undo": None},
    "outbox": {},
    "offers": {},
    "report_orders": {},
}
_RENAMED = ("outcomes", "account_ledger")
"""What was bought stays under other names."""
_FACTS = {"event": "events", "touch": "touches", "outcome": "outcomes", "screening": "screenings"}
_GONE = '{"code":"lead_erased"}'


def of_lead(connection: sa.Connection, lead: str, ref: str) -> dict[str, list[dict[str, Any]]]:
    """Every row about a lead, by table."""
    found: dict[str, list[dict[str, Any]]] = {"leads": _rows(connection, leads, leads.c.id == lead)}
    for table in _with_lead():
        found[table.name] = _rows(connection, table, table.c.lead.in_((lead, ref)))
    return {name: rows for name, rows in found.items() if rows}


def ids_of(connection: sa.Connection, email_key: str) -> list[str]:
    """The leads of a mail address."""
    query = sa.select(leads.c.id).where(leads.c.email_key == email_key).order_by(leads.c.id)
    return list(connection.execute(query).scalars())


def take_out(
    connection: sa.Connection, lead: str, *, new_id: str, blank: Mapping[str, Any]
) -> dict[str, int]:
    """Blank the lead's row under a new id and delete or blank the rest; rows touched by table."""
    overwrite_what_is_freed(connection)
    touched = {"messages": _forget_answers(connection, lead)}
    _forget_parked(connection, lead)
    _strip_outcomes(connection, lead, new_id)
    account_ledger.take_names_out(connection, lead, new_id)
    for table in _with_lead():
        if table.name in _KEPT:
            change = sa.update(table).where(table.c.lead == lead)
            done = connection.execute(change.values(lead=new_id, **_KEPT[table.name]))
        elif table.name not in _RENAMED:
            done = connection.execute(sa.delete(table).where(table.c.lead == lead))
        else:
            continue
        touched[table.name] = done.rowcount
    connection.execute(sa.update(leads).where(leads.c.id == lead).values(id=new_id, **blank))
    return {name: count for name, count in touched.items() if count}


def has_people(connection: sa.Connection, account: str) -> bool:
    """Whether a lead with data is of an account."""
    theirs = sa.select(sa.literal(1)).where(leads.c.account == account, leads.c.erased_at.is_(None))
    return connection.execute(theirs.limit(1)).first() is not None


def accounts_among(connection: sa.Connection, names: Collection[str]) -> set[str]:
    """Those of many names that are an account's."""
    query = sa.select(leads.c.account).where(leads.c.account.in_(names)).distinct()
    return {name for name in connection.execute(query).scalars() if name is not None}


def rename_account(connection: sa.Connection, account: str, new: str) -> None:
    """Everything of an account under another name; where there is one of that name, as one.

    What was assigned to that one, and its reports of the same periods, stand.
    """
    for table in (leads, offers, redemptions, report_orders):
        connection.execute(sa.update(table).where(table.c.account == account).values(account=new))
    for table, of in ((assignments, assignments.c.policy_id), (reports, reports.c.period)):
        there = sa.select(of).where(table.c.account == new)
        mine = sa.and_(table.c.account == account, of.not_in(there))
        connection.execute(sa.update(table).where(mine).values(account=new))
    _rename_merged(connection, account, new)
    known = {
        row.id: row
        for row in connection.execute(sa.select(accounts).where(accounts.c.id.in_((account, new))))
    }
    if new in known and account in known:
        first = [row.paying_since for row in known.values() if row.paying_since is not None]
        connection.execute(
            sa.update(accounts)
            .where(accounts.c.id == new)
            .values(paying_since=min(first, default=None))
        )
        connection.execute(sa.delete(accounts).where(accounts.c.id == account))
    connection.execute(sa.update(accounts).where(accounts.c.id == account).values(id=new))


def _rename_merged(connection: sa.Connection, account: str, new: str) -> None:
    kept = sa.update(merged_accounts).where(merged_accounts.c.kept == account)
    connection.execute(kept.values(kept=new))
    mine = sa.select(merged_accounts.c.account)
    is_there = connection.execute(mine.where(merged_accounts.c.account == new)).first() is not None
    gone = merged_accounts.c.account == account
    if is_there:
        connection.execute(sa.delete(merged_accounts).where(gone))
    else:
        connection.execute(sa.update(merged_accounts).where(gone).values(account=new))
    itself = merged_accounts.c.account == merged_accounts.c.kept
    connection.execute(sa.delete(merged_accounts).where(itself))


def insert_erasure(connection: sa.Connection, *, lead_key: str, ref: str, now: datetime) -> None:
    """Remember that a lead was erased, by a blurred id or address."""
    connection.execute(sa.delete(erasures).where(erasures.c.lead_key == lead_key))
    connection.execute(erasures.insert(), {"lead_key": lead_key, "ref": ref, "at": now})


def erased_at(connection: sa.Connection, *keys: str) -> datetime | None:
    """When the lead or the address of any of these keys was erased, the last time."""
    query = sa.select(erasures.c.at).where(erasures.c.lead_key.in_(keys))
    return connection.execute(query.order_by(erasures.c.at.desc()).limit(1)).scalar()


def erased_among(connection: sa.Connection, keys: Sequence[str]) -> set[str]:
    """Those of many keys that were erased."""
    query = sa.select(erasures.c.lead_key).where(erasures.c.lead_key.in_(keys))
    return set(connection.execute(query).scalars())


def bodies_of(connection: sa.Connection, lead: str) -> list[str]:
    """What was told of a lead, as it came."""
    query = sa.select(lead_versions.c.body).where(lead_versions.c.lead == lead)
    return list(connection.execute(query).scalars())


def told_of(connection: sa.Connection, text: str) -> list[tuple[str, str]]:
    """The leads, with what was told of them, where a text occurs in it, whatever its case."""
    query = sa.select(lead_versions.c.lead, lead_versions.c.body).where(
        lead_versions.c.body.icontains(text, autoescape=True)
    )
    return [(row.lead, row.body) for row in connection.execute(query)]


def _with_lead() -> Sequence[sa.Table]:
    return [t for t in metadata.sorted_tables if "lead" in t.c and t.name != leads.name]


def _rows(
    connection: sa.Connection, table: sa.Table, condition: sa.ColumnElement[bool]
) -> list[dict[str, Any]]:
    rows = connection.execute(sa.select(table).where(condition).order_by(*table.primary_key))
    return [{name: _shown(value) for name, value in row._mapping.items()} for row in rows]


def _shown(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _forget_answers(connection: sa.Connection, lead: str) -> int:
    """A repeated call must neither show the person again nor make the lead anew."""
    quoted = json.dumps(lead, ensure_ascii=False)
    found = connection.execute(
        sa.update(messages)
        .where(messages.c.answer.contains(quoted, autoescape=True))
        .values(status=410, answer=_GONE)
    )
    return found.rowcount


def _forget_parked(connection: sa.Connection, lead: str) -> None:
    ids = connection.execute(
        sa.select(external_ids.c.kind, external_ids.c.value).where(external_ids.c.lead == lead)
    ).all()
    names = [("lead", lead), *((row.kind, row.value) for row in ids)]
    mine = sa.tuple_(parked.c.kind, parked.c.value).in_(names)
    waiting = connection.execute(sa.select(parked.c.what, parked.c.id).where(mine)).all()
    for what, id in waiting:
        table = metadata.tables[_FACTS[what]]
        connection.execute(sa.delete(table).where(table.c.id == id, table.c.lead.is_(None)))
    connection.execute(sa.delete(parked).where(mine))


def _strip_outcomes(connection: sa.Connection, lead: str, new_id: str) -> None:
    """What was bought stays, for the books and the effects; who bought it does not."""
    rows = connection.execute(sa.select(outcomes).where(outcomes.c.lead == lead)).all()
    for index, row in enumerate(rows):
        body = json.loads(row.body)
        kept = {name: body[name] for name in _BOUGHT if name in body}
        connection.execute(
            sa.update(outcomes)
            .where(outcomes.c.id == row.id)
            .values(id=f"{new_id}:{index}", lead=new_id, body=json.dumps(kept))
        )


_BOUGHT = ("kind", "at", "plan", "seats", "term_months", "prepaid", "amount")
