"""Who presented which campaign code, and who was sent by whom."""

import sqlalchemy as sa
from alembic import op

from service.db.column_types import UtcTime

revision = "0023"
down_revision = "0022"
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
    op.create_table(
        "referrals",
        sa.Column("friend", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("is_settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("friend", name="pk_referrals"),
    )
    op.create_index("ix_referrals_lead", "referrals", ["lead"], unique=False)
    op.create_index("ix_referrals_is_settled", "referrals", ["is_settled"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_referrals_is_settled", "referrals")
    op.drop_index("ix_referrals_lead", "referrals")
    op.drop_table("referrals")
    op.drop_table("presented_codes")
