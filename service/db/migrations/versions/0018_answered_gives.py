"""A give that a machine was asked for: what kept it from being handed over, and since when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.db.column_types import UtcTime

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("tasks", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("tasks", sa.Column("failed_at", UtcTime(), nullable=True))
