"""Reports to a customer's own people: who ordered one, who gets it, what it said.

A report's figures are sums about no person. A letter is kept word for word, so that it can be sent
once more as it was.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, Index, Text

from service.db.column_types import Serial, UtcTime, metadata

report_orders = sa.Table(
    "report_orders",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False, index=True),
    Column("lead", Text, nullable=False, index=True),  # who ordered it
    Column("every", Text, nullable=False),  # month or week
    Column("from_day", Text, nullable=False),  # the first period is the one it lies in
    Column("ordered_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("ended_why", Text),
)
Index(
    "uq_report_orders_running",
    report_orders.c.account,
    unique=True,
    sqlite_where=report_orders.c.ended_at.is_(None),
    postgresql_where=report_orders.c.ended_at.is_(None),
)

report_readers = sa.Table(
    "report_readers",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("report_order", Text, nullable=False, index=True),
    Column("lead", Text, nullable=False, index=True),
    Column("added_at", UtcTime, nullable=False),
    Column("left_at", UtcTime),
    Column("left_why", Text),  # left, by themselves; or removed, by who ordered it
)

report_objections = sa.Table(
    "report_objections",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("lead", Text, nullable=False, index=True),  # who is in no sum
    Column("at", UtcTime, nullable=False),
)

reports = sa.Table(
    "reports",
    metadata,
    Column("id", Text, primary_key=True),
    Column("report_order", Text, nullable=False, index=True),
    Column("account", Text, nullable=False),
    Column("period", Text, nullable=False),  # 2026-10 or 2026-W44
    Column("state", Text, nullable=False),  # made, or none
    Column("why", Text),  # none was made
    Column("figures", Text),  # JSON
    Column("frozen_at", UtcTime, nullable=False),
)
Index("uq_reports_account_period", reports.c.account, reports.c.period, unique=True)

report_letters = sa.Table(
    "report_letters",
    metadata,
    Column("id", Text, primary_key=True),  # of the staged mail
    Column("report", Text, index=True),  # null: a note about the order
    Column("report_order", Text, nullable=False, index=True),
    Column("lead", Text, nullable=False, index=True),  # to whom
    Column("ordered_by", Text, nullable=False),  # whose name it says; empty: nobody's
    Column("letter", Text, nullable=False),  # JSON: all that the message is built from
    Column("at", UtcTime, nullable=False),
)
Index("ix_report_letters_at", report_letters.c.at)
