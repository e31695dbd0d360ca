"""The table of calls in and out, masked, for a few days."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, Index, Integer, Text

from service.db.column_types import Serial, UtcTime, metadata

http_calls = sa.Table(
    "http_calls",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("direction", Text, nullable=False),  # in or out
    Column("tool", Text),  # whom we called
    Column("method", Text, nullable=False),
    Column("target", Text, nullable=False),  # a route, or a host and path
    Column("status", Integer, nullable=False),  # 0: no answer
    Column("code", Text, nullable=False),
    Column("request", Text, index=True),
    Column("took_ms", Integer, nullable=False),
    Column("body", Text, nullable=False),  # masked
    Column("answer", Text, nullable=False),  # masked
    Column("lead", Text, index=True),
    Column("delivery", Text),
)
Index("ix_http_calls_direction_id", http_calls.c.direction, http_calls.c.id)
