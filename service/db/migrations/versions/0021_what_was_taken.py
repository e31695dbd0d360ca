"""What the customer took of an offer, orders on account, deeds owed and when they are due."""

import sqlalchemy as sa
from alembic import op

from service.db.column_types import UtcTime

revision = "0021"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("offers", sa.Column("accepted", sa.Text(), nullable=True))
    op.add_column("offers", sa.Column("missed_orders", sa.Text(), nullable=True))
    op.add_column("offers", sa.Column("on_account", sa.Text(), nullable=True))
    op.add_column("offers", sa.Column("late_days", sa.BigInteger(), nullable=True))
    op.add_column("tasks", sa.Column("due_at", UtcTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("tasks", "due_at")
    for name in ("late_days", "on_account", "missed_orders", "accepted"):
        op.drop_column("offers", name)
