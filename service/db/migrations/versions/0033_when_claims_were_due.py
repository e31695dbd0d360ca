"""By when a claimed lead was to be answered; what the overview counts is found by its time."""

import sqlalchemy as sa
from alembic import op

from service.db.column_types import UtcTime

revision = "0033"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("claims", sa.Column("due_at", UtcTime(), nullable=True))
    op.create_index("ix_claims_claimed_at_due_at", "claims", ["claimed_at", "due_at"])
    op.create_index(
        "ix_leads_outcome_at",
        "leads",
        ["outcome_at", "outcome"],
        sqlite_where=sa.text("outcome IS NOT NULL"),
        postgresql_where=sa.text("outcome IS NOT NULL"),
    )
    op.create_index("ix_redemptions_at", "redemptions", ["at"])


def downgrade() -> None:
    op.drop_index("ix_redemptions_at", "redemptions")
    op.drop_index("ix_leads_outcome_at", "leads")
    op.drop_index("ix_claims_claimed_at_due_at", "claims")
    op.drop_column("claims", "due_at")
