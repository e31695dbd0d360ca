"""Where settled outcomes moved the base of a served model: a row a day, added, never changed."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, Integer, Text

from service.db.column_types import UtcTime, metadata

bases = sa.Table(
    "bases",
    metadata,
    Column("model", Text, primary_key=True),
    Column("day", Text, primary_key=True),  # 2026-11-02, in the policy's zone
    Column("hundredths", Integer, nullable=False),  # of points, added to the base of training
    Column("accounts", Integer, nullable=False),  # that it was learnt from, or that there were
    Column("off", Text),  # why nothing was learnt, and the base stayed
    Column("at", UtcTime, nullable=False),
)
