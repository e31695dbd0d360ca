"""The ids other systems know a lead by: whose each is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import sqlalchemy as sa

from service.db.prepared import Statement
from service.db.tables.leads import external_ids

_OF_LEAD = sa.select(external_ids.c.kind, external_ids.c.value).where(
    external_ids.c.lead == sa.bindparam("lead")
)
_OF_KIND = sa.select(external_ids.c.value, external_ids.c.lead).where(
    external_ids.c.kind == sa.bindparam("kind"),
    external_ids.c.value.in_(sa.bindparam("values", expanding=True)),
)
_LINK = Statement(external_ids.insert(), ("kind", "value", "lead"))


def owner(connection: sa.Connection, kind: str, value: str) -> str | None:
    """The lead an id belongs to."""
    return owners(connection, [(kind, value)]).get((kind, value))


def owners(connection: sa.Connection, ids: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The leads that ids belong to; without those that are nobody's."""
    if not ids:
        return {}
    found = _owners(len(ids)).all(connection, **names_given(ids))
    return {(kind, value): lead for kind, value, lead in found}


def owners_of_many(
    connection: sa.Connection, ids: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """`owners` of any number of ids, asked a kind at a time."""
    by_kind: dict[str, set[str]] = {}
    for kind, value in ids:
        by_kind.setdefault(kind, set()).add(value)
    found: dict[tuple[str, str], str] = {}
    for kind, values in by_kind.items():
        rows = connection.execute(_OF_KIND, {"kind": kind, "values": sorted(values)})
        found |= {(kind, value): lead for value, lead in rows}
    return found


def of_lead(connection: sa.Connection, lead: str) -> dict[str, list[str]]:
    """Every id of a lead, by kind."""
    found: dict[str, list[str]] = {}
    for kind, value in connection.execute(_OF_LEAD, {"lead": lead}):
        found.setdefault(kind, []).append(value)
    return found


def link(connection: sa.Connection, lead: str, ids: Iterable[tuple[str, str]]) -> None:
    """Give a lead further ids, none of which is anybody's yet, at the job's end."""
    for kind, value in ids:
        _LINK.defer(connection, kind=kind, value=value, lead=lead)


def has_any_name(table: sa.Table, count: int) -> sa.ColumnElement[bool]:
    """Whether a row's `kind` and `value` are one of so many pairs, told by `names_given`."""
    return sa.or_(
        *(
            sa.and_(
                table.c.kind == sa.bindparam(f"kind_{at}"),
                table.c.value == sa.bindparam(f"value_{at}"),
            )
            for at in range(count)
        )
    )


def names_given(names: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The parameters of `has_any_name`."""
    kinds = {f"kind_{at}": kind for at, (kind, _) in enumerate(names)}
    return kinds | {f"value_{at}": value for at, (_, value) in enumerate(names)}


@lru_cache(maxsize=32)
def _owners(count: int) -> Statement:
    columns = (external_ids.c.kind, external_ids.c.value, external_ids.c.lead)
    return Statement(sa.select(*columns).where(has_any_name(external_ids, count)))
