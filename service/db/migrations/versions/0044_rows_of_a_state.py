"""Leads of an outcome and offers of a state are found without reading all others."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    has_ended = sa.text("outcome IS NOT NULL")
    op.create_index(
        "ix_leads_outcome_received_at",
        "leads",
        [
            "outcome",
            sa.text("received_at DESC"),
            *("id", "lane", "rep", "grade", "erased_at", "hundredths"),
        ],
        sqlite_where=has_ended,
        postgresql_where=has_ended,
    )
    op.create_index("ix_offers_state_number", "offers", ["state", "number"])
    op.create_index(
        "ix_offers_sums",
        "offers",
        ["policy_id", "rule", "state", "settled_minor", "reserve_minor", "undone_at"],
    )


def downgrade() -> None:
    op.drop_index("ix_offers_sums", "offers")
    op.drop_index("ix_offers_state_number", "offers")
    op.drop_index("ix_leads_outcome_received_at", "leads")
