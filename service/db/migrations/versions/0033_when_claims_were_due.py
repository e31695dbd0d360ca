"""By when a claimed lead was to be answered; what is counted by its time; words to find by."""

import sqlalchemy as sa
from alembic import op

from service.db.column_types import UtcTime

revision = "0033"
down_revision = "0031"
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
    op.create_table(
        "search_terms",
        sa.Column("term", sa.Text(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("term", "lead", name="pk_search_terms"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_search_terms_lead", "search_terms", ["lead"])


def downgrade() -> None:
    op.drop_index("ix_search_terms_lead", "search_terms")
    op.drop_table("search_terms")
    op.drop_index("ix_redemptions_at", "redemptions")
    op.drop_index("ix_leads_outcome_at", "leads")
    op.drop_index("ix_claims_claimed_at_due_at", "claims")
    op.drop_column("claims", "due_at")
