"""A key may belong to a person, so that two roles of one person are one head."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("keys", sa.Column("person", sa.Text()))
