"""The table of what is still to be fetched from, or told to, the tools that are connected."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, Index, Integer, Text

from service.db.column_types import UtcTime, metadata

deliveries = sa.Table(
    "deliveries",
    metadata,
    Column("id", Text, primary_key=True),  # tool:what:subject; asking twice is asking once
    Column("tool", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("lead", Text, index=True),
    Column("body", Text, nullable=False),
    Column("told", Text),  # what the tool was told last, or answered
    Column("state", Text, nullable=False),  # due, sending, done or failed
    Column("version", Integer, nullable=False),  # grows with each asking
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("reason", Text),
    Column("asked_at", UtcTime, nullable=False),
)
Index("ix_deliveries_state_due_at", deliveries.c.state, deliveries.c.due_at)
