"""Accounts: their money and seats, which of them we aim at, and what channels cost.

The ledger's rows are added and never changed, except that a merger moves them and an erasure takes
names out. Whose they are is their lead's account, so they follow it.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Index, Integer, Text

from service.db.column_types import Serial, UtcTime, metadata

account_ledger = sa.Table(
    "account_ledger",
    metadata,
    Column("id", Text, primary_key=True),  # of the outcome that told it
    Column("lead", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("at", UtcTime, nullable=False),  # when it was paid, changed or refunded, or access ends
    Column("received_at", UtcTime, nullable=False),
    Column("subscription", Text),
    Column("plan", Text),
    Column("seats", Integer),
    Column("months", Integer),  # that the money covers
    Column("minor", BigInteger),
    Column("currency", Text),
    Column("invoice", Text),
    Column("by", Text),  # the rep who recorded it
)
Index("ix_account_ledger_at", account_ledger.c.at)

targets = sa.Table(
    "targets",
    metadata,
    Column("account", Text, primary_key=True),
    Column("country", Text),
    Column("segment", Text),
    Column("rep", Text),
    Column("seats", Integer),  # that it could need
)

channel_costs = sa.Table(
    "channel_costs",
    metadata,
    Column("source", Text, primary_key=True),
    Column("month", Text, primary_key=True),  # 2026-11
    Column("minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
)

renewal_forecasts = sa.Table(
    "renewal_forecasts",
    metadata,
    Column("months", Integer, primary_key=True, autoincrement=False),  # of the contracts
    Column("due", Integer, nullable=False),  # renewals that it was learnt from
    Column("told", Text, nullable=False),  # JSON: by cohort, by renewals made
    Column("fitted_at", UtcTime, nullable=False),
)

people_said = sa.Table(
    "people_said",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("lead", Text, nullable=False, index=True),
    Column("role", Text),  # null: nothing was said of it
    Column("stance", Text),
    Column("by", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)
