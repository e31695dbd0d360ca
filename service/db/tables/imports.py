"""The tables of imports: which files came in, what they made, and how it was before."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Text

from service.db.column_types import Serial, UtcTime, metadata

imports = sa.Table(
    "imports",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # leads, events, touches or outcomes
    Column("file", Text, nullable=False),  # its name, without its folder
    Column("state", Text, nullable=False),  # running, done or undone
    Column("taken", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
    Column("at", UtcTime, nullable=False),
)

import_facts = sa.Table(
    "import_facts",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("import", Text, nullable=False, index=True),
    Column("what", Text, nullable=False),  # event, touch or outcome
    Column("fact", Text, nullable=False),
)

import_snapshots = sa.Table(
    "import_snapshots",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("import", Text, nullable=False, index=True),
    Column("lead", Text, nullable=False, index=True),
    Column("before", Text, nullable=False),  # its rows by table, as JSON; none: it was new
)
