"""What stood before a claim ended, offers taken back before they left, the last use of keys."""

import sqlalchemy as sa
from alembic import op

from service.db.column_types import UtcTime

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("claims", sa.Column("undo", sa.Text(), nullable=True))
    op.add_column("keys", sa.Column("used_at", UtcTime(), nullable=True))
    op.add_column("offers", sa.Column("undone_at", UtcTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("offers", "undone_at")
    op.drop_column("keys", "used_at")
    op.drop_column("claims", "undo")
