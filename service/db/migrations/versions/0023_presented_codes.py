"""Who presented which campaign code, and whether it had been given to them."""

import sqlalchemy as sa
from alembic import op

from service.db.column_types import UtcTime

revision = "0023"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "presented_codes",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("account_key", sa.Text(), nullable=False),
        sa.Column("is_stranger", sa.Boolean(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("code", "account_key", name="pk_presented_codes"),
    )


def downgrade() -> None:
    op.drop_table("presented_codes")
