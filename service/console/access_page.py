"""People and keys on the team's page: who may come in, by what, and when each was last used."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from service.console.page_context import PageContext
from service.console.people import hands
from service.console.table import Column, Table
from service.store.ops import audit, keys, users
from service.store.queue import reps

_PEOPLE = (
    Column("name", "Person", "name"),
    Column("login", "Log-in"),
    Column("roles", "Roles"),
    Column("rep", "Rep"),
    Column("seen_at", "Last seen", "time"),
    Column("state", "State", "state"),
    Column("id", "Form", link="/team?person={id}#person", shown="change"),
)
_KEYS = (
    Column("key", "Key"),
    Column("whose", "Whose", "name"),
    Column("role", "Role", "state"),
    Column("created_at", "Made", "time"),
    Column("used_at", "Last used", "time"),
    Column("old_until", "Old secret until", "time"),
    Column("state", "State", "state"),
    Column("id", "Form", link="/team?key={id}#key", shown="change"),
)
ROLES = {
    "ingest": "ingest: a system that signs what it sends us",
    "rep": "rep: one rep's queue and leads",
    "manager": "manager: all but people and keys",
    "admin": "admin: everything",
}
"""What a key may be of, in words."""


def access(look: PageContext) -> dict[str, Any]:
    """What the page shows of people and keys; forms, and the links to them, for admins."""
    chosen = next((row for row in keys.listed(look.connection) if row.id == _asked(look)), None)
    person = users.find(look.connection, look.asked.get("person", ""))
    is_admin = look.caller.role == "admin"
    tables = [people_table(look), keys_table(look)]
    if not is_admin:  # the last column leads to a form
        tables = [replace(table, columns=table.columns[:-1]) for table in tables]
    return {
        "people": tables[0],
        "without_log_in": _without_log_in(look),
        "keys": tables[1],
        "may_change_keys": is_admin,
        "admins": _admins(look),
        "person": person,
        "is_oneself": person is not None and person.id == look.caller.key,
        "let_in": reps.find(look.connection, look.asked.get("let_in", "")),
        "overlap_hours": look.runtime.settings.key_overlap_hours,
        "key": None if chosen is None or chosen.revoked_at is not None else _key(chosen),
        "is_own_key": chosen is not None and chosen.id == look.caller.key,
        "key_roles": ROLES,
        "key_reps": [(rep.id, rep.name) for rep in reps.everyone(look.connection)],
        "key_people": [(person.login, person.name) for person in users.working(look.connection)],
    }


def _admins(look: PageContext) -> list[str]:
    """Who may give log-ins and keys: people by name, and how many keys of nobody in particular."""
    named = {person.name for person in users.working(look.connection) if "admin" in person.roles}
    working = [row for row in keys.listed(look.connection) if row.revoked_at is None]
    of_admins = [row for row in working if row.role == "admin"]
    named |= {row.name for row in of_admins if row.name is not None}
    nobodys = sum(row.name is None for row in of_admins)
    more = [f"whoever has the admin key …{r.id[-6:]}" for r in of_admins if r.name is None]
    return sorted(named) + (more if nobodys <= 2 else [f"whoever has one of {nobodys} admin keys"])


def _without_log_in(look: PageContext) -> list[dict[str, Any]]:
    """Reps whom no log-in and no key lets in, and when and by whom the last one was ended."""
    let_in = {person.rep for person in users.working(look.connection)}
    let_in |= {row.rep for row in keys.listed(look.connection) if row.revoked_at is None}
    outside = [rep for rep in reps.everyone(look.connection) if rep.id not in let_in]
    over = {
        seen.person.rep: (seen.ended_at, seen.person.id)
        for seen in sorted(users.seen(look.connection), key=lambda seen: str(seen.ended_at))
        if seen.ended_at is not None
    }
    called = hands(look)
    rows = []
    for rep in outside:
        ended_at, person = over.get(rep.id, (None, ""))
        by = called(audit.last_by(look.connection, "person.ended", person)) if person else None
        rows.append({"id": rep.id, "name": rep.name, "ended_at": ended_at, "by": by})
    return rows


def people_table(look: PageContext) -> Table:
    """Who may log in, by name."""
    rows = [
        {
            "name": seen.person.name,
            "login": seen.person.login,
            "roles": ", ".join(seen.person.roles),
            "rep": seen.person.rep,
            "seen_at": seen.seen_at,
            "state": "active" if seen.ended_at is None else "ended",
            "id": seen.person.id,
            "change": "Change" if seen.ended_at is None else None,
        }
        for seen in users.seen(look.connection)
    ]
    return Table(
        name="people",
        title="People",
        columns=_PEOPLE,
        rows=rows,
        empty="Nobody has a log-in yet.",
        note="Last seen: in the console, in the days that sessions are kept.",
    )


def keys_table(look: PageContext) -> Table:
    """Every key by whose it is and its role; never a secret."""
    return Table(
        name="keys",
        title="Keys",
        columns=_KEYS,
        rows=[_key(row) for row in keys.listed(look.connection)],
        empty="No keys yet.",
        note="A secret is shown once, when its key is made.",
    )


def _asked(look: PageContext) -> str:
    return look.asked.get("key", "")


def _key(row: keys.ListedKey) -> dict[str, Any]:
    is_over = row.revoked_at is not None
    return {
        "id": row.id,
        "key": f"…{row.id[-6:]}",
        "whose": row.name or row.rep or ("a system" if row.role == "ingest" else None),
        "role": row.role,
        "created_at": row.created_at,
        "used_at": row.used_at,
        "old_until": row.old_until if row.revoked_at is None else None,
        "state": "revoked" if is_over else "works",
        "change": None if is_over else "Change",
    }
