"""What channels cost, by calendar month."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from service.db.tables.leads import channel_costs
from service.domain.account_life import Cost
from service.domain.channels import folded

_COLUMNS = tuple(Cost.__slots__)


def replace_of(connection: sa.Connection, source: str, costs: Sequence[Cost]) -> None:
    """All that is known of a channel's costs, in whatever spelling it was told."""
    kept = connection.execute(sa.select(channel_costs.c.source).distinct()).scalars()
    same = [name for name in kept if folded(name) == folded(source)]
    connection.execute(sa.delete(channel_costs).where(channel_costs.c.source.in_(same)))
    if costs:
        rows = [{name: getattr(cost, name) for name in _COLUMNS} for cost in costs]
        connection.execute(channel_costs.insert(), rows)


def every(connection: sa.Connection) -> list[Cost]:
    """All of them, by channel and month."""
    query = sa.select(*(channel_costs.c[name] for name in _COLUMNS))
    ordered = query.order_by(channel_costs.c.source, channel_costs.c.month)
    return [Cost(**row._mapping) for row in connection.execute(ordered)]
