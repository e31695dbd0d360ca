"""The accounts a team aims at, as they were imported."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from service.db.tables.leads import targets
from service.domain.account_life import Target

_COLUMNS = tuple(Target.__slots__)


def replace_all(connection: sa.Connection, given: Sequence[Target]) -> None:
    """These and no others."""
    connection.execute(sa.delete(targets))
    if given:
        rows = [{name: getattr(target, name) for name in _COLUMNS} for target in given]
        connection.execute(targets.insert(), rows)


def every(connection: sa.Connection) -> list[Target]:
    """All of them."""
    query = sa.select(*(targets.c[name] for name in _COLUMNS)).order_by(targets.c.account)
    return [Target(**row._mapping) for row in connection.execute(query)]
