"""What is kept of leads and accounts so that figures of a million of them are read, not counted.

Nobody writes here but `store/leads/kept_counts.py` and `kept_lives.py`. Triggers of the store (see
the migration 0042) put a mark into `stale_figures` in the transaction that changes anything that a
figure rests on, whoever changes it; what has a mark is counted anew. No table has a column `lead`
or `account`: what follows a lead around, its merger or its erasure, must not move a mark.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Text

from service.db.column_types import Serial, UtcTime, metadata

stale_figures = sa.Table(
    "stale_figures",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("of_lead", Text),
    Column("of_account", Text),
)

lead_counts = sa.Table(
    "lead_counts",
    metadata,
    Column("of_lead", Text, primary_key=True),
    Column("counts", Text, nullable=False),  # JSON: what it adds to kept_counts
    sqlite_with_rowid=False,
)

kept_counts = sa.Table(
    "kept_counts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("detail", Text, primary_key=True),  # or empty
    Column("day", Integer, primary_key=True, autoincrement=False),  # since 1970, UTC; else -1
    Column("amount", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

kept_lives = sa.Table(
    "kept_lives",
    metadata,
    Column("of_account", Text, primary_key=True),
    Column("zone", Text, nullable=False, index=True),  # of the months
    Column("valid_from", UtcTime),  # what it says is true from then on; null: always
    Column("valid_until", UtcTime),  # and before then
    Column("signed_up_at", UtcTime, nullable=False),
    Column("month", Text, nullable=False),  # of the sign-up
    Column("country", Text),
    Column("source", Text),
    Column("segment", Text),
    Column("rep", Text),
    Column("first_sale_at", UtcTime),
    Column("has_ended", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
for _name in ("valid_from", "valid_until"):
    Index(
        f"ix_kept_lives_{_name}",
        kept_lives.c[_name],
        sqlite_where=kept_lives.c[_name].is_not(None),
        postgresql_where=kept_lives.c[_name].is_not(None),
    )

kept_orders = sa.Table(
    "kept_orders",
    metadata,
    Column("of_account", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # 0 is the account's first
    Column("at", UtcTime, nullable=False),
    Column("month", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("minor", BigInteger),
    Column("currency", Text),
    sqlite_with_rowid=False,
)

kept_renewals = sa.Table(
    "kept_renewals",
    metadata,
    Column("of_account", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("due_at", UtcTime, nullable=False),
    Column("month", Text, nullable=False),
    Column("is_renewed", Boolean, nullable=False),
    Column("decided_at", UtcTime),  # null: it is renewed, so it was decided before it was due
    sqlite_with_rowid=False,
)

kept_sums = sa.Table(
    "kept_sums",
    metadata,
    Column("of_account", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("kept_minor", BigInteger, nullable=False),
    Column("months", Integer, nullable=False),  # that the account's payments cover
    sqlite_with_rowid=False,
)

kept_seats = sa.Table(
    "kept_seats",
    metadata,
    Column("of_account", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("seats", Integer),  # held from then on
    sqlite_with_rowid=False,
)
