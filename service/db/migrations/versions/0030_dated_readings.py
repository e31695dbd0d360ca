"""Readings fixed beforehand, the score and size at an assignment, accounts that became one."""

import sqlalchemy as sa
from alembic import op

from service.db.column_types import UtcTime

revision = "0030"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("assignments", sa.Column("score_hundredths", sa.BigInteger(), nullable=True))
    op.add_column("assignments", sa.Column("dose", sa.Text(), nullable=True))
    op.create_table(
        "effect_plans",
        sa.Column("policy_id", sa.Text(), nullable=False),
        sa.Column("readings", sa.BigInteger(), nullable=False),
        sa.Column("planned", sa.BigInteger(), nullable=False),
        sa.Column("fixed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("policy_id", name="pk_effect_plans"),
    )
    op.create_table(
        "effect_readings",
        sa.Column("policy_id", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("accounts", sa.BigInteger(), nullable=False),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("policy_id", "rule", "accounts", name="pk_effect_readings"),
    )
    op.create_table(
        "merged_accounts",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("kept", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_merged_accounts"),
    )
    op.create_index("ix_merged_accounts_kept", "merged_accounts", ["kept"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_merged_accounts_kept", "merged_accounts")
    op.drop_table("merged_accounts")
    op.drop_table("effect_readings")
    op.drop_table("effect_plans")
    op.drop_column("assignments", "dose")
    op.drop_column("assignments", "score_hundredths")
